//! R19: the application can always tell actor from subject, and only this application, only now.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use common::{
    AUDIENCE, ISSUER, NOW, actor, at, eddsa, expected, foreign, forge_json, good_claims,
    good_header, input, jwks, rng,
};
use locum_token::{
    AccessToken, AccessTokenInput, ActorProfile, Assertion, Confirmation, Expected, GrantToken,
    GrantTokenInput, IssueError, PriorActor, Scope, TokenError,
};
use serde_json::{Value, json};

fn refusal(claims: &Value) -> TokenError {
    let token = forge_json(&good_header(), claims);
    Assertion::verify(&token, &jwks(&[&eddsa()]), &expected()).unwrap_err()
}

fn with(path: &str, value: Value) -> Value {
    let mut claims = good_claims();
    *claims.pointer_mut(path).unwrap() = value;
    claims
}

#[test]
fn r19_an_assertion_says_what_it_was_given_and_nothing_more() {
    let (token, issued) = Assertion::issue(input(), at(NOW), &eddsa(), &rng()).unwrap();
    let read = Assertion::verify(&token, &jwks(&[&eddsa()]), &expected()).unwrap();
    assert_eq!(read, issued);
    assert_eq!(
        serde_json::to_value(read).unwrap(),
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "cus_42",
            "act": {"iss": ISSUER, "sub": "alice@corp.example", "sub_profile": "user"},
            "client_id": "locum-gateway", "scope": "invoice.read invoice.list",
            "sid": "ses_1", "txn": "evt_1", "jti": "jti_1",
            "iat": NOW, "nbf": NOW, "exp": NOW + 60,
            "https://locum.dev/claims": {
                "case": "desk:7", "grant": "grt_1", "mode": "read",
                "break_glass": false, "activation": 12,
            },
        })
    );
}

#[test]
fn r19_every_claim_is_demanded_and_of_its_own_form() {
    for name in good_claims().as_object().unwrap().keys() {
        let mut claims = good_claims();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(refusal(&claims).code(), "claims", "without {name}");
        for wrong in [
            Value::Null,
            json!([]),
            json!([AUDIENCE]),
            json!({}),
            json!(true),
        ] {
            let mut claims = good_claims();
            claims[name] = wrong.clone();
            assert_eq!(refusal(&claims).code(), "claims", "{name} = {wrong}");
        }
    }
    for name in ["iat", "nbf", "exp"] {
        for wrong in [json!("1800000000"), json!(1.8e9), json!(u64::MAX)] {
            let mut claims = good_claims();
            claims[name] = wrong.clone();
            assert_eq!(refusal(&claims).code(), "claims", "{name} = {wrong}");
        }
    }
    for member in ["case", "grant", "mode", "break_glass", "activation"] {
        let mut claims = good_claims();
        let own = claims["https://locum.dev/claims"].as_object_mut().unwrap();
        own.remove(member);
        assert_eq!(refusal(&claims).code(), "claims", "without {member}");
    }
}

#[test]
fn an_assertion_for_another_application_or_from_another_issuer_is_refused() {
    for aud in ["app:crm", "app:billing/", "APP:BILLING", ""] {
        assert_eq!(refusal(&with("/aud", json!(aud))).code(), "audience");
    }
    for iss in ["https://locum.example/", "http://locum.example", ""] {
        assert_eq!(refusal(&with("/iss", json!(iss))).code(), "issuer");
    }
}

#[test]
fn an_audience_in_an_array_is_refused_even_alone() {
    for aud in [json!([AUDIENCE]), json!([AUDIENCE, "app:crm"])] {
        assert_eq!(refusal(&with("/aud", aud)).code(), "claims");
    }
}

