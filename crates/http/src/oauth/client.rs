//! Who exchanges a grant: a program with its key, or a person whose token travels along.

use locum_control::{Caller, Door};
use locum_domain::{PrincipalId, Timestamp};
use locum_token::exchange::{ClientCredential, ExchangeRequest, OAuthError, OAuthErrorCode};
use locum_token::{ClientAssertion, JwkSet};

use super::replay::Use;
use crate::guard::LISTENER;
use crate::state::Front;

/// How far clocks may differ, in seconds.
pub(crate) const LEEWAY_SECONDS: u8 = 5;

/// The authenticated actor.
pub(crate) fn actor(
    front: &Front,
    request: &ExchangeRequest,
    now: Timestamp,
) -> Result<Caller, OAuthError> {
    let principal = match (&request.client, &request.actor_token) {
        (Some(credential), None) => client(front, credential, now),
        (None, Some(token)) => person(front, token),
        (Some(_), Some(_)) => {
            let detail = "either a client proves who it is, or a person's token is the actor";
            Err(OAuthError::new(OAuthErrorCode::InvalidRequest, detail))
        }
        (None, None) => Err(not_proved("nothing says who is asking")),
    };
    let principal = principal.inspect_err(|_| {
        front.given.strangers.refused(LISTENER, "invalid-client");
    })?;
    Ok(Caller::new(principal, Door::Token))
}

fn not_proved(detail: impl Into<String>) -> OAuthError {
    OAuthError::new(OAuthErrorCode::InvalidClient, detail)
}

fn person(front: &Front, token: &str) -> Result<PrincipalId, OAuthError> {
    let person = front.given.logins.principal_of_token(token);
    let in_force = front.control().in_force();
    let person = person.filter(|id| {
        let principal = in_force.catalog.principal(id);
        principal.is_some_and(|principal| principal.is_active())
    });
    person.ok_or_else(|| {
        let detail = "`actor_token` is nobody's";
        OAuthError::new(OAuthErrorCode::InvalidRequest, detail)
    })
}

fn client(
    front: &Front,
    credential: &ClientCredential,
    now: Timestamp,
) -> Result<PrincipalId, OAuthError> {
    let refused = |error: &dyn std::fmt::Display| not_proved(format!("the assertion: {error}"));
    let claimed = ClientAssertion::claimed_client_id(&credential.assertion)
        .map_err(|error| refused(&error))?;
    if credential
        .client_id
        .as_ref()
        .is_some_and(|id| *id != claimed)
    {
        return Err(not_proved("`client_id` is not the assertion's subject"));
    }
    let unknown = || not_proved("no such client has a key here");
    let id: PrincipalId = claimed.parse().map_err(|_| unknown())?;
    let in_force = front.control().in_force();
    let agent = in_force.catalog.agents.get(&id);
    let agent = agent.filter(|agent| agent.is_active).ok_or_else(unknown)?;
    let keys = agent.public_key.as_deref().ok_or_else(unknown)?;
    let keys = JwkSet::from_operator(keys).map_err(|_| unknown())?;
    let issuer = &front.control().settings().issuer;
    let endpoint = super::metadata::token_endpoint(issuer);
    let assertion = ClientAssertion::verify(
        &credential.assertion,
        &claimed,
        &keys,
        [issuer, &endpoint],
        now,
        LEEWAY_SECONDS,
    )
    .map_err(|error| refused(&error))?;
    match front.replays.take(&assertion, now) {
        Use::First => Ok(id),
        Use::Again => Err(not_proved("this assertion was used before")),
        Use::Full => {
            let detail = "too many assertions are in use";
            Err(OAuthError::new(
                OAuthErrorCode::TemporarilyUnavailable,
                detail,
            ))
        }
    }
}
