//! Development tokens: bearer tokens that stand for people, for development only.

use std::collections::BTreeMap;

use locum_domain::PrincipalId;

use crate::secret::SecretDigest;

/// Whose bearer token is whose. Holds no token.
#[derive(Debug, Clone, Default)]
pub struct BearerTokens(BTreeMap<SecretDigest, PrincipalId>);

impl BearerTokens {
    /// Nobody's.
    pub fn none() -> Self {
        Self::default()
    }

    /// The person who shows this token.
    pub fn principal(&self, token: &str) -> Option<&PrincipalId> {
        self.0.get(&SecretDigest::of(token))
    }
}

impl<'a> FromIterator<(&'a str, PrincipalId)> for BearerTokens {
    fn from_iter<I: IntoIterator<Item = (&'a str, PrincipalId)>>(tokens: I) -> Self {
        let tokens = tokens.into_iter();
        Self(
            tokens
                .map(|(token, person)| (SecretDigest::of(token), person))
                .collect(),
        )
    }
}
