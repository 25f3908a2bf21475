//! What a session has opens nothing of Locum's own: no session begins inside another (R20).

use axum::http::Method;
use jiff::SignedDuration;
use locum_control::ports::{KeyPurpose, KeyRing as _};
use locum_domain::{Denial, Event, Stream};
use locum_token::{Assertion, AssertionInput, JwkSet, LocumClaims, jws};
use ring::rand::SystemRandom;
use serde_json::{Value, json};

use crate::oauth::refused;
use crate::site::{Answer, Site, token};

const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// A live session of Alice's, and every token that it has.
struct Inside {
    site: Site,
    session: Value,
    grant: String,
    access_token: String,
    assertion: String,
}

impl Inside {
    async fn new() -> Self {
        let site = Site::new().await;
        let session = site.activated().await;
        let grant = session["grant_token"].as_str().unwrap().to_owned();
        let got = exchange(&site, &grant, (&token("alice"), ACCESS_TOKEN)).await;
        let access_token = got.json()["access_token"].as_str().unwrap().to_owned();
        let assertion = assertion(&site, &session);
        Self {
            site,
            session,
            grant,
            access_token,
            assertion,
        }
    }

    fn tokens(&self) -> [&str; 3] {
        [&self.grant, &self.access_token, &self.assertion]
    }

