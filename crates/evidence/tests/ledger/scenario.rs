//! One access event from filing to review.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::access::{Admitted, AdmittedBy, Completed, Outcome, RefusedInSession};
use locum_domain::catalog::{RecordTiming, Tier};
use locum_domain::event::{Granted, Way};
use locum_domain::request::SubjectThere;
use locum_domain::review::{Completion, Finding};
use locum_domain::route::{Approval, Route, Step};
use locum_domain::session::{ApplicationSession, ApplicationState, EndedBecause};
use locum_domain::{
    ApplicationId, Authority, Case, Denial, Event, EventId, GrantId, Minutes, OperationId,
    PrincipalId, RecordId, Request, RequestId, RequestState, Review, ReviewId, Scope, Session,
    SessionId, Stream,
};

use super::looks::not_yet;
use super::time;

/// The parts of a story that tests change.
#[derive(Clone)]
pub struct Script {
    pub number: u8,
    pub requester: &'static str,
    pub approvers: Vec<&'static str>,
    pub reviewer: &'static str,
    pub applications: Vec<&'static str>,
    /// Requests in each application.
    pub requests: u32,
    pub is_reviewed: bool,
    pub is_confirmed: bool,
    pub is_emergency: bool,
    pub is_signature_demanded: bool,
    pub strictest: Tier,
    /// Whether the operation says what it touches.
    pub has_objects: bool,
}

impl Script {
    pub fn new(number: u8) -> Self {
        Self {
            number,
            requester: "ann",
            approvers: vec!["oscar"],
            reviewer: "rita",
            applications: vec!["billing"],
            requests: 3,
            is_reviewed: true,
            is_confirmed: true,
            is_emergency: false,
            is_signature_demanded: false,
            strictest: Tier::Standard,
            has_objects: true,
        }
    }

    pub fn request_id(&self) -> RequestId {
        RequestId::from_bytes([self.number; 16])
    }

    pub fn session_id(&self) -> SessionId {
        SessionId::from_bytes([self.number; 16])
    }

    pub fn review_id(&self) -> ReviewId {
        ReviewId::from_bytes([self.number; 16])
    }

    pub fn streams(&self) -> Vec<Stream> {
        vec![
            Stream::Request(self.request_id()),
            Stream::Session(self.session_id()),
            Stream::Review(self.review_id()),
            Stream::Case(format!("desk:{}", self.number).parse().unwrap()),
        ]
    }

    pub fn request(&self) -> Request {
        let operations: BTreeSet<OperationId> = BTreeSet::from(["invoice.read".parse().unwrap()]);
        let scope = self
            .applications
            .iter()
            .map(|it| (application(it), operations.clone()))
            .collect();
        let there = |it: &&str| {
            let there = SubjectThere {
                id: format!("u-{}", self.number),
                tenant: None,
                attributes: BTreeMap::new(),
            };
            (application(it), there)
        };
        let case = serde_json::json!({
            "reference": format!("desk:{}", self.number), "is_open": true, "state": "open", "assignee": "ann@desk",
            "subject": "carla@example.org", "tenant": null, "title": "Invoice <script> & \"PDF\" does not open",
            "priority": null, "queue": null, "opened_by": "carla@desk", "subject_set_by": null,
            "opened_at": time(-900), "looked_up_at": time(0)
        });
        let case: Case = serde_json::from_value(case).unwrap();
        Request {
            id: self.request_id(),
            event: EventId::from_bytes([self.number; 16]),
            filed_at: time(0),
            requester: person(self.requester),
            actor: person("ann"),
            accountable_owner: None,
            subject: "carla@example.org".parse().unwrap(),
            tenant: None,
            case,
            reason: serde_json::from_value(
                "The customer's August invoice does not open: ü, 漢, \u{1}".into(),
            )
            .unwrap(),
            scope: Scope(scope),
            duration: Minutes(30),
            break_glass: self.is_emergency,
            version: 1,
            nonce: format!("{:032x}", self.number),
            subjects: self.applications.iter().map(there).collect(),
            route: Route {
                afterwards: Vec::new(),
                controls_seen: Vec::new(),
                steps: self.approvers.iter().map(|it| step(it)).collect(),
                decide_within: Minutes(240),
                activate_within: Minutes(60),
                escalation: Some(person("sam")),
                longest: Minutes(60),
                idle_within: Minutes(15),
                review_within_days: 2,
                signature_demanded: self.is_signature_demanded,
                strictest: self.strictest,
            },
            warnings: vec!["the reason was used before".into()],
            extends: None,
            questions: Vec::new(),
            escalated: None,
            security_told: Vec::new(),
            owed: None,
            grant: None,
            state: RequestState::Pending {
                decide_by: time(14_400),
            },
        }
    }

