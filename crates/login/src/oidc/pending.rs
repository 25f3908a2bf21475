//! Sign-ins that were begun and not finished, each bound to the browser it was begun in.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::failure::ProviderFailure;
use crate::cookie::SIGN_IN;
use crate::login::LoginId;
use crate::ports::Ports;
use crate::return_path::local_path;
use crate::secret::SecretDigest;

/// How long somebody may take at the provider.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);
/// Most sign-ins under way; the oldest gives way.
const MOST: usize = 10_000;

/// What somebody wants from the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// To sign in, and to go on to this local path.
    SignIn { to: String },
    /// To prove themselves again within this login, and to go on to this local path.
    StepUp { login: LoginId, to: String },
}

impl Wish {
    /// The same, leading nowhere but to our own pages.
    fn kept_here(self) -> Self {
        let here = |to: String| local_path(Some(&to)).to_owned();
        match self {
            Wish::SignIn { to } => Wish::SignIn { to: here(to) },
            Wish::StepUp { login, to } => Wish::StepUp {
                login,
                to: here(to),
            },
        }
    }
}

/// One sign-in under way.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) wish: Wish,
    /// Comes back with the browser: it ties the answer to this browser's cookie.
    pub(super) state: String,
    /// Comes back within the ID token: it ties that to this sign-in.
    pub(super) nonce: String,
    /// Goes along with the code: it ties the code to this client (RFC 7636).
    pub(super) verifier: String,
    began_at: Timestamp,
}

impl Pending {
    /// The challenge of the verifier by `S256` (RFC 7636, §4.2).
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }
}

/// Everybody's sign-ins under way, by what is kept of the browser's cookie.
#[derive(Default)]
pub(super) struct PendingSignIns(Mutex<BTreeMap<SecretDigest, Pending>>);

const PURPOSE: &str = "locum-signin/v1";

impl PendingSignIns {
    /// Begins one. Answers it and the value of the cookie. What the provider sees is derived from the cookie under
    /// our key, and tells nothing about it.
    pub(super) fn begin(
        &self,
        wish: Wish,
        ports: &Ports,
    ) -> Result<(Pending, String), ProviderFailure> {
        let secret = ports.secret().ok_or(ProviderFailure::NoRandomness)?;
        let now = ports.now();
        let pending = Pending {
            wish: wish.kept_here(),
            state: ports.derived("locum-oidc-state/v1", &secret),
            nonce: ports.derived("locum-oidc-nonce/v1", &secret),
            verifier: ports.derived("locum-oidc-verifier/v1", &secret),
            began_at: now,
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, pending| now.duration_since(pending.began_at) < LONGEST);
        if all.len() >= MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, it)| it.began_at)
        {
            let oldest = *oldest.0;
            all.remove(&oldest);
        }
        all.insert(ports.digest(PURPOSE, &secret), pending.clone());
        Ok((pending, secret))
    }

    /// Takes the one that this browser began and this state belongs to. It is taken once; an answer with another state
    /// leaves it where it is, so that a forged one does not end a true sign-in.
    pub(super) fn take(
        &self,
        headers: &HeaderMap,
        state: &str,
        is_secure: bool,
        ports: &Ports,
    ) -> Result<Pending, ProviderFailure> {
        let secret = SIGN_IN
            .read(headers, is_secure)
            .ok_or(ProviderFailure::NotBegun)?;
        let digest = ports.digest(PURPOSE, secret);
        let now = ports.now();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = all.get(&digest).ok_or(ProviderFailure::NotBegun)?;
        if now.duration_since(pending.began_at) >= LONGEST {
            all.remove(&digest);
            return Err(ProviderFailure::NotBegun);
        }
        // Digests are compared, so that the time says nothing about the state.
        let kept = |text: &str| ports.digest("locum-oidc-state/v1", text);
        if kept(&pending.state) != kept(state) {
            return Err(ProviderFailure::State);
        }
        all.remove(&digest).ok_or(ProviderFailure::NotBegun)
    }
}
