//! Eligibilities: every rule broken once, and the problem stands at the line and column where it must be mended.

mod common;

use common::rows::{ELIGIBILITY, assert_rows};

#[test]
fn r01_r04_r11_the_right_to_ask_is_named_one_by_one_and_ends() {
    assert_rows(&[
        (
            "an operation nobody declared",
            &[(
                ELIGIBILITY,
                r#"operations = ["invoice.resend"]"#,
                r#"operations = ["invoice.resent"]"#,
            )],
            &[
                "catalog/eligibility.toml:14:15: unknown operation `invoice.resent` (did you mean `invoice.resend`?)",
            ],
        ),
        (
            "an application nobody declared",
            &[(
                ELIGIBILITY,
                r#"["billing", "crm", "wiki"]"#,
                r#"["billing", "crm", "wikki"]"#,
            )],
            &["catalog/eligibility.toml:4:35: unknown application `wikki` (did you mean `wiki`?)"],
        ),
        (
            "R21: a closed operation",
            &[(
                ELIGIBILITY,
                r#"operations = ["invoice.resend"]"#,
                r#"operations = ["invoice.resend", "payout.create"]"#,
            )],
            &[
                "catalog/eligibility.toml:14:33: warning: `payout.create` is closed in `billing`: nobody may ask for it (only while owner and security open it by an exception)",
            ],
        ),
        (
            "R01: every application",
            &[(ELIGIBILITY, r#"["billing", "crm", "wiki"]"#, r#"["*"]"#)],
            &[
                "catalog/eligibility.toml:4:17: `applications`: `*` is a wildcard: an application is named one by one",
            ],
        ),
        (
            "R01: every operation",
            &[(
                ELIGIBILITY,
                r#"["invoice.read", "contact.read", "page.read"]"#,
                r#"["invoice.*"]"#,
            )],
            &[
                "catalog/eligibility.toml:5:15: `operations`: `invoice.*` is a wildcard: an operation is named one by one",
            ],
        ),
        (
            "R04: no end",
            &[(
                ELIGIBILITY,
                r#"certified_until = "2027-02-15"            # no answer by then removes it (init writes 90 days from today)
"#,
                "",
            )],
            &[
                "catalog/eligibility.toml:1:1: [[eligibility]] needs `certified_until` (the right to ask ends by itself: write a date at most 90 days away)",
            ],
        ),
        (
            "an end that is past (a warning)",
            &[(
                ELIGIBILITY,
                r#"longest_minutes = 30
owner = "oscar@corp.example"
certified_until = "2027-02-15""#,
                r#"longest_minutes = 30
owner = "oscar@corp.example"
certified_until = "2026-11-01""#,
            )],
            &[
                "catalog/eligibility.toml:17:19: warning: the certification ended on 2026-11-01: this eligibility is void (its owner certifies it again, or remove it)",
            ],
        ),
        (
            "an end too far away (a warning)",
            &[(
                ELIGIBILITY,
                r#"longest_minutes = 30
owner = "oscar@corp.example"
certified_until = "2027-02-15""#,
                r#"longest_minutes = 30
owner = "oscar@corp.example"
certified_until = "2028-11-01""#,
            )],
            &[
                "catalog/eligibility.toml:17:19: warning: an eligibility is certified every 90 days (at the latest 2027-02-22)",
            ],
        ),
        (
            "a date that is none",
            &[(
                ELIGIBILITY,
                r#"longest_minutes = 30
owner = "oscar@corp.example"
certified_until = "2027-02-15""#,
                r#"longest_minutes = 30
owner = "oscar@corp.example"
certified_until = "2027-02-30""#,
            )],
            &[
                r#"catalog/eligibility.toml:17:19: `certified_until`: expected a date as "2027-02-15""#,
            ],
        ),
        (
            "more minutes than a session lasts",
            &[(ELIGIBILITY, "longest_minutes = 30", "longest_minutes = 121")],
            &[
                "catalog/eligibility.toml:15:19: 121 minutes are more than any session in a `regulated` application lasts (at most 120)",
            ],
        ),
        (
            "more minutes than one of them lasts (a warning)",
            &[(ELIGIBILITY, "longest_minutes = 60", "longest_minutes = 300")],
            &[
                "catalog/eligibility.toml:6:19: warning: 300 minutes are more than any session in a `regulated` application lasts (there, 120 minutes stay the most)",
            ],
        ),
        (
            "no minutes",
            &[(ELIGIBILITY, "longest_minutes = 30", "longest_minutes = 0")],
            &[
                "catalog/eligibility.toml:15:19: `longest_minutes`: expected an integer from 1 to 4294967295, found 0",
            ],
        ),
        (
            "two kinds of holder",
            &[(
                ELIGIBILITY,
                r#"who = { agent = "aida" }"#,
                r#"who = { agent = "aida", role = "support" }"#,
            )],
            &[
                "catalog/eligibility.toml:21:7: `who` names exactly one kind of holder (one of { role = … }, { person = … }, { agent = … }, { vendor = … })",
            ],
        ),
        (
            "an agent as a person",
            &[(
                ELIGIBILITY,
                r#"who = { agent = "aida" }"#,
                r#"who = { person = "aida" }"#,
            )],
            &[
                "catalog/eligibility.toml:21:18: `aida` is an agent and cannot be the person of an eligibility (name a person)",
            ],
        ),
        (
            "a person as an agent",
            &[(
                ELIGIBILITY,
                r#"who = { agent = "aida" }"#,
                r#"who = { agent = "olga@corp.example" }"#,
            )],
            &[
                "catalog/eligibility.toml:21:17: `olga@corp.example` is a person (write who = { person = … })",
            ],
        ),
        (
            "one id twice",
            &[(
                ELIGIBILITY,
                r#"id = "aida-triage""#,
                r#"id = "alice-resends""#,
            )],
            &[
                "catalog/eligibility.toml:20:6: eligibility `alice-resends` is declared twice (first in catalog/eligibility.toml, line 11)",
            ],
        ),
        (
            "R11: a vendor's person on the emergency list",
            &[(
                ELIGIBILITY,
                r#"person = "oscar@corp.example""#,
                r#"person = "ann@bpo.example""#,
            )],
            &[
                "catalog/eligibility.toml:29:10: `ann@bpo.example` works for vendor `bpo` and cannot be on the list for emergencies (name one of our own staff)",
            ],
        ),
        (
            "R11: an agent on the emergency list",
            &[(
                ELIGIBILITY,
                r#"person = "oscar@corp.example""#,
                r#"person = "aida""#,
            )],
            &[
                "catalog/eligibility.toml:29:10: `aida` is an agent and cannot be on the list for emergencies (name a person)",
            ],
        ),
    ]);
}