    fn session(&self, request: &Request) -> Session {
        let application = |it: &&str| {
            let operations = BTreeSet::from(["invoice.read".parse().unwrap()]);
            let subject = format!("u-{}", self.number);
            (
                application(it),
                ApplicationSession {
                    opened: Default::default(),
                    subject,
                    operations,
                    record: RecordTiming::Before,
                    state: ApplicationState::Live,
                },
            )
        };
        Session {
            id: self.session_id(),
            event: request.event.clone(),
            request: request.id.clone(),
            grant: GrantId::from_bytes([self.number; 16]),
            requester: request.requester.clone(),
            actor: request.actor.clone(),
            actor_profile: "user".into(),
            subject: request.subject.clone(),
            tenant: None,
            case: request.case.reference.clone(),
            break_glass: false,
            approvers: self.approvers.iter().map(|it| person(it)).collect(),
            applications: self.applications.iter().map(application).collect(),
            started_at: time(20),
            end_by: time(1_820),
            idle_within: Minutes(15),
            review_within_days: 2,
            duration: Minutes(30),
            extended_by: None,
            activation: 0,
            is_witnessed: false,
            ended: None,
        }
    }

    pub fn play(&self) -> Vec<(Stream, Event)> {
        let request = self.request();
        let asked = Stream::Request(request.id.clone());
        let acting = Stream::Session(self.session_id());
        let mut story = vec![(
            asked.clone(),
            Event::RequestFiled {
                request: Box::new(request.clone()),
            },
        )];
        let refusal = Denial::SelfApproval.because("you asked for this yourself");
        let refused = Event::Refused {
            by: person("ann"),
            act: "approve".into(),
            at: time(5),
            refusal,
        };
        story.push((asked.clone(), refused));
        for (index, approver) in self.approvers.iter().enumerate() {
            let is_last = index + 1 == self.approvers.len();
            let grant = GrantId::from_bytes([self.number; 16]);
            let granted = is_last.then(|| Granted {
                grant,
                activate_by: time(3_600),
            });
            let approval = approval(&request, approver);
            story.push((
                asked.clone(),
                Event::RequestApproved {
                    request: request.id.clone(),
                    step: index,
                    approval,
                    granted,
                },
            ));
        }
        let (id, session) = (request.id.clone(), self.session_id());
        let activated = Event::RequestActivated {
            request: id.clone(),
            session: session.clone(),
            at: time(20),
        };
        story.push((asked.clone(), activated));
        story.push((
            acting.clone(),
            Event::SessionStarted {
                session: Box::new(self.session(&request)),
            },
        ));
        for it in &self.applications {
            let opened = Event::SessionOpened {
                session: session.clone(),
                application: application(it),
                way: Way::Ticket,
                at: time(21),
            };
            story.push((acting.clone(), opened));
            story.extend(
                self.work(it)
                    .into_iter()
                    .map(|event| (acting.clone(), event)),
            );
        }
        let ended = Event::SessionEnded {
            session: session.clone(),
            because: EndedBecause::CaseClosed,
            by: None,
            at: time(90),
        };
        story.push((acting.clone(), ended));
        story.push((
            asked,
            Event::RequestEnded {
                request: id,
                session: session.clone(),
                at: time(90),
            },
        ));
        let review = Review {
            id: self.review_id(),
            session: session.clone(),
            request: request.id.clone(),
            event: request.event.clone(),
            reviewer: Some(person(self.reviewer)),
            is_security: true,
            due: time(172_800),
            opened_at: time(90),
            barred: vec![person("ann")],
            completed: None,
        };
        story.push((
            Stream::Review(review.id.clone()),
            Event::ReviewOpened { review },
        ));
        for it in self.applications.iter().filter(|_| self.is_confirmed) {
            let event = Event::ApplicationEnded {
                session: session.clone(),
                application: application(it),
                at: time(91),
            };
            story.push((acting.clone(), event));
        }
        if self.is_reviewed {
            let note = "Opened only the invoice of the case".into();
            let completion = Completion {
                by: person(self.reviewer),
                at: time(99),
                finding: Finding::Justified,
                note,
                shown: not_yet(),
                signature: None,
            };
            let event = Event::ReviewCompleted {
                review: self.review_id(),
                completion,
            };
            story.push((Stream::Review(self.review_id()), event));
        }
        story
    }

