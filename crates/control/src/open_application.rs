//! Open: a fresh one-time way into one application of a live session.

use locum_domain::catalog::Tier;
use locum_domain::event::Way;
use locum_domain::{ApplicationId, Denial, Event, Refusal, Session, SessionId, Stream};

use crate::activate::WayIn;
use crate::caller::Caller;
use crate::control::Control;
use crate::in_person::in_person;
use crate::ports::Proposal;

/// A way into one application, for the actor alone.
///
/// # Errors
/// `not-found`, `session-ended`, `wrong-application`.
pub async fn open_application(
    control: &Control,
    caller: &Caller,
    id: &SessionId,
    application: &ApplicationId,
) -> Result<WayIn, Refusal> {
    enter(control, caller, id, application, Way::Ticket).await?;
    let session = control.live_session(id).await?;
    control.way_in(caller, &session, application)
}

/// Records that a way in is handed to the actor, which the caller must be.
///
/// # Errors
/// As [`open_application`].
pub async fn enter(
    control: &Control,
    caller: &Caller,
    id: &SessionId,
    application: &ApplicationId,
    way: Way,
) -> Result<(), Refusal> {
    let stream = &Stream::Session(id.clone());
    control
        .attempt(caller, "open", stream, |at| async move {
            control.visible_session(caller, id).await?;
            control.witness_beginning(id).await?;
            // Whose session it is, the ledger says: a row changed in the tables must not let anybody join.
            let session = control.live_session(id).await?;
            let version = control.existing_session(id).await?.1;
            if session.actor != caller.principal {
                return Err(Denial::NotEligible.because("only the actor enters; nobody can join"));
            }
            let in_force = control.in_force();
            let tier = in_force.catalog.applications.get(application);
            if tier.is_none_or(|it| it.tier == Tier::Regulated) {
                in_person(caller, "enters nothing that is `regulated`")?;
            }
            if !session.is_live() || at >= session.end_by {
                return Err(Denial::SessionEnded.because("the session is over"));
            }
            if !session.applications.contains_key(application) {
                let detail = format!("the session does not have `{application}`");
                return Err(Denial::WrongApplication.because(detail));
            }
            let (session, application) = (id.clone(), application.clone());
            let event = Event::SessionOpened {
                session,
                application,
                way,
                at,
            };
            Ok(Proposal::of(stream, version, event, at))
        })
        .await?;
    Ok(())
}

impl Control {
    /// A live session as the ledger tells it.
    async fn live_session(&self, id: &SessionId) -> Result<Session, Refusal> {
        self.verified_session(id)
            .await
            .map_err(|refusal| match refusal.denial {
                Denial::NotFound => Denial::SessionEnded.because("the session is over"),
                _ => refusal,
            })
    }
}
