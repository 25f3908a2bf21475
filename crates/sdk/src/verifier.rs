//! The check itself. It reads no clock and fetches nothing.

use std::sync::{Arc, PoisonError, RwLock};

use http::{HeaderMap, HeaderName};
use jiff::Timestamp;
use locum_token::{Assertion, Expected, JwkSet, TokenError};

use crate::impersonation::Impersonation;

/// Clocks of two machines that are looked after differ by less.
const LEEWAY_SECONDS: u8 = 5;

/// Checks assertions for one application.
#[derive(Debug)]
pub struct Verifier {
    issuer: String,
    audience: String,
    leeway_seconds: u8,
    keys: RwLock<Arc<JwkSet>>,
}

/// Why a request is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Rejection {
    /// The header is absent: the request did not come through the gateway.
    #[error("no assertion")]
    Missing,
    /// The header came twice, so one of them was not the gateway's.
    #[error("more than one assertion")]
    Repeated,
    /// The header's value is not an acceptable assertion.
    #[error("assertion refused")]
    Refused(#[from] TokenError),
}

impl Rejection {
    /// A stable word for logs and answers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Repeated => "repeated",
            Self::Refused(error) => error.code(),
        }
    }
}

impl Verifier {
    /// A verifier for the application whose `assertion.audience` in Locum's catalog is `audience`,
    /// trusting `keys` of `issuer`.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, keys: JwkSet) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            leeway_seconds: LEEWAY_SECONDS,
            keys: RwLock::new(Arc::new(keys)),
        }
    }

    /// The same with another leeway between the two clocks.
    #[must_use]
    pub fn with_leeway_seconds(mut self, leeway_seconds: u8) -> Self {
        self.leeway_seconds = leeway_seconds;
        self
    }

    /// Trusts `keys` from now on, and no others. For whoever fetches the issuer's keys again.
    pub fn replace_keys(&self, keys: JwkSet) {
        let mut held = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::new(keys);
    }

    /// Checks the value of the header. [`TokenError::UnknownKey`] can mean that the issuer has
    /// rotated its keys.
    pub fn verify(&self, value: &str, now: Timestamp) -> Result<Impersonation, Rejection> {
        let keys = Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner));
        let expected = Expected {
            issuer: &self.issuer,
            audience: &self.audience,
            now,
            leeway_seconds: self.leeway_seconds,
        };
        let assertion = Assertion::verify(value, &keys, &expected)?;
        let beyond_time = |_| TokenError::Life {
            longest: Assertion::LONGEST_SECONDS,
        };
        Ok(Impersonation::of(assertion).map_err(beyond_time)?)
    }

    /// Finds the one header called `name` and checks it.
    pub fn verify_headers(
        &self,
        headers: &HeaderMap,
        name: &HeaderName,
        now: Timestamp,
    ) -> Result<Impersonation, Rejection> {
        let mut values = headers.get_all(name).iter();
        let value = values.next().ok_or(Rejection::Missing)?;
        if values.next().is_some() {
            return Err(Rejection::Repeated);
        }
        let text = value.to_str().map_err(|_| TokenError::Shape)?;
        self.verify(text, now)
    }
}
