//! `POST /oauth2/token`: a grant for an access token to one application (RFC 8693).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use locum_control::open_application::enter;
use locum_control::{Caller, read as reading};
use locum_domain::event::Way;
use locum_domain::{ApplicationId, Denial, Refusal, Session, SessionId, Stream, Timestamp};
use locum_token::exchange::{
    ExchangeAnswer, ExchangeRequest, OAuthError, OAuthErrorCode, parse_exchange,
};
use locum_token::{AccessToken, AccessTokenInput, Expected, GrantToken, Scope};

use super::answer::{self, of_refusal};
use super::client::{self, LEEWAY_SECONDS};
use super::form::ExchangeForm;
use crate::payload;
use crate::refused::Refused;
use crate::state::Front;

/// Exchanges a grant token for an access token that works at one application's address.
#[utoipa::path(
    post,
    path = "/oauth2/token",
    tag = "oauth",
    request_body(content = ExchangeForm, content_type = "application/x-www-form-urlencoded", description = "RFC 8693 token exchange"),
    responses(
        (status = 200, body = Object, description = "The access token (RFC 8693, section 2.2.1)"),
        (status = 400, body = Object, description = "An OAuth error (RFC 6749, section 5.2)"),
        (status = 401, body = Object, description = "`invalid_client`"),
        (status = 405, body = Object, description = "Only POST, and `Allow` says so"),
        (status = 408, body = Object, description = "The body took longer than 30 seconds"),
        (status = 413, body = Object, description = "The body is larger than 256 KiB"),
        (status = 503, body = Object, description = "`temporarily_unavailable`"),
    )
)]
pub(crate) async fn token(
    State(front): State<Front>,
    request: Request,
) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let body = payload::of_anybody(body).await?;
    let headers = parts.headers;
    let is_form = is_form(&headers);
    // Runs to its end even when the client goes away: what is recorded as entered was entered.
    let exchange = tokio::spawn(async move { exchange(&front, is_form, &body).await });
    Ok(match exchange.await {
        Ok(Ok(token)) => answer::json(token),
        Ok(Err(error)) if error.code == OAuthErrorCode::InvalidClient => {
            answer::challenged(answer::error(&error), &headers)
        }
        Ok(Err(error)) => answer::error(&error),
        Err(error) => {
            tracing::error!(%error, "a token exchange broke off");
            answer::error(&unavailable())
        }
    })
}

