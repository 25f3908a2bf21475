//! What real documents do that no example of the standard shows. Each trait was met in a public one.

use locum_catalog::propose::from_openapi;
use locum_domain::catalog::Effect;

use crate::reading::{imported, of_route, read_back};

const DESK: &str = include_str!("../fixtures/propose/desk.yaml");

/// A document of these operations: `METHOD PATH` with what else is said of each.
fn document(operations: &[(&str, serde_json::Value)]) -> serde_json::Value {
    let mut paths = serde_json::Map::new();
    for (line, said) in operations {
        let (method, path) = line.split_once(' ').unwrap();
        paths
            .entry(path.to_owned())
            .or_insert(serde_json::json!({}))[method.to_lowercase()] = said.clone();
    }
    serde_json::json!({ "openapi": "3.1.0", "paths": paths })
}

fn plain(lines: &[&str]) -> String {
    let operations: Vec<(&str, serde_json::Value)> = lines
        .iter()
        .map(|line| (*line, serde_json::json!({})))
        .collect();
    document(&operations).to_string()
}

fn taking(schema: serde_json::Value) -> serde_json::Value {
    serde_json::json!({ "requestBody": { "content": { "application/json": { "schema": schema } } } })
}

#[test]
fn r21_a_document_of_2_0_is_read_with_its_base_path_bodies_forms_and_files() {
    let proposal = imported(DESK);
    assert_eq!(proposal.routes(), 5);
    assert_eq!(
        of_route(&proposal, "GET /api/v1/tickets").effect,
        Effect::Read
    );
    assert_eq!(of_route(&proposal, "POST /api/v1/tickets").closed, None);
    assert_eq!(
        of_route(&proposal, "GET /api/v1/tickets/*/attachments/*").effect,
        Effect::Egress
    );
    assert_eq!(
        of_route(&proposal, "PUT /api/v1/users/*").closed,
        Some("contact-change")
    );
    assert_eq!(
        of_route(&proposal, "POST /api/v1/enter").closed,
        Some("factors")
    );
}

#[test]
fn r21_a_document_of_3_2_has_methods_of_its_own() {
    let proposal = imported(
        r#"{"openapi": "3.2.0", "paths": {"/orders": {
            "query": {}, "additionalOperations": {"LINK": {}, "x y": {}}}}}"#,
    );
    for route in ["QUERY /orders", "LINK /orders"] {
        assert_eq!(of_route(&proposal, route).effect, Effect::Write, "{route}");
    }
    assert_eq!(proposal.left_out.values().sum::<usize>(), 1);
}

#[test]
fn r21_what_stands_where_it_should_not_hides_no_path() {
    let proposal = imported(
        r#"{"openapi": "3.0.0", "servers": "https://x.example", "tags": 7, "paths": {
            "/a": {"get": {"tags": "one", "summary": ["x"], "deprecated": "yes", "responses": []}},
            "/b": {"post": {"requestBody": {"content": {"a/b": {"schema": {"anyOf": {"x": {"properties": {"iban": {}}}}}}}}}},
            "/c": null, "/d": {"get": "later", "put": {"requestBody": {"content": {"a/b": {"schema": {"properties": []}}}}}}},
            "components": []}"#,
    );
    assert_eq!(proposal.routes(), 3);
    assert_eq!(of_route(&proposal, "POST /b").closed, Some("money"));
}

#[test]
fn r21_a_body_says_what_it_takes_through_its_envelope_and_its_list() {
    let account = serde_json::json!({ "properties": { "name": {}, "new_password": {} } });
    let proposal = imported(
        &document(&[
            (
                "PATCH /a/{id}",
                taking(serde_json::json!({ "properties": { "thing": account } })),
            ),
            (
                "PATCH /b/{id}",
                taking(serde_json::json!({ "properties": {
                    "meta": {}, "data": { "properties": { "type": {}, "attributes": account } } } })),
            ),
            (
                "POST /c",
                taking(serde_json::json!({ "type": "array", "items": account })),
            ),
            // What is inside of another property is about another thing.
            (
                "PATCH /d/{id}",
                taking(serde_json::json!({ "properties": { "title": {}, "author": account } })),
            ),
        ])
        .to_string(),
    );
    for route in ["PATCH /a/*", "PATCH /b/*", "POST /c"] {
        assert_eq!(
            of_route(&proposal, route).closed,
            Some("credentials"),
            "{route}"
        );
    }
    assert_eq!(of_route(&proposal, "PATCH /d/*").closed, None);
}

