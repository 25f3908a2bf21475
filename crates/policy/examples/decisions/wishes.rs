//! What people of the company ask for: a mix of ordinary filings, crossings, emergencies and agents.

use std::collections::BTreeMap;

use locum_domain::request::SubjectThere;
use locum_domain::route::{Approval, Route};
use locum_domain::scope::{Reason, Scope};
use locum_domain::*;
use locum_policy::{CaseFinding, Circumstances, Filing, History, Indexed, Policies};

use crate::company::{self, Numbers, id};

const NOON: Circumstances = Circumstances {
    today: company::TODAY,
    local_hour: 12,
};

/// Everything one decision is about.
pub(crate) struct Wish {
    pub(crate) kind: &'static str,
    actor: PrincipalId,
    scope: Scope,
    break_glass: bool,
    case: Case,
    there: SubjectThere,
}

/// Of ten wishes: six for one application, two for two, one emergency, one of an agent.
pub(crate) fn wishes(many: usize) -> Vec<Wish> {
    let mut numbers = Numbers::new(11);
    (0..many).map(|number| wish(number, &mut numbers)).collect()
}

fn wish(number: usize, numbers: &mut Numbers) -> Wish {
    let (kind, crossed) = match number % 10 {
        0..6 => ("one application", 1),
        6..8 => ("two applications", 2),
        8 => ("an emergency", 1),
        _ => ("an agent", 1),
    };
    let is_agent = kind == "an agent";
    let first = numbers.below(company::APPLICATIONS);
    let actor = if is_agent {
        company::agent(first % 50)
    } else {
        // Whoever has number 49 of 50 has left.
        let somebody = 500 + numbers.below(company::PEOPLE - 500);
        company::person(somebody - usize::from(somebody % 50 == 49))
    };
    let mut scope = Scope::default();
    for place in 0..crossed {
        let operations = if is_agent {
            vec![3, 4]
        } else {
            vec![3 + numbers.below(6), 9 + numbers.below(6)]
        };
        let operations = operations
            .into_iter()
            .map(|number| id(format!("thing{number:02}.do")));
        let application = (first + place * 13) % company::APPLICATIONS;
        scope
            .0
            .insert(company::application(application), operations.collect());
    }
    Wish {
        kind,
        case: Case {
            reference: id(format!("desk:{number}")),
            is_open: true,
            state: "open".to_owned(),
            assignee: Some(if is_agent {
                actor.to_string()
            } else {
                company::at_desk(&actor)
            }),
            subject: Some(id(format!("customer{number}"))),
            tenant: Some(id("initech")),
            title: None,
            priority: None,
            queue: Some("first-line".to_owned()),
            opened_by: Some(format!("customer{number}")),
            subject_set_by: None,
            opened_at: None,
            looked_up_at: Timestamp::UNIX_EPOCH,
        },
        there: SubjectThere {
            id: format!("c-{number}"),
            tenant: Some(id("initech")),
            attributes: BTreeMap::from([("role".to_owned(), "customer".to_owned())]),
        },
        actor,
        scope,
        break_glass: kind == "an emergency",
    }
}

impl Wish {
    fn filing<'a>(&'a self, catalog: &'a Indexed) -> Filing<'a> {
        Filing {
            catalog,
            provisions: Provisions::NONE,
            requester: &self.actor,
            actor: &self.actor,
            scope: &self.scope,
            duration: Minutes(15),
            break_glass: self.break_glass,
            impersonating: false,
            circumstances: NOON,
        }
    }

    fn subject(&self) -> SubjectId {
        self.case.subject.clone().expect("a subject")
    }

    /// The whole decision on a filing, as the control plane makes it between its look-ups.
    pub(crate) fn decide(&self, policies: &Policies, catalog: &Indexed) -> Result<Route, Refusal> {
        let filing = self.filing(catalog);
        let allowed = policies.may_file(&filing)?;
        let finding = self.cite(policies, &filing)?;
        for application in self.scope.applications() {
            let application = &catalog.applications[application];
            policies.judge_subject(&filing, application, &self.case, &self.there)?;
        }
        let history = History::default();
        policies.route(&filing, &allowed, &self.case, &finding, &history, false)
    }

