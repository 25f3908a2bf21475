//! Signatures: what verifies, and everything near it that must not.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{
    all_keys, eddsa, foreign, forge, forge_json, good_claims, good_header, jwks, rng, rs256,
};
use locum_token::{Assertion, JwkSet, TokenError, jws};
use proptest::prelude::*;
use serde_json::{Value, json};

fn code(token: &str, keys: &JwkSet) -> &'static str {
    jws::verify::<Value>(token, Assertion::TYP, keys)
        .unwrap_err()
        .code()
}

fn trusted() -> JwkSet {
    jwks(&[&eddsa()])
}

#[test]
fn every_algorithm_verifies_what_it_signed_and_nothing_of_the_others() {
    let keys = all_keys();
    let set = jwks(&keys.each_ref());
    let claims = json!({"hello": "world"});
    for key in &keys {
        let token = jws::sign(&claims, "test+jwt", key, &rng()).unwrap();
        let read: Value = jws::verify(&token, "test+jwt", &set).unwrap();
        assert_eq!(read, claims);
        let (message, _) = token.rsplit_once('.').unwrap();
        for other in keys.iter().filter(|other| other.kid() != key.kid()) {
            let stolen = jws::sign(&claims, "test+jwt", other, &rng()).unwrap();
            let (_, signature) = stolen.rsplit_once('.').unwrap();
            let mixed = format!("{message}.{signature}");
            assert!(matches!(
                jws::verify::<Value>(&mixed, "test+jwt", &set),
                Err(TokenError::Signature)
            ));
        }
    }
}

#[test]
fn the_key_decides_the_algorithm_whatever_the_header_says() {
    for alg in [
        "none", "None", "", "HS256", "ES256", "RS256", "Ed25519", "eddsa",
    ] {
        let mut header = good_header();
        header["alg"] = json!(alg);
        let token = forge_json(&header, &good_claims());
        assert_eq!(code(&token, &trusted()), "algorithm", "{alg}");
    }
}

#[test]
fn no_signature_is_no_token() {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"locum-assertion+jwt"}"#);
    let claims = URL_SAFE_NO_PAD.encode(good_claims().to_string());
    assert_eq!(
        code(&format!("{header}.{claims}."), &trusted()),
        "unknown-key"
    );
    let good = forge_json(&good_header(), &good_claims());
    let (message, _) = good.rsplit_once('.').unwrap();
    assert_eq!(code(&format!("{message}."), &trusted()), "signature");
    assert_eq!(code(message, &trusted()), "malformed");
}

#[test]
fn a_public_key_is_no_shared_secret() {
    // The classic confusion: HMAC with the bytes of the RSA key's public half.
    let key = rs256();
    let header = json!({"alg": "HS256", "typ": Assertion::TYP, "kid": key.kid()}).to_string();
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(good_claims().to_string())
    );
    let public = key.verifying_key().to_jwk().to_string();
    let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, public.as_bytes());
    let tag = URL_SAFE_NO_PAD.encode(ring::hmac::sign(&secret, message.as_bytes()));
    assert_eq!(
        code(&format!("{message}.{tag}"), &jwks(&[&key])),
        "algorithm"
    );
}

#[test]
fn a_key_that_is_not_trusted_is_never_tried() {
    let token = jws::sign(&good_claims(), Assertion::TYP, &foreign(), &rng()).unwrap();
    assert_eq!(code(&token, &trusted()), "unknown-key");
    let mut header = good_header();
    header["jwk"] = foreign().verifying_key().to_jwk();
    header.as_object_mut().unwrap().remove("kid");
    assert_eq!(
        code(&forge_json(&header, &good_claims()), &trusted()),
        "unknown-key"
    );
}

#[test]
fn another_tokens_type_is_refused() {
    for typ in [
        json!("at+jwt"),
        json!("JWT"),
        json!("LOCUM-ASSERTION+JWT"),
        Value::Null,
    ] {
        let mut header = good_header();
        header["typ"] = typ;
        assert_eq!(
            code(&forge_json(&header, &good_claims()), &trusted()),
            "type"
        );
    }
}

#[test]
fn any_demanded_extension_is_refused() {
    for crit in [json!(["b64"]), json!(["exp"]), json!([]), Value::Null] {
        let mut header = good_header();
        header["crit"] = crit;
        assert_eq!(
            code(&forge_json(&header, &good_claims()), &trusted()),
            "critical-header"
        );
    }
}

#[test]
fn a_repeated_member_is_refused_in_header_and_claims() {
    let header = good_header().to_string();
    let twice = header.replacen('{', r#"{"kid":"x","#, 1);
    assert_eq!(
        code(&forge(&twice, &good_claims().to_string()), &trusted()),
        "malformed"
    );
    let claims = good_claims().to_string();
    let twice = claims.replacen('{', r#"{"sub":"root","#, 1);
    assert_eq!(code(&forge(&header, &twice), &trusted()), "claims");
}

#[test]
fn base64url_is_taken_literally() {
    let good = forge_json(&good_header(), &good_claims());
    jws::verify::<Value>(&good, Assertion::TYP, &trusted()).unwrap();
    let loose_end = {
        // The last of 86 letters of a 64-byte signature carries four unused bits.
        let (head, last) = good.split_at(good.len() - 1);
        let next = char::from(last.as_bytes()[0] + 1);
        format!("{head}{next}")
    };
    for token in [
        format!("{good}="),
        format!("{good}\n"),
        format!(" {good}"),
        good.replacen('.', "..", 1),
        format!("{good}.{good}"),
        format!("{good}."),
        good.replace('.', "+."),
        loose_end,
        String::new(),
        "..".to_owned(),
    ] {
        assert_eq!(code(&token, &trusted()), "malformed", "{token}");
    }
}

#[test]
fn an_oversize_token_is_refused_before_it_is_looked_at() {
    let token = "a".repeat(jws::LONGEST_TOKEN_BYTES + 1);
    assert_eq!(code(&token, &trusted()), "too-long");
    let mut claims = good_claims();
    claims["padding"] = json!("x".repeat(jws::LONGEST_TOKEN_BYTES));
    assert_eq!(
        code(&forge_json(&good_header(), &claims), &trusted()),
        "too-long"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_signed_is_what_is_read(text in "\\PC{0,200}", number: i64, flag: bool) {
        let key = eddsa();
        let claims = json!({"text": text, "number": number, "flag": flag});
        let token = jws::sign(&claims, "test+jwt", &key, &rng()).unwrap();
        let read: Value = jws::verify(&token, "test+jwt", &jwks(&[&key])).unwrap();
        prop_assert_eq!(read, claims);
    }

    #[test]
    fn no_single_letter_can_be_changed(at in any::<prop::sample::Index>(), letter in "[A-Za-z0-9_.=-]") {
        let good = forge_json(&good_header(), &good_claims());
        let at = at.index(good.len());
        let mut bad = good.clone();
        bad.replace_range(at..=at, &letter);
        prop_assume!(bad != good);
        prop_assert!(jws::verify::<Value>(&bad, Assertion::TYP, &trusted()).is_err());
    }

    #[test]
    fn no_text_makes_the_verifier_panic(text in "\\PC{0,300}") {
        prop_assert!(jws::verify::<Value>(&text, Assertion::TYP, &trusted()).is_err());
    }
}
