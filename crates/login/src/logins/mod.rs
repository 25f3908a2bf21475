//! Everybody who is signed in: recognising them.

mod begin;
mod end;
mod entry;
mod list;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use locum_control::Door;
use locum_domain::PrincipalId;

use crate::cookie::LOGIN;
use crate::how::{How, Judgement};
use crate::login::{LoginId, NotSignedIn, SignedIn};
use crate::ports::Ports;
use crate::secret::SecretDigest;
use crate::tokens::{BEARER, BearerTokens};
use entry::{Entry, ShownBy};

/// What the purpose of a login cookie's digest is.
const COOKIE: &str = "locum-login/v1";

/// The value of `Clear-Site-Data` on the answer that ends a login. Not `cookies`: that takes away those of every
/// host of the registrable domain, the identity provider's and the applications' among them.
pub const CLEAR_SITE_DATA: &str = "\"cache\", \"storage\"";

/// What the operator configured about logins.
#[derive(Debug, Clone, Default)]
pub struct LoginSettings {
    /// Whether `public_url` is `https`.
    pub is_secure: bool,
    /// Development tokens; none in production.
    pub tokens: BearerTokens,
    /// Whether anybody may pick who they are: development on loopback.
    pub is_picking_allowed: bool,
    /// How sure each way to sign in makes us, and of which roles.
    pub judgement: Judgement,
}

/// Everybody who is signed in. A login is found by the keyed digest of its secret; a holder of this can sign anybody
/// in.
pub struct Logins {
    settings: LoginSettings,
    tokens: BTreeMap<SecretDigest, PrincipalId>,
    ports: Ports,
    live: Mutex<BTreeMap<SecretDigest, Entry>>,
}

impl Logins {
    /// Nobody is signed in yet.
    pub fn new(settings: LoginSettings, ports: Ports) -> Self {
        Self {
            tokens: settings.tokens.kept(&ports),
            settings,
            ports,
            live: Mutex::default(),
        }
    }

    /// Who sends these headers. An `Authorization` header decides alone: a wrong one is never made good by a
    /// cookie.
    ///
    /// # Errors
    /// When nothing says who is asking, or what says it is not or no longer believed.
    pub fn authenticate(&self, headers: &HeaderMap) -> Result<SignedIn, NotSignedIn> {
        if headers.contains_key(AUTHORIZATION) {
            return self.signed_in_by_token(bearer(headers)?);
        }
        let secret = LOGIN
            .read(headers, self.settings.is_secure)
            .ok_or(NotSignedIn::Nothing)?;
        let digest = self.ports.digest(COOKIE, secret);
        self.seen(&digest).ok_or(NotSignedIn::LoginEnded)
    }

    /// Who shows this bearer token.
    ///
    /// # Errors
    /// When it is nobody's, or no more.
    pub fn signed_in_by_token(&self, token: &str) -> Result<SignedIn, NotSignedIn> {
        let digest = self.ports.digest(BEARER, token);
        if let Some(person) = self.tokens.get(&digest) {
            return Ok(self.by_development_token(person));
        }
        self.seen(&digest).ok_or(NotSignedIn::UnknownToken)
    }

    fn by_development_token(&self, person: &PrincipalId) -> SignedIn {
        let how = How::DevelopmentToken;
        let judgement = &self.settings.judgement;
        SignedIn {
            principal: person.clone(),
            door: Door::Api,
            assurance: judgement.assurance(&how, None, self.ports.now()),
            withheld_roles: judgement.withheld_roles(&how),
            how,
            shown: BTreeSet::new(),
            login: None,
            csrf: None,
        }
    }

    /// Recognises the login of this digest, and notes that it was used.
    fn seen(&self, digest: &SecretDigest) -> Option<SignedIn> {
        let now = self.ports.now();
        let mut live = self.live();
        let entry = live.get_mut(digest)?;
        if entry.is_over(now) {
            live.remove(digest);
            return None;
        }
        entry.last_seen_at = entry.last_seen_at.max(now);
        let judgement = &self.settings.judgement;
        let (door, csrf) = match entry.shown_by {
            ShownBy::Cookie => (Door::Console, Some(self.csrf_token(&entry.id))),
            ShownBy::Token => (Door::Api, None),
        };
        Some(SignedIn {
            principal: entry.principal.clone(),
            door,
            how: entry.how.clone(),
            assurance: judgement.assurance(&entry.how, entry.stepped_up_at, now),
            withheld_roles: entry.withheld_roles.clone(),
            shown: entry.shown.clone(),
            login: Some(entry.id.clone()),
            csrf,
        })
    }

    /// Keyed, so that a page of another site cannot know it, and of the login rather than of its cookie: a form that
    /// was open while the login was stepped up still stands.
    fn csrf_token(&self, login: &LoginId) -> String {
        self.ports.derived("locum-csrf/v1", login.as_str())
    }

    /// Whether a form that carries `shown` comes from a page of the login that these headers show.
    pub fn is_csrf_token(&self, headers: &HeaderMap, shown: &str) -> bool {
        let Ok(SignedIn {
            csrf: Some(token), ..
        }) = self.authenticate(headers)
        else {
            return false;
        };
        // Digests are compared, so that the time says nothing about the token.
        let digest = |text: &str| self.ports.digest("locum-csrf/v1", text);
        digest(&token) == digest(shown)
    }

    /// Whether people may say who they are without proving it.
    pub fn is_picking_allowed(&self) -> bool {
        self.settings.is_picking_allowed
    }

    fn live(&self) -> MutexGuard<'_, BTreeMap<SecretDigest, Entry>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one bearer token of these headers.
fn bearer(headers: &HeaderMap) -> Result<&str, NotSignedIn> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(NotSignedIn::NotBearer);
    };
    let text = value.to_str().map_err(|_| NotSignedIn::NotBearer)?;
    let (scheme, token) = text.split_once(' ').ok_or(NotSignedIn::NotBearer)?;
    // RFC 9110, section 11.1: a scheme's case says nothing.
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(NotSignedIn::NotBearer)
    }
}
