//! From recordings of a browser.

use locum_catalog::propose::{from_recordings, toml};
use locum_domain::catalog::Effect;

use crate::reading::{learned, of_route, read_back};

/// A recording of requests as `METHOD PATH media-type`, with cookies, tokens and answers as browsers write them.
fn recording(lines: &[&str]) -> String {
    let entries: Vec<serde_json::Value> = lines
        .iter()
        .map(|line| {
            let mut parts = line.split(' ');
            let (method, path) = (parts.next().unwrap(), parts.next().unwrap());
            entry(
                method,
                &format!("https://shop.example.org{path}"),
                parts.next().unwrap_or("application/json"),
                None,
            )
        })
        .collect();
    whole(&entries)
}

fn entry(
    method: &str,
    url: &str,
    media_type: &str,
    body: Option<(&str, &str)>,
) -> serde_json::Value {
    let mut request = serde_json::json!({
        "method": method, "url": url, "httpVersion": "HTTP/2",
        "cookies": [{ "name": "sid", "value": "S3CR3T-cookie" }],
        "headers": [{ "name": "Authorization", "value": "Bearer S3CR3T-token" }],
    });
    if let Some((kind, text)) = body {
        request["postData"] = serde_json::json!({ "mimeType": kind, "text": text });
    }
    serde_json::json!({
        "startedDateTime": "2026-11-24T09:00:00Z", "request": request,
        "response": { "status": 200, "cookies": [{ "name": "sid", "value": "S3CR3T-set" }],
            "content": { "mimeType": media_type, "text": "S3CR3T-answer" } },
    })
}

fn whole(entries: &[serde_json::Value]) -> String {
    serde_json::json!({ "log": { "version": "1.2", "entries": entries } }).to_string()
}

#[test]
fn r21_a_recording_becomes_operations_by_prefix_and_method_with_ids_folded() {
    let proposal = learned(&[recording(&[
        "GET / text/html",
        "GET /invoices?customer=S3CR3T",
        "GET /invoices/INV-2041",
        "GET /invoices/INV-2042/lines/3",
        "POST /invoices/INV-2041/resend",
        "GET /invoices/INV-2041/document.pdf application/pdf",
        "POST /payouts",
        "DELETE /notes/9f2c1a77-0000-4000-8000-000000000000",
        "OPTIONS /invoices",
    ])]);
    let read = of_route(&proposal, "GET /invoices/*");
    assert_eq!(read.id, "invoice.read");
    assert_eq!(
        read.routes,
        [
            "GET /invoices",
            "GET /invoices/*",
            "GET /invoices/*/lines/*"
        ]
    );
    assert_eq!(read.object.as_deref(), Some("invoice:{1}"));
    assert_eq!(
        of_route(&proposal, "POST /invoices/*/resend").id,
        "invoice.resend"
    );
    assert_eq!(
        of_route(&proposal, "GET /invoices/*/document.pdf").effect,
        Effect::Egress
    );
    assert_eq!(of_route(&proposal, "POST /payouts").closed, Some("money"));
    assert_eq!(
        of_route(&proposal, "DELETE /notes/*").closed,
        Some("deletion")
    );
    assert_eq!(of_route(&proposal, "GET /").id, "root.read");
}

#[test]
fn r21_scripts_and_pictures_of_the_application_are_assets_and_somebodys_pictures_are_not() {
    let proposal = learned(&[recording(&[
        "GET / text/html",
        "GET /static/js/main.4f9a2c.js application/javascript",
        "GET /static/logo.png image/png",
        "GET /main-4T7BQXRS.js text/javascript",
        "GET /favicon.ico image/x-icon",
        "GET /users/17/passport.png image/png",
        "GET /uploads/photo.jpg image/jpeg",
        "GET /public/app.css text/css",
        "GET /public/reports application/json",
        "GET /assets/missing.js text/html",
    ])]);
    let shell = of_route(&proposal, "GET /static/**");
    assert_eq!(
        (shell.id.as_str(), shell.effect, shell.closed),
        ("shell", Effect::Asset, None)
    );
    assert_eq!(
        shell.routes,
        [
            "GET /favicon.ico",
            "GET /main-4T7BQXRS.js",
            "GET /public/app.css",
            "GET /static/**"
        ]
    );
    for route in [
        "GET /users/*/passport.png",
        "GET /uploads/photo.jpg",
        "GET /public/reports",
        "GET /assets/missing.js",
    ] {
        assert_eq!(of_route(&proposal, route).effect, Effect::Read, "{route}");
    }
}

#[test]
fn r21_several_recordings_show_which_names_are_ids() {
    let of = |who: &str| {
        recording(&[
            "GET / text/html",
            &format!("GET /users/{who}/orders"),
            &format!("GET /users/{who}"),
        ])
    };
    let one = learned(&[of("ann")]);
    let read = of_route(&one, "GET /users/ann/orders");
    assert!(
        read.notes
            .iter()
            .any(|it| it.contains("`ann` stands where an id often stands"))
    );
    let three = learned(&[of("ann"), of("bea"), of("cyd"), of("me")]);
    let read = of_route(&three, "GET /users/*/orders");
    assert_eq!(
        of_route(&three, "GET /users/me/orders").effect,
        Effect::Read
    );
    assert!(read.notes.iter().any(|it| it.contains("taken for ids")));
    // Pages beside each other, one of which is closed, are no ids.
    let pages =
        ["billing", "team", "theme", "password"].map(|page| format!("POST /settings/{page}/save"));
    let lines: Vec<&str> = pages.iter().map(String::as_str).collect();
    let settings = learned(&[recording(&lines)]);
    assert_eq!(
        of_route(&settings, "POST /settings/password/save").closed,
        Some("credentials")
    );
    assert_eq!(
        of_route(&settings, "POST /settings/theme/save").closed,
        None
    );
}

