//! Devices that are let in, founders' links, and how often somebody may try.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use jiff::Timestamp;
use locum_domain::PrincipalId;
use locum_domain::catalog::Role;
use locum_login::attempts::{Attempt, Attempts};
use locum_login::device::{DeviceRefused, Devices, LettingIn, Parent, UserCode};
use locum_login::{
    FoundingCodes, How, Invitation, InvitationCodes, LoginId, Now, Ports, SecretKey, SeenFrom,
};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

struct Clock(Arc<AtomicI64>);

impl Clock {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_800_000_000)))
    }

    fn now(&self) -> Now {
        let second = Arc::clone(&self.0);
        Arc::new(move || Timestamp::from_second(second.load(Ordering::Relaxed)).unwrap())
    }

    fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }

    fn ports(&self) -> Ports {
        let drawn = AtomicU8::new(0);
        let random = move || {
            let number = drawn.fetch_add(1, Ordering::Relaxed);
            Some(Sha256::digest([number]).into())
        };
        Ports::new(SecretKey::new(&[7; 32]), self.now(), Arc::new(random))
    }
}

fn alice() -> PrincipalId {
    "alice@corp.example".parse().unwrap()
}

fn as_alice() -> LettingIn {
    LettingIn {
        principal: alice(),
        parent: Parent {
            login: LoginId::from("login-1"),
            withheld_roles: BTreeSet::from([Role::Security]),
            shown: BTreeSet::new(),
            provider: None,
        },
    }
}

fn at(address: &str) -> SeenFrom {
    SeenFrom {
        browser: None,
        address: Some(address.parse().unwrap()),
    }
}

/// A device in line: what it shows at the token endpoint, and the code on its screen.
fn device(devices: &Devices) -> (String, UserCode) {
    let asked = devices.ask("locum-cli", SeenFrom::default()).unwrap();
    assert_eq!((asked.expires_in_seconds, asked.interval_seconds), (600, 5));
    let secret = asked.device_code.expose_secret().to_owned();
    (secret, asked.user_code)
}

#[test]
fn r06_a_device_is_let_in_by_a_person_and_once() {
    let clock = Clock::new();
    let devices = Devices::new(clock.ports());
    let (secret, code) = device(&devices);
    assert_eq!(devices.redeem(&secret).unwrap_err(), DeviceRefused::Pending);
    let typed = UserCode::read(&code.to_string().to_lowercase()).unwrap();
    assert_eq!(devices.waiting_with(&typed).unwrap().client, "locum-cli");
    assert!(devices.let_in(&typed, as_alice()));
    assert!(
        !devices.let_in(&typed, as_alice()),
        "an answer is given once"
    );
    assert!(!devices.turn_away(&typed));
    assert!(devices.waiting_with(&typed).is_none());
    clock.pass(5);
    let login = devices.redeem(&secret).unwrap();
    assert_eq!(login.principal, alice());
    assert_eq!(login.how, How::Device(as_alice().parent));
    assert_eq!(devices.redeem(&secret).unwrap_err(), DeviceRefused::Unknown);
}

#[test]
fn r33_a_device_that_asks_too_often_is_told_to_slow_down() {
    let clock = Clock::new();
    let devices = Devices::new(clock.ports());
    let (secret, code) = device(&devices);
    let ask = |seconds: i64| {
        clock.pass(seconds);
        devices.redeem(&secret).unwrap_err()
    };
    assert_eq!(ask(0), DeviceRefused::Pending);
    assert_eq!(ask(4), DeviceRefused::SlowDown);
    assert_eq!(ask(9), DeviceRefused::SlowDown, "by 5 s longer each time");
    assert_eq!(ask(15), DeviceRefused::Pending);
    // Neither does a yes help whoever does not wait.
    assert!(devices.let_in(&code, as_alice()));
    assert_eq!(ask(14), DeviceRefused::SlowDown);
    clock.pass(20);
    assert!(devices.redeem(&secret).is_ok());
}

#[test]
fn r33_a_device_that_was_turned_away_or_waited_too_long_gets_nothing() {
    let clock = Clock::new();
    let devices = Devices::new(clock.ports());
    let (secret, code) = device(&devices);
    assert!(devices.turn_away(&code));
    assert_eq!(devices.redeem(&secret).unwrap_err(), DeviceRefused::Denied);
    assert_eq!(devices.redeem(&secret).unwrap_err(), DeviceRefused::Unknown);

    let (secret, code) = device(&devices);
    clock.pass(600);
    assert!(
        !devices.let_in(&code, as_alice()),
        "nobody lets it in any more"
    );
    assert_eq!(devices.redeem(&secret).unwrap_err(), DeviceRefused::Expired);
    assert_eq!(
        devices.redeem("invented").unwrap_err(),
        DeviceRefused::Unknown
    );
}

#[test]
fn r33_a_yes_that_nobody_fetched_in_time_is_worth_nothing() {
    let clock = Clock::new();
    let devices = Devices::new(clock.ports());
    let (secret, code) = device(&devices);
    assert!(devices.let_in(&code, as_alice()));
    clock.pass(600);
    assert_eq!(devices.redeem(&secret).unwrap_err(), DeviceRefused::Expired);
}

