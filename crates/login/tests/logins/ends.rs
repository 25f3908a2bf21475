//! Ending logins: one's own, and what somebody else says is over.

use locum_login::{How, NotBegun, Started};
use secrecy::ExposeSecret as _;

use crate::world::{
    ISSUER, World, alice, alice_by, authenticator, bob, oidc, passkey, with_cookie,
};

#[test]
fn signing_out_ends_the_login_and_only_that_one() {
    let world = World::development();
    let one = world.pick(alice()).unwrap();
    let other = world.pick(alice()).unwrap();
    let bobs = world.pick(bob()).unwrap();
    let logins = &world.logins;
    assert_eq!(logins.of(&alice(), None).len(), 2);
    assert!(
        logins.end(&bob(), &one.id).is_none(),
        "somebody else ended it"
    );
    assert_eq!(logins.end(&alice(), &one.id).unwrap().id, one.id);
    assert!(logins.authenticate(&with_cookie(&one.set_cookie)).is_err());
    assert!(logins.authenticate(&with_cookie(&other.set_cookie)).is_ok());
    let last = world.pick(alice()).unwrap();
    let ended = logins.end_others(&alice(), &last.id);
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].id, other.id);
    assert!(logins.authenticate(&with_cookie(&last.set_cookie)).is_ok());
    assert!(logins.authenticate(&with_cookie(&bobs.set_cookie)).is_ok());
}

#[test]
fn r33_the_provider_ends_one_of_its_sessions_or_everything_of_an_account() {
    let of = |subject: &str, session: &str| {
        let mut sign_in = oidc(None, None);
        sign_in.subject = subject.to_owned();
        sign_in.session = Some(session.to_owned());
        How::Oidc(sign_in)
    };
    for (issuer, subject, session, ended) in [
        (ISSUER, Some("alice"), None, 2),
        (ISSUER, None, Some("s1"), 1),
        (ISSUER, Some("alice"), Some("s2"), 1),
        (ISSUER, Some("bob"), Some("s1"), 0),
        (ISSUER, None, None, 0),
        ("https://other.example", Some("alice"), None, 0),
    ] {
        let world = World::production();
        world.begin(of("alice", "s1"));
        world.begin(of("alice", "s2"));
        world.begin(of("carol", "s3"));
        world.begin(How::FoundingLink);
        let over = world.logins.end_at_provider(issuer, subject, session);
        assert_eq!(over.len(), ended, "{issuer} {subject:?} {session:?}");
    }
}

#[test]
fn r33_a_passkey_that_was_revoked_leaves_no_login_behind() {
    let world = World::production();
    let by = |last| How::Passkey {
        authenticator: authenticator(last),
    };
    let lost = world.begin(by(1));
    let kept = world.begin(by(2));
    let stepped_up = with_cookie(&world.begin(How::FoundingLink).set_cookie);
    let stepped_up = world.logins.step_up(&stepped_up, alice_by(by(1))).unwrap();
    let ended = world.logins.end_by_authenticator(&authenticator(1));
    assert_eq!(ended.len(), 2);
    let is_signed_in = |set_cookie: &str| {
        let headers = with_cookie(set_cookie);
        world.logins.authenticate(&headers).is_ok()
    };
    assert!(!is_signed_in(&lost.set_cookie));
    assert!(!is_signed_in(&stepped_up.set_cookie));
    assert!(is_signed_in(&kept.set_cookie));
}

#[test]
fn a_bearer_token_is_revoked_by_showing_it() {
    let world = World::production();
    let token = world.logins.begin_token(alice_by(How::Program)).unwrap();
    let token = token.token.expose_secret();
    assert!(world.logins.end_token("locum_unknown").is_none());
    assert!(world.logins.end_token(token).is_some());
    assert!(world.logins.signed_in_by_token(token).is_err());
}

#[test]
fn r33_a_device_ends_with_the_passkey_that_let_it_in_and_with_the_session_at_the_provider() {
    let world = World::production();
    let by_key = world.begin(passkey());
    let at_provider = world.begin(How::Oidc(oidc(None, None)));
    // Proved anew with a passkey: both count.
    let both = with_cookie(&world.begin(How::Oidc(oidc(None, None))).set_cookie);
    let both = world.logins.step_up(&both, alice_by(passkey())).unwrap();
    let let_in = |started: &Started| {
        let who = world.letting_in(&started.set_cookie);
        world.let_in(who).unwrap()
    };
    let [key, provider, either] = [&by_key, &at_provider, &both].map(let_in);
    let is_in = |token: &str| world.logins.signed_in_by_token(token).is_ok();
    // Whoever merely signs out of the browser leaves the device in.
    for login in [&by_key, &at_provider, &both] {
        assert!(world.logins.end(&alice(), &login.id).is_some());
    }
    assert!(is_in(&key) && is_in(&provider) && is_in(&either));
    assert!(
        world
            .logins
            .end_by_authenticator(&authenticator(2))
            .is_empty()
    );
    assert_eq!(
        world.logins.end_by_authenticator(&authenticator(1)).len(),
        2
    );
    assert!(!is_in(&key) && is_in(&provider) && !is_in(&either));
    let of = |session| world.logins.end_at_provider(ISSUER, None, Some(session));
    assert!(of("s2").is_empty());
    assert_eq!(of("s1").len(), 1);
    assert!(!is_in(&provider));
}

#[test]
fn r33_a_device_whose_login_has_ended_before_it_asked_again_gets_nothing() {
    let world = World::production();
    let login = world.begin(passkey());
    let who = world.letting_in(&login.set_cookie);
    assert_eq!(
        world.logins.end_by_authenticator(&authenticator(1)).len(),
        1
    );
    assert_eq!(world.let_in(who), Err(NotBegun::ParentEnded));
    assert!(world.logins.of(&alice(), None).is_empty());
}

#[test]
fn r33_with_the_founding_every_login_by_a_founders_link_ends() {
    let world = World::production();
    let link = world.begin(How::FoundingLink);
    let key = world.begin(passkey());
    let ended = world.logins.end_founding_links();
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].id, link.id);
    assert!(
        world
            .logins
            .authenticate(&with_cookie(&link.set_cookie))
            .is_err()
    );
    assert!(
        world
            .logins
            .authenticate(&with_cookie(&key.set_cookie))
            .is_ok()
    );
}
