//! ID tokens as providers sign them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod common;

use common::{ISSUER, NOW, all_keys, at, eddsa, es256, forge_json, jwks, rng, rs256};
use locum_token::{
    Algorithm, ExpectedIdToken, IdToken, JwkSet, ProviderTokenError, SigningKey, TokenError, jws,
};
use serde_json::{Value, json};

/// The access token of OpenID Connect Core 1.0, appendix A.4.
const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
/// And its hash there, by SHA-256.
const AT_HASH: &str = "77QmUPtjPfzWtF2AnpK9RQ";
/// The same by SHA-512, as providers hash for Ed25519.
const AT_HASH_SHA512: &str = "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM";

fn claims(at_hash: &str) -> Value {
    json!({
        "iss": ISSUER, "sub": "u-alice", "aud": "locum", "nonce": "n",
        "iat": NOW, "exp": NOW + 300, "at_hash": at_hash,
    })
}

fn verify(token: &str, keys: &JwkSet) -> Result<IdToken, ProviderTokenError> {
    let expected = ExpectedIdToken {
        issuer: ISSUER,
        client_id: "locum",
        nonce: "n",
        access_token: Some(ACCESS_TOKEN),
        max_age_seconds: None,
        now: at(NOW),
        leeway_seconds: 0,
    };
    IdToken::verify(token, keys, &expected)
}

fn sign(claims: &Value, key: &SigningKey) -> String {
    jws::sign(claims, "JWT", key, &rng()).unwrap()
}

#[test]
fn r33_the_access_token_is_hashed_as_the_algorithm_of_the_id_token_asks() {
    for key in all_keys() {
        let keys = jwks(&[&key]);
        let (right, wrong) = match key.algorithm() {
            Algorithm::EdDsa => (AT_HASH_SHA512, AT_HASH),
            Algorithm::Es256 | Algorithm::Rs256 => (AT_HASH, AT_HASH_SHA512),
        };
        assert!(verify(&sign(&claims(right), &key), &keys).is_ok());
        let refused = verify(&sign(&claims(wrong), &key), &keys);
        let is_for_that = matches!(refused, Err(ProviderTokenError::AccessTokenHash));
        assert!(is_for_that, "{:?}", key.algorithm());
    }
}

#[test]
fn r33_without_a_key_id_there_must_be_one_key_only() {
    let header = json!({"alg": "EdDSA"});
    let token = forge_json(&header, &claims(AT_HASH_SHA512));
    assert!(verify(&token, &jwks(&[&eddsa()])).is_ok());
    let several = verify(&token, &jwks(&[&eddsa(), &es256()]));
    let is_unknown = |it: &_| {
        matches!(
            it,
            Err(ProviderTokenError::Token(TokenError::UnknownKey { .. }))
        )
    };
    assert!(is_unknown(&several));
    assert!(is_unknown(&verify(&token, &JwkSet::default())));
}

#[test]
fn both_names_of_ed25519_are_one_algorithm() {
    for (alg, is_taken) in [
        ("EdDSA", true),
        ("Ed25519", true),
        ("ES256", false),
        ("none", false),
    ] {
        let header = json!({"alg": alg, "kid": eddsa().kid()});
        let token = forge_json(&header, &claims(AT_HASH_SHA512));
        let outcome = verify(&token, &jwks(&[&eddsa(), &rs256()]));
        assert_eq!(outcome.is_ok(), is_taken, "{alg}");
    }
}

#[test]
fn a_person_in_very_many_groups_signs_in_all_the_same() {
    let with_groups = |count: usize| {
        let mut claims = claims(AT_HASH);
        claims["groups"] = json!(vec!["x".repeat(36); count]);
        sign(&claims, &es256())
    };
    let keys = jwks(&[&es256()]);
    let id_token = verify(&with_groups(400), &keys).unwrap();
    assert_eq!(id_token.claims["groups"].as_array().unwrap().len(), 400);
    assert!(verify(&with_groups(800), &keys).is_err());
}

#[test]
fn a_claim_that_stands_twice_could_be_read_in_two_ways() {
    let text = claims(AT_HASH_SHA512).to_string();
    let twice = text.replace(r#""sub":"u-alice""#, r#""sub":"u-bob","sub":"u-alice""#);
    assert_ne!(text, twice);
    let header = json!({"alg": "EdDSA", "kid": eddsa().kid()}).to_string();
    assert!(verify(&common::forge(&header, &twice), &jwks(&[&eddsa()])).is_err());
}
