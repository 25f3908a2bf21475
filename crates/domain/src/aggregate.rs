//! State as a fold of events: one stream for each thing that has a life of its own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::absence::Absence;
use crate::authenticator::{Enrolled, Founding};
use crate::case::WatchedCase;
use crate::change::Change;
use crate::delegations::Delegations;
use crate::erasure::Erasure;
use crate::event::Recorded;
use crate::exception::Exception;
use crate::governance::Governance;
use crate::hold::Hold;
use crate::ids::{
    ApplicationId, CaseRef, ChangeId, ErasureId, ExceptionId, HoldId, PrincipalId, RequestId,
    ReviewId, SessionId,
};
use crate::request::Request;
use crate::review::Review;
use crate::session::Session;

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Stream {
    Governance,
    Change(ChangeId),
    Exception(ExceptionId),
    /// One application's delegations.
    Delegations(ApplicationId),
    /// One person's absences.
    Absence(PrincipalId),
    Request(RequestId),
    Session(SessionId),
    Review(ReviewId),
    Hold(HoldId),
    Erasure(ErasureId),
    Case(CaseRef),
    /// Whose keys everything else is signed under.
    Founding,
    /// One person's authenticators.
    Enrolment(PrincipalId),
    /// What one principal did or was refused, outside any request or session they may see.
    Principal(PrincipalId),
    /// What strangers did at the doors.
    Doors,
    /// How the ledger's witnesses stand to it.
    Witnesses,
    /// The rules that decisions stand on.
    Rules,
    /// When the record was put back from a copy.
    Restores,
}

impl Stream {
    /// The kind of thing, as stores index it.
    pub fn kind(&self) -> &'static str {
        match self {
            Stream::Governance => "governance",
            Stream::Change(_) => "change",
            Stream::Exception(_) => "exception",
            Stream::Delegations(_) => "delegations",
            Stream::Absence(_) => "absence",
            Stream::Request(_) => "request",
            Stream::Session(_) => "session",
            Stream::Review(_) => "review",
            Stream::Hold(_) => "hold",
            Stream::Erasure(_) => "erasure",
            Stream::Case(_) => "case",
            Stream::Founding => "founding",
            Stream::Enrolment(_) => "enrolment",
            Stream::Principal(_) => "principal",
            Stream::Doors => "doors",
            Stream::Witnesses => "witnesses",
            Stream::Rules => "rules",
            Stream::Restores => "restores",
        }
    }

    /// Which one.
    pub fn id(&self) -> String {
        match self {
            Stream::Governance
            | Stream::Founding
            | Stream::Doors
            | Stream::Witnesses
            | Stream::Rules
            | Stream::Restores => "all".to_owned(),
            Stream::Change(id) => id.to_string(),
            Stream::Exception(id) => id.to_string(),
            Stream::Delegations(id) => id.to_string(),
            Stream::Request(id) => id.to_string(),
            Stream::Session(id) => id.to_string(),
            Stream::Review(id) => id.to_string(),
            Stream::Hold(id) => id.to_string(),
            Stream::Erasure(id) => id.to_string(),
            Stream::Case(id) => id.to_string(),
            Stream::Absence(id) | Stream::Enrolment(id) | Stream::Principal(id) => id.to_string(),
        }
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind(), self.id())
    }
}

