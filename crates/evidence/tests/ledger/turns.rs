//! Turns that a story can take besides the straight way.

use std::collections::BTreeMap;

use locum_domain::access::RefusedInSession;
use locum_domain::case::CaseChange;
use locum_domain::event::Granted;
use locum_domain::hold::{Hold, StopScope};
use locum_domain::request::{Offering, Question, Told};
use locum_domain::route::Step;
use locum_domain::{
    Authority, Denial, Event, EventId, GrantId, HoldId, Minutes, RecordId, RequestId, Scope, Stream,
};

use super::scenario::{Script, application, approval, person};
use super::time;

impl Script {
    /// A request that was asked about, narrowed to billing by an offer, and approved by it.
    pub fn narrowed(&self) -> Vec<Event> {
        let request = self.request();
        let id = request.id.clone();
        let billing = application("billing");
        let mut scope = Scope::default();
        scope
            .0
            .insert(billing.clone(), request.scope.0[&billing].clone());
        let offering = Offering {
            by: person("oscar"),
            at: time(6),
            note: "billing is enough".into(),
            scope,
            duration: Minutes(10),
            permitted: BTreeMap::from([(0, vec!["approve-owner".to_owned()])]),
        };
        let question = Question {
            by: person("oscar"),
            at: time(3),
            text: "Which invoice?".into(),
            answer: None,
        };
        vec![
            Event::RequestFiled {
                request: Box::new(request.clone()),
            },
            Event::QuestionAsked {
                request: id.clone(),
                question,
            },
            Event::QuestionAnswered {
                request: id.clone(),
                by: person("ann"),
                at: time(4),
                answer: "August".into(),
            },
            request.offer(offering).unwrap(),
            Event::OfferAccepted {
                request: id,
                by: person("ann"),
                at: time(8),
                granted: Some(Granted {
                    grant: GrantId::from_bytes([9; 16]),
                    activate_by: time(900),
                }),
            },
        ]
    }

    /// The straight way, lengthened before its end, and the extension's stream.
    pub fn extended(&self) -> (Vec<(Stream, Event)>, Stream) {
        let mut extension = self.request();
        extension.id = RequestId::from_bytes([0xaa; 16]);
        extension.extends = Some(self.session_id());
        let (id, session) = (extension.id.clone(), self.session_id());
        let stream = Stream::Request(id.clone());
        let approved = |(step, by): (usize, &&str)| Event::RequestApproved {
            request: id.clone(),
            step,
            approval: approval(&extension, by),
            granted: (step + 1 == self.approvers.len()).then(|| Granted {
                grant: GrantId::from_bytes([0xaa; 16]),
                activate_by: time(900),
            }),
        };
        let approvals: Vec<Event> = self.approvers.iter().enumerate().map(approved).collect();
        let activated = Event::RequestActivated {
            request: id.clone(),
            session: session.clone(),
            at: time(50),
        };
        let lengthened = Event::SessionExtended {
            session: session.clone(),
            request: id.clone(),
            end_by: time(3_620),
            approvers: self.approvers.iter().map(|it| person(it)).collect(),
            at: time(50),
        };
        let request = Box::new(extension);
        let mut more = vec![(stream.clone(), Event::RequestFiled { request })];
        more.extend(approvals.into_iter().map(|event| (stream.clone(), event)));
        more.push((stream.clone(), activated));
        more.push((Stream::Session(session), lengthened));
        let mut play = self.play();
        let is_end = |(_, event): &(Stream, Event)| matches!(event, Event::SessionEnded { .. });
        let ended = play.iter().position(is_end).unwrap();
        play.splice(ended..ended, more);
        (play, stream)
    }

