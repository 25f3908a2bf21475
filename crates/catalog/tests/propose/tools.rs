//! What browsers and their helpers write that the standard does not ask for. Each trait was met in a public recording.

use locum_catalog::propose::{ProposeError, from_recordings};
use locum_domain::catalog::Effect;

use crate::reading::{learned, of_route};

const HOST: &str = "https://desk.example.org";

fn posted(path: &str, kind: &str, text: &str) -> serde_json::Value {
    serde_json::json!({
        "request": { "method": "POST", "url": format!("{HOST}{path}"), "postData": { "mimeType": kind, "text": text } },
        "response": { "status": 200, "content": { "mimeType": "application/json" } },
    })
}

fn got(path: &str, kind: &str) -> serde_json::Value {
    serde_json::json!({
        "request": { "method": "GET", "url": format!("{HOST}{path}") },
        "response": { "status": 200, "content": { "mimeType": kind } },
    })
}

fn whole(entries: &[serde_json::Value]) -> String {
    serde_json::json!({ "log": { "entries": entries } }).to_string()
}

#[test]
fn r21_an_entry_that_says_nothing_takes_no_other_with_it() {
    let proposal = learned(&[whole(&[
        serde_json::json!({ "request": { "method": null, "url": "https://desk.example.org/a" }, "response": {} }),
        serde_json::json!({ "response": { "status": 200 } }),
        serde_json::json!({ "request": { "method": "GET", "url": "https://desk.example.org/b" } }),
        serde_json::json!({ "request": { "method": "GET", "url": "https://desk.example.org/c" },
            "response": { "status": "200", "content": null } }),
        serde_json::json!({ "request": { "method": "GET", "url": "https://desk.example.org/d" },
            "response": { "status": 0 } }),
    ])]);
    assert_eq!(
        of_route(&proposal, "GET /b").effect,
        Effect::Read,
        "requests alone"
    );
    assert_eq!(of_route(&proposal, "GET /c").effect, Effect::Read);
    assert_eq!(proposal.routes(), 2);
    assert_eq!(
        proposal.left_out["entries without a method or an address"],
        2
    );
}

#[test]
fn r21_a_recording_that_breaks_off_says_so() {
    let text = whole(&[got("/a", "text/html")]);
    let cut = &text[..text.len() - 30];
    let error = from_recordings(&[cut], &[], None).unwrap_err();
    assert_eq!(error, ProposeError::BrokenOff { line: 1 });
    assert_eq!(
        error.to_string(),
        "the recording breaks off at line 1: save it again, whole"
    );
}

#[test]
fn r21_a_body_is_seen_through_its_envelope_its_list_and_its_form() {
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"iban\"\r\n\r\nDE02\r\n--x--\r\n";
    let proposal = learned(&[whole(&[
        posted(
            "/a",
            "application/json",
            r#"{"user": {"name": "k", "password": "S3CR3T"}}"#,
        ),
        posted(
            "/b",
            "application/json",
            r#"[{"name": "k"}, {"isAdmin": true}]"#,
        ),
        posted("/c", "multipart/form-data; boundary=x", multipart),
        posted(
            "/d",
            "application/json",
            r#"{"title": "x", "author": {"password": "S3CR3T"}}"#,
        ),
        posted("/e", "application/json", r#"{"broken": {"#),
        posted("/f", "application/json", "cGFzc3dvcmQ9aHVudGVyMg=="),
    ])]);
    for (route, class) in [
        ("POST /a", Some("credentials")),
        ("POST /b", Some("roles")),
        ("POST /c", Some("money")),
        ("POST /d", None),
        ("POST /e", None),
        ("POST /f", None),
    ] {
        assert_eq!(of_route(&proposal, route).closed, class, "{route}");
    }
    assert!(proposal.graphql_endpoints.is_empty());
}

#[test]
fn r21_graphql_comes_in_lists_by_hash_in_forms_and_by_itself() {
    let batch = r#"[{"operationName": "A", "query": "query A { orders { id } }"},
        {"operationName": "B", "query": "mutation B { sendReply { id } }"}]"#;
    let hash = r#"{"operationName": "Inbox", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "ab"}}}"#;
    let proposal = learned(&[whole(&[
        posted("/graphql/v2", "application/json", batch),
        posted("/graphql/v2", "application/json", hash),
        posted(
            "/graphql/v2",
            "application/x-www-form-urlencoded",
            "query=%7Bviewer%7Bid%7D%7D",
        ),
        posted("/gql", "application/graphql", "query { tags { name } }"),
        got(
            "/pathfinder?operationName=Feed&extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%7D%7D",
            "application/json",
        ),
        got("/search?query=%7Bsale%7D", "text/html"),
    ])]);
    let fields: Vec<&String> = proposal
        .operations
        .iter()
        .flat_map(|it| &it.graphql)
        .collect();
    assert_eq!(
        fields,
        [
            "mutation sendReply",
            "query orders",
            "query tags",
            "query viewer"
        ]
    );
    assert_eq!(of_route(&proposal, "GET /search").effect, Effect::Read);
    assert!(
        proposal
            .graphql_endpoints
            .contains(&"GET /pathfinder".to_owned())
    );
    assert!(
        proposal.warnings.iter().any(|it| it.ends_with(
            "only a hash was sent, so that their root fields are not proposed: Feed, Inbox"
        )),
        "{:?}",
        proposal.warnings
    );
}

#[test]
fn r21_styles_and_fonts_are_assets_wherever_they_lie_and_scripts_where_scripts_do() {
    let proposal = learned(&[whole(&[
        got("/sites/all/themes/desk/main.css", "text/css"),
        got("/w/skins/desk/icon.png", "image/png"),
        got("/deep/down/here/desk.woff2", "font/woff2"),
        got("/customers/7/data.js", "text/javascript"),
        got("/customers/7/photo.png", "image/png"),
    ])]);
    for route in [
        "GET /sites/all/themes/**",
        "GET /w/skins/**",
        "GET /deep/down/here/desk.woff2",
    ] {
        assert_eq!(of_route(&proposal, route).effect, Effect::Asset, "{route}");
    }
    for route in ["GET /customers/*/data.js", "GET /customers/*/photo.png"] {
        assert_eq!(of_route(&proposal, route).effect, Effect::Read, "{route}");
    }
}
