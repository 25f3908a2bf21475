//! ID tokens that are wrong in one thing each.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use locum_token::{Algorithm, SigningKey};
use ring::hmac;
use serde_json::{Value, json};

use crate::client::{Client, refused};
use crate::idp::{CLIENT, Forge, NOW, Spoil, key, signed};

fn put(name: &'static str, value: Value) -> (String, Spoil) {
    let what = format!("{name}: {value}");
    (what, Box::new(move |claims| claims[name] = value.clone()))
}

fn without(name: &'static str) -> (String, Spoil) {
    let take = move |claims: &mut Value| {
        claims.as_object_mut().unwrap().remove(name);
    };
    (format!("no {name}"), Box::new(take))
}

#[tokio::test]
async fn r33_an_id_token_that_is_wrong_in_one_claim_signs_nobody_in() {
    for (what, spoil) in [
        put("iss", json!("https://evil.example")),
        put("iss", json!("https://idp.corp.example/")),
        without("iss"),
        put("aud", json!("another")),
        put("aud", json!("")),
        put("aud", json!(["another"])),
        put("aud", json!([])),
        put("aud", json!([CLIENT, "another"])),
        put("azp", json!("another")),
        without("aud"),
        put("exp", json!(NOW - 31)),
        without("exp"),
        put("iat", json!(NOW + 31)),
        put("iat", json!(NOW - 601)),
        without("iat"),
        put("nbf", json!(NOW + 31)),
        put("nonce", json!("another")),
        put("nonce", json!("")),
        without("nonce"),
        put("at_hash", json!("another")),
        put("auth_time", json!(NOW - 8 * 3600 - 31)),
        without("auth_time"),
        put("sub", json!("")),
        put("sub", json!("x".repeat(256))),
        without("sub"),
    ] {
        let client = Client::new();
        client.idp.with(|state| state.spoil = Some(spoil));
        assert_eq!(refused(client.sign_in().await), "token-refused", "{what}");
    }
}

#[tokio::test]
async fn r33_what_the_specification_allows_is_allowed() {
    for (what, spoil) in [
        put("aud", json!([CLIENT])),
        put("azp", json!(CLIENT)),
        put("iat", json!(NOW as f64 + 0.5)),
        put("exp", json!(NOW - 29)),
        without("at_hash"),
        without("sid"),
        without("acr"),
        without("amr"),
    ] {
        let client = Client::new();
        client.idp.with(|state| state.spoil = Some(spoil));
        assert!(client.sign_in().await.is_ok(), "{what}");
    }
    let client = Client::new();
    client.idp.with(|state| {
        state.spoil = Some(Box::new(|claims| {
            claims["aud"] = json!([CLIENT, "another"]);
            claims["azp"] = json!(CLIENT);
        }));
    });
    assert!(client.sign_in().await.is_ok());
}

/// A token with any header and any signature.
fn forged(header: Value, claims: &Value, signature: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let coded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let message = format!("{}.{}", coded(&header), coded(claims));
    let signature = URL_SAFE_NO_PAD.encode(signature(message.as_bytes()));
    format!("{message}.{signature}")
}

fn by_hmac(claims: &Value, key: &SigningKey) -> String {
    let header = json!({"alg": "HS256", "typ": "JWT", "kid": key.kid()});
    let jwk = key.verifying_key().to_jwk().to_string();
    let public = hmac::Key::new(hmac::HMAC_SHA256, jwk.as_bytes());
    forged(header, claims, |message| {
        hmac::sign(&public, message).as_ref().to_vec()
    })
}

#[tokio::test]
async fn r33_an_id_token_whose_header_chooses_how_it_is_checked_signs_nobody_in() {
    let forgeries: Vec<(&str, Forge)> = vec![
        (
            "no algorithm",
            Box::new(|claims, key| {
                let header = json!({"alg": "none", "typ": "JWT", "kid": key.kid()});
                forged(header, claims, |_| Vec::new())
            }),
        ),
        ("HS256 by the public key", Box::new(by_hmac)),
        (
            "another algorithm's name",
            Box::new(|claims, key| {
                let token = signed(claims, "JWT", key);
                let (_, rest) = token.split_once('.').unwrap();
                let header = json!({"alg": "RS256", "typ": "JWT", "kid": key.kid()});
                format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
            }),
        ),
        (
            "a key of its own",
            Box::new(|claims, _| signed(claims, "JWT", &key(Algorithm::Es256))),
        ),
        (
            "a key of its own in the header",
            Box::new(|claims, known| {
                let own = key(Algorithm::Es256);
                let token = signed(claims, "JWT", &own);
                let (_, rest) = token.split_once('.').unwrap();
                let jwk = own.verifying_key().to_jwk();
                let header = json!({"alg": "ES256", "kid": known.kid(), "jwk": jwk});
                format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
            }),
        ),
        (
            "a critical extension",
            Box::new(|claims, key| {
                let header =
                    json!({"alg": "ES256", "kid": key.kid(), "crit": ["b64"], "b64": false});
                forged(header, claims, |_| vec![0; 64])
            }),
        ),
        (
            "a logout token",
            Box::new(|claims, key| signed(claims, "logout+jwt", key)),
        ),
        (
            "an access token",
            Box::new(|claims, key| signed(claims, "at+jwt", key)),
        ),
        (
            "a signature cut off",
            Box::new(|claims, key| {
                let token = signed(claims, "JWT", key);
                let (message, _) = token.rsplit_once('.').unwrap();
                format!("{message}.")
            }),
        ),
    ];
    for (what, forge) in forgeries {
        let client = Client::new();
        client.idp.with(|state| state.forge = Some(forge));
        assert_eq!(refused(client.sign_in().await), "token-refused", "{what}");
    }
}

#[tokio::test]
async fn r06_an_account_that_the_provider_did_not_verify_is_nobodys() {
    for (what, spoil) in [
        put("email_verified", json!(false)),
        put("email_verified", json!("true")),
        without("email_verified"),
        without("email"),
    ] {
        let client = Client::new();
        client.idp.with(|state| state.spoil = Some(spoil));
        assert_eq!(refused(client.sign_in().await), "no-account", "{what}");
    }
}
