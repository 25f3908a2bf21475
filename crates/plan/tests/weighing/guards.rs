//! What owners loosen among themselves, and what takes security (R09, R20, R21, R33).

use locum_plan::Planned;

use crate::house::{ALICE, BILLING, DAN, House, OSCAR, PETRA, SAM, SECURITY, WIKI};

/// What stands between an application and whoever acts in it for somebody else.
const GUARDS: [(&str, &str); 21] = [
    ("closed = \"money\"\n", ""),
    ("closed = \"money\"", "closed = \"speech\""),
    (", \"POST /refunds\"", ""),
    (
        ", \"POST /refunds\"",
        ", \"POST /refunds\", \"POST /recipients\"",
    ),
    ("tier = \"regulated\"", "tier = \"standard\""),
    ("data = [\"finance\", ", "data = ["),
    (
        "values = [\"administrator\", \"staff\"]",
        "values = [\"staff\"]",
    ),
    (
        "[[protected_subject]]\nattribute = \"status\"\nvalues = [\"executive\"]\n",
        "",
    ),
    ("id = \"/login\"", "id = \"/name\""),
    (
        "id = \"invoice.resend\"\neffect = \"write\"",
        "id = \"invoice.resend\"\neffect = \"read\"",
    ),
    ("record = \"before\"", "record = \"after\""),
    ("\"X-Forwarded-User\", ", ""),
    ("[\"theme\"]", "[\"theme\", \"sid\"]"),
    ("name = \"X-Proxy-Secret\"", "name = \"X-Other\""),
    ("\"X-Remote-User\"", "\"X-User\""),
    ("header = \"Locum-Assertion\"", "header = \"Assertion\""),
    ("algorithm = \"EdDSA\"", "algorithm = \"RS256\""),
    ("audience = \"app:billing\"", "audience = \"app:other\""),
    (", \"GET /graphql\"", ""),
    (
        "reviewer = \"cora@corp.example\"",
        "reviewer = \"alice@corp.example\"",
    ),
    ("name = \"Billing\"", "name = \"Wiki of billing\""),
];

/// What is the owners' own to give.
const OWN: [(&str, &str); 6] = [
    ("127.0.0.1:9101\"", "127.0.0.1:9109\""),
    ("127.0.0.1:9201", "127.0.0.1:9209"),
    (
        "\"GET /invoices\", ",
        "\"GET /invoices\", \"GET /reminders\", ",
    ),
    ("max_per_session = 40", "max_per_session = 80"),
    ("until = \"2026-12-15\"", "until = \"2026-12-18\""),
    ("object = \"invoice:{1}\"\n", ""),
];

#[test]
fn r21_r33_two_owners_take_no_guard_away_without_security() {
    let before = House::new();
    for (from, to) in GUARDS {
        let changed = before.changed_to(&before.with(BILLING, from, to));
        let told = format!("{from} -> {to}: {:#?}", changed.plan.loosens());
        assert!(changed.loosens(), "{told}");
        let by_owner = changed.could_confirm(OSCAR);
        assert!(by_owner.iter().any(|it| it == SAM), "{told}");
        assert!(
            by_owner.iter().all(|it| SECURITY.contains(&it.as_str())),
            "{told}"
        );
        let by_security = changed.could_confirm(SAM);
        for owner in [DAN, OSCAR, PETRA] {
            assert!(by_security.iter().any(|it| it == owner), "{owner} {told}");
        }
    }
}

#[test]
fn r33_the_plan_says_that_it_needs_security_and_for_what() {
    let before = House::new();
    let after = before.with(BILLING, "closed = \"money\"\n", "");
    let changed = before.changed_to(&after);
    let why = changed.plan.needs_security().unwrap();
    assert_eq!(
        why,
        "needs security: one of the two holds a role of security before the change, for it takes a guard away \
         (operation `billing/payout.create`, closed)"
    );
    let planned = Planned::of(changed.plan.clone(), "this".to_owned(), Vec::new());
    assert_eq!(planned.needs_security.as_ref(), Some(&why));
    let says = changed.plan.loosens();
    assert!(
        says.iter().any(|it| it.says.ends_with("; needs security")),
        "{says:#?}"
    );
}

#[test]
fn r33_what_is_the_owners_own_two_owners_loosen() {
    let before = House::new();
    for (from, to) in OWN {
        let changed = before.changed_to(&before.with(BILLING, from, to));
        let told = format!("{from} -> {to}: {:#?}", changed.plan.loosens());
        assert!(changed.loosens(), "{told}");
        assert_eq!(changed.plan.needs_security(), None, "{told}");
        let by_owner = changed.could_confirm(OSCAR);
        assert!(by_owner.iter().any(|it| it == PETRA), "{told}");
        assert!(!by_owner.iter().any(|it| it == OSCAR), "{told}");
    }
}

/// A reference may name any secret that the server can read, and the upstream is the owner's.
#[test]
fn r33_an_owner_has_no_secret_of_the_server_sent_to_their_application_without_security() {
    let before = House::new();
    let upstream = "upstream = \"http://127.0.0.1:9103\"";
    let secret = "secret_header = { name = \"X-Proxy\", value = \"env:ANY_SECRET\" }";
    let after = before.with(WIKI, upstream, &format!("{upstream}\n{secret}"));
    let changed = before.changed_to(&after);
    assert!(changed.loosens());
    assert_eq!(changed.could_confirm(PETRA), SECURITY);
}

/// What somebody holds after the change, or held once, is no authority before it.
#[test]
fn r33_a_role_of_security_that_the_change_itself_gives_is_none() {
    let before = House::new();
    let after = before.with(BILLING, "closed = \"money\"\n", "").with(
        crate::house::PEOPLE,
        "name = \"Oscar Owens\"",
        "name = \"Oscar Owens\"\nroles = [\"security\"]",
    );
    let changed = before.changed_to(&after);
    assert_eq!(changed.could_confirm(OSCAR), SECURITY);
    let by_nobody_special = changed.could_confirm(ALICE);
    assert_eq!(by_nobody_special, SECURITY);
}
