//! Signing in with a passkey, proving oneself again, making one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod device;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use http::HeaderMap;
use http::header::COOKIE;
use jiff::Timestamp;
use locum_domain::PrincipalId;
use locum_domain::authenticator::Authenticator;
use locum_login::passkeys::{
    AuthenticationResponse, MadeIn, PasskeyRefused, PasskeySettings, Passkeys, Proved,
    RegistrationResponse,
};
use locum_login::{LoginId, Ports, SecretKey};
use serde_json::{Value, json};

use device::{Device, ORIGIN, RP_ID};

struct World {
    passkeys: Passkeys,
    second: Arc<AtomicI64>,
    enrolled: Vec<Authenticator>,
}

fn alice() -> PrincipalId {
    "alice@corp.example".parse().unwrap()
}

fn bob() -> PrincipalId {
    "bob@corp.example".parse().unwrap()
}

fn login() -> LoginId {
    LoginId::from("login-1")
}

impl World {
    fn new() -> Self {
        let second = Arc::new(AtomicI64::new(1_800_000_000));
        let clock = Arc::clone(&second);
        let drawn = AtomicU8::new(0);
        let ports = Ports::new(
            SecretKey::new(&[7; 32]),
            Arc::new(move || Timestamp::from_second(clock.load(Ordering::Relaxed)).unwrap()),
            Arc::new(move || Some([drawn.fetch_add(1, Ordering::Relaxed); 32])),
        );
        let settings = PasskeySettings {
            rp_id: RP_ID.to_owned(),
            rp_name: "Locum".to_owned(),
            origin: ORIGIN.to_owned(),
            is_secure: true,
        };
        Self {
            passkeys: Passkeys::new(settings, ports),
            second,
            enrolled: Vec::new(),
        }
    }

    /// A device that made a passkey for this person, and that counts.
    fn enrolled(&mut self, credential: u8, person: &PrincipalId) -> Device {
        let mut device = Device::new(credential);
        let options =
            self.passkeys
                .registration_options(MadeIn::Login(&login()), person, "Somebody", &[]);
        let answer = device.create(&options.unwrap());
        self.register(&answer).unwrap();
        self.enrolled.push(device.authenticator(person));
        device
    }

    fn register(&self, answer: &Value) -> Result<String, PasskeyRefused> {
        let response = RegistrationResponse::read(answer.to_string().as_bytes())?;
        let credential = self.passkeys.register(MadeIn::Login(&login()), &response)?;
        Ok(credential.public_key.thumbprint().as_str().to_owned())
    }

    fn find(&self) -> impl Fn(&str) -> Option<(Authenticator, Option<u32>)> + Sync + '_ {
        |id| {
            let known = self
                .enrolled
                .iter()
                .find(|it| it.credential_id() == Some(id));
            known.map(|it| (it.clone(), None))
        }
    }

    fn options(&self) -> (Value, HeaderMap) {
        let (options, set_cookie) = self.passkeys.sign_in_options().unwrap();
        let mut headers = HeaderMap::new();
        let pair = set_cookie.split(';').next().unwrap();
        headers.insert(COOKIE, pair.parse().unwrap());
        (options, headers)
    }

    fn sign_in(&self, headers: &HeaderMap, answer: &Value) -> Result<Proved, PasskeyRefused> {
        let response = AuthenticationResponse::read(answer.to_string().as_bytes())?;
        self.passkeys.sign_in(headers, &response, &self.find())
    }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, PasskeyRefused>) -> &'static str {
    outcome.expect_err("it was believed").code()
}

#[test]
fn r06_whoever_holds_the_passkey_is_its_person() {
    let mut world = World::new();
    let mut device = world.enrolled(1, &alice());
    let (options, headers) = world.options();
    let proved = world.sign_in(&headers, &device.get(&options)).unwrap();
    assert_eq!(proved.principal, alice());
    assert_eq!(proved.authenticator, device.authenticator(&alice()).id);
}

#[test]
fn r33_the_options_tell_a_stranger_nothing_about_anybody() {
    let mut world = World::new();
    let (before, _) = world.options();
    world.enrolled(1, &alice());
    let (after, _) = world.options();
    for options in [&before, &after] {
        assert_eq!(options["allowCredentials"], json!([]));
        assert_eq!(options["userVerification"], "required");
        assert_eq!(options["rpId"], RP_ID);
    }
    assert_ne!(before["challenge"], after["challenge"]);
    // Nor does trying it again.
    let mut stranger = Device::new(9);
    let (options, headers) = world.options();
    let answer = stranger.get(&options);
    for _ in 0..2 {
        let outcome = world.sign_in(&headers, &answer);
        assert_eq!(refused(outcome), "unknown-credential");
    }
}