fn unavailable() -> OAuthError {
    let detail = "the server cannot answer now";
    OAuthError::new(OAuthErrorCode::TemporarilyUnavailable, detail)
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

async fn exchange(front: &Front, is_form: bool, body: &[u8]) -> Result<ExchangeAnswer, OAuthError> {
    let request =
        read(is_form, body).inspect_err(|_| front.stranger_refused("invalid-exchange"))?;
    let control = front.control();
    let now = control.now().map_err(|refusal| of_refusal(&refusal))?;
    let caller = client::actor(front, &request, now).await?;
    let grant = granted(front, &caller, &request, now).await?;
    let session = session_of(front, &caller, &grant).await?;
    let application = application_for(front, &caller, &session, &request.audience).await?;
    let way = Way::AccessToken;
    enter(control, &caller, &session.id, &application, way)
        .await
        .map_err(|refusal| of_refusal(&refusal))?;
    match issue(front, &caller, grant, &session, &application, now) {
        Ok(answer) => Ok(answer),
        Err(refusal) => {
            let about = Stream::Session(session.id.clone());
            Err(refuse(front, &caller, &about, refusal).await)
        }
    }
}

fn read(is_form: bool, body: &[u8]) -> Result<ExchangeRequest, OAuthError> {
    if is_form {
        return parse_exchange(body);
    }
    let detail = "the body must be `application/x-www-form-urlencoded`";
    Err(OAuthError::new(OAuthErrorCode::InvalidRequest, detail))
}

/// Records what a known principal is refused.
async fn refuse(front: &Front, caller: &Caller, about: &Stream, refusal: Refusal) -> OAuthError {
    let control = front.control();
    of_refusal(&control.refused(caller, "exchange", about, refusal).await)
}

/// The verified grant token, which must be the caller's own.
async fn granted(
    front: &Front,
    caller: &Caller,
    request: &ExchangeRequest,
    now: Timestamp,
) -> Result<GrantToken, OAuthError> {
    let control = front.control();
    let issuer = control.settings().issuer.as_str();
    let keys = control.grant_verifiers(now);
    let expected = Expected {
        issuer,
        audience: issuer,
        now,
        leeway_seconds: LEEWAY_SECONDS,
    };
    let about = Stream::Principal(caller.principal.clone());
    let why = match GrantToken::verify(&request.subject_token, &keys, &expected) {
        Ok(grant) if grant.act.sub == caller.principal.as_str() => return Ok(grant),
        Ok(_) => Denial::NotEligible.because("only the actor exchanges a grant"),
        Err(error) => Denial::SessionEnded.because(format!("the grant token: {error}")),
    };
    Err(refuse(front, caller, &about, why).await)
}

async fn session_of(
    front: &Front,
    caller: &Caller,
    grant: &GrantToken,
) -> Result<Session, OAuthError> {
    let about = Stream::Principal(caller.principal.clone());
    let session = match grant.sid.parse::<SessionId>() {
        Ok(id) => reading::session(front.control(), caller, &id).await,
        Err(_) => Err(Denial::SessionEnded.because("the session is over")),
    };
    match session {
        Ok(session) => Ok(session),
        Err(refusal) => Err(refuse(front, caller, &about, refusal).await),
    }
}

/// The one application of the session with this audience.
async fn application_for(
    front: &Front,
    caller: &Caller,
    session: &Session,
    audience: &str,
) -> Result<ApplicationId, OAuthError> {
    let in_force = front.control().in_force();
    let mut meant = session.applications.keys().filter(|id| {
        let application = in_force.catalog.applications.get(*id);
        application.is_some_and(|application| application.identity.audience == audience)
    });
    if let (Some(application), None) = (meant.next(), meant.next()) {
        return Ok(application.clone());
    }
    let refusal =
        Denial::WrongApplication.because("the session has no application of this audience");
    let about = Stream::Session(session.id.clone());
    Err(refuse(front, caller, &about, refusal).await)
}

fn issue(
    front: &Front,
    caller: &Caller,
    grant: GrantToken,
    session: &Session,
    application: &ApplicationId,
    now: Timestamp,
) -> Result<ExchangeAnswer, Refusal> {
    let unmade = || Denial::RecorderUnavailable.because("no token can be made at the moment");
    let (control, oauth) = (front.control(), &front.given.oauth);
    let here = session.applications.get(application).ok_or_else(unmade)?;
    let base_url = control.data_plane().base_url(application).ok_or_else(|| {
        Denial::WrongApplication.because("the application is not served here any more")
    })?;
    let mut token_id = [0; 16];
    oauth.random.fill(&mut token_id).map_err(|_| unmade())?;
    let operations = here.operations.iter().map(|operation| operation.as_str());
    let input = AccessTokenInput {
        issuer: control.settings().issuer.clone(),
        base_url,
        subject: here.subject.clone(),
        client_id: caller.principal.to_string(),
        actor: grant.act,
        scope: Scope::of(operations).map_err(|_| unmade())?,
        session: session.id.to_string(),
        token_id: hex::encode(token_id),
        confirmation: None,
        session_ends_at: session.end_by,
    };
    let (token, claims) =
        AccessToken::issue(input, now, &control.access_token_key(), &*oauth.random).map_err(
            |error| {
                tracing::warn!(%error, "no access token was made");
                Denial::SessionEnded.because("the session has no time left")
            },
        )?;
    let (seconds, scope) = (claims.expires_in_seconds(), claims.scope.to_string());
    Ok(ExchangeAnswer::bearer(token, seconds, scope))
}
