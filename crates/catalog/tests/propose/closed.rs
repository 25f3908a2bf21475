//! What looks like a closed operation.

use locum_domain::catalog::CLOSED_CLASSES;

use crate::reading::{imported, of_route};

/// A document with these lines as its routes.
fn classes(lines: &[&str]) -> Vec<Option<&'static str>> {
    lines
        .iter()
        .map(|line| {
            let (method, path) = line.split_once(' ').unwrap();
            let document = serde_json::json!({
                "openapi": "3.0.0", "paths": { path: { method.to_lowercase(): {} } },
            });
            let proposal = imported(&document.to_string());
            proposal.operations[0].closed
        })
        .collect()
}

#[test]
fn r21_each_class_that_no_approval_opens_is_recognised_by_its_usual_names() {
    let table = [
        (
            "credentials",
            &[
                "PUT /me/password",
                "POST /ssh-keys",
                "GET /secrets",
                "PATCH /users/{id}/username",
            ][..],
        ),
        (
            "factors",
            &[
                "POST /settings/2fa/enable",
                "GET /mfa/qr",
                "POST /webauthn/register",
                "DELETE /passkeys/{id}",
            ],
        ),
        (
            "recovery",
            &[
                "POST /password/reset",
                "GET /recovery-codes",
                "POST /forgotPassword",
                "GET /backup_codes",
            ],
        ),
        (
            "api-keys",
            &[
                "POST /apiKeys",
                "GET /personal-access-tokens",
                "POST /uploads/presign",
                "POST /v1/tokens",
            ],
        ),
        (
            "consent",
            &[
                "GET /oauth/authorize",
                "POST /connected-apps",
                "POST /integrations",
                "POST /sso/link",
            ],
        ),
        (
            "money",
            &[
                "POST /payouts",
                "POST /transfers",
                "POST /invoices/{id}/pay",
                "PUT /bank-accounts/{id}",
                "POST /refunds",
            ],
        ),
        (
            "contact-change",
            &[
                "PUT /me/email",
                "PATCH /me/phone",
                "PUT /profile",
                "POST /verify-email",
            ],
        ),
        (
            "roles",
            &[
                "POST /users/{id}/roles",
                "POST /invitations",
                "POST /users",
                "PUT /projects/{id}/members/{m}",
            ],
        ),
        (
            "bulk-export",
            &[
                "GET /contacts/export",
                "POST /exports",
                "GET /contacts.csv",
                "POST /webhooks",
                "GET /backup",
            ],
        ),
        (
            "deletion",
            &[
                "DELETE /notes/{id}",
                "POST /notes/{id}/delete",
                "GET /notes/{id}/delete",
                "POST /account/deactivate",
            ],
        ),
        (
            "legal",
            &[
                "POST /terms/accept",
                "POST /contracts/{id}/sign",
                "POST /agreements",
            ],
        ),
        (
            "speech",
            &[
                "POST /messages",
                "POST /tickets/{id}/comments",
                "POST /posts",
                "POST /campaigns/{id}/send",
            ],
        ),
        (
            "sessions",
            &[
                "POST /logout",
                "GET /signout",
                "DELETE /sessions/{id}",
                "POST /login",
            ],
        ),
        (
            "impersonation",
            &[
                "POST /users/{id}/impersonate",
                "GET /switch-user",
                "POST /login-as",
            ],
        ),
    ];
    assert_eq!(table.map(|(class, _)| class), CLOSED_CLASSES);
    for (class, lines) in table {
        assert_eq!(classes(lines), vec![Some(class); lines.len()], "{lines:?}");
    }
}

#[test]
fn r21_what_only_reads_and_shows_no_secret_stays_open() {
    let lines = [
        "GET /payments",
        "GET /payments/{id}",
        "GET /users/{id}/roles",
        "GET /messages",
        "GET /contracts/{id}",
        "GET /invoices",
        "POST /invoices",
        "PATCH /orders/{id}",
        "GET /csrf-token",
        "GET /charges",
        "GET /sessions",
        "POST /invoices/{id}/resend",
    ];
    assert_eq!(classes(&lines), vec![None; lines.len()]);
}

#[test]
fn r21_a_name_a_tag_a_summary_or_a_body_closes_what_the_path_does_not_show() {
    let of = |operation: serde_json::Value| {
        let document = serde_json::json!({ "openapi": "3.0.0", "paths": { "/rpc/x7": { "post": operation } } });
        of_route(&imported(&document.to_string()), "POST /rpc/x7").closed
    };
    let body = |field: &str| {
        serde_json::json!({ "requestBody": { "content": { "application/x-www-form-urlencoded": {
        "schema": { "oneOf": [{ "properties": { field: {} } }] } } } } })
    };
    assert_eq!(
        of(serde_json::json!({ "operationId": "resetMfa" })),
        Some("factors")
    );
    assert_eq!(
        of(serde_json::json!({ "tags": ["Payouts"] })),
        Some("money")
    );
    assert_eq!(
        of(serde_json::json!({ "summary": "Send a message to the customer" })),
        Some("speech")
    );
    assert_eq!(of(body("new_password")), Some("credentials"));
    assert_eq!(of(body("isAdmin")), Some("roles"));
    assert_eq!(of(body("iban")), Some("money"));
    assert_eq!(of(serde_json::json!({ "operationId": "postThing" })), None);
}
