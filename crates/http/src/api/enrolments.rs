//! Enrolments: a person's next key, which counts once somebody else has signed that it is theirs.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use locum_api::{
    ApproveEnrolmentBody, EnrolBody, EnrolmentView, FoundingView, InvitationView, InviteBody,
    Listing, ReasonBody,
};
use locum_control::{
    approve_enrolment, ask_enrolment, deny_enrolment, enrolments, founding, invite_to_enrol,
};
use locum_domain::authenticator::Means;
use locum_domain::{Authenticator, AuthenticatorId, Denial, EnrolmentId, PrincipalId, Signature};
use locum_login::Invitation;
use secrecy::ExposeSecret as _;

use super::look::looked;
use super::{key_file, words};
use crate::command::{Asking, Command};
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;
use crate::views;

type Answer = Result<Response, Refused>;

/// The enrolments that wait: the caller's own, and those that the caller may decide. The oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/enrolments",
    tag = "enrolments",
    responses((status = 200, body = Listing<EnrolmentView>, description = "Every one that waits"))
)]
pub(crate) async fn list(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Answer {
    let found = enrolments::waiting(front.control(), &caller).await;
    let found = looked(&front, &caller, found).await?;
    let view = |seen: &enrolments::EnrolmentSeen| {
        EnrolmentView::of(&seen.enrolment, seen.decided.as_ref())
    };
    Ok(query.listing(found.iter().map(view).collect(), None))
}

/// Asks that the key of a file count. It signs for `low` applications and nothing else; passkeys are asked for in
/// the console.
#[utoipa::path(
    post,
    path = "/api/v1/enrolments",
    tag = "enrolments",
    request_body = EnrolBody,
    responses((status = 201, body = EnrolmentView, description = "It waits for somebody else to sign it"))
)]
pub(crate) async fn ask(command: Command) -> Answer {
    let act = "ask-enrolment";
    let body = command.read::<EnrolBody>(act).await?;
    let key = command.typed(act, key_file::public_key(&body)).await?;
    let replaces = body.replaces.as_deref();
    let replaces = replaces.map(|text| words::name::<AuthenticatorId>(text, "/replaces"));
    let replaces = command.typed(act, replaces.transpose()).await?;
    let person = command.caller.principal.clone();
    let authenticator = Authenticator::new(person, body.name, key, Means::KeyFile);
    let control = command.front.control();
    let asked =
        ask_enrolment::ask_enrolment(control, &command.caller, &authenticator, replaces.as_ref());
    let view = EnrolmentView::of(&asked.await?, None);
    Ok((StatusCode::CREATED, Json(view)).into_response())
}

/// Invites somebody who has nothing to sign in with to ask for their first key. Somebody else than whoever invites
/// signs for it.
#[utoipa::path(
    post,
    path = "/api/v1/enrolments/invitations",
    tag = "enrolments",
    request_body = InviteBody,
    responses((status = 201, body = InvitationView, description = "A link that works once, within 24 hours"))
)]
pub(crate) async fn invite(command: Command) -> Answer {
    let act = "invite-to-enrol";
    let body = command.read::<InviteBody>(act).await?;
    let person: PrincipalId = command
        .typed(act, words::name(&body.person, "/person"))
        .await?;
    let (control, caller) = (command.front.control(), &command.caller);
    let good_until = invite_to_enrol::invite_to_enrol(control, caller, &person).await?;
    let invitation = Invitation {
        person: person.clone(),
        by: caller.principal.clone(),
    };
    let code = command.front.given.invitation_codes.make(&invitation);
    let code = code.ok_or_else(|| {
        Denial::RecorderUnavailable.because("no link can be made at the moment; invite again")
    })?;
    let settings = control.settings();
    let issuer = &settings.issuer;
    let view = InvitationView {
        person: person.to_string(),
        link: format!("{issuer}/invitation/{}", code.expose_secret()),
        good_until: good_until.to_string(),
    };
    Ok((StatusCode::CREATED, Json(view)).into_response())
}

