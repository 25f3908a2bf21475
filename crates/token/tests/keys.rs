//! Keys: read, made, written for others.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use common::{all_keys, eddsa, jwks, rng, rs256};
use locum_token::{Algorithm, JwkError, JwkSet, KeyError, SigningKey, VerifyingKey, generate_pem};
use serde_json::json;

#[test]
fn a_pem_file_says_what_kind_of_key_it_holds() {
    let found = all_keys().map(|key| key.algorithm());
    assert_eq!(
        found,
        [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Rs256]
    );
}

#[test]
fn a_generated_key_can_be_read_again_and_no_two_are_equal() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let kids = [(), ()].map(|()| {
            let pem = generate_pem(algorithm, &rng()).unwrap();
            let key = SigningKey::from_pkcs8_pem(&pem, &rng()).unwrap();
            assert_eq!(key.algorithm(), algorithm);
            key.kid().to_owned()
        });
        assert_ne!(kids[0], kids[1]);
    }
    assert!(matches!(
        generate_pem(Algorithm::Rs256, &rng()),
        Err(KeyError::RsaGeneration)
    ));
}

#[test]
fn what_is_no_private_key_is_refused_in_words() {
    for text in [
        "",
        "-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    ] {
        assert!(matches!(
            SigningKey::from_pkcs8_pem(text, &rng()),
            Err(KeyError::Pem)
        ));
    }
    let text = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
    assert!(matches!(
        SigningKey::from_pkcs8_pem(text, &rng()),
        Err(KeyError::Pkcs8)
    ));
}

#[test]
fn the_debug_form_of_a_private_key_shows_nothing_private() {
    let key = eddsa();
    let text = format!("{key:?}");
    assert!(text.contains(key.kid()));
    assert!(text.len() < 120, "{text}");
}

#[test]
fn a_key_survives_the_way_through_a_jwk_set() {
    let keys = all_keys();
    let set = jwks(&keys.each_ref());
    let read = JwkSet::from_json(&set.to_json().to_string()).unwrap();
    assert_eq!(read, set);
    for key in &keys {
        assert_eq!(set.get(key.kid()).unwrap(), key.verifying_key());
    }
}

#[test]
fn the_thumbprint_is_the_one_of_rfc_7638_and_rfc_8037() {
    // RFC 7638 §3.1.
    let rsa = VerifyingKey::from_jwk(
        r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#,
    )
    .unwrap();
    assert_eq!(
        rsa.thumbprint(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
    assert_eq!(rsa.kid(), "2011-04-29");
    // RFC 8037 appendix A.3.
    let okp = VerifyingKey::from_jwk(
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    )
    .unwrap();
    assert_eq!(okp.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn a_private_or_unfit_key_is_refused_where_a_public_one_belongs() {
    let mut good = eddsa().verifying_key().to_jwk();
    let spoil = |member: &str, value| {
        let mut jwk = good.clone();
        jwk[member] = value;
        VerifyingKey::from_jwk(&jwk.to_string()).unwrap_err()
    };
    assert!(matches!(spoil("d", json!("AAAA")), JwkError::Private));
    assert!(matches!(spoil("kty", json!("oct")), JwkError::Private));
    assert!(matches!(
        spoil("use", json!("enc")),
        JwkError::Purpose { .. }
    ));
    assert!(matches!(
        spoil("alg", json!("HS256")),
        JwkError::Purpose { .. }
    ));
    assert!(matches!(spoil("x", json!("AAAA")), JwkError::Member { .. }));
    assert!(matches!(spoil("x", json!("=")), JwkError::Member { .. }));
    assert!(matches!(
        spoil("crv", json!("X25519")),
        JwkError::KeyType { .. }
    ));
    assert!(matches!(spoil("kid", json!(1)), JwkError::Json(_)));
    good["alg"] = json!("Ed25519");
    VerifyingKey::from_jwk(&good.to_string()).unwrap();
}

#[test]
fn an_rsa_key_too_short_to_trust_or_too_long_to_afford_is_refused() {
    let mut jwk = rs256().verifying_key().to_jwk();
    for n in ["A".repeat(100), "_".repeat(1000)] {
        jwk["n"] = json!(n);
        assert!(matches!(
            VerifyingKey::from_jwk(&jwk.to_string()),
            Err(JwkError::Member { member: "n" })
        ));
    }
}

#[test]
fn a_fetched_set_passes_over_what_it_cannot_use_and_an_operators_file_does_not() {
    let usable = eddsa().verifying_key().to_jwk();
    let set = json!({"keys": [{"kty": "OKP", "crv": "X25519", "x": "AA"}, 7, usable]}).to_string();
    assert_eq!(JwkSet::from_json(&set).unwrap().keys().len(), 1);
    assert!(JwkSet::from_operator(&set).is_err());
    let one = JwkSet::from_operator(&usable.to_string()).unwrap();
    assert_eq!(one.keys(), [eddsa().verifying_key().clone()]);
    let twice = r#"{"keys":[],"keys":[]}"#;
    assert!(matches!(JwkSet::from_json(twice), Err(JwkError::Json(_))));
}
