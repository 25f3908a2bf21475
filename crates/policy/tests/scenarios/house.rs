//! The example's people, applications and eligibilities, and what one may ask there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use locum_domain::catalog::*;
use locum_domain::request::SubjectThere;
use locum_domain::route::{Approval, Route};
use locum_domain::*;
use locum_policy::{CaseFinding, Circumstances, Filing, History, Indexed, Policies};

pub(crate) const HOUSE_RULES: &str = include_str!("fixtures/house.cedar");

/// The guardrails alone.
pub(crate) static GUARDRAILS: LazyLock<Policies> =
    LazyLock::new(|| Policies::load(&BTreeMap::new()).expect("the guardrails compile"));

/// The guardrails with these operator's rules.
pub(crate) fn with_rules(text: &str) -> Policies {
    let files = BTreeMap::from([("house.cedar".to_owned(), text.to_owned())]);
    Policies::load(&files).unwrap_or_else(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

pub(crate) fn p(id: &str) -> PrincipalId {
    let id = match id {
        "aida" | "robot" => id.to_owned(),
        "ann" | "bea" | "ben" => format!("{id}@bpo.example"),
        _ if id.contains('@') => id.to_owned(),
        _ => format!("{id}@corp.example"),
    };
    id.parse().unwrap()
}

pub(crate) fn short(id: &PrincipalId) -> &str {
    id.as_str().split('@').next().unwrap()
}

pub(crate) fn app(id: &str) -> ApplicationId {
    id.parse().unwrap()
}

pub(crate) fn op(id: &str) -> OperationId {
    id.parse().unwrap()
}

pub(crate) const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 24);
pub(crate) const NOON: Circumstances = Circumstances {
    today: TODAY,
    local_hour: 12,
};

fn person(id: &str, roles: &[Role]) -> Person {
    Person {
        id: p(id),
        name: id.to_owned(),
        employer: None,
        manager: None,
        roles: roles.iter().copied().collect(),
        is_active: true,
        accounts: vec![Account {
            system: "desk".to_owned(),
            id: id.to_owned(),
        }],
    }
}

fn application(id: &str, tier: Tier, data: &[DataClass], owner: &str) -> Application {
    Application {
        id: app(id),
        name: id.to_owned(),
        tier,
        data: data.iter().copied().collect(),
        owner: p(owner),
        product_owner: None,
        data_owner: None,
        reviewer: None,
        delegates: Vec::new(),
        reason_prompt: None,
        upstream: "http://127.0.0.1:9".to_owned(),
        address: None,
        identity: IdentityHeader {
            assertion_header: "Locum-Assertion".to_owned(),
            algorithm: SigningAlgorithm::EdDSA,
            audience: format!("app:{id}"),
            trusted_header: None,
        },
        secret_header: None,
        strip_headers: Vec::new(),
        harmless_cookies: BTreeSet::new(),
        record: RecordTiming::Before,
        subjects: None,
        graphql_endpoints: Vec::new(),
        protected_subjects: Vec::new(),
        operations: BTreeMap::new(),
    }
}

fn operation(application: &mut Application, id: &str, effect: Effect, closed: Option<&str>) {
    let operation = Operation {
        id: op(id),
        effect,
        routes: Vec::new(),
        graphql: Vec::new(),
        graphql_hashes: Vec::new(),
        closed: closed.map(str::to_owned),
        object: None,
        max_per_session: None,
    };
    application.operations.insert(op(id), operation);
}

fn eligibility(id: &str, holder: Holder, apps: &[&str], ops: &[&str], longest: u32) -> Eligibility {
    Eligibility {
        id: id.to_owned(),
        holder,
        applications: apps.iter().map(|it| app(it)).collect(),
        operations: ops.iter().map(|it| op(it)).collect(),
        longest: Minutes(longest),
        owner: p("sam"),
        certified_until: jiff::civil::date(2027, 2, 15),
    }
}

/// The example catalog, with `ben` as a second vendor's agent beside Ann.
pub(crate) fn catalog() -> Catalog {
    let mut people = vec![
        person("alice", &[Role::Support]),
        person("ann", &[Role::Support]),
        person("ben", &[Role::Support]),
        person("bea", &[]),
        person("oscar", &[]),
        person("petra", &[]),
        person("paul", &[]),
        person("mia", &[Role::Manager]),
        person("sam", &[Role::Security, Role::SecurityControlOwner]),
        person("prya", &[Role::Privacy]),
        person("audrey", &[Role::Auditor]),
        person("olga", &[]),
    ];
    people[0].manager = Some(p("mia"));
    for vendors in &mut people[1..4] {
        vendors.employer = Some("bpo".parse().unwrap());
    }
    let mut billing = application(
        "billing",
        Tier::Regulated,
        &[DataClass::Finance, DataClass::Personal],
        "oscar",
    );
    operation(&mut billing, "shell", Effect::Asset, None);
    operation(&mut billing, "invoice.read", Effect::Read, None);
    operation(&mut billing, "invoice.resend", Effect::Write, None);
    operation(&mut billing, "payout.create", Effect::Write, Some("money"));
    billing.protected_subjects = vec![ProtectedSubject {
        attribute: "role".to_owned(),
        values: ["administrator", "staff"].map(str::to_owned).into(),
    }];
    let mut crm = application("crm", Tier::Standard, &[DataClass::Personal], "petra");
    operation(&mut crm, "contact.read", Effect::Read, None);
    operation(&mut crm, "contact.update", Effect::Write, None);
    let mut wiki = application("wiki", Tier::Low, &[], "petra");
    operation(&mut wiki, "page.read", Effect::Read, None);
    let paul = Delegate {
        person: p("paul"),
        from: None,
        until: jiff::civil::date(2026, 12, 20),
        by: p("petra"),
    };
    crm.delegates = vec![paul.clone()];
    wiki.delegates = vec![paul];
    let aida = Agent {
        id: p("aida"),
        name: "Aida".to_owned(),
        kind: AgentKind::AiAgent,
        sponsor: p("olga"),
        public_key: None,
        operations_per_session: Some(50),
        is_active: true,
        accounts: Vec::new(),
    };
    let vendor = Vendor {
        id: "bpo".parse().unwrap(),
        name: "BPO Partners".to_owned(),
        sponsor: p("bea"),
    };
    Catalog {
        people: people.into_iter().map(|it| (it.id.clone(), it)).collect(),
        agents: BTreeMap::from([(aida.id.clone(), aida)]),
        vendors: BTreeMap::from([(vendor.id.clone(), vendor)]),
        chains: Vec::new(),
        applications: [billing, crm, wiki]
            .into_iter()
            .map(|it| (it.id.clone(), it))
            .collect(),
        eligibilities: vec![
            eligibility(
                "support-reads",
                Holder::Role(Role::Support),
                &["billing", "crm", "wiki"],
                &["invoice.read", "contact.read", "page.read"],
                60,
            ),
            eligibility(
                "alice-resends",
                Holder::Person(p("alice")),
                &["billing"],
                &["invoice.resend"],
                30,
            ),
            eligibility(
                "aida-triage",
                Holder::Agent(p("aida")),
                &["crm"],
                &["contact.read"],
                15,
            ),
        ],
        break_glass: vec![BreakGlass {
            person: p("oscar"),
            applications: BTreeSet::from([app("billing")]),
        }],
    }
}

/// What somebody asks for, before and after it is filed.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) catalog: Catalog,
    pub(crate) requester: PrincipalId,
    pub(crate) actor: PrincipalId,
    pub(crate) scope: Scope,
    pub(crate) minutes: u32,
    pub(crate) break_glass: bool,
    pub(crate) impersonating: bool,
    pub(crate) provisions: Provisions,
    pub(crate) circumstances: Circumstances,
    pub(crate) case: Case,
    pub(crate) history: History,
}