    fn cite(&self, policies: &Policies, filing: &Filing<'_>) -> Result<CaseFinding, Refusal> {
        policies.judge_case(filing, &self.case, &self.subject())
    }

    /// What was filed, and everybody who may decide approved their step of it.
    pub(crate) fn approved(&self, route: Route) -> Request {
        let mut request = self.request(route);
        let scope_digest = request.scope_digest();
        let mut deciders = Vec::new();
        for step in &mut request.route.steps {
            let is_free = |it: &&PrincipalId| !deciders.contains(*it);
            let by = step.approvers.iter().find(is_free).expect("an approver");
            deciders.push(by.clone());
            step.approval = Some(Approval {
                by: by.clone(),
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

    fn request(&self, route: Route) -> Request {
        let there = |application: &ApplicationId| (application.clone(), self.there.clone());
        Request {
            id: RequestId::from_bytes([1; 16]),
            event: EventId::from_bytes([2; 16]),
            filed_at: Timestamp::UNIX_EPOCH,
            requester: self.actor.clone(),
            actor: self.actor.clone(),
            accountable_owner: None,
            subject: self.subject(),
            tenant: self.case.tenant.clone(),
            case: self.case.clone(),
            reason: Reason::parse("the customer cannot open her August invoice", None)
                .expect("a reason"),
            subjects: self.scope.applications().map(there).collect(),
            scope: self.scope.clone(),
            duration: Minutes(15),
            break_glass: self.break_glass,
            version: 1,
            nonce: "00".repeat(16),
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

    /// Whether one named approver of the first step may decide it.
    pub(crate) fn may_decide(
        &self,
        policies: &Policies,
        catalog: &Indexed,
        request: &Request,
    ) -> Result<(), Refusal> {
        let step = request.route.steps.first().expect("a step");
        let by = &step.approval.as_ref().expect("an approval").by;
        policies.may_decide(catalog, request, by, NOON).map(|_| ())
    }

    pub(crate) fn may_activate(
        &self,
        policies: &Policies,
        catalog: &Indexed,
        request: &Request,
    ) -> Result<(), Refusal> {
        policies
            .may_activate(&self.filing(catalog), request, &self.case)
            .map(|_| ())
    }
}

/// The one question that every authorization product answers: may this principal ask for this one operation there?
pub(crate) struct Question {
    pub(crate) principal: PrincipalId,
    pub(crate) application: ApplicationId,
    pub(crate) operation: OperationId,
}

/// Questions of which about two in three are answered yes.
pub(crate) fn questions(many: usize) -> Vec<Question> {
    let mut numbers = Numbers::new(13);
    (0..many)
        .map(|_| {
            let somebody = 500 + numbers.below(company::PEOPLE - 500);
            Question {
                principal: company::person(somebody - usize::from(somebody % 50 == 49)),
                application: company::application(numbers.below(company::APPLICATIONS)),
                operation: id(format!("thing{:02}.do", 3 + numbers.below(20))),
            }
        })
        .collect()
}

impl Question {
    /// Locum's answer, as a filing of this one operation.
    pub(crate) fn ask(&self, policies: &Policies, catalog: &Indexed) -> bool {
        let scope = Scope(BTreeMap::from([(
            self.application.clone(),
            [self.operation.clone()].into(),
        )]));
        let filing = Filing {
            catalog,
            provisions: Provisions::NONE,
            requester: &self.principal,
            actor: &self.principal,
            scope: &scope,
            duration: Minutes(15),
            break_glass: false,
            impersonating: false,
            circumstances: NOON,
        };
        policies.may_file(&filing).is_ok()
    }
}