#[test]
fn r23_nothing_of_a_recording_is_echoed_but_names() {
    let form = "application/x-www-form-urlencoded";
    let entries = [
        entry("GET", "https://shop.example.org/", "text/html", None),
        entry(
            "GET",
            "https://shop.example.org/reset/kittens?token=S3CR3T",
            "text/html",
            None,
        ),
        entry(
            "GET",
            "https://shop.example.org/a;jsessionid=S3CR3Tabc",
            "text/html",
            None,
        ),
        entry(
            "GET",
            "https://ann:S3CR3T@shop.example.org/x/eyJhbGciOiJ.S3CR3T.sig",
            "text/html",
            None,
        ),
        entry(
            "GET",
            "https://shop.example.org/u/kim%40customer.example",
            "text/html",
            None,
        ),
        entry(
            "GET",
            "https://shop.example.org/img/S3CR3T-of-kim.png",
            "image/png",
            None,
        ),
        entry(
            "POST",
            "https://shop.example.org/notes/7",
            "application/json",
            Some((
                "application/json",
                r#"{"title": "S3CR3T", "S3CR3T-key": 1}"#,
            )),
        ),
        entry(
            "POST",
            "https://shop.example.org/signup-step",
            "text/html",
            Some((form, "user=kim&password=S3CR3T")),
        ),
    ];
    let proposal = learned(&[whole(&entries)]);
    let said = format!(
        "{}{}",
        toml(&proposal, "a.har"),
        serde_json::to_string(&proposal).unwrap()
    );
    for secret in ["S3CR3T", "kittens", "kim", "ann"] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
    assert_eq!(
        of_route(&proposal, "POST /signup-step").closed,
        Some("credentials")
    );
    assert_eq!(of_route(&proposal, "GET /reset/*").effect, Effect::Read);
}

#[test]
fn r23_a_broken_recording_says_where_and_quotes_nothing() {
    for broken in [
        r#"{"log": {"entries": [{"request": {"method": "GET", "url": 7, "x": "S3CR3T"}}]}}"#,
        r#"{"log": {"entries": ["S3CR3T"]}}"#,
        "S3CR3T",
    ] {
        let error = from_recordings(&[broken], &[], None)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("no recording (HAR 1.2): line 1") && !error.contains("S3CR3T"),
            "{error}"
        );
    }
}

#[test]
fn only_the_applications_own_hosts_count_and_the_others_are_said() {
    let entries = [
        entry(
            "GET",
            "https://cdn.example.net/lib.js",
            "text/javascript",
            None,
        ),
        entry("GET", "https://shop.example.org/", "text/html", None),
        entry(
            "POST",
            "https://api.shop.example.org:8443/orders",
            "application/json",
            None,
        ),
        entry("GET", "wss://shop.example.org/live", "", None),
        entry("GET", "data:text/plain,hello", "text/plain", None),
    ];
    let one = learned(&[whole(&entries)]);
    assert_eq!(one.routes(), 1);
    assert!(
        one.warnings[0].contains("api.shop.example.org:8443, cdn.example.net"),
        "{:?}",
        one.warnings
    );
    let hosts = ["shop.example.org", "api.shop.example.org:8443"].map(str::to_owned);
    let both = read_back(from_recordings(&[whole(&entries)], &hosts, None).unwrap());
    assert_eq!(both.routes(), 2);
    assert!(both.warnings.is_empty());
}

#[test]
fn r21_graphql_is_proposed_by_root_field_and_what_cannot_be_read_is_not() {
    let query = |text: &str| serde_json::json!({ "query": text, "operationName": "X" }).to_string();
    let bodies = [
        query(
            "query X($id: ID! = \"}\") { me: viewer { name } ...F # invoice\n } fragment F on Query { invoice(id: $id) { lines { id } } }",
        ),
        query("mutation Harmless { createApiKey(input: { a: \"b\" }) { key } }"),
        query("mutation { resendInvoice(id: 7) @live { id } }"),
        query("subscription { invoices { id } }"),
        r#"{"extensions": {"persistedQuery": {"sha256Hash": "ab"}}}"#.to_owned(),
    ];
    let entries: Vec<serde_json::Value> = bodies
        .iter()
        .map(|body| {
            entry(
                "POST",
                "https://shop.example.org/api",
                "application/json",
                Some(("application/json", body)),
            )
        })
        .collect();
    let proposal = learned(&[whole(&entries)]);
    assert_eq!(proposal.graphql_endpoints, ["POST /api"]);
    assert_eq!(proposal.routes(), 0);
    let of = |line: &str| {
        proposal
            .operations
            .iter()
            .find(|it| it.graphql.iter().any(|it| it == line))
            .unwrap()
    };
    assert_eq!(
        of("query invoice").graphql,
        ["query invoice", "query viewer"]
    );
    assert_eq!(
        (of("query invoice").effect, of("query invoice").closed),
        (Effect::Read, None)
    );
    assert_eq!(of("mutation createApiKey").closed, Some("api-keys"));
    assert_eq!(of("mutation resendInvoice").closed, None);
    assert_eq!(proposal.left_out.values().sum::<usize>(), 2);
}
