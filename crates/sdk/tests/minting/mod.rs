//! Assertions as somebody makes them who holds the signing key.
#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a panic here fails the test, as it should, and each file uses another part"
)]

use jiff::{SignedDuration, Timestamp};
use locum_sdk::{AssertionLayer, JwkSet, Verifier};
use locum_token::{Actor, ActorProfile, Assertion, AssertionInput, LocumClaims, SigningKey};
use ring::rand::SystemRandom;

const KEY: &str = include_str!("../../../../sdk/vectors/keys/eddsa.pem");
const ISSUER: &str = "https://locum.example";
const AUDIENCE: &str = "app:billing";

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_pkcs8_pem(KEY, &SystemRandom::new()).unwrap()
}

/// A layer that trusts this key at this time.
pub(crate) fn layer() -> AssertionLayer {
    layer_at(now)
}

/// The same at the time of another clock.
pub(crate) fn layer_at(clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> AssertionLayer {
    let keys = JwkSet::of([key().verifying_key().clone()]);
    AssertionLayer::new(Verifier::new(ISSUER, AUDIENCE, keys), clock)
}

pub(crate) fn assertion(session: &str, event: &str, activation: u64, id: &str) -> String {
    let input = AssertionInput {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        subject: "cus_42".to_owned(),
        actor: Actor::new(ISSUER, "alice@corp.example", ActorProfile::User),
        client_id: "locum".to_owned(),
        scope: "invoice.read".parse().unwrap(),
        session: session.to_owned(),
        access_event: event.to_owned(),
        assertion_id: id.to_owned(),
        confirmation: None,
        locum: LocumClaims {
            case: "desk:7".to_owned(),
            grant: "grt_1".to_owned(),
            mode: "read".to_owned(),
            break_glass: false,
            activation,
        },
        session_ends_at: now() + SignedDuration::from_mins(10),
    };
    let (token, _) = Assertion::issue(input, now(), &key(), &SystemRandom::new()).unwrap();
    token
}
