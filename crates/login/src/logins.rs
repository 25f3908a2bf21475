//! Beginning, recognising and ending logins.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::{SignedDuration, Timestamp};
use locum_control::Door;
use locum_domain::PrincipalId;

use crate::login::{LoginId, LoginView, NotSignedIn, SignedIn, Started};
use crate::secret::SecretDigest;
use crate::tokens::BearerTokens;
use crate::{cookie, csrf};

/// A login ends this long after it began, whatever happens.
const LONGEST: SignedDuration = SignedDuration::from_hours(8);
/// A login that nobody used for this long has ended.
const IDLE: SignedDuration = SignedDuration::from_hours(1);
/// Most logins of one person; the oldest gives way.
const MOST_PER_PERSON: usize = 20;

/// Tells the time.
pub type Now = Box<dyn Fn() -> Timestamp + Send + Sync>;
/// Makes 32 random bytes, or none when there is no randomness.
pub type Random = Box<dyn Fn() -> Option<[u8; 32]> + Send + Sync>;

/// What the operator configured about logins.
#[derive(Debug, Clone, Default)]
pub struct LoginSettings {
    /// Whether `public_url` is `https`.
    pub is_secure: bool,
    /// Development tokens; none in production.
    pub tokens: BearerTokens,
    /// Whether anybody may pick who they are: development on loopback.
    pub is_picking_allowed: bool,
}

struct Login {
    id: LoginId,
    principal: PrincipalId,
    began_at: Timestamp,
    last_seen_at: Timestamp,
}

impl Login {
    fn is_over(&self, now: Timestamp) -> bool {
        let since = |at: Timestamp| now.duration_since(at);
        since(self.began_at) >= LONGEST || since(self.last_seen_at) >= IDLE
    }

    fn view(&self) -> LoginView {
        LoginView {
            id: self.id.clone(),
            began_at: self.began_at,
            last_seen_at: self.last_seen_at,
            end_by: self
                .began_at
                .saturating_add(LONGEST)
                .unwrap_or(self.began_at),
        }
    }
}

/// Everybody who is signed in.
pub struct Logins {
    settings: LoginSettings,
    now: Now,
    random: Random,
    live: Mutex<BTreeMap<SecretDigest, Login>>,
}

impl Logins {
    /// Nobody is signed in yet.
    pub fn new(settings: LoginSettings, now: Now, random: Random) -> Self {
        Self {
            settings,
            now,
            random,
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
            return self.by_bearer(headers);
        }
        let secret = cookie::read(headers, self.settings.is_secure).ok_or(NotSignedIn::Nothing)?;
        let now = (self.now)();
        let mut live = self.live();
        let digest = SecretDigest::of(secret);
        let login = live.get_mut(&digest).ok_or(NotSignedIn::LoginEnded)?;
        if login.is_over(now) {
            live.remove(&digest);
            return Err(NotSignedIn::LoginEnded);
        }
        login.last_seen_at = login.last_seen_at.max(now);
        Ok(SignedIn {
            principal: login.principal.clone(),
            door: Door::Console,
            login: Some(login.id.clone()),
            csrf: Some(csrf::token(secret)),
        })
    }

    fn by_bearer(&self, headers: &HeaderMap) -> Result<SignedIn, NotSignedIn> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(NotSignedIn::NotBearer);
        };
        let text = value.to_str().map_err(|_| NotSignedIn::NotBearer)?;
        let (scheme, token) = text.split_once(' ').ok_or(NotSignedIn::NotBearer)?;
        // RFC 9110, section 11.1: a scheme's case says nothing.
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(NotSignedIn::NotBearer);
        }
        let principal = self
            .principal_of_token(token.trim())
            .ok_or(NotSignedIn::UnknownToken)?;
        Ok(SignedIn {
            principal,
            door: Door::Api,
            login: None,
            csrf: None,
        })
    }

    /// Whose bearer token this is.
    pub fn principal_of_token(&self, token: &str) -> Option<PrincipalId> {
        self.settings.tokens.principal(token).cloned()
    }

    /// Whether a form that carries `shown` comes from a page of the login that these headers show.
    pub fn is_csrf_token(&self, headers: &HeaderMap, shown: &str) -> bool {
        cookie::read(headers, self.settings.is_secure)
            .is_some_and(|secret| csrf::is_token(secret, shown))
    }

    /// Whether people may say who they are without proving it.
    pub fn is_picking_allowed(&self) -> bool {
        self.settings.is_picking_allowed
    }

    /// Signs in whom somebody picked. `None` outside development, or without randomness.
    pub fn pick(&self, principal: PrincipalId) -> Option<Started> {
        if self.settings.is_picking_allowed {
            self.begin(principal)
        } else {
            None
        }
    }

    /// Signs in somebody whose identity was proved. `None` when there is no randomness.
    pub fn begin(&self, principal: PrincipalId) -> Option<Started> {
        let secret = hex::encode((self.random)()?);
        let now = (self.now)();
        let id = LoginId(
            SecretDigest::derived("locum-login-id/v1", &secret)
                .chars()
                .take(32)
                .collect(),
        );
        let login = Login {
            id: id.clone(),
            principal,
            began_at: now,
            last_seen_at: now,
        };
        let mut live = self.live();
        live.retain(|_, login| !login.is_over(now));
        make_room(&mut live, &login.principal);
        live.insert(SecretDigest::of(&secret), login);
        let set_cookie = cookie::begun(&secret, self.settings.is_secure);
        Some(Started { id, set_cookie })
    }

    /// The value of `Set-Cookie` that takes the cookie away.
    pub fn ended_cookie(&self) -> String {
        cookie::ended(self.settings.is_secure)
    }

    /// Ends one login of this person. Answers whether there was one.
    pub fn end(&self, owner: &PrincipalId, id: &LoginId) -> bool {
        let mut live = self.live();
        let before = live.len();
        live.retain(|_, login| login.principal != *owner || login.id != *id);
        live.len() < before
    }

    /// Ends every login of a person.
    pub fn end_all(&self, owner: &PrincipalId) {
        self.live().retain(|_, login| login.principal != *owner);
    }

    /// The person's live logins, newest first.
    pub fn of(&self, owner: &PrincipalId) -> Vec<LoginView> {
        let now = (self.now)();
        let live = self.live();
        let mut views: Vec<LoginView> = live
            .values()
            .filter(|login| login.principal == *owner && !login.is_over(now))
            .map(Login::view)
            .collect();
        views.sort_by_key(|view| std::cmp::Reverse(view.began_at));
        views
    }

    fn live(&self) -> MutexGuard<'_, BTreeMap<SecretDigest, Login>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room(live: &mut BTreeMap<SecretDigest, Login>, principal: &PrincipalId) {
    let mut theirs: Vec<(Timestamp, SecretDigest)> = live
        .iter()
        .filter(|(_, login)| login.principal == *principal)
        .map(|(digest, login)| (login.began_at, *digest))
        .collect();
    theirs.sort();
    let surplus = theirs.len().saturating_sub(MOST_PER_PERSON - 1);
    for (_, digest) in theirs.into_iter().take(surplus) {
        live.remove(&digest);
    }
}