#[test]
fn r33_an_assertion_signs_in_once_and_only_where_it_was_asked_for() {
    let mut world = World::new();
    let mut device = world.enrolled(1, &alice());
    let (options, headers) = world.options();
    let (_, elsewhere) = world.options();
    let answer = device.get(&options);
    let nowhere = HeaderMap::new();
    assert_eq!(refused(world.sign_in(&nowhere, &answer)), "no-challenge");
    assert_eq!(
        refused(world.sign_in(&elsewhere, &answer)),
        "assertion-refused",
        "login CSRF: another browser's challenge"
    );
    assert!(world.sign_in(&headers, &answer).is_ok());
    assert_eq!(refused(world.sign_in(&headers, &answer)), "no-challenge");
}

#[test]
fn r33_a_challenge_is_good_for_five_minutes() {
    for (seconds, is_in_time) in [(299, true), (300, false)] {
        let mut world = World::new();
        let mut device = world.enrolled(1, &alice());
        let (options, headers) = world.options();
        world.second.fetch_add(seconds, Ordering::Relaxed);
        let outcome = world.sign_in(&headers, &device.get(&options));
        assert_eq!(outcome.is_ok(), is_in_time, "{seconds}");
    }
}

#[test]
fn r06_an_authenticator_that_names_somebody_else_signs_nobody_in() {
    let mut world = World::new();
    let mut alices = world.enrolled(1, &alice());
    let bobs = world.enrolled(2, &bob());
    for handle in [bobs.user_handle.clone(), None, Some("eA".to_owned())] {
        alices.user_handle = handle;
        let (options, headers) = world.options();
        let outcome = world.sign_in(&headers, &alices.get(&options));
        assert_eq!(refused(outcome), "unknown-credential");
    }
}

#[test]
fn r06_a_page_of_another_origin_signs_nobody_in() {
    let mut world = World::new();
    let mut device = world.enrolled(1, &alice());
    device.origin = "https://evil.corp.example";
    let (options, headers) = world.options();
    let outcome = world.sign_in(&headers, &device.get(&options));
    assert_eq!(refused(outcome), "assertion-refused");
}

#[test]
fn r06_a_key_that_counts_backwards_was_copied() {
    let mut world = World::new();
    let mut device = world.enrolled(1, &alice());
    device.sign_count = 10;
    let (options, headers) = world.options();
    assert!(world.sign_in(&headers, &device.get(&options)).is_ok());
    device.sign_count = 5;
    let (options, headers) = world.options();
    let outcome = world.sign_in(&headers, &device.get(&options));
    assert_eq!(refused(outcome), "assertion-refused");
}

#[test]
fn r06_stepping_up_is_bound_to_its_login_and_names_ones_own_passkeys() {
    let mut world = World::new();
    let mut device = world.enrolled(1, &alice());
    let own = world.enrolled.clone();
    let options = world.passkeys.step_up_options(&login(), &own).unwrap();
    assert_eq!(options["allowCredentials"][0]["id"], device.credential_id());
    device.user_handle = None;
    let answer = device.get(&options).to_string();
    let response = AuthenticationResponse::read(answer.as_bytes()).unwrap();
    let step_up = |id: &str| {
        let login = LoginId::from(id);
        world.passkeys.step_up(&login, &response, &world.find())
    };
    assert_eq!(refused(step_up("another")), "no-challenge");
    assert_eq!(step_up("login-1").unwrap().principal, alice());
    assert_eq!(refused(step_up("login-1")), "no-challenge");
    // A challenge for stepping up signs nobody in.
    let options = world.passkeys.step_up_options(&login(), &own).unwrap();
    let (_, headers) = world.options();
    let outcome = world.sign_in(&headers, &device.get(&options));
    assert_eq!(refused(outcome), "unknown-credential");
}

