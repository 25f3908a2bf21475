//! Keys that are published on purpose, and tokens that no honest signer makes.
#![allow(dead_code, reason = "each test binary takes what it needs")]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use locum_token::{
    Actor, ActorProfile, Assertion, AssertionInput, Expected, JwkSet, LocumClaims, Scope,
    SigningKey,
};
use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};

const EDDSA: &str = include_str!("../../../../sdk/vectors/keys/eddsa.pem");
const ES256: &str = include_str!("../../../../sdk/vectors/keys/es256.pem");
const RS256: &str = include_str!("../../../../sdk/vectors/keys/rs256.pem");
const FOREIGN: &str = include_str!("../../../../sdk/vectors/keys/foreign.pem");

pub(crate) const ISSUER: &str = "https://locum.example";
pub(crate) const AUDIENCE: &str = "app:billing";
pub(crate) const NOW: i64 = 1_800_000_000;

#[expect(
    clippy::disallowed_methods,
    reason = "the caller of a pure room brings the randomness: here, a test"
)]
pub(crate) fn rng() -> SystemRandom {
    SystemRandom::new()
}

fn key(pem: &str) -> SigningKey {
    SigningKey::from_pkcs8_pem(pem, &rng()).unwrap()
}

pub(crate) fn eddsa() -> SigningKey {
    key(EDDSA)
}

pub(crate) fn es256() -> SigningKey {
    key(ES256)
}

pub(crate) fn rs256() -> SigningKey {
    key(RS256)
}

pub(crate) fn foreign() -> SigningKey {
    key(FOREIGN)
}

pub(crate) fn all_keys() -> [SigningKey; 3] {
    [eddsa(), es256(), rs256()]
}

pub(crate) fn jwks(keys: &[&SigningKey]) -> JwkSet {
    JwkSet::of(keys.iter().map(|key| key.verifying_key().clone()))
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(crate) fn expected() -> Expected<'static> {
    Expected {
        issuer: ISSUER,
        audience: AUDIENCE,
        now: at(NOW),
        leeway_seconds: 0,
    }
}

pub(crate) fn actor() -> Actor {
    Actor::new(ISSUER, "alice@corp.example", ActorProfile::User)
}

pub(crate) fn input() -> AssertionInput {
    AssertionInput {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        subject: "cus_42".to_owned(),
        actor: actor(),
        client_id: "locum-gateway".to_owned(),
        scope: Scope::of(["invoice.read", "invoice.list"]).unwrap(),
        session: "ses_1".to_owned(),
        access_event: "evt_1".to_owned(),
        assertion_id: "jti_1".to_owned(),
        confirmation: None,
        locum: LocumClaims {
            case: "desk:7".to_owned(),
            grant: "grt_1".to_owned(),
            mode: "read".to_owned(),
            break_glass: false,
            activation: 12,
        },
        session_ends_at: at(NOW + 1800),
    }
}

/// The claims of a good assertion, to be spoilt one at a time.
pub(crate) fn good_claims() -> Value {
    let (_, assertion) = Assertion::issue(input(), at(NOW), &eddsa(), &rng()).unwrap();
    serde_json::to_value(assertion).unwrap()
}

pub(crate) fn good_header() -> Value {
    json!({"alg": "EdDSA", "typ": Assertion::TYP, "kid": eddsa().kid()})
}

/// A token with any header and payload, truly signed by the EdDSA key.
pub(crate) fn forge(header: &str, payload: &str) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let body: String = EDDSA
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&STANDARD.decode(body).unwrap()).unwrap();
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

pub(crate) fn forge_json(header: &Value, claims: &Value) -> String {
    forge(&header.to_string(), &claims.to_string())
}
