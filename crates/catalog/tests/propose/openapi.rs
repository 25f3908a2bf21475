//! From a document.

use locum_catalog::propose::{ProposeError, from_openapi, toml};
use locum_domain::catalog::Effect;

use crate::reading::{imported, of_route, read_back};

const SHOP: &str = include_str!("../fixtures/propose/shop.yaml");

#[test]
fn r21_a_documents_paths_become_operations_that_the_catalog_takes() {
    let proposal = imported(SHOP);
    let read = of_route(&proposal, "GET /api/v2/invoices/*");
    assert_eq!(
        (read.id.as_str(), read.effect, read.closed),
        ("invoice.read", Effect::Read, None)
    );
    assert_eq!(
        read.routes,
        ["GET /api/v2/invoices", "GET /api/v2/invoices/*"]
    );
    assert_eq!(read.object.as_deref(), Some("invoice:{1}"));
    for (route, id, effect, closed) in [
        (
            "POST /api/v2/invoices",
            "invoice.create",
            Effect::Write,
            None,
        ),
        (
            "PATCH /api/v2/invoices/*",
            "invoice.update",
            Effect::Write,
            None,
        ),
        (
            "DELETE /api/v2/invoices/*",
            "invoice.delete",
            Effect::Write,
            Some("deletion"),
        ),
        (
            "POST /api/v2/invoices/*/resend",
            "invoice.resend",
            Effect::Write,
            None,
        ),
        (
            "GET /api/v2/invoices/*/pdf",
            "invoice.download",
            Effect::Egress,
            None,
        ),
        (
            "PUT /api/v2/customers/*",
            "customer.update",
            Effect::Write,
            Some("contact-change"),
        ),
        (
            "GET /api/v2/customers/*",
            "customer.read",
            Effect::Read,
            None,
        ),
        ("GET /api/v2/payouts", "payout.read", Effect::Read, None),
        (
            "POST /api/v2/payouts",
            "payout.create",
            Effect::Write,
            Some("money"),
        ),
        (
            "GET /api/v2/me/api-keys",
            "me.api-key.read",
            Effect::Mint,
            Some("api-keys"),
        ),
    ] {
        let found = of_route(&proposal, route);
        assert_eq!(
            (found.id.as_str(), found.effect, found.closed),
            (id, effect, closed),
            "{route}"
        );
    }
    let export = of_route(&proposal, "GET /api/v2/invoices/export");
    assert_eq!(
        (export.effect, export.closed),
        (Effect::Egress, Some("bulk-export"))
    );
}

#[test]
fn r21_every_guess_says_why_in_a_comment_to_be_reviewed() {
    let text = toml(&imported(SHOP), "shop.yaml");
    for line in [
        "# REVIEW effect `read`: its method is GET",
        "# REVIEW closed `deletion`: its method is DELETE",
        "# REVIEW closed `money`: its path says `payout`",
        "# REVIEW closed `contact-change`: a field of its body says `email`",
        "# REVIEW object: `{1}` is taken for the id of what is called invoice",
        "# Left out (1): paths whose `$ref` leads out of the document, or round in a circle",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }
}

#[test]
fn r21_graphql_in_a_document_is_an_endpoint_and_no_route() {
    let proposal = imported(SHOP);
    assert_eq!(proposal.graphql_endpoints, ["POST /api/v2/graphql"]);
    assert!(
        !proposal
            .operations
            .iter()
            .flat_map(|it| &it.routes)
            .any(|it| it.contains("graphql"))
    );
}

#[test]
fn r21_two_paths_that_the_catalog_cannot_tell_apart_are_one_route_and_the_closed_one_counts() {
    let proposal = imported(
        r#"{"openapi": "3.1.0", "paths": {
            "/users/{id}": {"post": {"operationId": "touchUser"}},
            "/users/{id}:impersonate": {"post": {"operationId": "impersonateUser"}}}}"#,
    );
    assert_eq!(proposal.routes(), 1);
    assert_eq!(
        of_route(&proposal, "POST /users/*").closed,
        Some("impersonation")
    );
}

#[test]
fn r21_an_open_route_that_a_closed_one_takes_says_so() {
    let proposal = imported(
        r#"{"openapi": "3.1.0", "paths": {
            "/payments/{id}": {"post": {}},
            "/{kind}/{id}": {"put": {"requestBody": {"content": {"a/b": {"schema": {"properties": {"password": {}}}}}}}},
            "/things/{id}": {"put": {"requestBody": {"content": {"a/b": {"schema": {"properties": {"note": {}}}}}}}}}}"#,
    );
    let taken = of_route(&proposal, "PUT /things/*");
    assert_eq!(taken.closed, None);
    assert!(
        taken.notes[0].contains("a closed one always wins"),
        "{:?}",
        taken.notes
    );
}

#[test]
fn a_base_replaces_what_the_servers_say() {
    let proposal = read_back(from_openapi(SHOP.as_bytes(), Some("/shop"), None).unwrap());
    assert_eq!(
        of_route(&proposal, "GET /shop/payouts").id,
        "shop.payout.read"
    );
    assert_eq!(of_route(&proposal, "GET /shop/invoices").id, "invoice.read");
}

#[test]
fn the_same_document_is_read_as_json_and_as_yaml() {
    let json = r##"{"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/components/pathItems/A"}},
        "components": {"pathItems": {"A": {"get": {"operationId": "a"}}}, "schemas": {"Any": true}}}"##;
    let yaml = "openapi: 3.1.0\npaths:\n  /a:\n    $ref: '#/components/pathItems/A'\ncomponents:\n  pathItems:\n    A:\n      get: &op\n        operationId: a\n  schemas: { Any: true }\n";
    assert_eq!(imported(json), imported(yaml));
    assert_eq!(imported(json).routes(), 1);
}

#[test]
fn what_is_no_openapi_document_says_what_it_is() {
    let refused = |text: &str| from_openapi(text.as_bytes(), None, None).unwrap_err();
    assert_eq!(
        refused("swagger: '1.2'\npaths: {}").to_string(),
        "OpenAPI 3.0 to 3.2 and Swagger 2.0 are read, and this says `1.2`"
    );
    let version = ProposeError::Version {
        version: "4.0.0".to_owned(),
    };
    assert_eq!(refused("openapi: 4.0.0\npaths: {}"), version);
    assert_eq!(refused("paths: {}"), ProposeError::NotOpenApi);
    assert!(matches!(
        refused("{"),
        ProposeError::Syntax { what: "JSON", .. }
    ));
    assert!(matches!(
        refused("a: [b"),
        ProposeError::Syntax { what: "YAML", .. }
    ));
    assert_eq!(
        from_openapi(b"\xff\xfe", None, None).unwrap_err(),
        ProposeError::NotText
    );
}