#[test]
fn an_actor_chain_has_two_links_at_most() {
    let prior = json!({"iss": ISSUER, "sub": "olga@corp.example", "sub_profile": "user"});
    let mut two = good_claims();
    two["act"]["sub_profile"] = json!("ai_agent");
    two["act"]["act"] = prior.clone();
    let token = forge_json(&good_header(), &two);
    let read = Assertion::verify(&token, &jwks(&[&eddsa()]), &expected()).unwrap();
    assert_eq!(read.act.sub_profile, ActorProfile::AiAgent);
    assert_eq!(read.act.act.unwrap().sub, "olga@corp.example");
    let mut three = two;
    three["act"]["act"]["act"] = prior;
    assert_eq!(refusal(&three).code(), "claims");
}

#[test]
fn an_actor_is_wholly_known_or_refused() {
    for member in ["iss", "sub", "sub_profile"] {
        let mut claims = good_claims();
        claims["act"].as_object_mut().unwrap().remove(member);
        assert_eq!(refusal(&claims).code(), "claims", "without {member}");
    }
    let mut claims = good_claims();
    claims["act"]["name"] = json!("root");
    assert_eq!(refusal(&claims).code(), "claims");
    assert_eq!(
        refusal(&with("/act/sub_profile", json!("admin"))).code(),
        "claims"
    );
}

#[test]
fn an_assertion_counts_from_its_first_second_to_before_its_last() {
    let (token, _) = Assertion::issue(input(), at(NOW), &eddsa(), &rng()).unwrap();
    let verdict = |now: i64, leeway_seconds: u8| {
        let expected = Expected {
            now: at(now),
            leeway_seconds,
            ..expected()
        };
        match Assertion::verify(&token, &jwks(&[&eddsa()]), &expected) {
            Ok(_) => "good",
            Err(error) => error.code(),
        }
    };
    assert_eq!(verdict(NOW, 0), "good");
    assert_eq!(verdict(NOW + 59, 0), "good");
    assert_eq!(verdict(NOW + 60, 0), "expired");
    assert_eq!(verdict(NOW + 64, 5), "good");
    assert_eq!(verdict(NOW + 65, 5), "expired");
    assert_eq!(verdict(NOW - 1, 0), "not-yet-valid");
    assert_eq!(verdict(NOW - 5, 5), "good");
    assert_eq!(verdict(NOW - 6, 5), "not-yet-valid");
}

#[test]
fn a_life_of_more_than_a_minute_is_refused_however_it_is_written() {
    assert_eq!(refusal(&with("/exp", json!(NOW + 61))).code(), "life");
    assert_eq!(refusal(&with("/nbf", json!(NOW - 1))).code(), "life");
    assert_eq!(refusal(&with("/iat", json!(NOW - 1))).code(), "life");
    assert_eq!(refusal(&with("/exp", json!(i64::MAX))).code(), "life");
    assert_eq!(refusal(&with("/iat", json!(i64::MIN))).code(), "life");
    assert_eq!(refusal(&with("/exp", json!(NOW - 1))).code(), "life");
    assert_eq!(
        refusal(&with("/iat", json!(NOW + 1))).code(),
        "not-yet-valid"
    );
    assert_eq!(
        refusal(&with("/nbf", json!(NOW + 1))).code(),
        "not-yet-valid"
    );
}

#[test]
fn r16_no_token_outlives_its_session() {
    let mut short = input();
    short.session_ends_at = at(NOW + 7);
    let (_, assertion) = Assertion::issue(short, at(NOW), &eddsa(), &rng()).unwrap();
    assert_eq!(assertion.exp, NOW + 7);
    let mut over = input();
    over.session_ends_at = at(NOW);
    assert!(matches!(
        Assertion::issue(over, at(NOW), &eddsa(), &rng()),
        Err(IssueError::SessionOver)
    ));
}

#[test]
fn a_bound_session_shows_its_key_and_a_chain_its_second_link() {
    let mut bound = input();
    bound.confirmation = Some(Confirmation {
        jkt: foreign().kid().to_owned(),
    });
    bound.actor.act = Some(PriorActor {
        iss: ISSUER.to_owned(),
        sub: "olga@corp.example".to_owned(),
        sub_profile: ActorProfile::User,
    });
    let (token, issued) = Assertion::issue(bound, at(NOW), &eddsa(), &rng()).unwrap();
    let read = Assertion::verify(&token, &jwks(&[&eddsa()]), &expected()).unwrap();
    assert_eq!(read, issued);
    assert_eq!(read.cnf.unwrap().jkt, foreign().kid());
}

