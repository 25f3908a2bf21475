//! Signing in, being recognised, signing out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use jiff::Timestamp;
use locum_control::Door;
use locum_domain::PrincipalId;
use locum_login::{BearerTokens, LoginSettings, Logins, NotSignedIn};

const MINUTE: i64 = 60;

struct World {
    logins: Logins,
    second: Arc<AtomicI64>,
}

fn world(is_picking_allowed: bool) -> World {
    let second = Arc::new(AtomicI64::new(1_800_000_000));
    let clock = Arc::clone(&second);
    let drawn = AtomicU8::new(0);
    let settings = LoginSettings {
        is_secure: false,
        tokens: BearerTokens::from_iter([("token-alice", alice())]),
        is_picking_allowed,
    };
    let logins = Logins::new(
        settings,
        Box::new(move || Timestamp::from_second(clock.load(Ordering::Relaxed)).unwrap()),
        Box::new(move || Some([drawn.fetch_add(1, Ordering::Relaxed); 32])),
    );
    World { logins, second }
}

fn alice() -> PrincipalId {
    "alice@corp.example".parse().unwrap()
}

fn with_cookie(set_cookie: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let pair = set_cookie.split(';').next().unwrap();
    headers.insert(COOKIE, pair.parse().unwrap());
    headers
}

fn with_authorization(value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, value.parse().unwrap());
    headers
}

#[test]
fn a_bearer_token_is_its_person_and_nobody_else_is() {
    let World { logins, .. } = world(false);
    let signed_in = logins
        .authenticate(&with_authorization("bearer token-alice"))
        .unwrap();
    assert_eq!(signed_in.principal, alice());
    assert_eq!(signed_in.door, Door::Api);
    for (value, why) in [
        ("Bearer token-alicf", NotSignedIn::UnknownToken),
        ("Bearer ", NotSignedIn::UnknownToken),
        ("Bearer", NotSignedIn::NotBearer),
        ("Basic token-alice", NotSignedIn::NotBearer),
    ] {
        assert_eq!(
            logins.authenticate(&with_authorization(value)),
            Err(why),
            "{value}"
        );
    }
    assert_eq!(
        logins.authenticate(&HeaderMap::new()),
        Err(NotSignedIn::Nothing)
    );
}

#[test]
fn a_wrong_token_is_not_made_good_by_a_cookie() {
    let World { logins, .. } = world(true);
    let started = logins.pick(alice()).unwrap();
    let mut headers = with_cookie(&started.set_cookie);
    assert!(logins.authenticate(&headers).is_ok());
    headers.insert(AUTHORIZATION, "Bearer wrong".parse().unwrap());
    assert_eq!(
        logins.authenticate(&headers),
        Err(NotSignedIn::UnknownToken)
    );
}

#[test]
fn a_login_ends_after_an_hour_of_rest_and_after_eight_hours_of_work() {
    let World { logins, second } = world(true);
    let headers = with_cookie(&logins.pick(alice()).unwrap().set_cookie);
    second.fetch_add(59 * MINUTE, Ordering::Relaxed);
    assert!(logins.authenticate(&headers).is_ok());
    second.fetch_add(60 * MINUTE, Ordering::Relaxed);
    assert_eq!(logins.authenticate(&headers), Err(NotSignedIn::LoginEnded));

    let headers = with_cookie(&logins.pick(alice()).unwrap().set_cookie);
    for _ in 0..15 {
        second.fetch_add(30 * MINUTE, Ordering::Relaxed);
        assert!(logins.authenticate(&headers).is_ok());
    }
    second.fetch_add(30 * MINUTE, Ordering::Relaxed);
    assert_eq!(logins.authenticate(&headers), Err(NotSignedIn::LoginEnded));
}

#[test]
fn signing_out_ends_the_login_and_only_that_one() {
    let World { logins, .. } = world(true);
    let one = logins.pick(alice()).unwrap();
    let other = logins.pick(alice()).unwrap();
    assert_eq!(logins.of(&alice()).len(), 2);
    let bob: PrincipalId = "bob@corp.example".parse().unwrap();
    assert!(!logins.end(&bob, &one.id), "somebody else ended it");
    assert!(logins.end(&alice(), &one.id));
    assert!(logins.authenticate(&with_cookie(&one.set_cookie)).is_err());
    assert!(logins.authenticate(&with_cookie(&other.set_cookie)).is_ok());
    logins.end_all(&alice());
    assert!(logins.of(&alice()).is_empty());
}

#[test]
fn only_the_logins_own_pages_know_its_csrf_token() {
    let World { logins, .. } = world(true);
    let one = with_cookie(&logins.pick(alice()).unwrap().set_cookie);
    let other = with_cookie(&logins.pick(alice()).unwrap().set_cookie);
    let token = logins.authenticate(&one).unwrap().csrf.unwrap();
    assert!(logins.is_csrf_token(&one, &token));
    assert!(!logins.is_csrf_token(&other, &token));
    assert!(!logins.is_csrf_token(&one, ""));
    assert!(!logins.is_csrf_token(&HeaderMap::new(), &token));
}

#[test]
fn nobody_picks_who_they_are_outside_development() {
    let World { logins, .. } = world(false);
    assert!(logins.pick(alice()).is_none());
}

#[test]
fn a_person_has_at_most_twenty_logins_and_the_oldest_gives_way() {
    let World { logins, second } = world(true);
    let first = logins.pick(alice()).unwrap();
    for _ in 0..20 {
        second.fetch_add(1, Ordering::Relaxed);
        logins.pick(alice()).unwrap();
    }
    assert_eq!(logins.of(&alice()).len(), 20);
    assert!(
        logins
            .authenticate(&with_cookie(&first.set_cookie))
            .is_err()
    );
}
