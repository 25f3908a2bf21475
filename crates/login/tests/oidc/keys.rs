//! The provider changes its keys.

use locum_token::Algorithm;

use crate::client::{Client, refused};
use crate::idp::{key, published, signed};

#[tokio::test]
async fn r33_keys_are_read_once_and_again_when_an_unknown_one_signs() {
    let client = Client::new();
    for _ in 0..3 {
        client.sign_in().await.unwrap();
    }
    assert_eq!(client.idp.with(|state| state.jwks_asked), 1);
    client.idp.with(|state| {
        let next = key(Algorithm::EdDsa);
        state.published = published(&[&state.signing, &next]);
        state.signing = next;
        // EdDSA hashes otherwise than ES256.
        state.spoil = Some(Box::new(|claims| {
            claims["at_hash"] = serde_json::Value::Null
        }));
    });
    client.sign_in().await.unwrap();
    assert_eq!(client.idp.with(|state| state.jwks_asked), 2);
}

#[tokio::test]
async fn r33_nobody_makes_us_ask_more_than_once_a_minute_by_inventing_keys() {
    let client = Client::new();
    client.idp.with(|state| {
        state.forge = Some(Box::new(|claims, _| {
            signed(claims, "JWT", &key(Algorithm::Es256))
        }));
    });
    for _ in 0..5 {
        assert_eq!(refused(client.sign_in().await), "token-refused");
    }
    assert_eq!(client.idp.with(|state| state.jwks_asked), 2);
    client.pass(60);
    assert_eq!(refused(client.sign_in().await), "token-refused");
    assert_eq!(client.idp.with(|state| state.jwks_asked), 3);
}

#[tokio::test]
async fn r33_a_key_that_the_provider_withdrew_stops_counting_within_the_hour() {
    let client = Client::new();
    client.sign_in().await.unwrap();
    client.idp.with(|state| {
        state.published = published(&[&key(Algorithm::Es256)]);
    });
    client.pass(3_600);
    assert_eq!(refused(client.sign_in().await), "token-refused");
}

#[tokio::test]
async fn r33_a_provider_that_turns_into_another_one_is_not_used() {
    let client = Client::new();
    client.sign_in().await.unwrap();
    client
        .idp
        .with(|state| state.metadata["issuer"] = "https://evil.example".into());
    client.sign_in().await.unwrap();
    client.pass(3_600);
    let wish = locum_login::oidc::Wish::SignIn { to: "/".into() };
    let outcome = client.provider.begin(wish).await;
    assert_eq!(outcome.unwrap_err().code(), "provider-configuration");
}
