//! Signing in, being recognised, proving oneself again, signing out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod assurance;
mod ends;
mod world;

use http::HeaderMap;
use http::header::COOKIE;
use locum_control::Door;
use locum_login::{How, LoginId, NotSignedIn};
use secrecy::ExposeSecret as _;

use world::{MINUTE, World, alice, alice_by, passkey, with_authorization, with_cookie};

#[test]
fn a_bearer_token_is_its_person_and_nobody_else_is() {
    let World { logins, .. } = World::production();
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
    let world = World::development();
    let started = world.pick(alice()).unwrap();
    let mut headers = with_cookie(&started.set_cookie);
    assert!(world.logins.authenticate(&headers).is_ok());
    headers.extend(with_authorization("Bearer wrong"));
    assert_eq!(
        world.logins.authenticate(&headers),
        Err(NotSignedIn::UnknownToken)
    );
}

#[test]
fn r33_a_cookie_is_no_bearer_token_and_a_bearer_token_no_cookie() {
    let world = World::development();
    let cookie = world.pick(alice()).unwrap().set_cookie;
    let secret = cookie
        .split(['=', ';'])
        .nth(1)
        .expect("the cookie has a value");
    assert!(world.logins.signed_in_by_token(secret).is_err());
    let token = &world.let_in(world.letting_in(&cookie)).unwrap();
    assert!(world.logins.signed_in_by_token(token).is_ok());
    let as_cookie = with_cookie(&format!("locum-login={token}"));
    assert!(world.logins.authenticate(&as_cookie).is_err());
}

#[test]
fn r33_a_cookie_that_a_sibling_host_tossed_over_signs_nobody_in() {
    let world = World::production();
    let mut ours = with_cookie(&world.begin(passkey()).set_cookie);
    assert!(ours[COOKIE].to_str().unwrap().starts_with("__Host-"));
    assert!(world.logins.authenticate(&ours).is_ok());
    // A sibling can set the name without the prefix only, and that is another cookie.
    ours.append(COOKIE, "locum-login=attackers".parse().unwrap());
    assert!(world.logins.authenticate(&ours).is_ok());
    ours.append(COOKIE, "__Host-locum-login=attackers".parse().unwrap());
    assert_eq!(
        world.logins.authenticate(&ours),
        Err(NotSignedIn::Nothing),
        "two of one name are somebody's trick"
    );
}

#[test]
fn r33_a_secret_that_was_in_the_browser_before_is_nobodys_login() {
    let world = World::development();
    let fixed = with_cookie("locum-login=chosen-by-somebody-else");
    assert!(world.logins.authenticate(&fixed).is_err());
    let started = world.pick(alice()).unwrap();
    assert!(!started.set_cookie.contains("chosen-by-somebody-else"));
    assert!(world.logins.authenticate(&fixed).is_err());
}

#[test]
fn a_login_ends_after_an_hour_of_rest_and_after_eight_hours_of_work() {
    let world = World::development();
    let headers = with_cookie(&world.pick(alice()).unwrap().set_cookie);
    world.pass(59 * MINUTE);
    assert!(world.logins.authenticate(&headers).is_ok());
    world.pass(60 * MINUTE);
    assert_eq!(
        world.logins.authenticate(&headers),
        Err(NotSignedIn::LoginEnded)
    );

    let headers = with_cookie(&world.pick(alice()).unwrap().set_cookie);
    for _ in 0..15 {
        world.pass(30 * MINUTE);
        assert!(world.logins.authenticate(&headers).is_ok());
    }
    world.pass(30 * MINUTE);
    assert_eq!(
        world.logins.authenticate(&headers),
        Err(NotSignedIn::LoginEnded)
    );
}

#[test]
fn r31_a_programs_token_is_over_after_ten_minutes_whatever_it_does() {
    let world = World::production();
    let token = world.logins.begin_token(alice_by(How::Program)).unwrap();
    assert_eq!(token.expires_in_seconds, 600);
    let token = token.token.expose_secret();
    world.pass(599);
    assert!(world.logins.signed_in_by_token(token).is_ok());
    world.pass(1);
    assert!(world.logins.signed_in_by_token(token).is_err());
}

#[test]
fn r31_a_program_of_many_processes_does_not_end_its_own_tokens() {
    let world = World::production();
    let first = world.logins.begin_token(alice_by(How::Program)).unwrap();
    for _ in 0..200 {
        world.logins.begin_token(alice_by(How::Program)).unwrap();
    }
    let first = first.token.expose_secret();
    assert!(world.logins.signed_in_by_token(first).is_ok());
}

#[test]
fn only_the_logins_own_pages_know_its_csrf_token() {
    let world = World::development();
    let one = with_cookie(&world.pick(alice()).unwrap().set_cookie);
    let other = with_cookie(&world.pick(alice()).unwrap().set_cookie);
    let token = world.logins.authenticate(&one).unwrap().csrf.unwrap();
    assert!(world.logins.is_csrf_token(&one, &token));
    assert!(!world.logins.is_csrf_token(&other, &token));
    assert!(!world.logins.is_csrf_token(&one, ""));
    assert!(!world.logins.is_csrf_token(&HeaderMap::new(), &token));
}

#[test]
fn nobody_picks_who_they_are_outside_development() {
    assert!(World::production().pick(alice()).is_none());
}

#[test]
fn a_person_has_at_most_twenty_logins_and_the_oldest_gives_way() {
    let world = World::development();
    let first = world.pick(alice()).unwrap();
    for _ in 0..20 {
        world.pass(1);
        world.pick(alice()).unwrap();
    }
    assert_eq!(world.logins.of(&alice(), None).len(), 20);
    let oldest = with_cookie(&first.set_cookie);
    assert!(world.logins.authenticate(&oldest).is_err());
}

#[test]
fn a_person_sees_how_and_from_where_their_logins_began_and_which_is_this_one() {
    let world = World::development();
    let one = world.pick(alice()).unwrap();
    world.pass(1);
    let other = world.begin(How::FoundingLink);
    let list = world.logins.of(&alice(), Some(&one.id));
    let told: Vec<(&LoginId, &str, bool)> = list
        .iter()
        .map(|view| (&view.id, view.how, view.is_this))
        .collect();
    assert_eq!(
        told,
        [
            (&other.id, "founding-link", false),
            (&one.id, "picked", true)
        ]
    );
    assert!(world.logins.of(&world::bob(), None).is_empty());
}
