//! R31: programs prove who they are with a key of their own.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use common::{NOW, all_keys, at, eddsa, es256, foreign, forge_json, jwks, rng};
use locum_token::{ClientAssertion, JwkSet, SigningKey, TokenError, jws};
use serde_json::{Value, json};

const ISSUER: &str = "https://locum.example";
const ENDPOINT: &str = "https://locum.example/oauth2/token";

fn claims() -> Value {
    json!({
        "iss": "aida", "sub": "aida", "aud": ENDPOINT,
        "jti": "once", "iat": NOW, "exp": NOW + 3600,
    })
}

fn header() -> Value {
    json!({"alg": "EdDSA"})
}

fn verify_at(token: &str, keys: &JwkSet, now: i64) -> Result<ClientAssertion, TokenError> {
    ClientAssertion::verify(token, "aida", keys, [ISSUER, ENDPOINT], at(now), 5)
}

fn verify(token: &str) -> Result<ClientAssertion, TokenError> {
    verify_at(token, &jwks(&[&eddsa()]), NOW)
}

fn refusal(spoil: impl FnOnce(&mut Value)) -> &'static str {
    let mut claims = claims();
    spoil(&mut claims);
    verify(&forge_json(&header(), &claims)).unwrap_err().code()
}

#[test]
fn what_authlib_sends_is_accepted() {
    let token = forge_json(&json!({"alg": "EdDSA", "typ": "JWT"}), &claims());
    assert_eq!(ClientAssertion::claimed_client_id(&token).unwrap(), "aida");
    assert_eq!(
        verify(&token).unwrap(),
        ClientAssertion {
            client_id: "aida".to_owned(),
            jti: "once".to_owned(),
            expires_at: at(NOW + 3605),
        }
    );
}

#[test]
fn what_openid_client_sends_is_accepted() {
    let header = json!({"alg": "Ed25519", "kid": "a-name-of-its-own"});
    let mut claims = claims();
    claims["aud"] = json!(ISSUER);
    claims["nbf"] = json!(NOW);
    claims["exp"] = json!(NOW + 60);
    verify(&forge_json(&header, &claims)).unwrap();
}

#[test]
fn the_newer_type_and_fractions_of_a_second_are_accepted() {
    for typ in [
        "client-authentication+jwt",
        "application/client-authentication+jwt",
        "jwt",
    ] {
        let header = json!({"alg": "EdDSA", "typ": typ});
        let mut claims = claims();
        claims["iat"] = json!(NOW as f64 + 0.5);
        claims["exp"] = json!(NOW as f64 + 60.5);
        verify(&forge_json(&header, &claims)).unwrap();
    }
}

#[test]
fn every_algorithm_a_client_may_register_verifies_and_the_key_pins_it() {
    for key in all_keys() {
        let token = jws::sign(&claims(), "JWT", &key, &rng()).unwrap();
        verify_at(&token, &jwks(&[&key]), NOW).unwrap();
        for other in all_keys().iter().filter(|other| other.kid() != key.kid()) {
            let refusal = verify_at(&token, &jwks(&[other]), NOW).unwrap_err();
            assert_eq!(refusal.code(), "algorithm");
        }
    }
}

#[test]
fn a_client_with_two_keys_may_use_either_while_it_rotates() {
    let both = |a: &SigningKey, b: &SigningKey| jwks(&[a, b]);
    let token = forge_json(&header(), &claims());
    verify_at(&token, &both(&foreign(), &eddsa()), NOW).unwrap();
    verify_at(&token, &both(&eddsa(), &es256()), NOW).unwrap();
    let named = json!({"alg": "EdDSA", "kid": foreign().kid()});
    let token = forge_json(&named, &claims());
    let refusal = verify_at(&token, &both(&eddsa(), &foreign()), NOW).unwrap_err();
    assert_eq!(refusal.code(), "signature");
}

#[test]
fn a_client_without_a_key_is_nobody() {
    let token = forge_json(&header(), &claims());
    assert_eq!(
        verify_at(&token, &JwkSet::default(), NOW)
            .unwrap_err()
            .code(),
        "unknown-key"
    );
    let refusal = verify_at(&token, &jwks(&[&foreign()]), NOW).unwrap_err();
    assert_eq!(refusal.code(), "signature");
}

#[test]
fn another_type_of_token_is_no_client_assertion() {
    for typ in [
        "at+jwt",
        "locum-grant+jwt",
        "locum-assertion+jwt",
        "dpop+jwt",
        "",
    ] {
        let header = json!({"alg": "EdDSA", "typ": typ});
        assert_eq!(
            verify(&forge_json(&header, &claims())).unwrap_err().code(),
            "type"
        );
    }
}

#[test]
fn nobody_speaks_for_another_client() {
    assert_eq!(refusal(|it| it["iss"] = json!("other")), "issuer");
    assert_eq!(refusal(|it| it["sub"] = json!("other")), "subject");
    let both = refusal(|it| {
        it["iss"] = json!("other");
        it["sub"] = json!("other");
    });
    assert_eq!(both, "issuer");
}

#[test]
fn the_audience_is_this_server_and_nobody_beside_it() {
    for aud in ["https://locum.example/", "https://other.example", ""] {
        assert_eq!(refusal(|it| it["aud"] = json!(aud)), "audience");
    }
    for aud in [
        json!([ISSUER]),
        json!([ISSUER, ENDPOINT]),
        json!([ISSUER, "https://x"]),
    ] {
        assert_eq!(refusal(|it| it["aud"] = aud), "claims");
    }
}

#[test]
fn every_demanded_claim_is_demanded() {
    for name in ["iss", "sub", "aud", "jti", "exp"] {
        let code = refusal(|it| {
            it.as_object_mut().unwrap().remove(name);
        });
        assert_eq!(code, "claims", "{name}");
    }
    assert_eq!(refusal(|it| it["jti"] = json!("")), "claims");
    assert_eq!(refusal(|it| it["jti"] = json!("x".repeat(257))), "claims");
}

#[test]
fn time_is_held_against_it() {
    assert_eq!(refusal(|it| it["exp"] = json!(NOW - 5)), "expired");
    assert_eq!(refusal(|it| it["exp"] = json!(-1e300)), "expired");
    assert_eq!(refusal(|it| it["exp"] = json!(NOW + 3606)), "life");
    assert_eq!(refusal(|it| it["exp"] = json!(1e300)), "life");
    assert_eq!(refusal(|it| it["nbf"] = json!(NOW + 6)), "not-yet-valid");
    assert_eq!(refusal(|it| it["iat"] = json!(NOW + 6)), "not-yet-valid");
    let mut edge = claims();
    edge["exp"] = json!(NOW + 3605);
    edge["nbf"] = json!(NOW + 5);
    verify(&forge_json(&header(), &edge)).unwrap();
}
