//! A program signs in by its key and gets a token to the API for some minutes (RFC 6749, section 4.4; RFC 7523).

use axum::http::Method;
use locum_token::jws;
use ring::rand::SystemRandom;
use serde_json::{Value, json};

use crate::oauth::{agent_key, assertion, refused, with_aida};
use crate::site::{Answer, ISSUER, Site};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

async fn sign_in(site: &Site, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_assertion_type", ASSERTION),
        ("client_assertion", assertion),
    ];
    form.extend(more);
    site.form("/oauth2/token", &form).await
}

/// An assertion as a stock client sends it, with a header and claims of its own.
fn stock(site: &Site, typ: &str, claims: Value) -> String {
    let now = site.house.clock.says().as_second();
    let mut all = json!({ "iss": "aida", "sub": "aida", "jti": typ, "iat": now });
    for (name, value) in claims.as_object().unwrap() {
        all[name] = value.clone();
    }
    jws::sign(&all, typ, &agent_key(), &SystemRandom::new()).unwrap()
}

#[tokio::test]
async fn r31_a_program_gets_a_token_for_itself_and_minutes() {
    let site = with_aida().await;
    let proof = assertion(&site, ISSUER, "1", &agent_key());
    let answer = sign_in(&site, &proof, &[("client_id", "aida")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let said = answer.json();
    assert!(said["expires_in"].as_u64().unwrap() <= 600);
    assert!(said["refresh_token"].is_null());
    let token = said["access_token"].as_str().unwrap();
    let me = || site.call(Method::GET, "/api/v1/me").with(token).send();
    let seen = me().await.json();
    assert_eq!(
        (&seen["id"], &seen["profile"], &seen["how"]),
        (&json!("aida"), &json!("ai_agent"), &json!("program"))
    );
    let asked = json!({
        "case": "desk:11",
        "reason": "The customer's contact says that her number changed",
        "applications": [{"application": "crm", "operations": ["contact.read"]}],
        "duration_minutes": 15,
    });
    let filed = site.call(Method::POST, "/api/v1/requests").with(token);
    assert_eq!(filed.json(&asked).send().await.status, 201);
    site.house.clock.advance_minutes(10);
    me().await.refused(401, "unknown-token");
    site.close().await;
}

#[tokio::test]
async fn r31_stock_clients_assertions_are_believed_as_they_are_sent() {
    let site = with_aida().await;
    let now = site.house.clock.says().as_second();
    let endpoint = format!("{ISSUER}/oauth2/token");
    // authlib: an hour, for the endpoint; openid-client: a minute, for the issuer; both with and without `typ`.
    for (typ, claims) in [
        ("JWT", json!({"aud": endpoint, "exp": now + 3600})),
        (
            "client-authentication+jwt",
            json!({"aud": ISSUER, "exp": now + 60, "nbf": now}),
        ),
    ] {
        let answer = sign_in(&site, &stock(&site, typ, claims), &[]).await;
        assert_eq!(answer.status, 200, "{typ}: {}", answer.text());
    }
    site.close().await;
}

#[tokio::test]
async fn r31_every_flaw_of_a_proof_is_refused() {
    let site = with_aida().await;
    let now = site.house.clock.says().as_second();
    let good = json!({"aud": ISSUER, "exp": now + 60});
    let with = |member: &str, value: Value| {
        let mut claims = good.clone();
        claims[member] = value;
        claims
    };
    for (number, claims) in [
        with("aud", json!([ISSUER, "http://elsewhere"])),
        with("aud", json!("http://elsewhere")),
        with("exp", json!(now - 60)),
        with("exp", json!(now + 7200)),
        with("sub", json!("alice@corp.example")),
        with("iss", json!("bpo")),
        with("jti", json!("")),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = claims;
        if claims.get("jti").is_none() {
            claims["jti"] = json!(format!("flaw-{number}"));
        }
        let answer = sign_in(&site, &stock(&site, "JWT", claims.clone()), &[]).await;
        refused(&answer, 401, "invalid_client");
    }
    let other_type = stock(&site, "at+jwt", with("jti", json!("typed")));
    refused(
        &sign_in(&site, &other_type, &[]).await,
        401,
        "invalid_client",
    );
    let once = assertion(&site, ISSUER, "once", &agent_key());
    assert_eq!(sign_in(&site, &once, &[]).await.status, 200);
    refused(&sign_in(&site, &once, &[]).await, 401, "invalid_client");
    assert_eq!(
        site.refusals().await,
        ["not-eligible"],
        "a replay of somebody we know"
    );
    let fresh = |jti: &str| assertion(&site, ISSUER, jti, &agent_key());
    let named = sign_in(&site, &fresh("a"), &[("client_id", "bpo")]).await;
    refused(&named, 401, "invalid_client");
    let scoped = sign_in(&site, &fresh("b"), &[("scope", "all")]).await;
    refused(&scoped, 400, "invalid_scope");
    let secret = sign_in(&site, &fresh("c"), &[("client_secret", "s")]).await;
    refused(&secret, 401, "invalid_client");
    let aimed = sign_in(&site, &fresh("d"), &[("audience", "app:crm")]).await;
    refused(&aimed, 400, "invalid_target");
    let nothing = site
        .form("/oauth2/token", &[("grant_type", "client_credentials")])
        .await;
    refused(&nothing, 401, "invalid_client");
    site.close().await;
}

#[tokio::test]
async fn r31_a_program_approves_nothing_and_holds_no_authenticator() {
    let site = with_aida().await;
    let request = site.filed().await;
    let proof = assertion(&site, ISSUER, "1", &agent_key());
    let token = sign_in(&site, &proof, &[]).await.json();
    let token = token["access_token"].as_str().unwrap();
    let path = format!(
        "/api/v1/requests/{}/approve",
        request["id"].as_str().unwrap()
    );
    let yes = json!({"scope_digest": request["scope_digest"]});
    let approve = site.call(Method::POST, &path).with(token).json(&yes);
    approve.send().await.refused(403, "non-human-approver");
    let rotate = site
        .call(Method::POST, "/api/v1/keys/grant/rotate")
        .with(token);
    rotate
        .json(&json!({}))
        .send()
        .await
        .refused(403, "not-an-approver");
    site.close().await;
}

#[tokio::test]
async fn r33_whoever_guesses_a_programs_key_does_not_lock_it_out() {
    let site = with_aida().await;
    let mut limited = 0;
    for number in 0..80 {
        let key = crate::site::access_token_key();
        let wrong = assertion(&site, ISSUER, &format!("w{number}"), &key);
        let answer = sign_in(&site, &wrong, &[]).await;
        limited += usize::from(answer.status == 429);
        assert!([401, 429].contains(&answer.status), "{}", answer.text());
    }
    assert!(limited > 0);
    let right = assertion(&site, ISSUER, "right", &agent_key());
    assert_eq!(sign_in(&site, &right, &[]).await.status, 200);
    site.close().await;
}
