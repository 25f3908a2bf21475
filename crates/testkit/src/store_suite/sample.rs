//! Small happenings to commit.

use std::collections::BTreeMap;

use locum_control::ports::OutboxItem;
use locum_domain::access::{Admitted, AdmittedBy, Completed, Outcome};
use locum_domain::catalog::RecordTiming;
use locum_domain::review::{Completion, Finding};
use locum_domain::session::{ApplicationSession, ApplicationState, EndedBecause};
use locum_domain::{
    CaseRef, Event, EventId, GrantId, Happened, Minutes, PrincipalId, RecordId, RequestId, Review,
    ReviewId, Session, SessionId, SessionShown, Stream, Timestamp,
};

/// This many seconds after the suite's epoch.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

/// The bytes of id `number`: later numbers sort later.
pub fn bytes(number: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// A principal of this name.
pub fn principal(name: &str) -> PrincipalId {
    name.parse().unwrap()
}

/// The one case there is.
pub fn case() -> CaseRef {
    "desk:INC-12".parse().unwrap()
}

/// The id of session `number`.
pub fn session_id(number: u64) -> SessionId {
    SessionId::from_bytes(bytes(number))
}

/// The stream of review `number`.
pub fn review_stream(number: u64) -> Stream {
    Stream::Review(ReviewId::from_bytes(bytes(number)))
}

/// The stream of session `number`.
pub fn session_stream(number: u64) -> Stream {
    Stream::Session(session_id(number))
}

/// Review `number` opens and `reviewer` owes it.
pub fn review_opened(number: u64, reviewer: &str) -> Happened {
    let review = Review {
        id: ReviewId::from_bytes(bytes(number)),
        session: session_id(number),
        request: RequestId::from_bytes(bytes(number)),
        event: EventId::from_bytes(bytes(number)),
        reviewer: Some(principal(reviewer)),
        is_security: false,
        due: at(100_000),
        opened_at: at(0),
        barred: vec![principal("amara")],
        completed: None,
    };
    Happened {
        stream: review_stream(number),
        at: at(0),
        event: Event::ReviewOpened { review },
    }
}

/// Review `number` is completed.
pub fn review_completed(number: u64, by: &str) -> Happened {
    let completion = Completion {
        by: principal(by),
        at: at(10),
        finding: Finding::Justified,
        note: "What was done is what the case needed.".to_owned(),
        shown: SessionShown {
            activation: 1,
            admitted: 0,
            completed: 0,
            refused: 0,
            ended_because: EndedBecause::EndedByActor,
            ended_at: at(9),
            last: 2,
            leaf: "00".repeat(32),
        },
        signature: None,
    };
    Happened {
        stream: review_stream(number),
        at: at(10),
        event: Event::ReviewCompleted {
            review: ReviewId::from_bytes(bytes(number)),
            completion,
        },
    }
}

/// Session `number` begins.
pub fn session_started(number: u64) -> Happened {
    let billing = ApplicationSession {
        opened: Default::default(),
        subject: "u-9".to_owned(),
        operations: ["invoice.read".parse().unwrap()].into(),
        record: RecordTiming::Before,
        state: ApplicationState::Live,
    };
    let session = Session {
        id: session_id(number),
        event: EventId::from_bytes(bytes(number)),
        request: RequestId::from_bytes(bytes(number)),
        grant: GrantId::from_bytes(bytes(number)),
        requester: principal("amara"),
        actor: principal("amara"),
        actor_profile: "user".to_owned(),
        subject: "kunde@example.org".parse().unwrap(),
        tenant: None,
        case: case(),
        break_glass: false,
        approvers: vec![principal("oluwaseun")],
        applications: BTreeMap::from([("billing".parse().unwrap(), billing)]),
        started_at: at(20),
        end_by: at(3_620),
        idle_within: Minutes(10),
        review_within_days: 2,
        duration: Minutes(60),
        extended_by: None,
        activation: 0,
        is_witnessed: false,
        ended: None,
    };
    Happened {
        stream: session_stream(number),
        at: at(20),
        event: Event::SessionStarted {
            session: Box::new(session),
        },
    }
}

/// Session `number` ends.
pub fn session_ended(number: u64) -> Happened {
    Happened {
        stream: session_stream(number),
        at: at(60),
        event: Event::SessionEnded {
            session: session_id(number),
            because: EndedBecause::CaseClosed,
            by: None,
            at: at(60),
        },
    }
}

/// A request in session `number` was let in.
pub fn admitted(number: u64, record: u64) -> Happened {
    Happened {
        stream: session_stream(number),
        at: at(30),
        event: Event::AccessAdmitted(Admitted {
            record: RecordId::from_bytes(bytes(record)),
            txn: EventId::from_bytes(bytes(number)),
            session: session_id(number),
            actor: principal("alice@corp.example"),
            subject: "kim@customer.example".to_owned(),
            application: "billing".parse().unwrap(),
            operation: "invoice.read".parse().unwrap(),
            rule: AdmittedBy::Grant,
            method: "GET".to_owned(),
            template: "/invoices/*".into(),
            path: "/invoices/7".to_owned(),
            object: Some("invoice 7".to_owned()),
            assertion: None,
            at: at(30),
        }),
    }
}

/// What became of it.
pub fn completed(number: u64, record: u64) -> Happened {
    Happened {
        stream: session_stream(number),
        at: at(31),
        event: Event::AccessCompleted(Completed {
            record: RecordId::from_bytes(bytes(record)),
            session: session_id(number),
            application: "billing".parse().unwrap(),
            status: Some(200),
            bytes_in: 0,
            bytes_out: 512,
            duration_us: 1_500,
            upstream: Some("http://127.0.0.1:9101".into()),
            outcome: Outcome::Answered,
            at: at(31),
        }),
    }
}

/// Strangers were refused at a door: an event that makes no state.
pub fn strangers(count: u64) -> Happened {
    Happened {
        stream: Stream::Doors,
        at: at(40),
        event: Event::StrangersRefused {
            listener: "console".to_owned(),
            reason: "no login".to_owned(),
            count,
            at: at(40),
        },
    }
}

/// Work of this kind, due at this second.
pub fn work(kind: &str, due: i64) -> OutboxItem {
    OutboxItem {
        kind: kind.to_owned(),
        body: serde_json::json!({ "case": case().to_string() }),
        due: at(due),
    }
}