/// What a row of a table changes about a wish.
pub(crate) type Change = fn(&mut Wish);

/// `who` asks for operations written `billing/invoice.read`, for an open case of a customer's, assigned to
/// them, of the example catalog, for 15 minutes at noon.
pub(crate) fn wish(who: &str, operations: &[&str]) -> Wish {
    let mut scope = Scope::default();
    for operation in operations {
        let (application, operation) = operation.split_once('/').unwrap();
        let of_application = scope.0.entry(app(application)).or_default();
        of_application.insert(op(operation));
    }
    Wish {
        catalog: catalog(),
        requester: p(who),
        actor: p(who),
        scope,
        minutes: 15,
        break_glass: false,
        impersonating: false,
        provisions: Provisions::default(),
        circumstances: NOON,
        case: Case {
            reference: "desk:12".parse().unwrap(),
            is_open: true,
            state: "open".to_owned(),
            assignee: Some(who.to_owned()),
            subject: Some("carol".parse().unwrap()),
            tenant: Some("initech".parse().unwrap()),
            title: None,
            priority: None,
            queue: None,
            opened_by: Some("carol".to_owned()),
            subject_set_by: None,
            opened_at: None,
            looked_up_at: Timestamp::UNIX_EPOCH,
        },
        history: History::default(),
    }
}

/// Whether an approved request may begin at noon.
pub(crate) fn begins(
    policies: &Policies,
    catalog: &Catalog,
    request: &Request,
    case: &Case,
) -> Result<Vec<String>, Refusal> {
    let catalog = Indexed::of(catalog.clone());
    let filing = Filing::again(&catalog, Provisions::NONE, request, NOON);
    policies.may_activate(&filing, request, case)
}

impl Wish {
    pub(crate) fn but(mut self, change: impl FnOnce(&mut Wish)) -> Self {
        change(&mut self);
        self
    }

