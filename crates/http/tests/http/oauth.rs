//! Programs exchange a grant for an access token (RFC 8693).

use axum::http::Method;
use locum_testkit::house::House;
use locum_token::{AccessToken, Expected, JwkSet, SigningKey, jws};
use ring::rand::SystemRandom;
use serde_json::{Value, json};

use crate::site::{Answer, ISSUER, Site, token};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

async fn exchange(site: &Site, pairs: &[(&str, &str)]) -> Answer {
    let answer = site.form("/oauth2/token", pairs).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer
}

fn by_person<'p>(grant: &'p str, person: &'p str, audience: &'p str) -> Vec<(&'p str, &'p str)> {
    vec![
        ("grant_type", GRANT_TYPE),
        ("subject_token", grant),
        ("subject_token_type", JWT),
        ("actor_token", person),
        ("actor_token_type", ACCESS_TOKEN),
        ("audience", audience),
    ]
}

#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.json()["error"], error, "{}", answer.text());
    assert!(answer.headers.get("www-authenticate").is_none());
}

fn read(site: &Site, access_token: &Value, audience: &str) -> AccessToken {
    let keys = JwkSet::of([crate::site::access_token_key().verifying_key().clone()]);
    let expected = Expected {
        issuer: ISSUER,
        audience,
        now: site.house.clock.says(),
        leeway_seconds: 0,
    };
    AccessToken::verify(access_token.as_str().unwrap(), &keys, &expected).unwrap()
}

