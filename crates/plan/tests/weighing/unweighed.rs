//! What differs and has no sentence of its own, and what differs in its text alone (R33).

use serde_json::json;

use crate::house::{BILLING, CHAINS, ELIGIBILITY, House, PEOPLE, RULES};

#[test]
fn r33_a_connector_that_reads_its_answers_otherwise_loosens_whatever_the_shape_of_its_map() {
    let before = House::new();
    for map in [
        json!([]),
        json!(["/state"]),
        json!("/state"),
        json!(null),
        json!({}),
        json!({ "state": "/state", "subject": ["/customer"] }),
    ] {
        let pointer = "/connectors/desk/map";
        let changed = before.changed_to(&before.set(pointer, map.clone()));
        assert!(changed.loosens(), "{map}");
        let back = before.set(pointer, map.clone()).changed_to(&before);
        assert!(back.loosens(), "from {map}");
        let other = before
            .set(pointer, json!([1]))
            .changed_to(&before.set(pointer, json!([2])));
        assert!(other.loosens());
    }
}

/// Two accounts that read alike when they are written in one line.
#[test]
fn r33_an_account_that_only_reads_alike_is_another() {
    let account = |system: &str, id: &str| {
        format!("name = \"Dan Dale\"\naccounts = [{{ system = \"{system}\", id = \"{id}\" }}]")
    };
    let dan = "name = \"Dan Dale\"";
    let before = House::new().with(PEOPLE, dan, &account("c", "a at b"));
    let after = House::new().with(PEOPLE, dan, &account("b at c", "a"));
    assert!(before.changed_to(&after).loosens());
}

#[test]
fn r33_comments_spaces_and_order_differ_in_the_text_alone() {
    let before = House::new();
    let mut after = before
        .with(
            PEOPLE,
            "name = \"Alice Archer\"",
            "# Since May.\nname   =   \"Alice Archer\"",
        )
        .with(
            PEOPLE,
            "{ system = \"desk\", id = \"alice\" }, { system = \"idp\", id = \"a-100\" }",
            "{ id = \"a-100\", system = \"idp\" }, { id = \"alice\", system = \"desk\" }",
        )
        .with(
            BILLING,
            "\"POST /payouts\", \"POST /refunds\"",
            "\"POST /refunds\", \"POST /payouts\"",
        )
        .with(
            BILLING,
            "[\"X-Forwarded-User\", \"X-Groups\"]",
            "[\"X-Groups\", \"X-Forwarded-User\"]",
        )
        .with(
            BILLING,
            "[\"POST /graphql\", \"GET /graphql\"]",
            "[\"GET /graphql\", \"POST /graphql\"]",
        )
        .with(
            BILLING,
            "[\"query invoice\", \"query invoices\"]",
            "[\"query invoices\", \"query invoice\"]",
        )
        .with(CHAINS, "[\"apac\", \"amer\"]", "[\"amer\", \"apac\"]")
        .with(RULES, "// The operator's own rules.", "// Our own rules.\n");
    // The whole list of eligibilities the other way round.
    let text = &before.files[ELIGIBILITY];
    let (first, rest) = text.split_at(text[1..].find("[[eligibility]]").unwrap() + 1);
    let (middle, last) = rest.split_at(rest.find("[[break_glass]]").unwrap());
    let turned = format!("{middle}\n{first}\n{last}");
    after.files.insert(ELIGIBILITY.to_owned(), turned);
    let changed = before.changed_to(&after);
    assert_eq!(changed.plan.fields, []);
    assert!(!changed.loosens(), "{:#?}", changed.plan.loosens());
    assert_eq!(changed.plan.files.len(), 5);
}

#[test]
fn a_value_that_is_said_though_it_would_be_so_anyway_changes_nothing() {
    let before = House::new();
    let after = before.with(
        PEOPLE,
        "name = \"Dan Dale\"",
        "name = \"Dan Dale\"\nactive = true",
    );
    let changed = before.changed_to(&after);
    assert_eq!(changed.plan.fields, []);
}

/// Approvers know whom they decide about by the name.
#[test]
fn r33_a_person_an_agent_a_vendor_and_an_application_under_another_name_loosen() {
    let before = House::new();
    for (path, from) in [
        (PEOPLE, "Alice Archer"),
        (PEOPLE, "Aida, triage agent"),
        (PEOPLE, "BPO Partners"),
        (BILLING, "\"Billing\""),
    ] {
        let to = if from == "\"Billing\"" {
            "\"Wiki\""
        } else {
            "Sam Stone"
        };
        let changed = before.changed_to(&before.with(path, from, to));
        assert!(changed.loosens(), "{from}");
        assert!(!changed.field().because.contains("does not weigh"));
    }
}
