//! Sign in: who began and ended a login, on the record. Who somebody is was found out by whoever calls this.

use locum_domain::event::{LoginBegun, LoginEndedBecause};
use locum_domain::{Denial, Event, Happened, PrincipalId, Refusal, Stream};

use crate::caller::{Caller, Door};
use crate::control::Control;
use crate::ports::Proposal;

/// Records that a login began.
///
/// # Errors
/// `not-a-named-person` for somebody unknown, who is a stranger and leaves nothing on the record; the same for whoever
/// left, and `non-human-approver` for a program, which signs in with its key: those are on the record.
pub async fn begin(
    control: &Control,
    principal: &PrincipalId,
    login: LoginBegun,
) -> Result<(), Refusal> {
    let caller = &known(control, principal)?;
    let (login, about) = (&login, &Stream::Principal(principal.clone()));
    control
        .attempt(caller, "sign-in", about, |at| async move {
            control.is_named_person(principal)?;
            let event = Event::LoginBegan {
                by: principal.clone(),
                login: login.clone(),
                at,
            };
            Ok(alone(about, event, at))
        })
        .await?;
    Ok(())
}

/// Records that a login ended before its time.
///
/// # Errors
/// `not-a-named-person` for somebody unknown, `recorder-unavailable`; it has ended all the same.
pub async fn end(
    control: &Control,
    principal: &PrincipalId,
    login: &str,
    because: LoginEndedBecause,
) -> Result<(), Refusal> {
    let caller = &known(control, principal)?;
    let about = &Stream::Principal(principal.clone());
    control
        .attempt_to_end(caller, "sign-out", about, |at| async move {
            let event = Event::LoginEnded {
                by: principal.clone(),
                login: login.to_owned(),
                because,
                at,
            };
            Ok(alone(about, event, at))
        })
        .await?;
    Ok(())
}

fn known(control: &Control, principal: &PrincipalId) -> Result<Caller, Refusal> {
    if control.in_force().catalog.principal(principal).is_none() {
        return Err(Denial::NotANamedPerson.because("nobody of this name is known here"));
    }
    Ok(Caller::new(principal.clone(), Door::Console))
}

fn alone(about: &Stream, event: Event, at: locum_domain::Timestamp) -> Proposal {
    let happened = Happened {
        stream: about.clone(),
        at,
        event,
    };
    Proposal {
        events: vec![happened],
        ..Proposal::default()
    }
}
