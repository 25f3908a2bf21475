//! What I do with my authenticators: enrol one, or revoke one that I lost.

use axum::extract::Path;
use axum::response::Response;
use locum_control::ask_enrolment::ask_enrolment;
use locum_control::authenticators::authenticators;
use locum_control::revoke_authenticator::revoke_authenticator;
use locum_control::sign_in;
use locum_domain::authenticator::Enrolment;
use locum_domain::event::LoginEndedBecause;
use locum_domain::{Authenticator, AuthenticatorId, Refusal};
use locum_login::local_path;

use super::authenticators::Keys;
use crate::fetched::{self, Fetched};
use crate::pages::refusal::Refused;
use crate::posted::{Fields, Posted};
use crate::signers::signers;
use crate::visitor::{Visitor, named};

/// The reader's own.
pub(super) async fn own(visitor: &Visitor) -> Result<Keys, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let own = authenticators(control, caller, &caller.principal).await?;
    let now = visitor.view.now;
    let waiting = own.asked().iter().filter(|it| it.is_waiting(now));
    let revoked = own.all().filter_map(|(held, revoked)| {
        let name = held.authenticator.name.clone();
        Some((name, revoked?.clone()))
    });
    Ok(Keys {
        held: own.live().cloned().collect(),
        waiting: waiting.map(|it| it.enrolment.clone()).collect(),
        revoked: revoked.collect(),
        signers: signers(visitor, &caller.principal).await?,
    })
}

/// What the browser is asked for to make another passkey.
pub(crate) async fn options(Fetched { visitor, .. }: Fetched) -> Response {
    let asked = async {
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        let own = authenticators(control, caller, &caller.principal).await?;
        let existing = own.live_passkeys().map(|held| held.authenticator.clone());
        let existing: Vec<Authenticator> = existing.collect();
        visitor.to_register(&existing)
    };
    fetched::answer(asked.await)
}

/// Asks that the new passkey count.
pub(crate) async fn register(Posted { visitor, fields }: Posted) -> Response {
    let asked = asked(&visitor, &fields).await;
    let to = asked.map(|_| "/account".to_owned());
    visitor.go(to, Refused::new("enrol this authenticator", "/account"))
}

async fn asked(visitor: &Visitor, fields: &Fields) -> Result<Enrolment, Refusal> {
    let authenticator = match visitor.registered(fields) {
        Ok(authenticator) => authenticator,
        Err(refusal) => return Err(visitor.refused("ask-enrolment", refusal).await),
    };
    let replaces = match fields.one("replaces") {
        Some(id) => Some(named::<AuthenticatorId>(id)?),
        None => None,
    };
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    ask_enrolment(control, caller, &authenticator, replaces.as_ref()).await
}

/// Takes one out of use, and ends every login that it began.
pub(crate) async fn revoke(Path(id): Path<String>, Posted { visitor, fields }: Posted) -> Response {
    let back = local_path(fields.one("back"));
    let revoked = async {
        let id = named::<AuthenticatorId>(&id)?;
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        revoke_authenticator(control, caller, &id, fields.words("reason")).await?;
        for login in visitor.state.logins.end_by_authenticator(&id) {
            // It has ended whether or not that can be recorded.
            let (person, because) = (&login.principal, LoginEndedBecause::Revoked);
            let _ = sign_in::end(control, person, login.id.as_str(), because).await;
        }
        Ok(back.to_owned())
    };
    visitor.go_sure(
        revoked.await,
        Refused::new("revoke this authenticator", back),
    )
}
