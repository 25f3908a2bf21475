//! GraphQL in the catalog: what an operation lists is a root field or a whole document, and its effect fits.

mod common;

use common::rows::{CRM, Edit, assert_rows};

const UPDATE: &str = r#"routes = ["PATCH /contacts/*"]"#;
const FIRST_OPERATION: &str = "[[operation]]\nid = \"contact.read\"";

/// An endpoint before the first operation.
const ENDPOINT: Edit = (
    CRM,
    FIRST_OPERATION,
    "[graphql]\nendpoints = [\"POST /graphql\", \"GET /graphql\"]\n\n[[operation]]\nid = \"contact.read\"",
);

#[test]
fn r21_what_a_document_may_ask_for_is_listed_by_root_field_or_whole() {
    assert_rows(&[
        (
            "root fields without a route beside them",
            &[
                ENDPOINT,
                (
                    CRM,
                    UPDATE,
                    "graphql = [\"mutation updateContact\", \"query contactDraft\"]\nobject = \"contact:{id}\"",
                ),
            ],
            &[],
        ),
        (
            "a listed document",
            &[
                ENDPOINT,
                (
                    CRM,
                    UPDATE,
                    "graphql_hashes = [\"ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38\"]",
                ),
            ],
            &[],
        ),
        (
            "a mutation in what only reads",
            &[
                ENDPOINT,
                (
                    CRM,
                    r#"routes = ["GET /contacts/**"]"#,
                    "routes = [\"GET /contacts/**\"]\ngraphql = [\"query contact\", \"mutation updateContact\"]",
                ),
            ],
            &[
                "catalog/applications/crm.toml:21:29: `mutation updateContact` changes something, and the operation's effect is `read` (move it to an operation with effect write, mint, egress or admin)",
            ],
        ),
        (
            "the name that a client gives its document",
            &[ENDPOINT, (CRM, UPDATE, "graphql = [\"UpdateContact\"]")],
            &[
                "catalog/applications/crm.toml:25:12: `UpdateContact`: a GraphQL line is a kind and a root field, as `mutation resendInvoice` (the field as the schema names it, not the name a client gives its document)",
            ],
        ),
        (
            "an endpoint that nothing is behind",
            &[ENDPOINT],
            &[
                "catalog/applications/crm.toml:15:14: warning: no operation lists a root field, so every document is refused as unclassified (in an [[operation]]: graphql = [\"query invoices\"])",
            ],
        ),
        (
            "a subscription",
            &[
                ENDPOINT,
                (
                    CRM,
                    UPDATE,
                    "graphql = [\"mutation updateContact\", \"subscription contacts\"]",
                ),
            ],
            &[
                "catalog/applications/crm.toml:25:38: `subscription contacts`: subscriptions are not carried yet, and refused as unclassified (the field as the schema names it, not the name a client gives its document)",
            ],
        ),
        (
            "one root field twice",
            &[
                ENDPOINT,
                (
                    CRM,
                    r#"routes = ["GET /contacts/**"]"#,
                    "routes = [\"GET /contacts/**\"]\ngraphql = [\"query contact\"]",
                ),
                (CRM, UPDATE, "graphql = [\"query contact\"]"),
            ],
            &[
                "catalog/applications/crm.toml:26:12: `query contact` belongs to `contact.read` already (first on line 21)",
            ],
        ),
        (
            "a field that leads to anything",
            &[ENDPOINT, (CRM, UPDATE, "graphql = [\"query node\"]")],
            &[
                "catalog/applications/crm.toml:25:12: warning: `query node` leads to whatever has an id, of any kind (list the fields by which the application's own pages come to it)",
            ],
        ),
        (
            "a hash that is none",
            &[
                ENDPOINT,
                (
                    CRM,
                    UPDATE,
                    "graphql = [\"query a\"]\ngraphql_hashes = [\"ECF4\"]",
                ),
            ],
            &[
                "catalog/applications/crm.toml:26:19: `ECF4` is no SHA-256 of a document (64 digits, a to f in small letters, as the client sends them in `sha256Hash`)",
            ],
        ),
        (
            "a root field and no endpoint",
            &[(CRM, UPDATE, "graphql = [\"mutation updateContact\"]")],
            &[
                "catalog/applications/crm.toml:22:12: the application has no GraphQL endpoint (say where documents come: [graphql] with endpoints = [\"POST /graphql\"])",
            ],
        ),
        (
            "a route at the endpoint, which would pass without its document",
            &[
                ENDPOINT,
                (
                    CRM,
                    UPDATE,
                    "routes = [\"POST /graphql\", \"PATCH /graphql\"]\ngraphql = [\"mutation updateContact\"]",
                ),
            ],
            &[
                "catalog/applications/crm.toml:25:11: `POST /graphql` is a GraphQL endpoint (what comes there is classified by its document: graphql = [\"query invoices\"])",
            ],
        ),
        (
            "an argument in an operation that has no root field",
            &[(
                CRM,
                UPDATE,
                "routes = [\"PATCH /contacts/*\"]\nobject = \"contact:{id}\"",
            )],
            &[
                "catalog/applications/crm.toml:23:10: `{id}` names no star ({1} is what the first `*` named)",
            ],
        ),
    ]);
}

#[test]
fn r21_an_endpoint_is_one_address_by_post_or_get() {
    let endpoint = |line: &'static str| -> Vec<Edit> {
        let section: &'static str = Box::leak(
            format!("[graphql]\nendpoints = [\"{line}\"]\n\n{FIRST_OPERATION}").into_boxed_str(),
        );
        vec![
            (CRM, FIRST_OPERATION, section),
            (CRM, UPDATE, "graphql = [\"mutation updateContact\"]"),
        ]
    };
    for (line, problem) in [
        (
            "/graphql",
            "a route is a method and a path, as `GET /invoices/*`",
        ),
        ("PUT /graphql", "documents come by POST, and queries by GET"),
        ("POST /graphql/*", "an endpoint is one address"),
        ("POST /**", "an endpoint is one address"),
        ("POST /graphql/", "a slash at its end is understood"),
        ("POST /%67raphql", "paths are compared decoded"),
    ] {
        let said = format!(
            "catalog/applications/crm.toml:15:14: `{line}`: {problem} (as \"POST /graphql\")"
        );
        assert_rows(&[(line, &endpoint(line), &[said.as_str()])]);
    }
}
