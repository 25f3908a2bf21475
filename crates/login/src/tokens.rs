//! Development tokens: bearer tokens that stand for people, for development only.

use std::collections::BTreeMap;

use locum_domain::PrincipalId;
use secrecy::{ExposeSecret, SecretString};

use crate::ports::Ports;
use crate::secret::SecretDigest;

/// What the purpose of every bearer token's digest is.
pub(crate) const BEARER: &str = "locum-bearer/v1";

/// Whose bearer token is whose.
#[derive(Debug, Clone, Default)]
pub struct BearerTokens(Vec<(SecretString, PrincipalId)>);

impl BearerTokens {
    /// Nobody's.
    pub fn none() -> Self {
        Self::default()
    }

    /// What is kept of them.
    pub(crate) fn kept(&self, ports: &Ports) -> BTreeMap<SecretDigest, PrincipalId> {
        let tokens = self.0.iter();
        tokens
            .map(|(token, person)| (ports.digest(BEARER, token.expose_secret()), person.clone()))
            .collect()
    }
}

impl<'a> FromIterator<(&'a str, PrincipalId)> for BearerTokens {
    fn from_iter<I: IntoIterator<Item = (&'a str, PrincipalId)>>(tokens: I) -> Self {
        let tokens = tokens.into_iter();
        Self(
            tokens
                .map(|(token, person)| (SecretString::from(token), person))
                .collect(),
        )
    }
}