#[test]
fn r06_a_passkey_is_made_once_per_challenge_and_verifies_its_user() {
    let mut world = World::new();
    let first = world.enrolled(1, &alice());
    let own = world.enrolled.clone();
    let options = world
        .passkeys
        .registration_options(MadeIn::Login(&login()), &alice(), "Alice", &own)
        .unwrap();
    assert_eq!(
        options["excludeCredentials"][0]["id"],
        first.credential_id()
    );
    assert_eq!(options["attestation"], "none");
    let selection = &options["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["userVerification"], "required");
    let algorithms: Vec<&Value> = options["pubKeyCredParams"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["alg"])
        .collect();
    assert_eq!(algorithms, [&json!(-8), &json!(-7), &json!(-257)]);
    let handle = options["user"]["id"].as_str().unwrap();
    assert_eq!(Some(handle), first.user_handle.as_deref(), "one per person");
    let mut second = Device::new(2);
    let answer = second.create(&options);
    assert!(world.register(&answer).is_ok());
    assert_eq!(refused(world.register(&answer)), "no-challenge");
}

#[test]
fn r33_a_passkey_by_invitation_is_made_with_its_code_alone_and_once() {
    let world = World::new();
    let asked = |made_in| {
        let passkeys = &world.passkeys;
        let options = passkeys.registration_options(made_in, &alice(), "Alice", &[]);
        let answer = Device::new(1).create(&options.unwrap());
        RegistrationResponse::read(answer.to_string().as_bytes()).unwrap()
    };
    let made = |made_in, response: &RegistrationResponse| {
        let credential = world.passkeys.register(made_in, response);
        credential.map(|_| ()).map_err(|refused| refused.code())
    };
    let (mine, other) = (MadeIn::Invitation("mine"), MadeIn::Invitation("other"));
    let response = asked(mine);
    let login = login();
    for elsewhere in [other, MadeIn::Login(&login)] {
        assert_eq!(made(elsewhere, &response), Err("no-challenge"));
    }
    let of_login = asked(MadeIn::Login(&login));
    assert!(made(mine, &of_login).is_err(), "another ceremony's answer");
    assert_eq!(made(mine, &response), Err("no-challenge"), "taken by a try");
    let response = asked(mine);
    assert_eq!(made(mine, &response), Ok(()));
    assert_eq!(made(mine, &response), Err("no-challenge"));
}

#[test]
fn r06_a_registration_is_read_in_one_way_only() {
    let world = World::new();
    let spoilt = |name: &str, value: Value| {
        let options =
            world
                .passkeys
                .registration_options(MadeIn::Login(&login()), &alice(), "Alice", &[]);
        let mut answer = Device::new(1).create(&options.unwrap());
        answer[name] = value;
        answer
    };
    for answer in [
        spoilt("type", json!("password")),
        spoilt("rawId", json!("AAAA")),
        spoilt("response", json!({})),
        json!("text"),
    ] {
        assert_eq!(refused(world.register(&answer)), "malformed", "{answer}");
    }
    let mut renamed = spoilt("id", json!("AAAA"));
    renamed["rawId"] = json!("AAAA");
    assert_eq!(refused(world.register(&renamed)), "another-credential");
    let long = vec![b' '; 70_000];
    assert_eq!(refused(RegistrationResponse::read(&long)), "malformed");
}

#[test]
fn r33_strangers_who_ask_for_many_challenges_take_nobodys_place() {
    let mut world = World::new();
    let mut device = world.enrolled(1, &alice());
    let (options, headers) = world.options();
    let own = [device.authenticator(&alice())];
    let step_up = world.passkeys.step_up_options(&login(), &own).unwrap();
    for _ in 0..20_000 {
        world.passkeys.sign_in_options().unwrap();
    }
    assert!(world.sign_in(&headers, &device.get(&options)).is_ok());
    let answer = device.get(&step_up).to_string();
    let response = AuthenticationResponse::read(answer.as_bytes()).unwrap();
    let proved = world.passkeys.step_up(&login(), &response, &world.find());
    assert_eq!(proved.unwrap().principal, alice());
}

#[test]
fn r33_nobody_makes_an_old_challenge_young_again() {
    let mut world = World::new();
    let mut device = world.enrolled(1, &alice());
    let (options, headers) = world.options();
    world.second.fetch_add(300, Ordering::Relaxed);
    let answer = device.get(&options);
    assert_eq!(refused(world.sign_in(&headers, &answer)), "no-challenge");
    let cookie = headers[COOKIE].to_str().unwrap();
    let young = cookie.replace("1800000000", "1800000300");
    assert_ne!(young, cookie);
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, young.parse().unwrap());
    assert_eq!(
        refused(world.sign_in(&headers, &answer)),
        "assertion-refused"
    );
}
