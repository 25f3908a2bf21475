//! What the operator wrote down: people, agents, vendors, chains, applications, eligibilities.
//!
//! A catalog is data that policies read; it decides nothing. What counts is the catalog that was applied and
//! recorded, never the files as they lie on disk.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{ApplicationId, OperationId, PrincipalId, SubjectId, TenantId, VendorId};
use crate::scope::Minutes;

/// Everything the operator declared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Catalog {
    pub people: BTreeMap<PrincipalId, Person>,
    pub agents: BTreeMap<PrincipalId, Agent>,
    pub vendors: BTreeMap<VendorId, Vendor>,
    pub chains: Vec<Chain>,
    pub applications: BTreeMap<ApplicationId, Application>,
    pub eligibilities: Vec<Eligibility>,
    pub break_glass: Vec<BreakGlass>,
}

/// The roles Locum knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Support,
    Manager,
    Security,
    SecurityControlOwner,
    Privacy,
    Compliance,
    Auditor,
}

impl Role {
    /// The role as the catalog writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Support => "support",
            Role::Manager => "manager",
            Role::Security => "security",
            Role::SecurityControlOwner => "security-control-owner",
            Role::Privacy => "privacy",
            Role::Compliance => "compliance",
            Role::Auditor => "auditor",
        }
    }
}

/// Who a person is in another system: at the desk, the identity provider, an application.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Account {
    pub system: String,
    pub id: String,
}

/// A named human.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub id: PrincipalId,
    pub name: String,
    /// `None` means our own staff.
    pub employer: Option<VendorId>,
    pub manager: Option<PrincipalId>,
    pub roles: BTreeSet<Role>,
    pub is_active: bool,
    pub accounts: Vec<Account>,
}

/// What kind of non-human a principal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentKind {
    AiAgent,
    Service,
}

/// A non-human actor: may ask and act, never approve, review or certify.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    pub id: PrincipalId,
    pub name: String,
    pub kind: AgentKind,
    pub sponsor: PrincipalId,
    /// The public key as a JWK document, by which the agent signs in.
    pub public_key: Option<String>,
    pub operations_per_session: Option<u32>,
    pub is_active: bool,
    pub accounts: Vec<Account>,
}

/// A company whose people act for us.
#[derive(Debug, Clone, PartialEq)]
pub struct Vendor {
    pub id: VendorId,
    pub name: String,
    /// Who benefits there; may never approve.
    pub sponsor: PrincipalId,
}

/// One access chain with its one accountable owner.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    pub id: String,
    pub accountable_owner: PrincipalId,
    pub successor: Option<PrincipalId>,
    pub vendors: BTreeSet<VendorId>,
    pub queues: BTreeSet<String>,
    pub regions: BTreeSet<String>,
}

/// How sensitive an application is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    Low,
    Standard,
    Regulated,
}

impl Tier {
    /// The tier as the catalog writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Low => "low",
            Tier::Standard => "standard",
            Tier::Regulated => "regulated",
        }
    }
}

/// What kind of data an application holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataClass {
    Finance,
    Hr,
    Health,
    Personal,
}

impl DataClass {
    /// The class as the catalog writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            DataClass::Finance => "finance",
            DataClass::Hr => "hr",
            DataClass::Health => "health",
            DataClass::Personal => "personal",
        }
    }
}

/// A business system in which a subject can be acted for.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    pub id: ApplicationId,
    pub name: String,
    pub tier: Tier,
    pub data: BTreeSet<DataClass>,
    pub owner: PrincipalId,
    pub product_owner: Option<PrincipalId>,
    pub data_owner: Option<PrincipalId>,
    pub reviewer: Option<PrincipalId>,
    pub delegates: Vec<Delegate>,
    /// The application's own prompt for the reason.
    pub reason_prompt: Option<String>,
    /// Where the gateway forwards to.
    pub upstream: String,
    /// An own loopback listener (`host:port`), for clients that cannot resolve `*.localhost`.
    pub address: Option<String>,
    pub identity: IdentityHeader,
    /// A static header the upstream demands of its proxy: name and secret reference.
    pub secret_header: Option<(String, String)>,
    /// Headers stripped besides the built-in list.
    pub strip_headers: Vec<String>,
    /// Application cookies that may reach the browser because they are harmless.
    pub harmless_cookies: BTreeSet<String>,
    pub record: RecordTiming,
    pub subjects: Option<SubjectSource>,
    pub protected_subjects: Vec<ProtectedSubject>,
    /// Where a document in the request says which operation it is (GraphQL), as `POST /graphql`.
    pub graphql_endpoints: Vec<String>,
    pub operations: BTreeMap<OperationId, Operation>,
}

