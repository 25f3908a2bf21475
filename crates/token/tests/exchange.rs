//! The form of RFC 8693: what is read, and with which code everything else is refused.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]

use locum_token::Form;
use locum_token::exchange::{
    ClientCredential, ExchangeAnswer, ExchangeRequest, OAuthError, OAuthErrorCode, exchange_of,
};
use serde_json::json;

const GOOD: [(&str, &str); 6] = [
    (
        "grant_type",
        "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange",
    ),
    ("subject_token", "a.b.c"),
    ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
    ("audience", "app%3Abilling"),
    (
        "client_assertion_type",
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    ),
    ("client_assertion", "d.e.f"),
];

fn body(leave_out: &str, more: &str) -> String {
    let mut pairs: Vec<String> = GOOD
        .iter()
        .filter(|(name, _)| *name != leave_out)
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if !more.is_empty() {
        pairs.push(more.to_owned());
    }
    pairs.join("&")
}

/// As the token endpoint reads it once it knows the grant.
fn read(body: &str) -> Result<ExchangeRequest, OAuthError> {
    let mut form = Form::read(body.as_bytes())?;
    form.demand("grant_type")?;
    exchange_of(form)
}

fn refusal(leave_out: &str, more: &str) -> OAuthError {
    read(&body(leave_out, more)).unwrap_err()
}

#[test]
fn a_stock_clients_form_is_read() {
    let read = read(&body("", "client_id=aida&unknown=ignored&empty=")).unwrap();
    assert_eq!(read.subject_token, "a.b.c");
    assert_eq!(read.audience, "app:billing");
    assert_eq!(read.actor_token, None);
    assert_eq!(
        read.client,
        Some(ClientCredential {
            assertion: "d.e.f".to_owned(),
            client_id: Some("aida".to_owned()),
        })
    );
}

#[test]
fn a_person_may_be_the_actor_instead_of_a_client() {
    let type_name = "urn:ietf:params:oauth:token-type:access_token";
    let person = format!("actor_token=alice+token&actor_token_type={type_name}");
    let whole = body("client_assertion", &person).replace(
        "&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "",
    );
    let read = read(&whole).unwrap();
    assert_eq!(read.actor_token.as_deref(), Some("alice token"));
    assert_eq!(read.client, None);
    assert_eq!(
        refusal("", "actor_token=x").code,
        OAuthErrorCode::InvalidRequest
    );
    let alone = format!("actor_token_type={type_name}");
    assert_eq!(refusal("", &alone).code, OAuthErrorCode::InvalidRequest);
    let strange = "actor_token=x&actor_token_type=urn:x";
    assert_eq!(refusal("", strange).code, OAuthErrorCode::InvalidRequest);
}

#[test]
fn what_is_missing_empty_or_repeated_is_an_invalid_request() {
    for (name, value) in GOOD {
        let refused = refusal(name, "");
        assert_eq!(
            refused.code,
            OAuthErrorCode::InvalidRequest,
            "without {name}"
        );
        let empty = refusal(name, &format!("{name}="));
        assert_eq!(empty.code, OAuthErrorCode::InvalidRequest, "empty {name}");
        if name != "audience" {
            let again = refusal("", &format!("{name}={value}"));
            assert_eq!(again.code, OAuthErrorCode::InvalidRequest, "twice {name}");
            assert!(again.description.contains("repeated"));
        }
    }
}

#[test]
fn each_refusal_has_the_code_of_its_standard() {
    use OAuthErrorCode::{InvalidClient, InvalidRequest, InvalidScope, InvalidTarget};
    let rows = [
        ("", "audience=app:crm", InvalidTarget),
        ("", "audience=app%3Abilling", InvalidTarget),
        ("", "resource=https://billing.example", InvalidTarget),
        ("", "scope=invoice.read", InvalidScope),
        (
            "",
            "requested_token_type=urn:ietf:params:oauth:token-type:refresh_token",
            InvalidRequest,
        ),
        (
            "subject_token_type",
            "subject_token_type=urn:x",
            InvalidRequest,
        ),
        (
            "client_assertion_type",
            "client_assertion_type=urn:x",
            InvalidRequest,
        ),
        ("", "client_secret=hunter2", InvalidClient),
        ("", "note=%ff", InvalidRequest),
    ];
    for (leave_out, more, code) in rows {
        assert_eq!(refusal(leave_out, more).code, code, "{more}");
    }
    let asked = "requested_token_type=urn:ietf:params:oauth:token-type:access_token";
    read(&body("", asked)).unwrap();
}

#[test]
fn a_refusal_and_an_answer_look_as_oauth_says() {
    let refused = refusal("", "audience=app:crm");
    assert_eq!(refused.status(), 400);
    assert_eq!(
        serde_json::to_value(&refused).unwrap(),
        json!({
            "error": "invalid_target",
            "error_description": "a token is for one application: name one `audience`",
        })
    );
    assert_eq!(refusal("", "client_secret=x").status(), 401);
    let answer = ExchangeAnswer::bearer("t".to_owned(), 300, "invoice.read".to_owned());
    assert_eq!(
        serde_json::to_value(&answer).unwrap(),
        json!({
            "access_token": "t",
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "invoice.read",
        })
    );
}