#[test]
fn r21_what_is_described_in_another_file_says_that_nobody_looked() {
    let elsewhere = serde_json::json!({ "$ref": "bodies.yaml#/B" });
    let proposal = imported(
        &document(&[
            ("POST /a", elsewhere.clone()),
            (
                "POST /b",
                serde_json::json!({ "requestBody": elsewhere.clone() }),
            ),
            ("POST /c", taking(elsewhere)),
            (
                "POST /d",
                taking(serde_json::json!({ "properties": { "note": {} } })),
            ),
        ])
        .to_string(),
    );
    assert!(
        proposal.warnings[0].starts_with("3 routes are described in other files"),
        "{:?}",
        proposal.warnings
    );
    for (route, is_cut) in [
        ("POST /a", true),
        ("POST /b", true),
        ("POST /c", true),
        ("POST /d", false),
    ] {
        let notes = &of_route(&proposal, route).notes;
        let says = notes.iter().any(|it| it.contains("in another file"));
        assert_eq!(says, is_cut, "{route}: {notes:?}");
    }
}

#[test]
fn r21_names_written_without_a_break_close_as_well() {
    for (line, class) in [
        ("POST /deleteaccount", "deletion"),
        ("POST /rows/batchdelete", "deletion"),
        ("POST /v1/{resource}:setiampolicy", "roles"),
        ("POST /v1/{resource}:setIamPolicy", "roles"),
        ("POST /requestphoneverification", "contact-change"),
        ("POST /orders/{id}/refunditem", "money"),
        ("POST /devices/{id}/shop.v1.resetPasscode", "credentials"),
        ("POST /zones/{id}/cryptokeys", "api-keys"),
        ("GET /getaccesstoken", "api-keys"),
        ("PUT /orgs/{org}/security-managers/teams/{team}", "roles"),
    ] {
        let proposal = imported(&plain(&[line]));
        assert_eq!(proposal.operations[0].closed, Some(class), "{line}");
    }
    for line in [
        "POST /items/{id}/undelete",
        "GET /deletedItems",
        "GET /payments",
        "POST /reservations",
    ] {
        assert_eq!(
            imported(&plain(&[line])).operations[0].closed,
            None,
            "{line}"
        );
    }
}

#[test]
fn r21_an_account_is_closed_by_its_sign_in_name_and_where_its_body_is_not_known() {
    let named = taking(serde_json::json!({ "properties": { "username": {}, "avatar": {} } }));
    let bio = taking(serde_json::json!({ "properties": { "bio": {} } }));
    let proposal = imported(
        &document(&[
            ("PATCH /users/@me", named.clone()),
            ("PATCH /hosts/{id}", named),
            ("PATCH /users/{id}", serde_json::json!({})),
            ("PATCH /profile", bio),
        ])
        .to_string(),
    );
    for (route, class) in [
        ("PATCH /users/@me", Some("credentials")),
        ("PATCH /hosts/*", None),
        ("PATCH /users/*", Some("contact-change")),
        ("PATCH /profile", None),
    ] {
        assert_eq!(of_route(&proposal, route).closed, class, "{route}");
    }
}

#[test]
fn r21_who_is_let_in_is_decided_by_administration() {
    let proposal = imported(&plain(&[
        "PUT /users/{id}/block",
        "POST /accounts/{id}/suspend",
        "POST /rooms/{id}/lock",
        "PUT /policies/{id}",
    ]));
    for (route, effect) in [
        ("PUT /users/*/block", Effect::Admin),
        ("POST /accounts/*/suspend", Effect::Admin),
        ("POST /rooms/*/lock", Effect::Write),
        ("PUT /policies/*", Effect::Admin),
    ] {
        assert_eq!(of_route(&proposal, route).effect, effect, "{route}");
    }
}

#[test]
fn r21_an_address_that_carries_other_requests_is_not_proposed() {
    let requests = taking(serde_json::json!({ "properties": { "operations": {} } }));
    let rows = taking(serde_json::json!({ "properties": { "rows": {} } }));
    let proposal = imported(
        &document(&[
            ("POST /v1.0/$batch", serde_json::json!({})),
            ("POST /3.0/batches", requests),
            ("POST /jsonrpc", serde_json::json!({})),
            ("POST /xmlrpc.php", serde_json::json!({})),
            ("GET /3.0/batches", serde_json::json!({})),
            ("POST /bulk", rows),
            ("POST /invoices/batch", serde_json::json!({})),
        ])
        .to_string(),
    );
    assert_eq!(proposal.routes(), 3);
    assert_eq!(proposal.warnings.len(), 4);
    assert!(
        proposal.warnings[0].contains("carries other requests"),
        "{:?}",
        proposal.warnings
    );
}