/// One enrolment, with what the caller would sign where they may approve it.
#[utoipa::path(
    get,
    path = "/api/v1/enrolments/{id}",
    tag = "enrolments",
    params(("id" = String, Path, description = "The enrolment's id, `enr_…`")),
    responses((status = 200, body = EnrolmentView, description = "The enrolment as it stands"))
)]
pub(crate) async fn show(
    State(front): State<Front>,
    Asking(caller): Asking,
    Path(id): Path<String>,
) -> Answer {
    let control = front.control();
    let seen = match words::id::<EnrolmentId>(&id) {
        Ok(id) => enrolments::enrolment(control, &caller, &id).await,
        Err(refusal) => Err(refusal),
    };
    let seen = looked(&front, &caller, seen).await?;
    let mut view = EnrolmentView::of(&seen.enrolment, seen.decided.as_ref());
    if seen.may_decide.is_ok() {
        let statement = approve_enrolment::statement(control, &caller, &seen.enrolment.id).await;
        view.statement = statement.ok().map(views::statement);
    }
    Ok(Json(view).into_response())
}

/// Lets the key count, by the caller's own signature with a passkey. Its person and their manager are told.
#[utoipa::path(
    post,
    path = "/api/v1/enrolments/{id}/approve",
    tag = "enrolments",
    params(("id" = String, Path, description = "The enrolment's id, `enr_…`")),
    request_body = ApproveEnrolmentBody,
    responses((status = 200, body = EnrolmentView, description = "The key counts from now on"))
)]
pub(crate) async fn approve(Path(id): Path<String>, command: Command) -> Answer {
    let act = "approve-enrolment";
    let id: EnrolmentId = command.typed(act, words::id(&id)).await?;
    let body = command.read::<ApproveEnrolmentBody>(act).await?;
    let signature = command
        .typed(act, Signature::try_from(body.signature))
        .await?;
    let control = command.front.control();
    let found =
        approve_enrolment::approve_enrolment(control, &command.caller, &id, &signature).await?;
    let asked = found.asked().iter().find(|it| it.enrolment.id == id);
    let asked = asked.ok_or_else(|| Denial::NotFound.because("no such enrolment"))?;
    let view = EnrolmentView::of(&asked.enrolment, asked.decided.as_ref());
    Ok(Json(view).into_response())
}

/// Denies somebody's enrolment, or takes back one's own.
#[utoipa::path(
    post,
    path = "/api/v1/enrolments/{id}/deny",
    tag = "enrolments",
    params(("id" = String, Path, description = "The enrolment's id, `enr_…`")),
    request_body = ReasonBody,
    responses((status = 200, body = EnrolmentView, description = "Denied; the key does not count"))
)]
pub(crate) async fn deny(Path(id): Path<String>, command: Command) -> Answer {
    let act = "deny-enrolment";
    let id: EnrolmentId = command.typed(act, words::id(&id)).await?;
    let body = command.read::<ReasonBody>(act).await?;
    let (control, caller) = (command.front.control(), &command.caller);
    deny_enrolment::deny_enrolment(control, caller, &id, &body.reason).await?;
    let seen = enrolments::enrolment(control, caller, &id).await?;
    let view = EnrolmentView::of(&seen.enrolment, seen.decided.as_ref());
    Ok(Json(view).into_response())
}

/// The founding: whose keys everything else is signed under, with the fingerprints that auditors keep.
#[utoipa::path(
    get,
    path = "/api/v1/founding",
    tag = "enrolments",
    responses((status = 200, body = FoundingView, description = "How far it has come"))
)]
pub(crate) async fn founders(State(front): State<Front>, Asking(caller): Asking) -> Answer {
    let found = founding::founding(front.control()).await;
    let found = looked(&front, &caller, found).await?;
    Ok(Json(FoundingView::from(found.as_ref())).into_response())
}
