//! Which places of an event hold personal data: what an erasure takes away, and what it never does.
//!
//! Personal is what tells of the subject: who they are here and in each application, what people wrote about their case,
//! and what of theirs was touched. Actor, decision, operation, time and tenant never are. Events that are about no
//! subject have no such place: nobody could ask for their erasure.

use crate::aggregate::{Aggregate, Stream};
use crate::event::Event;
use crate::hold::StopScope;
use crate::ids::{SessionId, SubjectId};

/// What stands at a personal place after an erasure. No subject can have it for a name.
pub const ERASED: &str = "erased";

/// The nonce is among them: with it, somebody could try out subjects against the digest that approvals name.
const FILED: &[&str] = &[
    "/request/subject",
    "/request/reason",
    "/request/nonce",
    "/request/case/subject",
    "/request/case/title",
    "/request/case/opened_by",
    "/request/case/subject_set_by",
    "/request/subjects/*/id",
    "/request/subjects/*/attributes/*",
    "/request/warnings/*",
];
const APPROVED: &[&str] = &[
    "/approval/note",
    "/approval/unavoidable_because",
    "/approval/compensating_controls/*",
];
const FACTS: &[&str] = &[
    "/facts/case/subject",
    "/facts/case/title",
    "/facts/case/opened_by",
    "/facts/case/subject_set_by",
];
const LAPSED: &[&str] = &["/because/detail", "/because/read/*/is"];
const REFUSED: &[&str] = &["/refusal/detail", "/refusal/read/*/is"];

impl Event {
    /// The personal places of this event in that stream, as JSON Pointers (RFC 6901) in which `*` stands for every
    /// member or element.
    pub fn personal(&self, stream: &Stream) -> &'static [&'static str] {
        match (stream, self) {
            (Stream::Hold(_), Event::HoldPlaced { .. }) => &["/hold/scope/subject"],
            (Stream::Erasure(_), event) => match event {
                Event::ErasureAsked { .. } => &["/erasure/subject", "/erasure/reason"],
                Event::ErasureDenied { .. } => &["/reason"],
                Event::Refused { .. } => REFUSED,
                _ => &[],
            },
            (Stream::Request(_) | Stream::Session(_) | Stream::Review(_), event) => match event {
                Event::RequestFiled { .. } => FILED,
                Event::RequestApproved { .. } | Event::RequestCountersigned { .. } => APPROVED,
                Event::FactsRead { .. } => FACTS,
                Event::RequestDenied { .. } => &["/reason"],
                Event::QuestionAsked { .. } => &["/question/text", "/question/answer"],
                Event::QuestionAnswered { .. } => &["/answer"],
                Event::OfferMade { .. } => &["/offer/note"],
                Event::RequestLapsed { .. } => LAPSED,
                Event::SessionStarted { .. } => {
                    &["/session/subject", "/session/applications/*/subject"]
                }
                Event::AccessAdmitted(_) => &["/subject", "/path", "/object"],
                Event::AccessRefused(_) => &["/subject", "/path", "/asked"],
                Event::ReviewCompleted { .. } => &["/completion/note"],
                Event::Refused { .. } => REFUSED,
                _ => &[],
            },
            _ => &[],
        }
    }
}

/// Where to find whose data a stream holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// This subject's.
    Subject(SubjectId),
    /// That of the subject of this session.
    OfSession(SessionId),
    Nobodys,
}

impl Aggregate {
    /// Whose personal data the events of this state's stream hold.
    pub fn whose(&self) -> Whose {
        match self {
            Aggregate::Request(request) => Whose::Subject(request.subject.clone()),
            Aggregate::Session(session) => Whose::Subject(session.subject.clone()),
            Aggregate::Review(review) => Whose::OfSession(review.session.clone()),
            Aggregate::Erasure(erasure) => Whose::Subject(erasure.subject.clone()),
            Aggregate::Hold(hold) => match &hold.scope {
                StopScope::Subject(subject) => Whose::Subject(subject.clone()),
                _ => Whose::Nobodys,
            },
            _ => Whose::Nobodys,
        }
    }

    /// Whether the values under this key name a subject.
    pub fn names_subject(key: &str, value: &str) -> bool {
        matches!(key, "subject" | "live-case-subject") || value.starts_with("subject/")
    }
}
