//! Ask for an enrolment: a person's next key, which counts once somebody else has signed that it is theirs.

use locum_domain::authenticator::{Asking, Enrolment};
use locum_domain::{
    Aggregate, Authenticator, AuthenticatorId, Denial, Enrolled, EnrolmentId, Event, Happened,
    PrincipalId, Refusal, Stream, Timestamp,
};

use crate::caller::Caller;
use crate::control::Control;
use crate::enrolling;
use crate::ports::{Guard, Proposal};

/// How many enrolments of one person can wait at once.
const MOST_WAITING: usize = 5;

/// Asks that a key of the caller's own count. A registration was verified by whoever calls this.
///
/// # Errors
/// `non-human-approver`, `not-a-named-person`, `already-decided` for a key that is known, `conflict-of-interest` for one
/// that is somebody else's, `too-many-open`, `malformed`; each is on the record.
pub async fn ask_enrolment(
    control: &Control,
    caller: &Caller,
    authenticator: &Authenticator,
    replaces: Option<&AuthenticatorId>,
) -> Result<Enrolment, Refusal> {
    let stream = &Stream::Enrolment(caller.principal.clone());
    let events = control
        .attempt(caller, "ask-enrolment", stream, |at| async move {
            enrolling::for_themselves(control, caller, authenticator)?;
            enrolling::is_well_formed(control, authenticator)?;
            let (enrolled, version) = control.enrolled_as_recorded(&caller.principal).await?;
            let keys = control.authenticators_of(&caller.principal).await?;
            if let Some(replaced) = replaces
                && keys.held(replaced).is_none()
            {
                let detail = format!("`{replaced}` is none of your authenticators");
                return Err(Denial::Malformed.because(detail).at("/replaces"));
            }
            if keys.held(&authenticator.id).is_some() {
                return Err(Denial::AlreadyDecided.because("this authenticator is known already"));
            }
            let waiting = enrolled.asked.iter().filter(|it| it.is_waiting(at));
            if waiting.count() >= MOST_WAITING {
                let detail = format!("{MOST_WAITING} of your enrolments wait already");
                return Err(Denial::TooManyOpen.because(detail));
            }
            let event = enrolled.ask(Asking {
                id: EnrolmentId::from_bytes(control.id(at)),
                authenticator: authenticator.clone(),
                replaces: replaces.cloned(),
                nonce: hex::encode(control.ports.entropy.bytes()),
                at,
            })?;
            let mut proposal = proposal(&caller.principal, event, version, at);
            let nobody = |kind, own: &[_]| enrolling::nobody_else_has(authenticator, kind, own);
            // One of their own that nobody decided in time still has the key.
            proposal
                .guards
                .extend(nobody("enrolment", &enrolled.keys()));
            proposal.guards.extend(nobody("founding", &[]));
            Ok(proposal)
        })
        .await?;
    let asked = events.into_iter().find_map(|it| match it.event {
        Event::EnrolmentAsked { enrolment } => Some(*enrolment),
        _ => None,
    });
    asked.ok_or_else(|| Denial::Conflict.because("nothing was asked"))
}

/// One event of somebody's enrolments on the version that was judged.
pub(crate) fn proposal(
    person: &PrincipalId,
    event: Event,
    version: u64,
    at: Timestamp,
) -> Proposal {
    let stream = Stream::Enrolment(person.clone());
    Proposal {
        guards: vec![Guard::Version {
            stream: stream.clone(),
            version,
        }],
        events: vec![Happened { stream, at, event }],
        outbox: Vec::new(),
    }
}

impl Control {
    /// Somebody's enrolments by the ledger, with their version.
    pub(crate) async fn enrolled_as_recorded(
        &self,
        person: &PrincipalId,
    ) -> Result<(Enrolled, u64), Refusal> {
        match self.as_recorded(&Stream::Enrolment(person.clone())).await? {
            (Some(Aggregate::Enrolled(enrolled)), version) => Ok((*enrolled, version)),
            (_, version) => Ok((Enrolled::none(person.clone()), version)),
        }
    }
}