impl Application {
    /// Whether finance, HR, health or regulated data demands two people of different authority.
    pub fn needs_two_people(&self) -> bool {
        self.tier == Tier::Regulated
            || [DataClass::Finance, DataClass::Hr, DataClass::Health]
                .iter()
                .any(|class| self.data.contains(class))
    }
}

/// Authority lent in writing and for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegate {
    pub person: PrincipalId,
    /// The first day; `None` means from the moment it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The last day.
    pub until: Date,
    pub by: PrincipalId,
}

/// How the application is told who acts as whom.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentityHeader {
    /// The header of the signed assertion.
    pub assertion_header: String,
    pub algorithm: SigningAlgorithm,
    pub audience: String,
    /// A plain header with the subject's id, for upstreams that only Locum can reach.
    pub trusted_header: Option<String>,
}

/// The algorithms an assertion can be signed with (RFC 7518, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SigningAlgorithm {
    EdDSA,
    Ed25519,
    ES256,
    RS256,
}

/// When the record of a request is durable, relative to forwarding it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordTiming {
    /// Durable before forwarding.
    Before,
    /// Forwarded while the sync runs.
    With,
    /// Recorded after the answer.
    After,
}

/// Where an application's own id, tenant and attributes of the case's subject are read.
#[derive(Debug, Clone, PartialEq)]
pub enum SubjectSource {
    /// Listed in a file of the catalog.
    File { subjects: Vec<ListedSubject> },
    /// One GET, read by JSON Pointer (RFC 6901). `{subject}` in `url` is the case's subject.
    Http {
        url: String,
        id: String,
        tenant: Option<String>,
        attributes: BTreeMap<String, String>,
    },
}

/// One line of a subject file.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedSubject {
    pub case_subject: SubjectId,
    pub id: String,
    pub tenant: Option<TenantId>,
    pub attributes: BTreeMap<String, String>,
}

/// Subjects nobody acts as: those whose attribute has one of these values, or nobody supplies it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtectedSubject {
    pub attribute: String,
    pub values: BTreeSet<String>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Scripts and pictures: part of every grant.
    Asset,
    Read,
    Write,
    Mint,
    Egress,
    Admin,
}

impl Effect {
    /// The effect as the catalog writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Asset => "asset",
            Effect::Read => "read",
            Effect::Write => "write",
            Effect::Mint => "mint",
            Effect::Egress => "egress",
            Effect::Admin => "admin",
        }
    }
}

/// The classes of operation that no approval opens.
pub const CLOSED_CLASSES: [&str; 14] = [
    "credentials",
    "factors",
    "recovery",
    "api-keys",
    "consent",
    "money",
    "contact-change",
    "roles",
    "bulk-export",
    "deletion",
    "legal",
    "speech",
    "sessions",
    "impersonation",
];

/// A named thing one can do in an application, declared as routes and as what GraphQL documents ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    pub id: OperationId,
    pub effect: Effect,
    /// `METHOD /path/*` lines as the catalog writes them (already checked to parse).
    pub routes: Vec<String>,
    /// Root fields at the application's GraphQL endpoints, as `mutation resendInvoice` (checked likewise).
    pub graphql: Vec<String>,
    /// Whole GraphQL documents, by their SHA-256 in lower-case hexadecimal digits.
    pub graphql_hashes: Vec<String>,
    /// The closed class, if no approval opens this operation.
    pub closed: Option<String>,
    /// What a request touched, as `invoice:{1}`: `{n}` is what the n-th `*` named.
    pub object: Option<String>,
    pub max_per_session: Option<u32>,
}

/// Who an eligibility is for.
#[derive(Debug, Clone, PartialEq)]
pub enum Holder {
    Role(Role),
    Person(PrincipalId),
    Agent(PrincipalId),
    Vendor(VendorId),
}

