//! Sign-ins that were begun and not finished, each bound to the browser it was begun in. The browser keeps them as its
//! cookie and we keep nothing, so that strangers who begin many take nobody's place.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::failure::ProviderFailure;
use crate::cookie::SIGN_IN;
use crate::login::LoginId;
use crate::ports::Ports;
use crate::return_path::local_path;

/// How long somebody may take at the provider.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);

const STATE: &str = "locum-oidc-state/v1";

/// What somebody wants from the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// To sign in, and to go on to this local path.
    SignIn { to: String },
    /// To prove themselves again within this login, and to go on to this local path.
    StepUp { login: LoginId, to: String },
}

/// A wish as the browser keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    login: Option<String>,
}

impl Wish {
    fn kept(&self) -> Kept {
        let (to, login) = match self {
            Wish::SignIn { to } => (to, None),
            Wish::StepUp { login, to } => (to, Some(login.to_string())),
        };
        Kept {
            // Leading nowhere but to our own pages.
            to: local_path(Some(to)).to_owned(),
            login,
        }
    }

    fn of(kept: Kept) -> Self {
        let to = local_path(Some(&kept.to)).to_owned();
        match kept.login {
            None => Wish::SignIn { to },
            Some(login) => Wish::StepUp {
                login: LoginId::from(login.as_str()),
                to,
            },
        }
    }
}

/// One sign-in under way. What the provider sees of it is derived from the browser's cookie under our key: it tells
/// nothing about the cookie, and a cookie that somebody changed belongs to no answer.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) wish: Wish,
    /// The cookie's value: a secret, the second it was begun in, the wish.
    pub(super) cookie: String,
    /// Comes back with the browser: it ties the answer to this browser's cookie.
    pub(super) state: String,
    /// Comes back within the ID token: it ties that to this sign-in.
    pub(super) nonce: String,
    /// Goes along with the code: it ties the code to this client (RFC 7636).
    pub(super) verifier: String,
    /// When no answer is taken any more.
    pub(super) expires_at: Timestamp,
}

impl Pending {
    /// Begins one.
    pub(super) fn begin(wish: &Wish, ports: &Ports) -> Result<Self, ProviderFailure> {
        let secret = ports.secret().ok_or(ProviderFailure::NoRandomness)?;
        let wish = serde_json::to_vec(&wish.kept());
        let wish = wish.map_err(|_| ProviderFailure::Malformed("the way back"))?;
        let (at, wish) = (ports.now().as_second(), URL_SAFE_NO_PAD.encode(wish));
        Self::read(&format!("{secret}.{at}.{wish}"), ports).ok_or(ProviderFailure::NotBegun)
    }

    /// The one that this browser began and this state belongs to, while it is good.
    pub(super) fn of(
        headers: &HeaderMap,
        state: &str,
        is_secure: bool,
        ports: &Ports,
    ) -> Result<Self, ProviderFailure> {
        let cookie = SIGN_IN.read(headers, is_secure);
        let pending = cookie.and_then(|cookie| Self::read(cookie, ports));
        let pending = pending.ok_or(ProviderFailure::NotBegun)?;
        // Digests are compared, so that the time says nothing about the state.
        let digest = |text: &str| ports.digest(STATE, text);
        if digest(&pending.state) != digest(state) {
            return Err(ProviderFailure::State);
        }
        Ok(pending)
    }

    fn read(cookie: &str, ports: &Ports) -> Option<Self> {
        let mut parts = cookie.splitn(3, '.');
        let (_, at, wish) = (parts.next()?, parts.next()?, parts.next()?);
        let began_at = Timestamp::from_second(at.parse().ok()?).ok()?;
        let expires_at = began_at.checked_add(LONGEST).ok()?;
        if ports.now() >= expires_at {
            return None;
        }
        let kept = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(wish).ok()?).ok()?;
        Some(Self {
            wish: Wish::of(kept),
            state: ports.derived(STATE, cookie),
            nonce: ports.derived("locum-oidc-nonce/v1", cookie),
            verifier: ports.derived("locum-oidc-verifier/v1", cookie),
            cookie: cookie.to_owned(),
            expires_at,
        })
    }

    /// The challenge of the verifier by `S256` (RFC 7636, §4.2).
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }
}
