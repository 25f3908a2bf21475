//! Who exchanges a grant: a program with its key, or a person whose token travels along.

use locum_control::{Caller, Door};
use locum_domain::{Denial, PrincipalId, Stream, Timestamp};
use locum_token::exchange::{ClientCredential, ExchangeRequest, OAuthError, OAuthErrorCode};
use locum_token::{ClientAssertion, JwkSet};

use super::answer::of_refusal;
use super::replay::Use;
use crate::state::Front;

/// How far clocks may differ, in seconds.
pub(crate) const LEEWAY_SECONDS: u8 = 5;

/// Why nobody is the actor, and who it would be when that is known.
struct Unproved {
    error: OAuthError,
    known: Option<PrincipalId>,
}

impl From<OAuthError> for Unproved {
    fn from(error: OAuthError) -> Self {
        Self { error, known: None }
    }
}

/// The authenticated actor. A stranger's refusal is counted, and that of somebody we know recorded.
pub(crate) async fn actor(
    front: &Front,
    request: &ExchangeRequest,
    now: Timestamp,
) -> Result<Caller, OAuthError> {
    let proved = match (&request.client, &request.actor_token) {
        (Some(credential), None) => client(front, credential, now),
        (None, Some(token)) => person(front, token),
        (Some(_), Some(_)) => {
            let detail = "either a client proves who it is, or a person's token is the actor";
            Err(OAuthError::new(OAuthErrorCode::InvalidRequest, detail).into())
        }
        (None, None) => Err(not_proved("nothing says who is asking").into()),
    };
    let Unproved { error, known } = match proved {
        Ok(principal) => return Ok(Caller::new(principal, Door::Token)),
        Err(unproved) => unproved,
    };
    let Some(principal) = known else {
        front.stranger_refused("invalid-client");
        return Err(error);
    };
    let about = Stream::Principal(principal.clone());
    let caller = Caller::new(principal, Door::Token);
    let refusal = Denial::NotEligible.because(error.description.clone());
    let control = front.control();
    let refusal = control.refused(&caller, "exchange", &about, refusal).await;
    Err(match refusal.denial {
        Denial::NotEligible => error,
        _ => of_refusal(&refusal),
    })
}

fn not_proved(detail: impl Into<String>) -> OAuthError {
    OAuthError::new(OAuthErrorCode::InvalidClient, detail)
}

fn person(front: &Front, token: &str) -> Result<PrincipalId, Unproved> {
    let unacceptable = |detail: &str| OAuthError::new(OAuthErrorCode::InvalidRequest, detail);
    let person = front.given.logins.signed_in_by_token(token);
    let person = person.map_err(|_| unacceptable("`actor_token` is nobody's"))?;
    let person = person.principal;
    let in_force = front.control().in_force();
    let principal = in_force.catalog.principal(&person);
    if principal.is_some_and(|principal| principal.is_active()) {
        return Ok(person);
    }
    Err(Unproved {
        error: unacceptable("whose `actor_token` this is works here no more"),
        known: Some(person),
    })
}

fn client(
    front: &Front,
    credential: &ClientCredential,
    now: Timestamp,
) -> Result<PrincipalId, Unproved> {
    let refused = |error: &dyn std::fmt::Display| not_proved(format!("the assertion: {error}"));
    let claimed = ClientAssertion::claimed_client_id(&credential.assertion)
        .map_err(|error| refused(&error))?;
    if credential
        .client_id
        .as_ref()
        .is_some_and(|id| *id != claimed)
    {
        return Err(not_proved("`client_id` is not the assertion's subject").into());
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
    let error = match front.replays.take(&assertion, now) {
        Use::First => return Ok(id),
        Use::Again => not_proved("this assertion was used before"),
        Use::Full => {
            let detail = "too many of your assertions are in use";
            OAuthError::new(OAuthErrorCode::TemporarilyUnavailable, detail)
        }
    };
    Err(Unproved {
        error,
        known: Some(id),
    })
}
