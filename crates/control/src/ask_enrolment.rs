//! Ask for an enrolment: a person's next key, which counts once somebody else has signed that it is theirs.

use locum_domain::authenticator::{Asking, Enrolment};
use locum_domain::{
    Authenticator, AuthenticatorId, Denial, EnrolmentId, Event, Happened, PrincipalId, Refusal,
    Stream, Timestamp,
};

use crate::authenticators::{Authenticators, answers_for};
use crate::caller::{Caller, Door};
use crate::control::Control;
use crate::enrolling;
use crate::ports::Proposal;

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
    ask(control, caller, authenticator, replaces, None).await
}

/// The same for a person who has nothing to sign in with: by the one-time link of an invitation, and as the person
/// whom the authenticator names. Whoever calls this has looked at the link; the ledger lets each invitation be followed
/// once.
///
/// # Errors
/// Those of [`ask_enrolment`], and `not-found` for an invitation that was followed already or whose maker does not answer
/// for the person any more, `lapsed` after 24 hours, `already-decided` when the person got an authenticator meanwhile;
/// each is on the record.
pub async fn ask_by_invitation(
    control: &Control,
    authenticator: &Authenticator,
    by: &PrincipalId,
) -> Result<Enrolment, Refusal> {
    let caller = Caller::new(authenticator.person.clone(), Door::Console);
    ask(control, &caller, authenticator, None, Some(by)).await
}

async fn ask(
    control: &Control,
    caller: &Caller,
    authenticator: &Authenticator,
    replaces: Option<&AuthenticatorId>,
    invited_by: Option<&PrincipalId>,
) -> Result<Enrolment, Refusal> {
    let stream = &Stream::Enrolment(caller.principal.clone());
    let events = control
        .attempt(caller, "ask-enrolment", stream, |at| async move {
            enrolling::for_themselves(control, caller, authenticator)?;
            if let Some(host) = invited_by {
                control.is_still_host(host, &caller.principal).await?;
            }
            enrolling::is_well_formed(control, authenticator)?;
            let keys = control.authenticators_of(&caller.principal).await?;
            let enrolled = keys.enrolled();
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
            let asking = Asking {
                id: EnrolmentId::from_bytes(control.id(at)),
                authenticator: authenticator.clone(),
                replaces: replaces.cloned(),
                nonce: hex::encode(control.ports.entropy.bytes()),
                at,
            };
            let event = match invited_by {
                None => enrolled.ask(asking),
                Some(host) => enrolled.ask_invited(keys.founding(), host, asking),
            }?;
            let mut proposal = proposal(&keys, event, at);
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

impl Control {
    /// Whether somebody who invited a person still works here and answers for them.
    async fn is_still_host(&self, host: &PrincipalId, person: &PrincipalId) -> Result<(), Refusal> {
        let founders = self.founders().await?;
        if answers_for(&self.in_force().catalog, &founders, host, person) {
            return Ok(());
        }
        Err(Denial::NotFound.because("whoever made this invitation cannot invite any more"))
    }
}

/// One event of somebody's enrolments on the version that was judged.
pub(crate) fn proposal(keys: &Authenticators, event: Event, at: Timestamp) -> Proposal {
    let stream = Stream::Enrolment(keys.enrolled().person.clone());
    Proposal {
        guards: vec![keys.unchanged()],
        events: vec![Happened { stream, at, event }],
        outbox: Vec::new(),
    }
}
