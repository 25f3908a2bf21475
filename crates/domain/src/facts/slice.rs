//! A part of the catalog: the entries that one decision's questions touch, each with what policy can read of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::catalog::{
    Account, Agent, AgentKind, Application, BreakGlass, Catalog, DataClass, Delegate, Effect,
    Eligibility, Holder, IdentityHeader, Operation, Person, ProtectedSubject, RecordTiming, Role,
    SigningAlgorithm, Tier, Vendor,
};
use crate::ids::{ApplicationId, OperationId, PrincipalId, VendorId};
use crate::scope::Minutes;

/// Entries of a catalog. What is not here was not read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Slice {
    pub people: BTreeMap<PrincipalId, PersonSliced>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub agents: BTreeMap<PrincipalId, AgentSliced>,
    /// Who sponsors each vendor.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vendors: BTreeMap<VendorId, PrincipalId>,
    pub applications: BTreeMap<ApplicationId, ApplicationSliced>,
    /// In the catalog's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub eligibilities: Vec<EligibilitySliced>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emergencies: Vec<EmergencySliced>,
}

/// A person, as they counted: without the roles that a login did not carry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonSliced {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employer: Option<VendorId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<PrincipalId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub roles: BTreeSet<Role>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_left: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentSliced {
    pub kind: AgentKind,
    pub sponsor: PrincipalId,
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_left: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
}

/// An application with the operations that were asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApplicationSliced {
    pub tier: Tier,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub data: BTreeSet<DataClass>,
    pub owner: PrincipalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_owner: Option<PrincipalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_owner: Option<PrincipalId>,
    /// Those that counted, in the catalog's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delegates: Vec<Delegate>,
    pub record: RecordTiming,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protected_subjects: Vec<ProtectedSliced>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub operations: BTreeMap<OperationId, OperationSliced>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProtectedSliced {
    pub attribute: String,
    pub values: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationSliced {
    pub effect: Effect,
    /// The closed class, if no approval opens it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EligibilitySliced {
    pub id: String,
    pub holder: HolderSliced,
    pub applications: BTreeSet<ApplicationId>,
    pub operations: BTreeSet<OperationId>,
    pub longest_minutes: Minutes,
    pub owner: PrincipalId,
    pub certified_until: Date,
}

/// Whom an eligibility is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HolderSliced {
    Role(Role),
    Person(PrincipalId),
    Agent(PrincipalId),
    Vendor(VendorId),
}

/// Who may answer an emergency alone, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmergencySliced {
    pub person: PrincipalId,
    pub applications: BTreeSet<ApplicationId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn is_false(it: &bool) -> bool {
    !it
}

impl Slice {
    /// The catalog that it is: the entries with what policy reads of them, and nothing else.
    pub fn catalog(&self) -> Catalog {
        let people = self.people.iter();
        let agents = self.agents.iter();
        let vendors = self.vendors.iter();
        let applications = self.applications.iter();
        let emergencies = self.emergencies.iter();
        Catalog {
            people: people.map(|(id, it)| (id.clone(), it.person(id))).collect(),
            agents: agents.map(|(id, it)| (id.clone(), it.agent(id))).collect(),
            vendors: vendors
                .map(|(id, sponsor)| (id.clone(), vendor(id, sponsor)))
                .collect(),
            chains: Vec::new(),
            applications: applications
                .map(|(id, it)| (id.clone(), it.application(id)))
                .collect(),
            eligibilities: self.eligibilities.iter().map(|it| it.whole()).collect(),
            break_glass: emergencies
                .map(|it| BreakGlass {
                    person: it.person.clone(),
                    applications: it.applications.clone(),
                })
                .collect(),
        }
    }
}

fn vendor(id: &VendorId, sponsor: &PrincipalId) -> Vendor {
    Vendor {
        id: id.clone(),
        name: id.to_string(),
        sponsor: sponsor.clone(),
    }
}

impl PersonSliced {
    /// What policy reads of a person.
    pub fn of(person: &Person) -> Self {
        Self {
            employer: person.employer.clone(),
            manager: person.manager.clone(),
            roles: person.roles.clone(),
            has_left: !person.is_active,
            accounts: person.accounts.clone(),
        }
    }

    fn person(&self, id: &PrincipalId) -> Person {
        Person {
            id: id.clone(),
            name: id.to_string(),
            employer: self.employer.clone(),
            manager: self.manager.clone(),
            roles: self.roles.clone(),
            is_active: !self.has_left,
            accounts: self.accounts.clone(),
        }
    }
}

impl AgentSliced {
    /// What policy reads of an agent.
    pub fn of(agent: &Agent) -> Self {
        Self {
            kind: agent.kind,
            sponsor: agent.sponsor.clone(),
            has_left: !agent.is_active,
            accounts: agent.accounts.clone(),
        }
    }

