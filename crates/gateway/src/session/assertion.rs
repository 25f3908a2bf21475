//! The assertion of a session in one application: signed once a minute, never for a request.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use jiff::Timestamp;
use locum_token::{Actor, ActorProfile, Assertion, AssertionInput, IssueError, LocumClaims, Scope};

use super::{LiveApplication, LiveSession};
use crate::ports::Random;
use crate::site::Site;

/// A new one is signed after this, so that what an application receives has 15 seconds left.
const RENEW_AFTER_SECONDS: i64 = 45;

/// An assertion in use.
pub(crate) struct CurrentAssertion {
    pub(crate) header: HeaderValue,
    pub(crate) id: String,
    issued_at: i64,
    expires_at: i64,
    session_ends_at: Timestamp,
    key: String,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AssertionError {
    #[error("an assertion could not be issued")]
    Issue(#[from] IssueError),
    #[error("an operation's id cannot stand in a scope")]
    Scope(#[from] locum_token::ScopeError),
    #[error("`{0}` is no kind of actor")]
    Actor(String),
    #[error("no random bytes")]
    Random,
    #[error("the assertion cannot stand in a header")]
    Header,
}

impl CurrentAssertion {
    fn serves(&self, now: i64, session_ends_at: Timestamp, key: &str) -> bool {
        now < self.expires_at
            && now >= self.issued_at
            && now.saturating_sub(self.issued_at) < RENEW_AFTER_SECONDS
            && self.session_ends_at == session_ends_at
            && self.key == key
    }

    /// The assertion for now: the one in use, or a fresh one.
    pub(crate) fn of(
        session: &LiveSession,
        application: &LiveApplication,
        site: &Site,
        issuer: &str,
        now: Timestamp,
        random: &Random,
    ) -> Result<Arc<Self>, AssertionError> {
        let ends_at = session.end_by().at;
        let current = application.assertion.load();
        if let Some(current) = current.as_ref()
            && current.serves(now.as_second(), ends_at, site.key.kid())
        {
            return Ok(current.clone());
        }
        let fresh = Arc::new(Self::issue(
            session,
            application,
            site,
            issuer,
            now,
            random,
        )?);
        application.assertion.store(Some(fresh.clone()));
        if session.ended().is_some() {
            application.clear();
        }
        Ok(fresh)
    }

    fn issue(
        session: &LiveSession,
        application: &LiveApplication,
        site: &Site,
        issuer: &str,
        now: Timestamp,
        random: &Random,
    ) -> Result<Self, AssertionError> {
        let facts = &session.facts;
        let profile = match facts.actor_profile.as_str() {
            "user" => ActorProfile::User,
            "service" => ActorProfile::Service,
            "ai_agent" => ActorProfile::AiAgent,
            other => return Err(AssertionError::Actor(other.to_owned())),
        };
        let mut id = [0; 16];
        random.fill(&mut id).map_err(|_| AssertionError::Random)?;
        let ends_at = session.end_by().at;
        let input = AssertionInput {
            issuer: issuer.to_owned(),
            audience: site.audience.clone(),
            subject: application.subject.clone(),
            actor: Actor::new(issuer, facts.actor.as_str(), profile),
            client_id: issuer.to_owned(),
            scope: Scope::of(application.operations.iter().map(|it| it.as_str()))?,
            session: facts.id.to_string(),
            access_event: facts.event.to_string(),
            assertion_id: URL_SAFE_NO_PAD.encode(id),
            confirmation: None,
            locum: LocumClaims {
                case: facts.case.to_string(),
                grant: facts.grant.to_string(),
                mode: application.mode(site).to_owned(),
                break_glass: facts.break_glass,
                activation: facts.activation,
            },
            session_ends_at: ends_at,
        };
        let (token, claims) = Assertion::issue(input, now, &site.key, random.as_ref())?;
        let mut header = HeaderValue::try_from(token).map_err(|_| AssertionError::Header)?;
        header.set_sensitive(true);
        Ok(Self {
            header,
            id: claims.jti,
            issued_at: claims.iat,
            expires_at: claims.exp,
            session_ends_at: ends_at,
            key: site.key.kid().to_owned(),
        })
    }
}
