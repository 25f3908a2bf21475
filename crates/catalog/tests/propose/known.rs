//! Beside an application that the catalog has.

use locum_catalog::propose::{from_openapi, from_recordings, toml};

use crate::reading::application;

const KNOWN: &str = r#"
[graphql]
endpoints = ["POST /graphql"]
[[operation]]
id = "invoice.read"
effect = "read"
routes = ["GET /invoices", "GET /invoices/*"]
graphql = ["query invoices"]
[[operation]]
id = "user.write"
effect = "write"
routes = ["POST /users/**"]
[[operation]]
id = "payout"
effect = "write"
closed = "money"
routes = ["POST /payouts"]
"#;

#[test]
fn r21_what_an_application_classifies_is_left_out_and_said() {
    let known = application(KNOWN);
    let document = r#"{"openapi": "3.0.0", "paths": {
        "/invoices": {"get": {}}, "/invoices/{id}": {"get": {}}, "/invoices/{id}/lines": {"get": {}},
        "/payouts": {"post": {}}, "/users/{id}/api-keys": {"post": {}}, "/graphql": {"post": {}}}}"#;
    let proposal = from_openapi(document.as_bytes(), None, Some(&known)).unwrap();
    let routes: Vec<&String> = proposal
        .operations
        .iter()
        .flat_map(|it| &it.routes)
        .collect();
    assert_eq!(routes, ["GET /invoices/*/lines"]);
    assert_eq!(proposal.known["invoice.read"], 2);
    assert_eq!(proposal.known["payout"], 1);
    assert!(proposal.graphql_endpoints.is_empty());
    // The name is taken, and the two files make one application.
    assert_eq!(proposal.operations[0].id, "invoice.read-2");
    assert!(proposal.operations[0].notes[0].contains("is there already"));
    let both = application(&format!("{KNOWN}{}", toml(&proposal, "a test")));
    assert_eq!(both.operations.len(), 4);
}

#[test]
fn r21_what_an_application_opens_although_it_looks_closed_is_a_warning() {
    let known = application(KNOWN);
    let document = r#"{"openapi": "3.0.0", "paths": {"/users/{id}/api-keys": {"post": {}}, "/payouts": {"post": {}}}}"#;
    let proposal = from_openapi(document.as_bytes(), None, Some(&known)).unwrap();
    assert_eq!(
        proposal.warnings,
        [
            "`POST /users/*/api-keys` looks like `api-keys` (its path says `api key`), and `user.write` opens it"
        ]
    );
}

#[test]
fn r21_root_fields_that_an_application_lists_are_left_out() {
    let known = application(KNOWN);
    let call = |query: &str| {
        serde_json::json!({
            "request": { "method": "POST", "url": "https://shop.example.org/graphql",
                "postData": { "mimeType": "application/json",
                    "text": serde_json::json!({ "query": query }).to_string() } },
            "response": { "status": 200, "content": { "mimeType": "application/json" } },
        })
    };
    let entries = [
        call("{ invoices { id } }"),
        call("mutation A { resendInvoice(id: 7) { id } }"),
    ];
    let recording = serde_json::json!({ "log": { "entries": entries } }).to_string();
    let proposal = from_recordings(&[recording], &[], Some(&known)).unwrap();
    assert_eq!(proposal.operations.len(), 1);
    assert_eq!(proposal.operations[0].graphql, ["mutation resendInvoice"]);
}