    /// The newest entry is this refusal: Alice's, on the record of her session.
    async fn is_recorded(&self, act: &str) {
        let newest = self.site.house.history().await.pop().unwrap();
        let session = self.session["id"].as_str().unwrap().parse().unwrap();
        assert_eq!(newest.stream, Stream::Session(session));
        match newest.event {
            Event::Refused {
                by,
                act: found,
                refusal,
                ..
            } => {
                assert_eq!(by.as_str(), "alice@corp.example");
                assert_eq!(
                    (found.as_str(), refusal.denial),
                    (act, Denial::NestedSession)
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn exchange(site: &Site, grant: &str, actor: (&str, &str)) -> Answer {
    let pairs = [
        ("grant_type", EXCHANGE),
        ("subject_token", grant),
        ("subject_token_type", JWT),
        ("actor_token", actor.0),
        ("actor_token_type", actor.1),
        ("audience", "app:billing"),
    ];
    site.form("/oauth2/token", &pairs).await
}

/// What the application received with a request of this session.
fn assertion(site: &Site, session: &Value) -> String {
    let now = site.house.clock.says();
    let input = AssertionInput {
        issuer: crate::site::ISSUER.to_owned(),
        audience: "app:billing".to_owned(),
        subject: "carla@acme.example".to_owned(),
        actor: locum_token::Actor::new(
            crate::site::ISSUER,
            "alice@corp.example",
            locum_token::ActorProfile::User,
        ),
        client_id: "locum-gateway".to_owned(),
        scope: locum_token::Scope::of(["invoice.read"]).unwrap(),
        session: session["id"].as_str().unwrap().to_owned(),
        access_event: session["event"].as_str().unwrap().to_owned(),
        assertion_id: "assertion-1".to_owned(),
        confirmation: None,
        session_ends_at: now + SignedDuration::from_mins(30),
        locum: LocumClaims {
            case: "desk:7".to_owned(),
            grant: session["grant"].as_str().unwrap().to_owned(),
            mode: "read".to_owned(),
            break_glass: false,
            activation: 1,
        },
    };
    let key = site.house.key_ring.grant_key();
    Assertion::issue(input, now, &key, &SystemRandom::new())
        .unwrap()
        .0
}

#[tokio::test]
async fn r20_what_a_session_has_is_no_credential_at_the_api() {
    let inside = Inside::new().await;
    let site = &inside.site;
    for token in inside.tokens() {
        for (method, path) in [
            (Method::GET, "/api/v1/me"),
            (Method::POST, "/api/v1/requests"),
            (Method::GET, "/api/v1/events"),
        ] {
            let call = site.call(method, path).with(token).json(&site.asked());
            call.send().await.refused(403, "nested-session");
            inside.is_recorded("call").await;
        }
    }
    inside.site.close().await;
}

#[tokio::test]
async fn r20_a_good_token_beside_an_assertion_is_still_inside_the_session() {
    let inside = Inside::new().await;
    // An application that hands on what it received, or a gateway whose upstream is Locum itself.
    let call = inside
        .site
        .call(Method::POST, "/api/v1/requests")
        .by("alice");
    let call = call.header("locum-assertion", &inside.assertion);
    let answer = call.json(&inside.site.asked()).send().await;
    answer.refused(403, "nested-session");
    inside.is_recorded("call").await;
    inside.site.close().await;
}

#[tokio::test]
async fn r20_it_stays_refused_when_the_session_is_over_and_the_token_out_of_time() {
    let inside = Inside::new().await;
    let site = &inside.site;
    site.house.clock.advance(SignedDuration::from_hours(1));
    site.house.run_jobs().await;
    for token in inside.tokens() {
        let call = site.call(Method::GET, "/api/v1/me").with(token);
        call.send().await.refused(403, "nested-session");
        inside.is_recorded("call").await;
    }
    inside.site.close().await;
}

#[tokio::test]
async fn r20_what_a_session_has_exchanges_nothing() {
    let inside = Inside::new().await;
    let site = &inside.site;
    let before = site.refusals().await.len();
    for actor in inside.tokens() {
        for kind in [ACCESS_TOKEN, JWT] {
            let answer = exchange(site, &inside.grant, (actor, kind)).await;
            refused(&answer, 403, "access_denied");
            let said = answer.json()["error_description"].clone();
            assert!(
                said.as_str().unwrap().starts_with("nested-session: "),
                "{said}"
            );
            inside.is_recorded("exchange").await;
        }
        let program = [
            ("grant_type", "client_credentials"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", actor),
        ];
        let answer = site.form("/oauth2/token", &program).await;
        refused(&answer, 403, "access_denied");
        inside.is_recorded("exchange").await;
    }
    assert_eq!(site.refusals().await.len() - before, 9);
    inside.site.close().await;
}

#[tokio::test]
async fn r20_whoever_acts_for_somebody_by_anybodys_word_is_no_actor_and_no_key_of_ours_makes_it_known()
 {
    let inside = Inside::new().await;
    let site = &inside.site;
    let stranger = {
        let pem = locum_token::generate_pem(locum_token::Algorithm::EdDsa, &SystemRandom::new());
        locum_token::SigningKey::from_pkcs8_pem(&pem.unwrap(), &SystemRandom::new()).unwrap()
    };
    let claims = json!({"sub": "alice@corp.example", "act": {"sub": "mallory"}, "sid": "ses_1"});
    let foreign = jws::sign(&claims, "at+jwt", &stranger, &SystemRandom::new()).unwrap();
    let before = site.refusals().await.len();
    let answer = exchange(site, &inside.grant, (&foreign, JWT)).await;
    refused(&answer, 403, "access_denied");
    // At the API it is nobody's token, and nobody's refusal goes on a record that it names.
    let call = site.call(Method::GET, "/api/v1/me").with(&foreign);
    call.send().await.refused(401, "unknown-token");
    assert_eq!(site.refusals().await.len(), before);
    // The keys by which the others are known are the published ones.
    let published = JwkSet::of([site.house.key_ring.verifying(&KeyPurpose::Grant)]);
    assert!(jws::verify::<Value>(&inside.grant, "locum-grant+jwt", &published).is_ok());
    inside.site.close().await;
}

#[tokio::test]
async fn a_good_token_without_any_of_them_is_a_login_as_ever() {
    let inside = Inside::new().await;
    assert_eq!(inside.site.get("alice", "/api/v1/me").await.status, 200);
    let got = exchange(&inside.site, &inside.grant, (&token("alice"), ACCESS_TOKEN)).await;
    assert_eq!(got.status, 200, "{}", got.text());
    inside.site.close().await;
}
