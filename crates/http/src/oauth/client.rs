//! Who exchanges a grant: a program with its key, or a person whose token travels along.

use locum_control::{Assurance, Caller, Door};
use locum_domain::{Denial, PrincipalId, Stream, Timestamp};
use locum_login::attempts::Attempt;
use locum_token::exchange::{ClientCredential, ExchangeRequest, OAuthError, OAuthErrorCode};
use locum_token::{ClientAssertion, JwkSet, jws};

use super::answer::{Unanswered, nested, of_refusal};
use super::replay::Use;
use crate::impersonated::Impersonated;
use crate::sender::Sender;
use crate::state::Front;

/// How far clocks may differ, in seconds.
pub(crate) const LEEWAY_SECONDS: u8 = 5;

/// Why nobody is the actor, and who it would be when that is known.
struct Unproved {
    error: Unanswered,
    known: Option<PrincipalId>,
}

impl<E: Into<Unanswered>> From<E> for Unproved {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            known: None,
        }
    }
}

/// The authenticated actor of an exchange.
pub(crate) async fn actor(
    front: &Front,
    request: &ExchangeRequest,
    sender: Sender,
    now: Timestamp,
) -> Result<Caller, Unanswered> {
    if let Some(token) = &request.actor_token {
        not_nested(front, token).await?;
    }
    if let Some(credential) = &request.client {
        not_nested(front, &credential.assertion).await?;
    }
    let proved = match (&request.client, &request.actor_token) {
        (Some(credential), None) => client(front, credential, sender, now),
        (None, Some(token)) => person(front, token, sender),
        (Some(_), Some(_)) => {
            let detail = "either a client proves who it is, or a person's token is the actor";
            Err(OAuthError::new(OAuthErrorCode::InvalidRequest, detail).into())
        }
        (None, None) => Err(not_proved("nothing says who is asking").into()),
    };
    known_or_refused(front, "exchange", proved).await
}

/// Refuses what says that its bearer acts as somebody: nobody begins a session from inside another (R20). A session of
/// ours has it on its record; what others signed, or nobody, is a stranger's.
async fn not_nested(front: &Front, token: &str) -> Result<(), Unanswered> {
    if let Some(session) = Impersonated::of(front.control(), token) {
        return Err(nested(
            &session.refused(front, Door::Token, "exchange").await,
        ));
    }
    if jws::names_an_actor(token) {
        let detail = "whoever acts as somebody is no actor here";
        let refused = nested(&Denial::NestedSession.because(detail));
        front.stranger_refused(refused.counted_as());
        return Err(refused);
    }
    Ok(())
}

/// The program that proved who it is.
pub(crate) async fn program(
    front: &Front,
    credential: Option<&ClientCredential>,
    sender: Sender,
    now: Timestamp,
) -> Result<Caller, Unanswered> {
    if let Some(credential) = credential {
        not_nested(front, &credential.assertion).await?;
    }
    let proved = match credential {
        Some(credential) => client(front, credential, sender, now),
        None => Err(not_proved("a client proves who it is by `private_key_jwt`").into()),
    };
    known_or_refused(front, "sign-in", proved).await
}

/// A stranger's refusal is counted, and that of somebody we know recorded.
async fn known_or_refused(
    front: &Front,
    act: &'static str,
    proved: Result<Caller, Unproved>,
) -> Result<Caller, Unanswered> {
    let Unproved { error, known } = match proved {
        Ok(caller) => return Ok(caller),
        Err(unproved) => unproved,
    };
    let (Some(principal), Unanswered::Refused(said)) = (known, &error) else {
        front.stranger_refused(error.counted_as());
        return Err(error);
    };
    let about = Stream::Principal(principal.clone());
    let caller = Caller::new(principal, Door::Token);
    let refusal = Denial::NotEligible.because(said.description.clone());
    let control = front.control();
    let refusal = control.refused(&caller, act, &about, refusal).await;
    Err(match refusal.denial {
        Denial::NotEligible => error,
        _ => of_refusal(&refusal).into(),
    })
}

fn not_proved(detail: impl Into<String>) -> OAuthError {
    OAuthError::new(OAuthErrorCode::InvalidClient, detail)
}

/// The person whose token came along, as sure as the login is that it shows.
fn person(front: &Front, token: &str, sender: Sender) -> Result<Caller, Unproved> {
    let unacceptable = |detail: &str| OAuthError::new(OAuthErrorCode::InvalidRequest, detail);
    let Ok(signed_in) = front.given.logins.signed_in_by_token(token) else {
        front.counted(Attempt::BearerToken, sender, None)?;
        return Err(unacceptable("`actor_token` is nobody's").into());
    };
    let caller = Caller {
        door: Door::Token,
        ..signed_in.caller()
    };
    let in_force = front.control().in_force();
    let principal = in_force.catalog.principal(&caller.principal);
    if principal.is_some_and(|principal| principal.is_active()) {
        return Ok(caller);
    }
    Err(Unproved {
        error: unacceptable("whose `actor_token` this is works here no more").into(),
        known: Some(caller.principal),
    })
}

/// The client whose key signed the assertion. One that does not verify is counted, from its address and on the
/// client it names.
fn client(
    front: &Front,
    credential: &ClientCredential,
    sender: Sender,
    now: Timestamp,
) -> Result<Caller, Unproved> {
    let (id, assertion) = match verified(front, credential, now) {
        Ok(verified) => verified,
        Err(error) => {
            let named = ClientAssertion::claimed_client_id(&credential.assertion).ok();
            front.counted(Attempt::ClientAssertion, sender, named.as_deref())?;
            return Err(error.into());
        }
    };
    let error = match front.replays.take(&assertion, now) {
        Use::First => {
            let caller = Caller::new(id, Door::Token);
            return Ok(caller.with_assurance(Assurance::SteppedUp));
        }
        Use::Again => not_proved("this assertion was used before"),
        Use::Full => {
            let detail = "too many of your assertions are in use";
            OAuthError::new(OAuthErrorCode::TemporarilyUnavailable, detail)
        }
    };
    Err(Unproved {
        error: error.into(),
        known: Some(id),
    })
}

fn verified(
    front: &Front,
    credential: &ClientCredential,
    now: Timestamp,
) -> Result<(PrincipalId, ClientAssertion), OAuthError> {
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
    let settings = front.control().settings();
    let issuer = &settings.issuer;
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
    Ok((id, assertion))
}
