//! Operations: every rule broken once, and the problem stands at the line and column where it must be mended.

mod common;

use common::rows::{BILLING, CRM, assert_rows};

#[test]
fn r21_an_operation_is_what_its_routes_say_and_nothing_else() {
    assert_rows(&[
        (
            "a route that is none",
            &[(CRM, r#""GET /contacts/**""#, r#""contacts/**""#)],
            &[
                r#"catalog/applications/crm.toml:17:11: `contacts/**`: a route is a method and a path, as `GET /invoices/*` (as "GET /invoices/*"; methods are written in capitals)"#,
            ],
        ),
        (
            "a method in small letters",
            &[(CRM, r#""GET /contacts/**""#, r#""get /contacts/**""#)],
            &[
                r#"catalog/applications/crm.toml:17:11: `get /contacts/**`: `get` is no method (as "GET /invoices/*"; methods are written in capitals)"#,
            ],
        ),
        (
            "a star inside a segment",
            &[(CRM, r#""GET /contacts/**""#, r#""GET /contacts/c*""#)],
            &[
                r#"catalog/applications/crm.toml:17:11: `GET /contacts/c*`: `*` and `**` stand alone between slashes (as "GET /invoices/*"; methods are written in capitals)"#,
            ],
        ),
        (
            "a query",
            &[(CRM, r#""GET /contacts/**""#, r#""GET /contacts?all=1""#)],
            &[
                r#"catalog/applications/crm.toml:17:11: `GET /contacts?all=1`: a path begins with `/` and has no query, dot segment or empty segment (as "GET /invoices/*"; methods are written in capitals)"#,
            ],
        ),
        (
            "dots",
            &[(CRM, r#""GET /contacts/**""#, r#""GET /contacts/../admin""#)],
            &[
                r#"catalog/applications/crm.toml:17:11: `GET /contacts/../admin`: a path begins with `/` and has no query, dot segment or empty segment (as "GET /invoices/*"; methods are written in capitals)"#,
            ],
        ),
        (
            "an encoded path",
            &[(CRM, r#""GET /contacts/**""#, r#""GET /contacts/%2e""#)],
            &[
                "catalog/applications/crm.toml:17:11: `GET /contacts/%2e`: paths are compared decoded (write the character itself)",
            ],
        ),
        (
            "two slashes",
            &[(CRM, r#""GET /contacts/**""#, r#""GET /contacts//x""#)],
            &[
                "catalog/applications/crm.toml:17:11: `GET /contacts//x`: an empty segment is never forwarded (write one slash)",
            ],
        ),
        (
            "HEAD",
            &[(CRM, r#""GET /contacts/**""#, r#""HEAD /contacts/**""#)],
            &[
                "catalog/applications/crm.toml:17:11: `HEAD /contacts/**`: HEAD counts as GET (write GET)",
            ],
        ),
        (
            "one route for two operations",
            &[(
                CRM,
                r#""PATCH /contacts/*""#,
                r#""PATCH /contacts/*", "GET /contacts/**""#,
            )],
            &[
                "catalog/applications/crm.toml:22:32: `GET /contacts/**` is a route of `contact.read` already (first on line 17)",
            ],
        ),
        (
            "an operation twice",
            &[(CRM, r#"id = "contact.update""#, r#"id = "contact.read""#)],
            &[
                "catalog/applications/crm.toml:20:6: operation `contact.read` is declared twice (first in catalog/applications/crm.toml, line 15)",
            ],
        ),
        (
            "an object beyond the stars",
            &[(BILLING, r#""invoice:{1}" "#, r#""invoice:{2}" "#)],
            &[
                "catalog/applications/billing.toml:34:10: `object` names the star number 2, and no route has so many (the routes have at most 1 `*` (`**` does not count))",
            ],
        ),
        (
            "an object with half a brace",
            &[(BILLING, r#""invoice:{1}" "#, r#""invoice:{1" "#)],
            &[
                r#"catalog/applications/billing.toml:34:10: `object` has a brace without its other half (as "invoice:{1}")"#,
            ],
        ),
        (
            "an object that counts no star",
            &[(BILLING, r#""invoice:{1}" "#, r#""invoice:{id}" "#)],
            &[
                "catalog/applications/billing.toml:34:10: `{id}` names no star ({1} is what the first `*` named)",
            ],
        ),
        (
            "R21: a closed class nobody knows",
            &[(BILLING, r#"closed = "money" "#, r#"closed = "mony" "#)],
            &[
                "catalog/applications/billing.toml:44:10: `closed`: `mony` is not known (did you mean `money`?)",
            ],
        ),
        (
            "an effect nobody knows",
            &[(CRM, r#"effect = "write""#, r#"effect = "change""#)],
            &[
                "catalog/applications/crm.toml:21:10: `effect`: `change` is not known (one of asset, read, write, mint, egress, admin)",
            ],
        ),
        (
            "a closed asset",
            &[(
                BILLING,
                r#"effect = "asset" "#,
                r#"closed = "money"
effect = "asset" "#,
            )],
            &[
                "catalog/applications/billing.toml:27:10: an `asset` is part of every grant and cannot be closed",
            ],
        ),
    ]);
}