    fn agent(&self, id: &PrincipalId) -> Agent {
        Agent {
            id: id.clone(),
            name: id.to_string(),
            kind: self.kind,
            sponsor: self.sponsor.clone(),
            public_key: None,
            operations_per_session: None,
            is_active: !self.has_left,
            accounts: self.accounts.clone(),
        }
    }
}

impl ApplicationSliced {
    /// What policy reads of an application, with these of its operations.
    pub fn of<'o>(
        application: &Application,
        operations: impl IntoIterator<Item = &'o OperationId>,
    ) -> Self {
        let declared = |id: &OperationId| {
            let operation = application.operations.get(id)?;
            let sliced = OperationSliced {
                effect: operation.effect,
                closed: operation.closed.clone(),
            };
            Some((id.clone(), sliced))
        };
        let protections = application.protected_subjects.iter();
        Self {
            tier: application.tier,
            data: application.data.clone(),
            owner: application.owner.clone(),
            product_owner: application.product_owner.clone(),
            data_owner: application.data_owner.clone(),
            delegates: application.delegates.clone(),
            record: application.record,
            protected_subjects: protections
                .map(|it| ProtectedSliced {
                    attribute: it.attribute.clone(),
                    values: it.values.clone(),
                })
                .collect(),
            operations: operations.into_iter().filter_map(declared).collect(),
        }
    }

    /// SHA-256 in hexadecimal over the canonical form (RFC 8785), the operations left out: by it the rules in force say
    /// whose the application is and how sensitive.
    pub fn digest(&self) -> String {
        let bare = Self {
            operations: BTreeMap::new(),
            ..self.clone()
        };
        // Texts and dates: the canonical form always exists.
        let bytes = json_canon::to_vec(&bare).unwrap_or_default();
        hex::encode(Sha256::digest(bytes))
    }

    fn application(&self, id: &ApplicationId) -> Application {
        let protections = self.protected_subjects.iter();
        let operations = self.operations.iter();
        Application {
            id: id.clone(),
            name: id.to_string(),
            tier: self.tier,
            data: self.data.clone(),
            owner: self.owner.clone(),
            product_owner: self.product_owner.clone(),
            data_owner: self.data_owner.clone(),
            reviewer: None,
            delegates: self.delegates.clone(),
            reason_prompt: None,
            upstream: String::new(),
            address: None,
            identity: IdentityHeader {
                assertion_header: String::new(),
                algorithm: SigningAlgorithm::Ed25519,
                audience: String::new(),
                trusted_header: None,
            },
            secret_header: None,
            strip_headers: Vec::new(),
            harmless_cookies: BTreeSet::new(),
            record: self.record,
            subjects: None,
            protected_subjects: protections
                .map(|it| ProtectedSubject {
                    attribute: it.attribute.clone(),
                    values: it.values.clone(),
                })
                .collect(),
            graphql_endpoints: Vec::new(),
            operations: operations
                .map(|(id, it)| (id.clone(), it.operation(id)))
                .collect(),
        }
    }
}

impl OperationSliced {
    fn operation(&self, id: &OperationId) -> Operation {
        Operation {
            id: id.clone(),
            effect: self.effect,
            routes: Vec::new(),
            graphql: Vec::new(),
            graphql_hashes: Vec::new(),
            closed: self.closed.clone(),
            object: None,
            max_per_session: None,
        }
    }
}

impl EligibilitySliced {
    /// What policy reads of an eligibility.
    pub fn of(eligibility: &Eligibility) -> Self {
        Self {
            id: eligibility.id.clone(),
            holder: match &eligibility.holder {
                Holder::Role(role) => HolderSliced::Role(*role),
                Holder::Person(id) => HolderSliced::Person(id.clone()),
                Holder::Agent(id) => HolderSliced::Agent(id.clone()),
                Holder::Vendor(id) => HolderSliced::Vendor(id.clone()),
            },
            applications: eligibility.applications.clone(),
            operations: eligibility.operations.clone(),
            longest_minutes: eligibility.longest,
            owner: eligibility.owner.clone(),
            certified_until: eligibility.certified_until,
        }
    }

    fn whole(&self) -> Eligibility {
        let holder = match &self.holder {
            HolderSliced::Role(role) => Holder::Role(*role),
            HolderSliced::Person(id) => Holder::Person(id.clone()),
            HolderSliced::Agent(id) => Holder::Agent(id.clone()),
            HolderSliced::Vendor(id) => Holder::Vendor(id.clone()),
        };
        Eligibility {
            id: self.id.clone(),
            holder,
            applications: self.applications.clone(),
            operations: self.operations.clone(),
            longest: self.longest_minutes,
            owner: self.owner.clone(),
            certified_until: self.certified_until,
        }
    }
}