impl FromStr for Stream {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, id) = text
            .split_once('/')
            .ok_or_else(|| format!("`{text}` names no stream"))?;
        let wrong = |error: crate::ids::IdError| error.to_string();
        match kind {
            "governance" => Ok(Stream::Governance),
            "founding" => Ok(Stream::Founding),
            "doors" => Ok(Stream::Doors),
            "witnesses" => Ok(Stream::Witnesses),
            "rules" => Ok(Stream::Rules),
            "restores" => Ok(Stream::Restores),
            "change" => id.parse().map(Stream::Change).map_err(wrong),
            "exception" => id.parse().map(Stream::Exception).map_err(wrong),
            "delegations" => id.parse().map(Stream::Delegations).map_err(wrong),
            "absence" => id.parse().map(Stream::Absence).map_err(wrong),
            "request" => id.parse().map(Stream::Request).map_err(wrong),
            "session" => id.parse().map(Stream::Session).map_err(wrong),
            "review" => id.parse().map(Stream::Review).map_err(wrong),
            "hold" => id.parse().map(Stream::Hold).map_err(wrong),
            "erasure" => id.parse().map(Stream::Erasure).map_err(wrong),
            "case" => id.parse().map(Stream::Case).map_err(wrong),
            "enrolment" => id.parse().map(Stream::Enrolment).map_err(wrong),
            "principal" => id.parse().map(Stream::Principal).map_err(wrong),
            _ => Err(format!("`{kind}` is no kind of stream")),
        }
    }
}
impl TryFrom<String> for Stream {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
impl From<Stream> for String {
    fn from(stream: Stream) -> String {
        stream.to_string()
    }
}

/// The state of one stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "state", rename_all = "kebab-case")]
pub enum Aggregate {
    Governance(Box<Governance>),
    Change(Box<Change>),
    Exception(Box<Exception>),
    Delegations(Box<Delegations>),
    Absence(Box<Absence>),
    Request(Box<Request>),
    Session(Box<Session>),
    Review(Box<Review>),
    Hold(Box<Hold>),
    Erasure(Box<Erasure>),
    Case(Box<WatchedCase>),
    Founding(Box<Founding>),
    Enrolled(Box<Enrolled>),
}

impl Aggregate {
    /// The state of `stream` after `recorded`. Events that change nothing leave the state as it is; the
    /// store counts a version only for those that changed it.
    pub fn evolve(state: Option<Aggregate>, recorded: &Recorded) -> Option<Aggregate> {
        let event = &recorded.event;
        macro_rules! fold {
            ($variant:ident, $evolve:expr) => {{
                let before = match state {
                    Some(Aggregate::$variant(inner)) => Some(*inner),
                    _ => None,
                };
                $evolve(before).map(Box::new).map(Aggregate::$variant)
            }};
        }
        match &recorded.stream {
            Stream::Governance => fold!(Governance, |before| Governance::evolve(before, event)),
            Stream::Change(_) => fold!(Change, |before| Change::evolve(before, event)),
            Stream::Exception(_) => fold!(Exception, |before| Exception::evolve(before, event)),
            Stream::Delegations(_) => {
                fold!(Delegations, |before| Delegations::evolve(before, event))
            }
            Stream::Absence(_) => fold!(Absence, |before| Absence::evolve(before, event)),
            Stream::Request(_) => fold!(Request, |before| Request::evolve(before, event)),
            Stream::Session(_) => {
                fold!(Session, |before| Session::evolve(
                    before,
                    event,
                    recorded.position
                ))
            }
            Stream::Review(_) => fold!(Review, |before| Review::evolve(before, event)),
            Stream::Hold(_) => fold!(Hold, |before| Hold::evolve(before, event)),
            Stream::Erasure(_) => fold!(Erasure, |before| Erasure::evolve(before, event)),
            Stream::Case(_) => fold!(Case, |before| WatchedCase::evolve(before, event)),
            Stream::Founding => fold!(Founding, |before| Founding::evolve(before, event)),
            Stream::Enrolment(_) => fold!(Enrolled, |before| Enrolled::evolve(before, event)),
            Stream::Principal(_)
            | Stream::Doors
            | Stream::Witnesses
            | Stream::Rules
            | Stream::Restores => None,
        }
    }

    /// Under which keys the state is found: pairs of key and value, repeated keys allowed.
    pub fn keys(&self) -> Vec<(&'static str, String)> {
        match self {
            Aggregate::Governance(_) | Aggregate::Case(_) | Aggregate::Delegations(_) => Vec::new(),
            Aggregate::Change(change) => change.keys(),
            Aggregate::Exception(exception) => exception.keys(),
            Aggregate::Absence(absence) => absence.keys(),
            Aggregate::Request(request) => request.keys(),
            Aggregate::Session(session) => session.keys(),
            Aggregate::Review(review) => review.keys(),
            Aggregate::Hold(hold) => hold.keys(),
            Aggregate::Erasure(erasure) => erasure.keys(),
            Aggregate::Founding(founding) => founding.keys(),
            Aggregate::Enrolled(enrolled) => enrolled.keys(),
        }
    }
}