    fn work(&self, name: &str) -> Vec<Event> {
        let (session, application) = (self.session_id(), application(name));
        let mut events = Vec::new();
        for number in 0..self.requests {
            let mut id = [self.number; 16];
            id[..4].copy_from_slice(&number.to_be_bytes());
            id[4] = name.as_bytes()[0];
            let record = RecordId::from_bytes(id);
            events.push(Event::AccessAdmitted(Admitted {
                record: record.clone(),
                txn: EventId::from_bytes([self.number; 16]),
                session: session.clone(),
                actor: person("ann"),
                subject: "kim@customer".into(),
                application: application.clone(),
                operation: "invoice.read".parse().unwrap(),
                rule: AdmittedBy::Grant,
                method: "GET".into(),
                template: if self.has_objects {
                    "/invoices/*".into()
                } else {
                    "query invoice".into()
                },
                path: format!("/invoices/{}", number % 7),
                object: self.has_objects.then(|| format!("invoice:{}", number % 7)),
                assertion: Some("a-1".into()),
                at: time(30),
            }));
            let is_last = number + 1 == self.requests;
            events.push(Event::AccessCompleted(Completed {
                record,
                session: session.clone(),
                application: application.clone(),
                status: Some(200),
                bytes_in: 0,
                bytes_out: 4_096,
                duration_us: 1_000 + u64::from(number),
                upstream: Some("http://billing.internal:8080".into()),
                outcome: if is_last {
                    Outcome::Cut
                } else {
                    Outcome::Answered
                },
                at: time(31),
            }));
        }
        events.push(Event::AccessRefused(RefusedInSession {
            record: RecordId::from_bytes([0xee; 16]),
            txn: EventId::from_bytes([self.number; 16]),
            session,
            actor: person("ann"),
            subject: Some("kim@customer".into()),
            application,
            operation: None,
            rule: Some("credentials".into()),
            method: "POST".into(),
            template: None,
            path: "/api-keys".into(),
            asked: None,
            denial: Denial::ClosedOperation,
            at: time(40),
        }));
        events
    }
}

pub fn person(name: &str) -> PrincipalId {
    name.parse().unwrap()
}

pub fn application(name: &str) -> ApplicationId {
    name.parse().unwrap()
}

pub fn approval(request: &Request, by: &str) -> Approval {
    Approval {
        by: person(by),
        at: time(10),
        scope_digest: request.scope_digest(),
        rules: vec!["approve-owner".into()],
        note: Some("fine for this case".into()),
        unavoidable_because: None,
        compensating_controls: Vec::new(),
        covers_narrower: false,
        signature: None,
    }
}

fn step(approver: &str) -> Step {
    Step {
        authority: Authority::ApplicationOwner,
        application: None,
        rule: "owner-decides".into(),
        approvers: vec![person(approver)],
        approval: None,
    }
}