#[test]
fn r21_paths_that_only_their_query_or_fragment_tells_apart_are_one_and_the_closed_one_counts() {
    let proposal = imported(
        &document(&[
            (
                "PUT /files/{id}",
                taking(serde_json::json!({ "properties": { "name": {} } })),
            ),
            (
                "PUT /files/{id}#add_shared_link",
                taking(serde_json::json!({ "properties": { "access": {} } })),
            ),
        ])
        .to_string(),
    );
    let one = of_route(&proposal, "PUT /files/*");
    assert_eq!(one.closed, Some("api-keys"));
    assert!(one.notes.iter().any(|it| it.contains("behind `?` or `#`")));
}

#[test]
fn r21_a_form_at_the_end_of_a_path_is_no_word_and_no_remark() {
    let proposal = imported(&plain(&[
        "GET /Accounts.json",
        "GET /Accounts/{Sid}.json",
        "GET /Accounts/{Sid}/Calls/{Call}.json",
        "POST /Accounts/{Sid}/Calls.json",
        "GET /pages/{page}.{format}",
        "GET /odd/{a}-{b}",
    ]));
    assert_eq!(
        of_route(&proposal, "GET /Accounts/*").routes,
        [
            "GET /Accounts.json",
            "GET /Accounts/*",
            "GET /Accounts/*/Calls/*"
        ]
    );
    assert_eq!(
        of_route(&proposal, "POST /Accounts/*/Calls.json").id,
        "account.call.create"
    );
    assert!(of_route(&proposal, "GET /Accounts/*").notes.is_empty());
    assert!(of_route(&proposal, "GET /pages/*").notes.is_empty());
    assert_eq!(of_route(&proposal, "GET /odd/*").notes.len(), 1);
}

#[test]
fn r21_verbs_behind_a_colon_or_in_a_namespace_name_what_is_done() {
    let proposal = imported(&plain(&[
        "POST /v1/printers:batchCreate",
        "POST /v1/events/{id}/shop.calendar.v1.snooze",
        "POST /v1/{name}:cancel",
    ]));
    for (route, id) in [
        ("POST /v1/printers:batchCreate", "printer.batch-create"),
        ("POST /v1/events/*/shop.calendar.v1.snooze", "event.snooze"),
        ("POST /v1/*", "v1.cancel"),
    ] {
        assert_eq!(of_route(&proposal, route).id, id);
    }
}

#[test]
fn r21_what_changes_something_under_a_heading_is_filed_finer_than_what_reads() {
    let tagged = serde_json::json!({ "tags": ["projects"] });
    let proposal = imported(
        &document(&[
            ("GET /projects/{id}", tagged.clone()),
            ("GET /projects/{id}/runners", tagged.clone()),
            ("PUT /projects/{id}", tagged.clone()),
            ("POST /projects/{id}/star", tagged.clone()),
            ("POST /projects/{id}/runners", tagged.clone()),
            ("PUT /projects/{id}/milestones/{number}", tagged.clone()),
            ("PUT /projects/{id}/boards/main", tagged),
        ])
        .to_string(),
    );
    for (route, id, object) in [
        ("GET /projects/*/runners", "project.read", "project:{1}"),
        ("PUT /projects/*", "project.update", "project:{1}"),
        ("POST /projects/*/star", "project.star", "project:{1}"),
        (
            "POST /projects/*/runners",
            "project.runner.create",
            "project:{1}",
        ),
        (
            "PUT /projects/*/milestones/*",
            "project.milestone.update",
            "milestone:{2}",
        ),
        (
            "PUT /projects/*/boards/main",
            "project.board.update",
            "project:{1}",
        ),
    ] {
        let found = of_route(&proposal, route);
        assert_eq!(
            (found.id.as_str(), found.object.as_deref()),
            (id, Some(object)),
            "{route}"
        );
    }
}

#[test]
fn r21_paths_at_another_host_are_told() {
    let mut document = document(&[
        ("GET /files", serde_json::json!({})),
        (
            "POST /files/content",
            serde_json::json!({ "servers": [{ "url": "https://upload.example.org/api" }] }),
        ),
    ]);
    document["servers"] = serde_json::json!([{ "url": "https://api.example.org/2" }]);
    let proposal = read_back(from_openapi(document.to_string().as_bytes(), None, None).unwrap());
    assert_eq!(of_route(&proposal, "GET /2/files").effect, Effect::Read);
    assert_eq!(
        of_route(&proposal, "POST /api/files/content").effect,
        Effect::Write
    );
    assert!(
        proposal.warnings[0].contains("some paths are at `upload.example.org`"),
        "{:?}",
        proposal.warnings
    );
}
