//! A grant for an access token to one application (RFC 8693).

use locum_control::open_application::enter;
use locum_control::{Caller, read as reading};
use locum_domain::event::Way;
use locum_domain::{ApplicationId, Denial, Refusal, Session, SessionId, Stream, Timestamp};
use locum_token::exchange::{ExchangeAnswer, ExchangeRequest, OAuthError};
use locum_token::{AccessToken, AccessTokenInput, Expected, GrantToken, Scope};

use super::answer::{Unanswered, of_refusal};
use super::client::{self, LEEWAY_SECONDS};
use crate::sender::Sender;
use crate::state::Front;

/// Exchanges a grant token for an access token that works at one application's address.
pub(crate) async fn exchange(
    front: &Front,
    request: &ExchangeRequest,
    sender: Sender,
    now: Timestamp,
) -> Result<ExchangeAnswer, Unanswered> {
    let control = front.control();
    let caller = client::actor(front, request, sender, now).await?;
    let grant = granted(front, &caller, request, now).await?;
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
            Err(refuse(front, &caller, &about, refusal).await.into())
        }
    }
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
    let settings = control.settings();
    let issuer = settings.issuer.as_str();
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
