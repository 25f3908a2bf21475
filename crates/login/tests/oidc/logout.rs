//! Signing out at the provider: from here, and told from there.

use locum_domain::PrincipalId;
use locum_login::oidc::ProviderFailure;
use locum_login::{Ended, How, NewLogin, SeenFrom};
use locum_token::Algorithm;
use serde_json::{Value, json};

use crate::client::Client;
use crate::idp::{CLIENT, ISSUER, NOW, key, signed};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn alice() -> PrincipalId {
    "alice@corp.example".parse().unwrap()
}

/// A client at which Alice is signed in.
async fn signed_in() -> (Client, Ended) {
    let client = Client::new();
    let finished = client.sign_in().await.unwrap();
    let login = || {
        let how = How::Oidc(finished.sign_in.clone());
        NewLogin::new(alice(), how, SeenFrom::default()).with_id_token(finished.id_token.clone())
    };
    let started = client.logins.begin(login()).unwrap();
    let ended = client.logins.end(&alice(), &started.id).unwrap();
    client.logins.begin(login()).unwrap();
    (client, ended)
}

fn good() -> Value {
    json!({
        "iss": ISSUER,
        "aud": CLIENT,
        "iat": NOW,
        "exp": NOW + 120,
        "jti": "j1",
        "sub": "u-alice",
        "sid": "s1",
        "events": { EVENT: {} },
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

fn without(names: &[&str]) -> Value {
    let mut claims = good();
    for name in names {
        claims.as_object_mut().unwrap().remove(*name);
    }
    claims
}

async fn tell(client: &Client, claims: &Value, typ: &str) -> Result<usize, ProviderFailure> {
    let token = client.idp.with(|state| signed(claims, typ, &state.signing));
    let ended = client.provider.log_out(&token, &client.logins).await;
    ended.map(|ended| ended.len())
}

#[tokio::test]
async fn r33_who_signed_out_at_the_provider_is_signed_out_here() {
    for (claims, typ, expected) in [
        (good(), "logout+jwt", 1),
        (good(), "JWT", 1),
        (without(&["sid"]), "logout+jwt", 1),
        (without(&["sub"]), "logout+jwt", 1),
        (with("sid", json!("another")), "logout+jwt", 0),
        (with("sub", json!("another")), "logout+jwt", 0),
        (with("aud", json!([CLIENT, "another"])), "logout+jwt", 1),
    ] {
        let (client, _) = signed_in().await;
        let ended = tell(&client, &claims, typ).await.unwrap();
        assert_eq!(ended, expected, "{claims}");
        let left = client.logins.of(&alice(), None).len();
        assert_eq!(left, 1 - expected, "{claims}");
    }
}

#[tokio::test]
async fn r33_a_logout_token_that_is_wrong_in_one_field_ends_nothing() {
    for claims in [
        with("iss", json!("https://evil.example")),
        without(&["iss"]),
        with("aud", json!("another")),
        with("aud", json!(["another"])),
        without(&["aud"]),
        with("iat", json!(NOW + 31)),
        with("iat", json!(NOW - 601)),
        without(&["iat"]),
        with("exp", json!(NOW - 31)),
        without(&["exp"]),
        with("jti", json!("")),
        with("jti", json!("x".repeat(257))),
        without(&["jti"]),
        with("events", json!({})),
        with("events", json!({ EVENT: null })),
        with(
            "events",
            json!({"http://schemas.openid.net/event/other": {}}),
        ),
        with("events", json!([EVENT])),
        without(&["events"]),
        with("nonce", json!("n")),
        with("nonce", Value::Null),
        without(&["sub", "sid"]),
    ] {
        let (client, _) = signed_in().await;
        let refused = tell(&client, &claims, "logout+jwt").await;
        assert_eq!(refused.unwrap_err().code(), "token-refused", "{claims}");
        assert_eq!(client.logins.of(&alice(), None).len(), 1, "{claims}");
    }
    let (client, _) = signed_in().await;
    let wrong_type = tell(&client, &good(), "at+jwt").await;
    assert_eq!(wrong_type.unwrap_err().code(), "token-refused");
    let foreign = signed(&good(), "logout+jwt", &key(Algorithm::Es256));
    let refused = client.provider.log_out(&foreign, &client.logins).await;
    assert_eq!(refused.unwrap_err().code(), "token-refused");
    assert_eq!(client.logins.of(&alice(), None).len(), 1);
}

#[tokio::test]
async fn r33_a_logout_token_is_good_for_one_use() {
    let (client, _) = signed_in().await;
    assert!(tell(&client, &good(), "logout+jwt").await.is_ok());
    let again = tell(&client, &good(), "logout+jwt").await;
    assert_eq!(again.unwrap_err().code(), "replayed");
    client.pass(100);
    let again = tell(&client, &good(), "logout+jwt").await;
    assert_eq!(again.unwrap_err().code(), "replayed");
}

#[tokio::test]
async fn r33_an_id_token_is_no_logout_token() {
    use secrecy::ExposeSecret as _;
    let (client, ended) = signed_in().await;
    let id_token = ended.id_token.unwrap();
    let refused = client
        .provider
        .log_out(id_token.expose_secret(), &client.logins)
        .await;
    assert_eq!(refused.unwrap_err().code(), "token-refused");
}

#[tokio::test]
async fn r33_signing_out_here_leads_to_signing_out_at_the_provider() {
    let (client, ended) = signed_in().await;
    let address = client.provider.logout_address(&ended, Some("x")).await;
    let address = url::Url::parse(&address.unwrap()).unwrap();
    assert_eq!(address.path(), "/logout");
    let said: Vec<String> = address.query_pairs().map(|(name, _)| name.into()).collect();
    assert_eq!(
        said,
        [
            "id_token_hint",
            "client_id",
            "post_logout_redirect_uri",
            "state"
        ]
    );
    assert!(address.query().unwrap().contains("locum.corp.example%2F&"));
    // A provider without such a place does not keep anybody from signing out here.
    let client = Client::new();
    client.idp.with(|state| {
        let metadata = state.metadata.as_object_mut().unwrap();
        metadata.remove("end_session_endpoint");
    });
    assert!(client.provider.logout_address(&ended, None).await.is_none());
}
