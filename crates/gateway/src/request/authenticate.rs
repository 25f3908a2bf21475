//! Whose session a request belongs to.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use locum_domain::{OperationId, SessionId};
use locum_token::{AccessToken, Expected, TokenError};

use crate::gateway::Inner;
use crate::request::cookies;
use crate::session::{EndNote, LiveApplication, LiveSession, Opened, Shown, digest};
use crate::site::Site;

/// Clocks of the parts of one deployment differ by less.
const LEEWAY_SECONDS: u8 = 5;

/// A live session, and this application as it is open to this credential.
pub(crate) struct Authenticated {
    pub(crate) session: Arc<LiveSession>,
    pub(crate) opened: Arc<Opened>,
    pub(crate) by_cookie: bool,
}

impl Authenticated {
    /// The application of the session.
    pub(crate) fn application(&self) -> Option<&LiveApplication> {
        self.session.application(&self.opened.site.id)
    }
}

/// Why nobody was recognised.
pub(crate) enum Unknown {
    /// No session that this gateway knows; the reason under which strangers are counted.
    Stranger(&'static str),
    /// The session is over.
    Ended(Arc<LiveSession>, EndNote),
    /// The credential is another application's.
    WrongApplication(Arc<LiveSession>),
}

/// Recognises a request by its cookie, else by its access token.
pub(crate) fn authenticate(
    gateway: &Inner,
    site: &Site,
    headers: &HeaderMap,
) -> Result<Authenticated, Unknown> {
    let mut foreign = None;
    for value in cookies::named(headers, site.cookie_name()) {
        match gateway.credentials.cookie(&digest(value.as_bytes())) {
            Some(shown) if shown.application == site.id => return recognise(shown, true),
            Some(shown) => foreign = Some(shown),
            None => {}
        }
    }
    let has_cookie = cookies::named(headers, site.cookie_name()).next().is_some();
    match bearer(headers) {
        Some(token) => by_token(gateway, site, token),
        None => Err(match foreign {
            Some(shown) => match shown.session.ended() {
                Some(note) => Unknown::Ended(shown.session, note),
                None => Unknown::WrongApplication(shown.session),
            },
            None if has_cookie => Unknown::Stranger("unknown-cookie"),
            None => Unknown::Stranger("no-credential"),
        }),
    }
}

fn recognise(shown: Shown, by_cookie: bool) -> Result<Authenticated, Unknown> {
    if let Some(note) = shown.session.ended() {
        return Err(Unknown::Ended(shown.session, note));
    }
    let opened = match shown.token {
        Some((opened, _)) => Some(opened),
        None => shown
            .session
            .application(&shown.application)
            .and_then(|application| application.opened()),
    };
    match opened {
        Some(opened) => Ok(Authenticated {
            session: shown.session,
            opened,
            by_cookie,
        }),
        None => Err(Unknown::WrongApplication(shown.session)),
    }
}

/// The bearer token (RFC 6750 §2.1); two `Authorization` lines are none.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let (line, None) = (lines.next()?, lines.next()) else {
        return None;
    };
    let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim_start_matches(' '))
}

fn by_token(gateway: &Inner, site: &Site, token: &str) -> Result<Authenticated, Unknown> {
    let now = gateway.ports.clock.now();
    let digest = digest(token.as_bytes());
    if let Some(shown) = gateway.credentials.token(&digest) {
        let is_good = shown
            .token
            .as_ref()
            .is_some_and(|(_, exp)| now.as_second() < *exp);
        if !is_good {
            return Err(Unknown::Stranger("expired-token"));
        }
        if shown.application != site.id {
            return Err(Unknown::WrongApplication(shown.session));
        }
        return recognise(shown, false);
    }
    let expected = Expected {
        issuer: &gateway.settings.issuer,
        audience: &site.base_url,
        now,
        leeway_seconds: LEEWAY_SECONDS,
    };
    let claims = match AccessToken::verify(token, &gateway.keys.load().access_tokens, &expected) {
        Ok(claims) => claims,
        Err(TokenError::Audience { found }) => {
            return Err(other_application(gateway, token, &found));
        }
        Err(_) => return Err(Unknown::Stranger("bad-token")),
    };
    // A token that is bound to a key needs its proof with every request; none is checked here yet.
    if claims.cnf.is_some() {
        return Err(Unknown::Stranger("unproved-token"));
    }
    let session = live(gateway, &claims).ok_or(Unknown::Stranger("unknown-session"))?;
    if let Some(note) = session.ended() {
        return Err(Unknown::Ended(session, note));
    }
    let application = session
        .application(&site.id)
        .ok_or(Unknown::Stranger("unknown-application"))?;
    let opened = application
        .opened()
        .ok_or(Unknown::Stranger("unknown-application"))?;
    if application.subject != claims.sub || session.facts.actor.as_str() != claims.act.sub {
        return Err(Unknown::Stranger("other-subject"));
    }
    let narrower = application
        .operations
        .iter()
        .filter(|operation| claims.scope.contains(operation.as_str()))
        .cloned()
        .collect::<Vec<OperationId>>();
    let shown = Shown {
        application: site.id.clone(),
        token: Some((Arc::new(opened.narrowed(&narrower)), claims.exp)),
        session,
    };
    gateway.credentials.keep_token(digest, shown.clone());
    recognise(shown, false)
}

/// A token that is good, and for another application of ours, is told so; any other is a stranger's.
fn other_application(gateway: &Inner, token: &str, audience: &str) -> Unknown {
    let sites = gateway.sites.load();
    let is_ours = sites.by_id.values().any(|site| site.base_url == audience);
    let expected = Expected {
        issuer: &gateway.settings.issuer,
        audience,
        now: gateway.ports.clock.now(),
        leeway_seconds: LEEWAY_SECONDS,
    };
    let verified = AccessToken::verify(token, &gateway.keys.load().access_tokens, &expected);
    match verified.ok().filter(|_| is_ours) {
        Some(claims) => match live(gateway, &claims) {
            Some(session) => match session.ended() {
                Some(note) => Unknown::Ended(session, note),
                None => Unknown::WrongApplication(session),
            },
            None => Unknown::Stranger("unknown-session"),
        },
        None => Unknown::Stranger("bad-token"),
    }
}

fn live(gateway: &Inner, claims: &AccessToken) -> Option<Arc<LiveSession>> {
    let id: SessionId = claims.sid.parse().ok()?;
    gateway.session(&id)
}