fn access_input() -> AccessTokenInput {
    AccessTokenInput {
        issuer: ISSUER.to_owned(),
        base_url: AUDIENCE.to_owned(),
        subject: "cus_42".to_owned(),
        client_id: "aida".to_owned(),
        actor: actor(),
        scope: Scope::of(["invoice.read"]).unwrap(),
        session: "ses_1".to_owned(),
        token_id: "jti_2".to_owned(),
        confirmation: None,
        session_ends_at: at(NOW + 1800),
    }
}

fn grant_input() -> GrantTokenInput {
    GrantTokenInput {
        issuer: ISSUER.to_owned(),
        subject: "cus_42".to_owned(),
        actor: actor(),
        session: "ses_1".to_owned(),
        grant: "grt_1".to_owned(),
        request: "req_1".to_owned(),
        token_id: "jti_3".to_owned(),
        session_ends_at: at(NOW + 1800),
    }
}

#[test]
fn an_access_token_is_one_of_rfc_9068_and_lives_five_minutes() {
    let (token, issued) = AccessToken::issue(access_input(), at(NOW), &eddsa(), &rng()).unwrap();
    assert_eq!(issued.expires_in_seconds(), 300);
    let read = AccessToken::verify(&token, &jwks(&[&eddsa()]), &expected()).unwrap();
    assert_eq!(read, issued);
    let claims = serde_json::to_value(read).unwrap();
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        assert!(!claims[name].is_null(), "{name}");
    }
    assert!(claims["aud"].is_string());
    let mut short = access_input();
    short.session_ends_at = at(NOW + 10);
    let (_, short) = AccessToken::issue(short, at(NOW), &eddsa(), &rng()).unwrap();
    assert_eq!(short.expires_in_seconds(), 10);
}

#[test]
fn a_grant_token_lives_as_long_as_its_session_and_is_for_its_issuer_alone() {
    let token = GrantToken::issue(grant_input(), at(NOW), &eddsa(), &rng()).unwrap();
    let keys = jwks(&[&eddsa()]);
    let mut at_issuer = Expected {
        audience: ISSUER,
        ..expected()
    };
    let read = GrantToken::verify(&token, &keys, &at_issuer).unwrap();
    assert_eq!(read.exp, NOW + 1800);
    assert_eq!(read.locum.request, "req_1");
    assert_eq!(
        GrantToken::verify(&token, &keys, &expected())
            .unwrap_err()
            .code(),
        "audience"
    );
    at_issuer.now = at(NOW + 1800);
    assert_eq!(
        GrantToken::verify(&token, &keys, &at_issuer)
            .unwrap_err()
            .code(),
        "expired"
    );
}

#[test]
fn no_kind_of_token_passes_for_another() {
    let keys = jwks(&[&eddsa()]);
    let (assertion, _) = Assertion::issue(input(), at(NOW), &eddsa(), &rng()).unwrap();
    let (access, _) = AccessToken::issue(access_input(), at(NOW), &eddsa(), &rng()).unwrap();
    let mut own_audience = grant_input();
    own_audience.issuer = AUDIENCE.to_owned();
    let grant = GrantToken::issue(own_audience, at(NOW), &eddsa(), &rng()).unwrap();
    for token in [&access, &grant] {
        let refusal = Assertion::verify(token, &keys, &expected()).unwrap_err();
        assert_eq!(refusal.code(), "type");
    }
    for token in [&assertion, &grant] {
        let refusal = AccessToken::verify(token, &keys, &expected()).unwrap_err();
        assert_eq!(refusal.code(), "type");
    }
    for token in [&assertion, &access] {
        let refusal = GrantToken::verify(token, &keys, &expected()).unwrap_err();
        assert_eq!(refusal.code(), "type");
    }
}
