//! The token that a form carries to show that our own page sent it.

use crate::secret::SecretDigest;

/// The login's CSRF token: derived from the cookie's secret, so that a page of another site cannot know it and
/// the token says nothing about the cookie.
pub(crate) fn token(secret: &str) -> String {
    SecretDigest::derived("locum-csrf/v1", secret)
}

/// Whether this is that token. Digests are compared, so that the time says nothing about it.
pub(crate) fn is_token(secret: &str, shown: &str) -> bool {
    SecretDigest::of(&token(secret)) == SecretDigest::of(shown)
}
