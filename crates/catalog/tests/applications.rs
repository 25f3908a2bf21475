//! Applications: every rule broken once, and the problem stands at the line and column where it must be mended.

mod common;

use common::rows::{BILLING, CRM, ELIGIBILITY, WIKI, assert_rows};

#[test]
fn r10_r20_an_application_says_who_answers_for_it_and_how_it_is_told() {
    assert_rows(&[
        (
            "an unknown owner",
            &[(
                BILLING,
                r#"owner = "oscar@corp.example""#,
                r#"owner = "oskar@corp.example""#,
            )],
            &[
                "catalog/applications/billing.toml:5:9: unknown person `oskar@corp.example` (did you mean `oscar@corp.example`?)",
            ],
        ),
        (
            "R06: an agent as owner",
            &[(
                BILLING,
                r#"owner = "oscar@corp.example""#,
                r#"owner = "aida""#,
            )],
            &[
                "catalog/applications/billing.toml:5:9: `aida` is an agent and cannot be owner (name a person)",
            ],
        ),
        (
            "R10: `low` with finance data",
            &[(
                WIKI,
                r#"tier = "low""#,
                r#"tier = "low"
data = ["personal", "finance"]"#,
            )],
            &[
                "catalog/applications/wiki.toml:4:21: an application with `finance` data cannot be `low` (make it `standard` or `regulated`)",
            ],
        ),
        (
            "R20: `regulated` that cannot say who the subject is",
            &[(CRM, r#"tier = "standard""#, r#"tier = "regulated""#)],
            &[
                r#"catalog/applications/crm.toml:3:8: a `regulated` application needs [subjects] (say where the application's own id of the subject is read: source = "http" or "file")"#,
            ],
        ),
        (
            "a tier nobody knows",
            &[(CRM, r#"tier = "standard""#, r#"tier = "standart""#)],
            &[
                "catalog/applications/crm.toml:3:8: `tier`: `standart` is not known (did you mean `standard`?)",
            ],
        ),
        (
            "R01: an application named `*`",
            &[
                (CRM, r#"id = "crm""#, r#"id = "*""#),
                (
                    ELIGIBILITY,
                    r#"["billing", "crm", "wiki"]"#,
                    r#"["billing", "wiki"]"#,
                ),
                (
                    ELIGIBILITY,
                    r#"applications = ["crm"]
operations = ["contact.read"]"#,
                    r#"applications = ["wiki"]
operations = ["page.read"]"#,
                ),
                (
                    ELIGIBILITY,
                    r#""invoice.read", "contact.read""#,
                    r#""invoice.read""#,
                ),
            ],
            &[
                "catalog/applications/crm.toml:1:6: `id`: `*` is a wildcard: an application is named one by one",
            ],
        ),
        (
            "an id that cannot begin a host name",
            &[
                (CRM, r#"id = "crm""#, r#"id = "CRM""#),
                (
                    ELIGIBILITY,
                    r#"["billing", "crm", "wiki"]"#,
                    r#"["billing", "CRM", "wiki"]"#,
                ),
                (
                    ELIGIBILITY,
                    r#"applications = ["crm"]"#,
                    r#"applications = ["CRM"]"#,
                ),
            ],
            &[
                "catalog/applications/crm.toml:1:6: `CRM` cannot begin a host name (lower-case letters, digits and hyphens, at most 63)",
                "catalog/applications/crm.toml:1:6: warning: application `CRM` stands in catalog/applications/crm.toml (name the file CRM.toml)",
            ],
        ),
        (
            "a trusted header on an upstream that others reach",
            &[(
                CRM,
                r#""http://127.0.0.1:9102""#,
                r#""http://crm.corp.example""#,
            )],
            &[
                "catalog/applications/crm.toml:7:18: anybody who reaches `http://crm.corp.example` could send this header (above `low` the upstream must be on loopback or demand a [secret_header]; or leave it to the assertion)",
            ],
        ),
        (
            "an upstream that is no address",
            &[(
                BILLING,
                r#""http://127.0.0.1:9101"
record"#,
                r#""127.0.0.1:9101"
record"#,
            )],
            &[
                r#"catalog/applications/billing.toml:6:12: `upstream` is not a web address (write "http://HOST:PORT" or "https://HOST")"#,
            ],
        ),
        (
            "an upstream with a path",
            &[(
                WIKI,
                r#""http://127.0.0.1:9103""#,
                r#""http://127.0.0.1:9103/wiki""#,
            )],
            &["catalog/applications/wiki.toml:5:12: `upstream` is scheme, host and port only"],
        ),
        (
            "an address on the network",
            &[(
                WIKI,
                r#"tier = "low""#,
                r#"tier = "low"
address = "0.0.0.0:8481""#,
            )],
            &[
                r#"catalog/applications/wiki.toml:4:11: `address` listens on this machine only, not on 0.0.0.0 (write "127.0.0.1:8481")"#,
            ],
        ),
        (
            "one address twice",
            &[
                (
                    WIKI,
                    r#"tier = "low""#,
                    r#"tier = "low"
address = "127.0.0.1:8481""#,
                ),
                (
                    CRM,
                    r#"tier = "standard""#,
                    r#"tier = "standard"
address = "127.0.0.1:8481""#,
                ),
            ],
            &[
                "catalog/applications/wiki.toml:4:11: `127.0.0.1:8481` is the address of `crm` already (each application needs a port of its own)",
            ],
        ),
        (
            "one audience twice",
            &[(
                BILLING,
                r#"audience = "app:billing""#,
                r#"audience = "app:crm""#,
            )],
            &[
                "catalog/applications/crm.toml:1:1: `app:crm` is the audience of `billing` already (each application would accept the other's assertions)",
            ],
        ),
        (
            "an algorithm nobody signs with",
            &[(BILLING, r#"algorithm = "EdDSA""#, r#"algorithm = "HS256""#)],
            &[
                "catalog/applications/billing.toml:11:13: `algorithm`: `HS256` is not known (did you mean `ES256`?)",
            ],
        ),
        (
            "a header of the message itself",
            &[(
                WIKI,
                r#"trusted_header = "X-Remote-User""#,
                r#"trusted_header = "Host""#,
            )],
            &[
                "catalog/applications/wiki.toml:6:18: `trusted_header`: `Host` is not Locum's to set or strip",
            ],
        ),
        (
            "a secret written into the file",
            &[(
                WIKI,
                "[[delegate]]",
                r#"[secret_header]
name = "X-Secret"
value = "hunter2"

[[delegate]]"#,
            )],
            &[
                r#"catalog/applications/wiki.toml:10:9: `value` must name where the secret is kept, never hold it (write "env:NAME" or "file:PATH")"#,
            ],
        ),
        (
            "a delegation of more than 30 days",
            &[(CRM, r#"until = "2026-12-20" "#, r#"until = "2026-12-25" "#)],
            &[
                "catalog/applications/crm.toml:11:9: a delegation lasts at most 30 days (at the latest 2026-12-24)",
            ],
        ),
        (
            "a delegation that has ended (a warning)",
            &[(CRM, r#"until = "2026-12-20" "#, r#"until = "2026-11-23" "#)],
            &[
                "catalog/applications/crm.toml:11:9: warning: the delegation ended on 2026-11-23 (renew it in writing, or remove it)",
            ],
        ),
        (
            "a delegation passed on",
            &[(
                CRM,
                r#"by = "petra@corp.example""#,
                r#"by = "mia@corp.example""#,
            )],
            &[
                "catalog/applications/crm.toml:12:6: `mia@corp.example` has no authority here to lend (the owner, product owner or data owner lends; nobody passes it on)",
            ],
        ),
        (
            "a delegation to oneself",
            &[(
                CRM,
                r#"person = "paul@corp.example""#,
                r#"person = "petra@corp.example""#,
            )],
            &["catalog/applications/crm.toml:10:10: nobody lends authority to themselves"],
        ),
        (
            "a list of subjects that is missing",
            &[(
                CRM,
                r#"[[operation]]
id = "contact.read""#,
                r#"[subjects]
source = "file"
file = "subjects.toml"

[[operation]]
id = "contact.read""#,
            )],
            &[
                "catalog/applications/crm.toml:16:8: the list of subjects `subjects.toml` is missing (a relative path starts at this file)",
            ],
        ),
        (
            "a subject in the host",
            &[(
                BILLING,
                r#"url = "http://127.0.0.1:9101/accounts/{subject}""#,
                r#"url = "http://{subject}.example/accounts""#,
            )],
            &[
                r#"catalog/applications/billing.toml:16:7: `url` says after the host where the subject goes (as "http://127.0.0.1:9101/accounts/{subject}")"#,
            ],
        ),
        (
            "a pointer that is none",
            &[(BILLING, r#"id = "/login""#, r#"id = "login""#)],
            &[
                "catalog/applications/billing.toml:17:6: `id`: `login` is not a JSON Pointer as `/customer/id`",
            ],
        ),
        (
            "a protected attribute that nobody supplies (a warning)",
            &[(
                BILLING,
                r#"attributes = { role = "/role" }
"#,
                "",
            )],
            &[
                "catalog/applications/billing.toml:21:13: warning: nobody supplies `role`, so every subject counts as protected (name it in `attributes` of [subjects])",
            ],
        ),
    ]);
}