    /// Another actor, to whom the case is assigned.
    pub(crate) fn for_actor(self, actor: &str) -> Self {
        self.but(|it| {
            it.actor = p(actor);
            it.case.assignee = Some(actor.to_owned());
        })
    }

    pub(crate) fn person(&mut self, id: &str) -> &mut Person {
        self.catalog.people.get_mut(&p(id)).unwrap()
    }

    pub(crate) fn application(&mut self, id: &str) -> &mut Application {
        self.catalog.applications.get_mut(&app(id)).unwrap()
    }

    /// Made anew for each question, as the catalog changes between them; a test is too short to mind what it leaks.
    pub(crate) fn indexed(&self) -> &'static Indexed {
        Box::leak(Box::new(Indexed::of(self.catalog.clone())))
    }

    pub(crate) fn filing(&self) -> Filing<'_> {
        Filing {
            catalog: self.indexed(),
            provisions: &self.provisions,
            requester: &self.requester,
            actor: &self.actor,
            scope: &self.scope,
            duration: Minutes(self.minutes),
            break_glass: self.break_glass,
            impersonating: self.impersonating,
            circumstances: self.circumstances,
        }
    }

    pub(crate) fn file(&self, policies: &Policies) -> Result<Vec<String>, Refusal> {
        Ok(policies.may_file(&self.filing())?.rules)
    }

    pub(crate) fn cite(&self, policies: &Policies) -> Result<CaseFinding, Refusal> {
        policies.judge_case(&self.filing(), &self.case, &"carol".parse().unwrap())
    }

    pub(crate) fn route(&self, policies: &Policies) -> Result<Route, Refusal> {
        let finding = self.cite(policies)?;
        let allowed = policies.may_file(&self.filing())?;
        let (case, history) = (&self.case, &self.history);
        policies.route(&self.filing(), &allowed, case, &finding, history, false)
    }

    /// The request as it stands once filed.
    pub(crate) fn request(&self, policies: &Policies) -> Request {
        self.request_with(self.route(policies).expect("a route"))
    }

    pub(crate) fn request_with(&self, route: Route) -> Request {
        let there = |application: &ApplicationId| {
            let there = SubjectThere {
                id: "c-77".to_owned(),
                tenant: Some("initech".parse().unwrap()),
                attributes: BTreeMap::from([("role".to_owned(), "customer".to_owned())]),
            };
            (application.clone(), there)
        };
        Request {
            id: RequestId::from_bytes([1; 16]),
            event: EventId::from_bytes([2; 16]),
            filed_at: Timestamp::UNIX_EPOCH,
            requester: self.requester.clone(),
            actor: self.actor.clone(),
            accountable_owner: None,
            subject: "carol".parse().unwrap(),
            tenant: self.case.tenant.clone(),
            case: self.case.clone(),
            reason: scope::Reason::parse("carol cannot open her August invoice", None).unwrap(),
            scope: self.scope.clone(),
            duration: Minutes(self.minutes),
            break_glass: self.break_glass,
            version: 1,
            nonce: "00".repeat(16),
            subjects: self.scope.applications().map(there).collect(),
            route,
            warnings: Vec::new(),
            extends: None,
            questions: Vec::new(),
            escalated: None,
            security_told: Vec::new(),
            owed: None,
            grant: None,
            state: RequestState::Pending {
                decide_by: Timestamp::UNIX_EPOCH,
            },
        }
    }
}

/// The request with each step approved by the person named for it.
pub(crate) fn approved(mut request: Request, by: &[&str]) -> Request {
    let scope_digest = request.scope_digest();
    for (step, by) in request.route.steps.iter_mut().zip(by) {
        step.approval = Some(Approval {
            by: p(by),
            at: Timestamp::UNIX_EPOCH,
            scope_digest: scope_digest.clone(),
            rules: Vec::new(),
            note: None,
            unavoidable_because: None,
            compensating_controls: Vec::new(),
            covers_narrower: false,
            signature: None,
        });
    }
    request
}

/// A route as one reads it aloud: `application-owner(billing)[oscar]`.
pub(crate) fn aloud(route: &Route) -> Vec<String> {
    let step = |step: &route::Step| {
        let people: Vec<&str> = step.approvers.iter().map(short).collect();
        let application = step.application.as_ref().map(|it| format!("({it})"));
        format!(
            "{}{}[{}]",
            step.authority.as_str(),
            application.unwrap_or_default(),
            people.join(", ")
        )
    };
    route.steps.iter().map(step).collect()
}

/// The code and rule of a refusal, or `-` when there is none.
pub(crate) fn code<T>(answer: &Result<T, Refusal>) -> (&str, &str) {
    match answer {
        Ok(_) => ("-", "-"),
        Err(refusal) => (
            refusal.denial.code(),
            refusal.rule.as_deref().unwrap_or("-"),
        ),
    }
}
