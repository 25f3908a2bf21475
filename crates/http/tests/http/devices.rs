//! A device is let in by a person, gets a login of its own, and may less than they (RFC 8628, RFC 7009).

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::oauth::refused;
use crate::site::{Answer, ISSUER, Site};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const CLI: (&str, &str) = ("client_id", "locum-cli");

async fn asked(site: &Site) -> Value {
    let answer = site.form("/oauth2/device_authorization", &[CLI]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

/// The device asks again, once it has waited long enough.
async fn poll(site: &Site, asked: &Value) -> Answer {
    site.house.clock.advance(SignedDuration::from_secs(6));
    let code = asked["device_code"].as_str().unwrap();
    let form = [("grant_type", DEVICE_CODE), ("device_code", code), CLI];
    site.form("/oauth2/token", &form).await
}

#[tokio::test]
async fn r31_a_device_waits_until_a_person_lets_it_in_and_the_code_works_once() {
    let site = Site::new().await;
    let asked = asked(&site).await;
    assert_eq!(asked["verification_uri"], format!("{ISSUER}/device"));
    assert_eq!(asked["interval"], 5);
    refused(&poll(&site, &asked).await, 400, "authorization_pending");
    // Twice in a row, without waiting.
    site.house.clock.advance(SignedDuration::from_secs(-5));
    let code = asked["user_code"].as_str().unwrap();
    assert!(site.let_in(code, "alice@corp.example"));
    site.house.clock.advance(SignedDuration::from_secs(5));
    let let_in = poll(&site, &asked).await;
    assert_eq!(let_in.status, 200, "{}", let_in.text());
    let said = let_in.json();
    assert_eq!(said["token_type"], "Bearer");
    assert!(said["refresh_token"].is_null());
    refused(&poll(&site, &asked).await, 400, "invalid_grant");
    let token = said["access_token"].as_str().unwrap();
    let me = site
        .call(Method::GET, "/api/v1/me")
        .with(token)
        .send()
        .await;
    let me = me.json();
    assert_eq!(
        (&me["id"], &me["how"], &me["assurance"]),
        (
            &json!("alice@corp.example"),
            &json!("device"),
            &json!("device")
        )
    );
    let kinds: Vec<&str> = kinds(&site).await;
    assert!(kinds.contains(&"login-began"), "{kinds:?}");
    site.close().await;
}

async fn kinds(site: &Site) -> Vec<&'static str> {
    let history = site.house.history().await;
    history.iter().map(|it| it.event.kind()).collect()
}

#[tokio::test]
async fn r31_a_device_hears_why_it_is_not_let_in() {
    let site = Site::new().await;
    let one = asked(&site).await;
    refused(&poll(&site, &one).await, 400, "authorization_pending");
    let code = one["device_code"].as_str().unwrap();
    let form = [("grant_type", DEVICE_CODE), ("device_code", code), CLI];
    refused(&site.form("/oauth2/token", &form).await, 400, "slow_down");
    let two = asked(&site).await;
    let typed = locum_login::device::UserCode::read(two["user_code"].as_str().unwrap()).unwrap();
    assert!(site.devices.turn_away(&typed));
    refused(&poll(&site, &two).await, 400, "access_denied");
    let three = asked(&site).await;
    site.house.clock.advance_minutes(11);
    refused(&poll(&site, &three).await, 400, "expired_token");
    for form in [
        vec![("grant_type", DEVICE_CODE), ("device_code", "guessed"), CLI],
        vec![("grant_type", DEVICE_CODE), ("device_code", ""), CLI],
        vec![("grant_type", DEVICE_CODE), ("device_code", code)],
        vec![
            ("grant_type", DEVICE_CODE),
            ("device_code", code),
            ("client_id", "other"),
        ],
    ] {
        let answer = site.form("/oauth2/token", &form).await;
        assert!((400..=401).contains(&answer.status), "{}", answer.text());
        assert!(answer.json()["access_token"].is_null());
    }
    for form in [
        vec![("client_id", "other")],
        vec![],
        vec![CLI, ("scope", "all")],
    ] {
        let answer = site.form("/oauth2/device_authorization", &form).await;
        assert!((400..=401).contains(&answer.status), "{}", answer.text());
    }
    site.close().await;
}

#[tokio::test]
async fn r17_a_device_begins_and_decides_nothing_that_is_regulated() {
    let site = Site::new().await;
    let request = site.filed().await;
    let id = request["id"].as_str().unwrap();
    let approve = format!("/api/v1/requests/{id}/approve");
    let yes = json!({"scope_digest": request["scope_digest"]});
    let by_device = |person: &str, path: &str, body: &Value| {
        let token = site.device(person);
        let call = site.call(Method::POST, path).with(&token).json(body);
        call.send()
    };
    let answer = by_device("oscar@corp.example", &approve, &yes).await;
    answer.refused(401, "signature-required");
    let challenge = answer.header("www-authenticate");
    assert!(challenge.contains("error=\"insufficient_user_authentication\""));
    assert!(challenge.contains("acr_values=\"phr\""));
    let approved = site.approved_of(request).await;
    let activate = format!(
        "/api/v1/requests/{}/activate",
        approved["id"].as_str().unwrap()
    );
    let answer = by_device("alice@corp.example", &activate, &json!({})).await;
    answer.refused(401, "signature-required");
    let activated = site.post("alice", &activate, json!({})).await;
    assert_eq!(activated.status, 201, "{}", activated.text());
    // Nor does it get into what its person has begun.
    let activated = activated.json();
    let open = format!(
        "/api/v1/sessions/{}/open",
        activated["id"].as_str().unwrap()
    );
    let billing = json!({"application": "billing"});
    let answer = by_device("alice@corp.example", &open, &billing).await;
    answer.refused(401, "signature-required");
    let device = site.device("alice@corp.example");
    let exchange = [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        ("subject_token", activated["grant_token"].as_str().unwrap()),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ("actor_token", &device),
        (
            "actor_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        ("audience", "app:billing"),
    ];
    let answer = site.form("/oauth2/token", &exchange).await;
    refused(&answer, 400, "invalid_request");
    assert_eq!(site.refusals().await, ["signature-required"; 4]);
    site.close().await;
}

#[tokio::test]
async fn r18_a_token_that_is_given_back_is_worth_nothing_and_a_strangers_is_answered_alike() {
    let site = Site::new().await;
    let token = site.device("alice@corp.example");
    let me = || site.call(Method::GET, "/api/v1/me").with(&token).send();
    assert_eq!(me().await.status, 200);
    let revoked = site.form("/oauth2/revoke", &[("token", &token), CLI]).await;
    assert_eq!((revoked.status, revoked.text().as_str()), (200, ""));
    me().await.refused(401, "unknown-token");
    for token in [token.as_str(), "nobodys", "token-alice"] {
        let again = site.form("/oauth2/revoke", &[("token", token)]).await;
        assert_eq!(again.status, 200, "{}", again.text());
    }
    // A development token is the operator's file's.
    assert_eq!(site.get("alice", "/api/v1/me").await.status, 200);
    refused(
        &site.form("/oauth2/revoke", &[]).await,
        400,
        "invalid_request",
    );
    assert_eq!(
        kinds(&site)
            .await
            .iter()
            .filter(|kind| **kind == "login-ended")
            .count(),
        1
    );
    site.close().await;
}

async fn logins_of(site: &Site, token: &str) -> Vec<Value> {
    let call = site.call(Method::GET, "/api/v1/me/logins").with(token);
    call.send().await.json()["items"]
        .as_array()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn r18_people_see_their_own_logins_and_end_them() {
    let site = Site::new().await;
    let (one, two) = (
        site.device("alice@corp.example"),
        site.device("alice@corp.example"),
    );
    let logins = logins_of(&site, &one).await;
    // Two devices, and the two browsers that let them in.
    assert_eq!(logins.len(), 4);
    let is_other = |it: &&Value| it["how"] == "device" && it["is_this"] == false;
    let other = logins.iter().find(is_other).unwrap();
    let path = format!("/api/v1/me/logins/{}/end", other["id"].as_str().unwrap());
    site.post("oscar", &path, json!({}))
        .await
        .refused(404, "not-found");
    let end = site.call(Method::POST, &path).with(&one).json(&json!({}));
    assert_eq!(end.send().await.status, 200);
    let gone = site.call(Method::GET, "/api/v1/me").with(&two).send().await;
    gone.refused(401, "unknown-token");
    assert_eq!(logins_of(&site, &one).await.len(), 3);
    assert!(kinds(&site).await.contains(&"login-ended"));
    site.close().await;
}

#[tokio::test]
async fn r33_whoever_guesses_is_slowed_down_and_nobody_else() {
    let site = Site::new().await;
    let mut answers = Vec::new();
    for _ in 0..80 {
        let guess = site.call(Method::GET, "/api/v1/me").with("guessed");
        answers.push(guess.send().await);
    }
    let limited: Vec<_> = answers.iter().filter(|it| it.status == 429).collect();
    assert!(!limited.is_empty() && answers[0].status == 401);
    limited[0].refused(429, "too-often");
    assert!(limited[0].header("retry-after").parse::<u32>().unwrap() >= 1);
    assert_eq!(site.get("alice", "/api/v1/me").await.status, 200);

    let guess = [("grant_type", DEVICE_CODE), ("device_code", "guessed"), CLI];
    let mut answers = Vec::new();
    for _ in 0..80 {
        answers.push(site.form("/oauth2/token", &guess).await);
    }
    refused(&answers[0], 400, "invalid_grant");
    let limited = answers.iter().find(|it| it.status == 429).unwrap();
    assert_eq!(limited.header("content-type"), "application/json");
    assert!(limited.header("retry-after").parse::<u32>().unwrap() >= 1);
    site.house.clock.advance_minutes(5);
    let wrong = site.call(Method::GET, "/api/v1/me").with("guessed");
    wrong.send().await.refused(401, "unknown-token");
    site.strangers.record(&site.house.control).await;
    assert!(kinds(&site).await.contains(&"strangers-refused"));
    site.close().await;
}

#[tokio::test]
async fn r18_a_logout_that_no_provider_says_ends_nothing() {
    let site = Site::new().await;
    let path = "/login/oidc/back-channel-logout";
    for form in [vec![("logout_token", "a.b.c")], vec![]] {
        let answer = site.form(path, &form).await;
        refused(&answer, 400, "invalid_request");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let get = site.call(Method::GET, path).send().await;
    refused(&get, 405, "invalid_request");
    site.close().await;
}
