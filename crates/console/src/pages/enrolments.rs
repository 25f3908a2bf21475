//! Signing for other people's authenticators.

use axum::extract::Path;
use axum::response::Response;
use locum_control::approve_enrolment::{self, approve_enrolment};
use locum_control::authenticators::authenticators;
use locum_control::deny_enrolment::deny_enrolment;
use locum_control::enrolments;
use locum_control::invite_to_enrol::could_be_invited;
use locum_domain::{Denial, EnrolmentId, Refusal};
use locum_login::local_path;

use super::enrolment::{Standing, whole};
use super::enrolment_list::list;
use super::refusal::Refused;
use crate::ceremony::{self, ToSign};
use crate::fetched::{self, Fetched};
use crate::page::Page;
use crate::posted::Posted;
use crate::signers::signers;
use crate::visitor::{Visitor, named};

/// `/enrolments`
pub(crate) async fn show_all(visitor: Visitor) -> Response {
    let page = all(&visitor).await;
    visitor.show(page, Refused::new("see the enrolments", "/"))
}

async fn all(visitor: &Visitor) -> Result<Page, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let waiting = enrolments::waiting(control, caller).await?;
    let invitable = could_be_invited(control, caller).await?;
    Ok(list(&visitor.view, &waiting, &invitable))
}

/// `/enrolments/{id}`
pub(crate) async fn show(visitor: Visitor, Path(id): Path<String>) -> Response {
    let page = page(&visitor, &id).await;
    visitor.show(page, Refused::new("see this enrolment", "/enrolments"))
}

async fn page(visitor: &Visitor, id: &str) -> Result<Page, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let seen = enrolments::enrolment(control, caller, &named::<EnrolmentId>(id)?).await?;
    let own = authenticators(control, caller, &caller.principal).await?;
    let signers = signers(visitor, &seen.enrolment.authenticator.person).await?;
    let standing = Standing {
        seen: &seen,
        has_passkey: own.live_passkeys().next().is_some(),
        signers: &signers,
    };
    Ok(whole(&visitor.view, &standing))
}

/// What is signed.
pub(crate) async fn statement(
    Path(id): Path<String>,
    Fetched { visitor, .. }: Fetched,
) -> Response {
    let asked = async {
        let id = named::<EnrolmentId>(&id)?;
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        ToSign::of(approve_enrolment::statement(control, caller, &id).await?)
    };
    fetched::answer(asked.await)
}

/// Yes, signed.
pub(crate) async fn approve(
    Path(id): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Response {
    let approved = async {
        let id = named::<EnrolmentId>(&id)?;
        if !fields.is_ticked("checked") {
            let detail = "say that you spoke to the person and compared the fingerprint";
            return Err(Denial::Malformed.because(detail).at("/checked"));
        }
        let signature = ceremony::signature(&fields)?;
        approve_enrolment(&visitor.state.control, &visitor.caller, &id, &signature).await
    };
    let to = approved.await.map(|_| "/enrolments".to_owned());
    visitor.go(to, Refused::new("sign this enrolment", &back(&id)))
}

/// No; or its person takes it back.
pub(crate) async fn deny(Path(id): Path<String>, Posted { visitor, fields }: Posted) -> Response {
    let denied = async {
        let id = named::<EnrolmentId>(&id)?;
        let reason = fields.words("reason");
        deny_enrolment(&visitor.state.control, &visitor.caller, &id, reason).await
    };
    let onward = fields
        .one("back")
        .map_or("/enrolments", |it| local_path(Some(it)));
    let to = denied.await.map(|()| onward.to_owned());
    visitor.go(to, Refused::new("deny this enrolment", &back(&id)))
}

/// The enrolment's page, if the path names one.
fn back(id: &str) -> String {
    match id.parse::<EnrolmentId>() {
        Ok(id) => format!("/enrolments/{id}"),
        Err(_) => "/enrolments".to_owned(),
    }
}