    /// The straight way with a stop, a closed case, looks at the evidence and a request at an application that
    /// is not part of it.
    pub fn eventful(&self) -> (Vec<(Stream, Event)>, Stream) {
        let hold = HoldId::from_bytes([self.number; 16]);
        let held = Stream::Hold(hold.clone());
        let acting = Stream::Session(self.session_id());
        let case: locum_domain::CaseRef = format!("desk:{}", self.number).parse().unwrap();
        let change = CaseChange {
            case: case.clone(),
            is_open: false,
            state: "closed".into(),
            at: time(80),
            source: "webhook".into(),
        };
        let placed = Hold {
            id: hold.clone(),
            scope: StopScope::Actor(person("ann")),
            by: person("sam"),
            at: time(81),
            lifted: None,
        };
        let elsewhere = RefusedInSession {
            record: RecordId::from_bytes([0xdd; 16]),
            txn: EventId::from_bytes([self.number; 16]),
            session: self.session_id(),
            actor: person("ann"),
            subject: None,
            application: application("wiki"),
            operation: Some("page.read".parse().unwrap()),
            rule: None,
            method: "GET".into(),
            template: None,
            path: "/p?x=<1>".into(),
            asked: None,
            denial: Denial::WrongApplication,
            at: time(82),
        };
        let looked = |at| Event::EvidenceRead {
            by: person("audra"),
            what: "access event".into(),
            at: time(at),
        };
        let more = [
            (Stream::Case(case), Event::CaseChanged { change }),
            (held.clone(), Event::HoldPlaced { hold: placed }),
            (acting.clone(), Event::AccessRefused(elsewhere)),
            (acting.clone(), looked(83)),
        ];
        let lifted = Event::HoldLifted {
            hold,
            by: person("prya"),
            at: time(99),
        };
        let mut play = self.play();
        let is_end = |(_, event): &(Stream, Event)| matches!(event, Event::SessionEnded { .. });
        let ended = play.iter().position(is_end).unwrap();
        play.splice(ended..ended, more);
        self.skip_two(&mut play, &["oscar"]);
        play.push((held.clone(), lifted));
        play.push((acting, looked(100)));
        (play, held)
    }

    /// The straight way as an emergency that security hears of, and that skipped an owner and security, for whom these
    /// sign afterwards, in order.
    pub fn emergency(&self, signers: &[&str]) -> Vec<(Stream, Event)> {
        let script = Self {
            is_emergency: true,
            ..self.clone()
        };
        let mut play = script.play();
        script.skip_two(&mut play, signers);
        let on_request = Stream::Request(self.request_id());
        let told = |told, to: &[&str], due, at| {
            let event = Event::RequestTold {
                request: self.request_id(),
                told,
                to: to.iter().map(|it| person(it)).collect(),
                due,
                at: time(at),
            };
            (on_request.clone(), event)
        };
        let due = Some(time(5_000));
        play.insert(1, told(Told::Emergency, &["sam"], None, 0));
        let is_used =
            |(_, event): &(Stream, Event)| matches!(event, Event::RequestActivated { .. });
        let used = play.iter().position(is_used).unwrap();
        let asked = [
            told(Told::Countersign, signers, due, 20),
            told(Told::CountersignReminder, signers, due, 2_600),
            told(Told::CountersignOverdue, &["sam"], due, 5_000),
        ];
        play.splice(used + 1..used + 1, asked);
        play
    }

    /// What an emergency skipped: an owner and security, for whom these sign afterwards, in order.
    fn skip_two(&self, play: &mut Vec<(Stream, Event)>, signers: &[&str]) {
        let skipped = |authority, application: Option<&str>| Step {
            authority,
            application: application.map(|id| id.parse().unwrap()),
            rule: "guard-owner-decides".into(),
            approvers: vec![person("oscar")],
            approval: None,
        };
        let afterwards = vec![
            skipped(
                Authority::ApplicationOwner,
                self.applications.first().copied(),
            ),
            skipped(Authority::SecurityOrPrivacyOrCompliance, None),
        ];
        for (_, event) in play.iter_mut() {
            if let Event::RequestFiled { request } = event {
                request.route.afterwards = afterwards.clone();
            }
        }
        let request = self.request();
        for (step, by) in signers.iter().enumerate() {
            let signed = Event::RequestCountersigned {
                request: request.id.clone(),
                step,
                approval: approval(&request, by),
            };
            play.push((Stream::Request(request.id.clone()), signed));
        }
    }

    /// A request that came to nothing.
    pub fn fruitless(&self, last: &str) -> Vec<Event> {
        let request = self.request();
        let id = request.id.clone();
        let at = time(30);
        let last = match last {
            "denied" => Event::RequestDenied {
                request: id.clone(),
                by: person("oscar"),
                at,
                reason: "not needed".into(),
            },
            "withdrawn" => Event::RequestWithdrawn {
                request: id.clone(),
                by: person("ann"),
                at,
            },
            _ => Event::RequestLapsed {
                because: (last == "tightened")
                    .then(|| Denial::NotEligible.because("nobody may ask for it now")),
                request: id.clone(),
                at,
            },
        };
        vec![
            Event::RequestFiled {
                request: Box::new(request),
            },
            Event::RequestEscalated {
                request: id,
                to: person("sam"),
                at: time(20),
            },
            last,
        ]
    }
}
