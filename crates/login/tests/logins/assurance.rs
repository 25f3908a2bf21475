//! How sure a login makes us of its person, and of which of their roles.

use std::collections::BTreeSet;

use locum_control::Assurance;
use locum_domain::catalog::Role;
use locum_login::device::LettingIn;
use locum_login::{How, Judgement, NewLogin, NotSignedIn, NotSteppedUp, SeenFrom};

use crate::world::{
    MINUTE, World, alice, alice_by, bob, oidc, passkey, with_authorization, with_cookie,
};

#[test]
fn r06_an_authenticator_that_was_shown_counts_for_a_quarter_of_an_hour() {
    let world = World::production();
    let started = world.begin(passkey());
    let headers = with_cookie(&started.set_cookie);
    let assurance = || world.logins.authenticate(&headers).unwrap().assurance;
    assert_eq!(assurance(), Assurance::SteppedUp);
    world.pass(15 * MINUTE - 1);
    assert_eq!(assurance(), Assurance::SteppedUp);
    world.pass(1);
    assert_eq!(assurance(), Assurance::Ordinary);
}

#[test]
fn r06_the_provider_steps_up_only_by_a_listed_class_and_as_of_when_it_really_asked() {
    let world = World::production();
    let ago = |minutes: i64| {
        let second = world.now().as_second() - minutes * MINUTE;
        Some(jiff::Timestamp::from_second(second).unwrap())
    };
    for (acr, authenticated_at, expected) in [
        (Some("phr"), ago(0), Assurance::SteppedUp),
        (Some("phr"), ago(14), Assurance::SteppedUp),
        (Some("phr"), ago(15), Assurance::Ordinary),
        (Some("phr"), None, Assurance::Ordinary),
        (Some("pwd"), ago(0), Assurance::Ordinary),
        (None, ago(0), Assurance::Ordinary),
    ] {
        let started = world.begin(How::Oidc(oidc(acr, authenticated_at)));
        let signed_in = world.logins.authenticate(&with_cookie(&started.set_cookie));
        assert_eq!(
            signed_in.unwrap().assurance,
            expected,
            "{acr:?} {authenticated_at:?}"
        );
    }
}

#[test]
fn r06_a_development_token_counts_as_stepped_up_only_where_no_signature_is_demanded() {
    for (is_signature_optional, expected) in
        [(true, Assurance::SteppedUp), (false, Assurance::Ordinary)]
    {
        let judgement = Judgement {
            is_signature_optional,
            ..Judgement::default()
        };
        let world = World::of(true, false, judgement);
        let token = with_authorization("Bearer token-alice");
        let picked = with_cookie(&world.pick(alice()).unwrap().set_cookie);
        for headers in [token, picked] {
            let signed_in = world.logins.authenticate(&headers).unwrap();
            assert_eq!(signed_in.assurance, expected);
            assert_eq!(signed_in.caller().assurance, expected);
        }
    }
}

#[test]
fn r33_stepping_up_goes_on_under_a_new_cookie_and_the_old_one_is_worth_nothing() {
    let world = World::production();
    let before = world.begin(How::Oidc(oidc(None, None)));
    let old = with_cookie(&before.set_cookie);
    let csrf = world.logins.authenticate(&old).unwrap().csrf.unwrap();
    let after = world.logins.step_up(&old, alice_by(passkey())).unwrap();
    let new = with_cookie(&after.set_cookie);
    assert_eq!(after.id, before.id, "it is the same login");
    assert_eq!(
        world.logins.authenticate(&old),
        Err(NotSignedIn::LoginEnded)
    );
    let signed_in = world.logins.authenticate(&new).unwrap();
    assert_eq!(signed_in.assurance, Assurance::SteppedUp);
    assert!(
        world.logins.is_csrf_token(&new, &csrf),
        "a form that was open still stands"
    );
}

#[test]
fn r06_nobody_steps_up_by_somebody_elses_proof_or_by_none() {
    let world = World::production();
    let started = world.begin(How::Oidc(oidc(None, None)));
    let headers = with_cookie(&started.set_cookie);
    let bobs = NewLogin::new(bob(), passkey(), SeenFrom::default());
    let weak = alice_by(How::Oidc(oidc(Some("pwd"), Some(world.now()))));
    for (proof, why) in [
        (bobs, NotSteppedUp::SomebodyElse),
        (weak, NotSteppedUp::NotProved),
    ] {
        assert_eq!(world.logins.step_up(&headers, proof), Err(why));
        let signed_in = world.logins.authenticate(&headers).unwrap();
        assert_eq!(signed_in.assurance, Assurance::Ordinary);
    }
    let nobody = world
        .logins
        .step_up(&http::HeaderMap::new(), alice_by(passkey()));
    assert_eq!(nobody, Err(NotSteppedUp::NotSignedIn(NotSignedIn::Nothing)));
}

#[test]
fn r06_a_role_that_the_table_names_counts_only_with_its_group() {
    let world = World::production();
    let mut confirmed = oidc(None, None);
    confirmed.groups = ["locum-security".to_owned(), "others".to_owned()].into();
    let everything = BTreeSet::new();
    let nothing = BTreeSet::from([Role::Security]);
    for (how, expected) in [
        (How::Oidc(confirmed), &everything),
        (How::Oidc(oidc(None, None)), &nothing),
        (passkey(), &nothing),
    ] {
        let word = how.as_str();
        let started = world.begin(how);
        let signed_in = world.logins.authenticate(&with_cookie(&started.set_cookie));
        let caller = signed_in.unwrap().caller();
        assert_eq!(caller.withheld_roles, *expected, "{word}");
    }
}

#[test]
fn r06_a_device_is_a_device_and_carries_no_more_roles_than_who_let_it_in() {
    use secrecy::ExposeSecret as _;
    let world = World::production();
    let who = world.letting_in(&world.begin(passkey()).set_cookie);
    let withheld_roles = BTreeSet::from([Role::Security]);
    assert_eq!(who.parent.withheld_roles, withheld_roles);
    let token = world.logins.begin_token(who.device(Default::default()));
    let token = token.unwrap();
    assert_eq!(token.expires_in_seconds, 8 * 3600);
    let signed_in = world
        .logins
        .signed_in_by_token(token.token.expose_secret())
        .unwrap();
    assert_eq!(signed_in.assurance, Assurance::Device);
    assert_eq!(signed_in.withheld_roles, withheld_roles);
    assert!(LettingIn::by(&signed_in).is_none(), "a device lets none in");
}