#[tokio::test]
async fn r20_the_actor_gets_a_token_for_one_application_and_nobody_else_does() {
    let site = Site::new().await;
    let activated = site.activated().await;
    let grant = activated["grant_token"].as_str().unwrap();
    let alice = token("alice");
    let answer = exchange(&site, &by_person(grant, &alice, "app:billing")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let said = answer.json();
    assert_eq!(said["issued_token_type"], ACCESS_TOKEN);
    assert_eq!(said["token_type"], "Bearer");
    assert_eq!(said["scope"], "invoice.read");
    assert_eq!(said["expires_in"], 300);
    let base_url = activated["applications"][0]["base_url"].as_str().unwrap();
    let claims = read(&site, &said["access_token"], base_url);
    assert_eq!(claims.sid, activated["id"]);
    assert_eq!(claims.act.sub, "alice@corp.example");
    assert_eq!(claims.client_id, "alice@corp.example");
    let kinds: Vec<&str> = site
        .house
        .history()
        .await
        .iter()
        .map(|it| it.event.kind())
        .collect();
    assert_eq!(*kinds.last().unwrap(), "session-opened");

    let oscar = token("oscar");
    let other = exchange(&site, &by_person(grant, &oscar, "app:billing")).await;
    refused(&other, 400, "invalid_request");
    refused(
        &exchange(&site, &by_person(grant, &alice, "app:crm")).await,
        400,
        "invalid_target",
    );
    refused(
        &exchange(&site, &by_person("a.b.c", &alice, "app:billing")).await,
        400,
        "invalid_request",
    );
    assert_eq!(
        site.refusals().await,
        ["not-eligible", "wrong-application", "session-ended"]
    );
    refused(
        &exchange(&site, &by_person(grant, "wrong", "app:billing")).await,
        400,
        "invalid_request",
    );
    let nobody: Vec<_> = by_person(grant, "", "app:billing")
        .into_iter()
        .filter(|it| !it.0.starts_with("actor"))
        .collect();
    refused(&exchange(&site, &nobody).await, 401, "invalid_client");

    let end = format!("/api/v1/sessions/{}/end", activated["id"].as_str().unwrap());
    assert_eq!(site.post("alice", &end, json!({})).await.status, 200);
    refused(
        &exchange(&site, &by_person(grant, &alice, "app:billing")).await,
        400,
        "invalid_request",
    );
    site.close().await;
}

#[tokio::test]
async fn what_is_no_exchange_is_refused_in_oauths_words() {
    let site = Site::new().await;
    refused(&exchange(&site, &[]).await, 400, "invalid_request");
    for other in ["password", "authorization_code"] {
        refused(
            &exchange(&site, &[("grant_type", other)]).await,
            400,
            "unsupported_grant_type",
        );
    }
    let json = site
        .call(Method::POST, "/oauth2/token")
        .json(&json!({}))
        .send()
        .await;
    refused(&json, 400, "invalid_request");
    let big = site
        .call(Method::POST, "/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("x".repeat(300 << 10));
    refused(&big.send().await, 413, "invalid_request");
    let history = site.house.history().await.len();
    site.strangers.record(&site.house.control).await;
    assert_eq!(
        site.house.history().await.len() - history,
        2,
        "they are strangers"
    );
    site.close().await;
}

#[tokio::test]
async fn addresses_and_methods_are_refused_in_oauths_words_too() {
    let site = Site::new().await;
    let accept = "text/html";
    for (method, path, status) in [
        (Method::GET, "/oauth2/token", 405),
        (Method::DELETE, "/oauth2/token", 405),
        (Method::POST, "/oauth2/introspect", 404),
        (Method::GET, "/oauth2", 404),
    ] {
        let answer = site
            .call(method, path)
            .header("accept", accept)
            .send()
            .await;
        refused(&answer, status, "invalid_request");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        let allow = if status == 405 { "POST" } else { "" };
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
    site.close().await;
}

#[tokio::test]
async fn a_challenge_is_for_whoever_used_the_authorization_header() {
    let site = Site::new().await;
    let nobody = |authorization: &str| {
        let call = site
            .call(Method::POST, "/oauth2/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", authorization);
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(by_person("a.b.c", "", "app:billing"));
        call.body(form.finish().replace("actor_token_type", "unused"))
    };
    let basic = nobody("Basic YWlkYTpzZWNyZXQ=").send().await;
    assert_eq!(
        (basic.status, &basic.json()["error"]),
        (401, &json!("invalid_client"))
    );
    assert!(basic.header("www-authenticate").starts_with("Basic "));
    let bearer = nobody("Bearer x").send().await;
    assert!(bearer.header("www-authenticate").starts_with("Bearer "));
    site.close().await;
}

#[tokio::test]
async fn r18_whoever_left_is_no_actor_and_the_try_is_on_the_record() {
    let site = Site::new().await;
    let activated = site.activated().await;
    let grant = activated["grant_token"].as_str().unwrap();
    let left = token("nobody");
    let answer = exchange(&site, &by_person(grant, &left, "app:billing")).await;
    refused(&answer, 400, "invalid_request");
    assert_eq!(site.refusals().await, ["not-eligible"]);
    site.close().await;
}

pub(crate) fn agent_key() -> SigningKey {
    let pem = locum_tlog::generate_pem(&[13; 32]).unwrap();
    SigningKey::from_pkcs8_pem(&pem, &SystemRandom::new()).unwrap()
}

pub(crate) fn assertion(site: &Site, audience: &str, jti: &str, key: &SigningKey) -> String {
    let now = site.house.clock.says().as_second();
    let claims = json!({
        "iss": "aida", "sub": "aida", "aud": audience, "jti": jti, "iat": now, "exp": now + 60,
    });
    jws::sign(&claims, "JWT", key, &SystemRandom::new()).unwrap()
}

fn by_client<'p>(grant: &'p str, assertion: &'p str, audience: &'p str) -> Vec<(&'p str, &'p str)> {
    vec![
        ("grant_type", GRANT_TYPE),
        ("subject_token", grant),
        ("subject_token_type", JWT),
        ("client_assertion_type", ASSERTION),
        ("client_assertion", assertion),
        ("audience", audience),
    ]
}

/// A site that knows Aida's key.
pub(crate) async fn with_aida() -> Site {
    let jwk = agent_key().verifying_key().to_jwk().to_string();
    let builder = House::builder().files(|files| {
        files.put("catalog/keys/aida.pub.jwk", &jwk);
    });
    Site::of(builder).await
}

/// Aida's live session in the CRM, through the control room: agents have no bearer tokens.
async fn aida() -> (Site, String) {
    let site = with_aida().await;
    let asked = site
        .house
        .asking("desk:11", &[("crm", &["contact.read"])], 15);
    let activated = site.house.activated("aida", &asked).await;
    (site, activated.grant_token)
}

#[tokio::test]
async fn r31_an_agent_proves_itself_by_its_key_and_each_proof_once() {
    let (site, grant) = aida().await;
    let key = agent_key();
    let endpoint = format!("{ISSUER}/oauth2/token");
    for (audience, jti) in [(ISSUER, "1"), (endpoint.as_str(), "2")] {
        let proof = assertion(&site, audience, jti, &key);
        let answer = exchange(&site, &by_client(&grant, &proof, "app:crm")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let claims = read(
            &site,
            &answer.json()["access_token"],
            "http://crm.support.localhost:8471/",
        );
        assert_eq!(claims.client_id, "aida");
        let again = exchange(&site, &by_client(&grant, &proof, "app:crm")).await;
        refused(&again, 401, "invalid_client");
    }
    for proof in [
        assertion(&site, "http://elsewhere", "3", &key),
        assertion(&site, ISSUER, "4", &crate::site::access_token_key()),
        "nonsense".to_owned(),
    ] {
        refused(
            &exchange(&site, &by_client(&grant, &proof, "app:crm")).await,
            401,
            "invalid_client",
        );
    }
    let proof = assertion(&site, ISSUER, "5", &key);
    let mut both = by_client(&grant, &proof, "app:crm");
    let alice = token("alice");
    both.extend([
        ("actor_token", alice.as_str()),
        ("actor_token_type", ACCESS_TOKEN),
    ]);
    refused(&exchange(&site, &both).await, 400, "invalid_request");
    let mut named = by_client(&grant, &proof, "app:crm");
    named.push(("client_id", "other"));
    refused(&exchange(&site, &named).await, 401, "invalid_client");
    site.close().await;
}

#[tokio::test]
async fn clients_discover_what_there_is() {
    let site = Site::new().await;
    let metadata = site.call(Method::GET, "/.well-known/oauth-authorization-server");
    let metadata = metadata.send().await.json();
    assert_eq!(metadata["issuer"], ISSUER);
    assert_eq!(metadata["token_endpoint"], format!("{ISSUER}/oauth2/token"));
    let grants = [
        GRANT_TYPE,
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
    ];
    assert_eq!(metadata["grant_types_supported"], json!(grants));
    let methods = &metadata["token_endpoint_auth_methods_supported"];
    assert!(
        methods
            .as_array()
            .unwrap()
            .contains(&json!("private_key_jwt"))
    );
    for (member, path) in [
        (
            "device_authorization_endpoint",
            "/oauth2/device_authorization",
        ),
        ("revocation_endpoint", "/oauth2/revoke"),
    ] {
        assert_eq!(metadata[member], format!("{ISSUER}{path}"));
    }
    let jwks = site
        .call(Method::GET, "/.well-known/jwks.json")
        .send()
        .await
        .json();
    let keys = jwks["keys"].as_array().unwrap();
    let listed = site.get("alice", "/api/v1/keys").await.json();
    assert_eq!(keys.len(), listed["items"].as_array().unwrap().len());
    assert!(keys.iter().all(|key| key.get("d").is_none()));
    site.close().await;
}
