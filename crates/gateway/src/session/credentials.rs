//! Cookies and access tokens, by digest: what the gateway keeps cannot be used by whoever reads its memory.

use std::sync::Arc;

use locum_domain::ApplicationId;
use sha2::{Digest as _, Sha256};

use super::{LiveSession, Opened};

/// SHA-256 of a credential.
pub(crate) type CredentialDigest = [u8; 32];

/// The digest of a credential as it was shown.
pub(crate) fn digest(shown: &[u8]) -> CredentialDigest {
    Sha256::digest(shown).into()
}

/// What a credential opens: one application of one session.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) session: Arc<LiveSession>,
    pub(crate) application: ApplicationId,
    /// An access token's own, narrower scope and when it is over (seconds since 1970).
    pub(crate) token: Option<(Arc<Opened>, i64)>,
}

/// Everything that was handed out or verified.
#[derive(Default)]
pub(crate) struct Credentials {
    cookies: papaya::HashMap<CredentialDigest, Shown>,
    tokens: papaya::HashMap<CredentialDigest, Shown>,
}

impl Credentials {
    pub(crate) fn cookie(&self, digest: &CredentialDigest) -> Option<Shown> {
        self.cookies.pin().get(digest).cloned()
    }

    pub(crate) fn token(&self, digest: &CredentialDigest) -> Option<Shown> {
        self.tokens.pin().get(digest).cloned()
    }

    pub(crate) fn keep_cookie(&self, digest: CredentialDigest, shown: Shown) {
        shown.session.remember_cookie(digest);
        self.cookies.pin().insert(digest, shown);
    }

    pub(crate) fn keep_token(&self, digest: CredentialDigest, shown: Shown) {
        self.tokens.pin().insert(digest, shown);
    }

    /// Forgets verified tokens, so that each is compiled against new tables at its next use.
    pub(crate) fn clear_tokens(&self) {
        self.tokens.pin().clear();
    }

    /// Forgets tokens that are over. They are verified again, and refused, if they come back.
    pub(crate) fn clear_old_tokens(&self, now_seconds: i64) {
        self.tokens.pin().retain(|_, shown| {
            shown
                .token
                .as_ref()
                .is_some_and(|(_, exp)| *exp > now_seconds)
        });
    }

    /// Forgets the cookies of a session; they stop saying why it ended. Its tokens are long over.
    pub(crate) fn forget(&self, session: &LiveSession) {
        let cookies = self.cookies.pin();
        for digest in session.cookies() {
            cookies.remove(&digest);
        }
    }
}