/// The standing right to *ask*. It grants nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Eligibility {
    pub id: String,
    pub holder: Holder,
    pub applications: BTreeSet<ApplicationId>,
    pub operations: BTreeSet<OperationId>,
    pub longest: Minutes,
    pub owner: PrincipalId,
    /// No certification by then removes it.
    pub certified_until: Date,
}

/// Who may answer an emergency alone.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakGlass {
    pub person: PrincipalId,
    pub applications: BTreeSet<ApplicationId>,
}

/// A principal of the catalog.
#[derive(Debug, Clone, Copy)]
pub enum Principal<'a> {
    Person(&'a Person),
    Agent(&'a Agent),
}

impl<'a> Principal<'a> {
    /// The catalog id.
    pub fn id(&self) -> &'a PrincipalId {
        match self {
            Principal::Person(person) => &person.id,
            Principal::Agent(agent) => &agent.id,
        }
    }
    /// The name people read.
    pub fn name(&self) -> &'a str {
        match self {
            Principal::Person(person) => &person.name,
            Principal::Agent(agent) => &agent.name,
        }
    }
    /// Whether the principal still works here.
    pub fn is_active(&self) -> bool {
        match self {
            Principal::Person(person) => person.is_active,
            Principal::Agent(agent) => agent.is_active,
        }
    }
    /// The sub_profile of an assertion's actor.
    pub fn profile(&self) -> &'static str {
        match self {
            Principal::Person(_) => "user",
            Principal::Agent(agent) => match agent.kind {
                AgentKind::AiAgent => "ai_agent",
                AgentKind::Service => "service",
            },
        }
    }
    fn accounts(&self) -> &'a [Account] {
        match self {
            Principal::Person(person) => &person.accounts,
            Principal::Agent(agent) => &agent.accounts,
        }
    }
}

impl Catalog {
    /// The principal with this id.
    pub fn principal(&self, id: &PrincipalId) -> Option<Principal<'_>> {
        self.people
            .get(id)
            .map(Principal::Person)
            .or_else(|| self.agents.get(id).map(Principal::Agent))
    }

    /// Whether `account` in `system` is this principal: one of their accounts there, or their id itself.
    pub fn is_account_of(&self, id: &PrincipalId, system: &str, account: &str) -> bool {
        account == id.as_str()
            || self.principal(id).is_some_and(|principal| {
                principal
                    .accounts()
                    .iter()
                    .any(|known| known.system == system && known.id == account)
            })
    }

    /// Whether two entries are one human: an account in common, or one's account is the other's id.
    pub fn is_same_human(&self, one: &PrincipalId, other: &PrincipalId) -> bool {
        if one == other {
            return true;
        }
        let accounts = |id: &PrincipalId| self.people.get(id).map(|it| it.accounts.as_slice());
        let (mine, theirs) = (
            accounts(one).unwrap_or_default(),
            accounts(other).unwrap_or_default(),
        );
        mine.iter().any(|account| theirs.contains(account))
            || mine.iter().any(|account| account.id == other.as_str())
            || theirs.iter().any(|account| account.id == one.as_str())
    }

    /// The person answerable for this principal: an agent's sponsor, a vendor person's vendor sponsor.
    pub fn sponsor_of(&self, id: &PrincipalId) -> Option<&PrincipalId> {
        match self.principal(id)? {
            Principal::Agent(agent) => Some(&agent.sponsor),
            Principal::Person(person) => person
                .employer
                .as_ref()
                .and_then(|vendor| self.vendors.get(vendor))
                .map(|vendor| &vendor.sponsor),
        }
    }

    /// The chain this principal belongs to: their vendor's, or the staff's only chain.
    pub fn chain_of(&self, id: &PrincipalId) -> Option<&Chain> {
        let person = match self.principal(id)? {
            Principal::Person(person) => person,
            Principal::Agent(agent) => self.people.get(&agent.sponsor)?,
        };
        match &person.employer {
            Some(vendor) => self
                .chains
                .iter()
                .find(|chain| chain.vendors.contains(vendor)),
            None => self.chains.first(),
        }
    }
}
