//! What an application accepted, against what the ledger holds: whoever steals the key that signs assertions can mint
//! a session, and cannot put it on the record.

use jiff::SignedDuration;
use locum_domain::{ApplicationId, Denial, EventId, Refusal, SessionId, Stream, Timestamp};
use serde::Serialize;

use crate::caller::Caller;
use crate::control::Control;
use crate::ledger::SessionOnRecord;
use crate::unclassified::may_see;

/// An assertion that was signed at the last moment of a session lives so much longer.
const ASSERTION_LIFE: SignedDuration = SignedDuration::from_secs(60);

/// Clocks of two machines that are looked after differ by less.
const LEEWAY: SignedDuration = SignedDuration::from_secs(5);

/// The most sessions of one call.
pub const MOST_AT_ONCE: usize = 1_000;

/// One session that an application says it accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// As the assertion named it; whoever mints one names it anything.
    pub session: String,
    /// The access event that the assertion named, where the application kept it.
    pub event: Option<String>,
    /// The first and the last time of the application's clock.
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
}

/// What the record does not explain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unexplained {
    UnknownSession,
    OtherApplication,
    OtherEvent,
    BeforeStart,
    AfterEnd,
}

impl Unexplained {
    /// As an answer writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Unexplained::UnknownSession => "unknown-session",
            Unexplained::OtherApplication => "other-application",
            Unexplained::OtherEvent => "other-event",
            Unexplained::BeforeStart => "before-start",
            Unexplained::AfterEnd => "after-end",
        }
    }
}

/// One of them, with a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The place among what was asked about.
    pub index: usize,
    pub why: Unexplained,
    pub detail: String,
}

/// Compares what an application accepted with the ledger. Whoever does so is on the record.
///
/// # Errors
/// `not-found` for an application that is not there or not for the caller's eyes, `malformed` beyond
/// [`MOST_AT_ONCE`]; `recorder-unavailable` when the store gives no answer or the look cannot be recorded.
pub async fn reconcile(
    control: &Control,
    caller: &Caller,
    application: &ApplicationId,
    accepted: &[Accepted],
) -> Result<Vec<Finding>, Refusal> {
    if !may_see(&control.catalog_for(caller), &caller.principal, application) {
        return Err(Denial::NotFound.because("no such application"));
    }
    if accepted.len() > MOST_AT_ONCE {
        let detail = format!("at most {MOST_AT_ONCE} sessions are compared at once");
        return Err(Denial::Malformed.because(detail));
    }
    let about = Stream::Principal(caller.principal.clone());
    let what = format!("reconciliation of {application}");
    control.read_evidence(caller, &about, &what).await?;
    let mut findings = Vec::new();
    for (index, it) in accepted.iter().enumerate() {
        let on_record = match it.session.parse::<SessionId>() {
            Ok(id) => control.session_on_record(&id).await?,
            Err(_) => None,
        };
        let unexplained = unexplained(application, it, on_record.as_ref());
        let found = unexplained
            .into_iter()
            .map(|(why, detail)| Finding { index, why, detail });
        findings.extend(found);
    }
    Ok(findings)
}

/// What the ledger's word of a session does not explain, each with its sentence.
pub fn unexplained(
    application: &ApplicationId,
    accepted: &Accepted,
    on_record: Option<&SessionOnRecord>,
) -> Vec<(Unexplained, String)> {
    let Some(session) = on_record else {
        let detail = "the ledger holds no such session".to_owned();
        return vec![(Unexplained::UnknownSession, detail)];
    };
    let mut found = Vec::new();
    if !session.applications.contains(application) {
        let of: Vec<String> = session
            .applications
            .iter()
            .map(ToString::to_string)
            .collect();
        let detail = format!("the session is of {}, not of {application}", of.join(", "));
        found.push((Unexplained::OtherApplication, detail));
    }
    if let Some(named) = &accepted.event
        && named.parse::<EventId>().as_ref() != Ok(&session.event)
    {
        let detail = format!("it was accepted for {named}, and is of {}", session.event);
        found.push((Unexplained::OtherEvent, detail));
    }
    if let Some(first) = accepted.first
        && session.started_at.duration_since(first) > LEEWAY
    {
        let detail = format!("accepted at {first}, begun at {}", session.started_at);
        found.push((Unexplained::BeforeStart, detail));
    }
    if let (Some(last), Some(ended)) = (accepted.last.or(accepted.first), session.ended_at)
        && last.duration_since(ended) > ASSERTION_LIFE + LEEWAY
    {
        let detail = format!("accepted at {last}, ended at {ended}");
        found.push((Unexplained::AfterEnd, detail));
    }
    found
}