#[test]
fn r33_nobody_fills_the_line_of_devices_alone() {
    let devices = Devices::new(Clock::new().ports());
    for _ in 0..20 {
        assert!(devices.ask("flood", at("192.0.2.1")).is_some());
    }
    assert!(devices.ask("flood", at("192.0.2.1")).is_none());
    assert!(devices.ask("locum-cli", at("192.0.2.2")).is_some());
}

#[test]
fn r33_a_founders_link_is_good_for_one_use_within_a_day() {
    let clock = Clock::new();
    let codes = FoundingCodes::new(clock.ports());
    let link = codes.make(&alice()).unwrap();
    let link = link.expose_secret();
    assert_eq!(codes.meant(link), Some(alice()), "looking uses nothing up");
    assert_eq!(codes.redeem("invented"), None);
    assert_eq!(codes.redeem(link), Some(alice()));
    assert_eq!(codes.redeem(link), None);

    let old = codes.make(&alice()).unwrap();
    let new = codes.make(&alice()).unwrap();
    assert_eq!(codes.redeem(old.expose_secret()), None, "one each");
    clock.pass(24 * 3600 - 1);
    assert_eq!(codes.meant(new.expose_secret()), Some(alice()));
    clock.pass(1);
    assert_eq!(codes.redeem(new.expose_secret()), None);
}

#[test]
fn r33_after_the_founding_no_link_opens_anything() {
    let codes = FoundingCodes::new(Clock::new().ports());
    let link = codes.make(&alice()).unwrap();
    codes.close();
    assert_eq!(codes.redeem(link.expose_secret()), None);
}

#[test]
fn r33_an_invitation_is_one_persons_by_one_person_and_no_founders_link() {
    let clock = Clock::new();
    let ports = clock.ports();
    let (invited, founding) = (
        InvitationCodes::new(ports.clone()),
        FoundingCodes::new(ports),
    );
    let of = |person: &str, by: &str| Invitation {
        person: person.parse().unwrap(),
        by: by.parse().unwrap(),
    };
    let (by_mia, by_sam) = (of("alice", "mia"), of("alice", "sam"));
    let lost = invited.make(&by_mia).unwrap();
    let link = invited.make(&by_mia).unwrap();
    let other = invited.make(&by_sam).unwrap();
    assert_eq!(
        invited.meant(lost.expose_secret()),
        None,
        "the last is good"
    );
    assert_eq!(invited.meant(link.expose_secret()), Some(by_mia.clone()));
    assert_eq!(founding.redeem(link.expose_secret()), None);
    assert_eq!(invited.redeem(link.expose_secret()), Some(by_mia));
    assert_eq!(invited.redeem(link.expose_secret()), None);
    assert_eq!(invited.meant(other.expose_secret()), Some(by_sam));
    clock.pass(24 * 3600);
    assert_eq!(invited.redeem(other.expose_secret()), None);
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn r33_guessing_is_slowed_down_and_its_victim_signs_in_all_the_same() {
    let clock = Clock::new();
    let attempts = Attempts::new(clock.now());
    let attacker = address("192.0.2.1");
    let on_alice = |from| attempts.count(Attempt::Passkey, from, Some("alice"));
    for _ in 0..10 {
        assert!(on_alice(attacker).is_ok());
    }
    let refused = on_alice(attacker).unwrap_err();
    assert!((1..=31).contains(&refused.retry_after_seconds), "{refused}");
    assert!(
        on_alice(address("192.0.2.2")).is_ok(),
        "the victim elsewhere"
    );
    let on_bob = attempts.count(Attempt::Passkey, attacker, Some("bob"));
    assert!(on_bob.is_ok(), "a colleague behind the same address");
    let other_door = attempts.count(Attempt::FoundingCode, attacker, Some("alice"));
    assert!(other_door.is_ok());
    clock.pass(i64::from(refused.retry_after_seconds));
    assert!(on_alice(attacker).is_ok(), "waiting as told is enough");
}

#[test]
fn r33_trying_every_account_from_one_network_is_slowed_down_too() {
    let clock = Clock::new();
    let attempts = Attempts::new(clock.now());
    let of_network = |number: u32| address(&format!("2001:db8:1:2::{number:x}"));
    let mut tried = 0;
    while attempts
        .count(
            Attempt::DeviceCode,
            of_network(tried),
            Some(&tried.to_string()),
        )
        .is_ok()
    {
        tried += 1;
        assert!(tried < 1_000, "nothing slows it down");
    }
    assert_eq!(tried, 60);
    let neighbour = address("2001:db8:1:3::1");
    let neighbours = attempts.count(Attempt::DeviceCode, neighbour, Some("1"));
    assert!(neighbours.is_ok());
}

#[test]
fn r33_what_somebody_tries_who_is_signed_in_uses_up_their_own_allowance_alone() {
    let clock = Clock::new();
    let attempts = Attempts::new(clock.now());
    // Strangers at the same address try as much as they like.
    while attempts
        .count(Attempt::DeviceCode, address("192.0.2.1"), None)
        .is_ok()
    {}
    let own = |person| attempts.count_own(Attempt::DeviceCode, person);
    for _ in 0..10 {
        assert!(own("alice").is_ok());
    }
    let refused = own("alice").unwrap_err();
    assert!(own("bob").is_ok());
    clock.pass(i64::from(refused.retry_after_seconds));
    assert!(own("alice").is_ok() && own("alice").is_err());
}
