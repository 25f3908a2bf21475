//! The operator's own table tests.

use std::collections::BTreeMap;

use locum_policy::Policies;

use crate::house::*;

fn run(policies: &Policies, text: &str) -> Vec<Option<String>> {
    let tables = BTreeMap::from([("house.toml".to_owned(), text.to_owned())]);
    let results = policies
        .test(&catalog(), &tables, TODAY)
        .expect("a readable table");
    results.into_iter().map(|it| it.failure).collect()
}

#[test]
fn r03_the_examples_table_holds_with_its_rule_and_fails_without_it() {
    let table = include_str!("fixtures/house.toml");
    assert_eq!(run(&with_rules(HOUSE_RULES), table), [None, None]);
    let without = run(&GUARDRAILS, table);
    assert_eq!(without[0], None);
    assert_eq!(
        without[1].as_deref(),
        Some("expected not-eligible, got filed")
    );
}

#[test]
fn a_difference_says_what_was_expected_and_what_came() {
    let table = r#"
        [[case]]
        name = "wrong route"
        actor = "ann@bpo.example"
        applications = { crm = ["contact.read"] }
        expect = "filed"
        route = ["delegate"]

        [[case]]
        name = "wrong rule"
        actor = "ann@bpo.example"
        applications = { crm = ["contact.read"] }
        expect = "filed"
        rule = "no-such-rule"

        [[case]]
        name = "wrong code"
        actor = "ann@bpo.example"
        applications = { billing = ["payout.create"] }
        expect = "not-eligible"

        [[case]]
        name = "an emergency"
        actor = "alice@corp.example"
        applications = { billing = ["invoice.read"] }
        break_glass = true
        duration_minutes = 31
        expect = "duration-too-long"
        rule = "@guard-duration-of-emergency"
    "#;
    let found = run(&GUARDRAILS, table);
    assert_eq!(
        found[0].as_deref(),
        Some("expected the route delegate, got application-owner")
    );
    assert!(
        found[1]
            .as_deref()
            .unwrap()
            .starts_with("expected the rule no-such-rule, got guard-")
    );
    assert!(
        found[2]
            .as_deref()
            .unwrap()
            .starts_with("expected not-eligible, got closed-operation:")
    );
    assert_eq!(found[3], None);
}

#[test]
fn each_result_names_its_line_and_a_table_that_cannot_be_read_its_place() {
    let table = include_str!("fixtures/house.toml");
    let tables = BTreeMap::from([("house.toml".to_owned(), table.to_owned())]);
    let results = GUARDRAILS.test(&catalog(), &tables, TODAY).unwrap();
    let lines: Vec<usize> = results.iter().map(|it| it.line).collect();
    assert_eq!(lines, [1, 9]);
    let rows = [
        ("[[case]]\nname = 1\n", 2),
        (
            "[[case]]\nname = \"x\"\nactor = \"a\"\napplications = {}\nexpect = \"filde\"\n",
            5,
        ),
        ("[[case]]\nname = \"x\"\nwho = \"a\"\n", 3),
    ];
    for (text, line) in rows {
        let tables = BTreeMap::from([("t.toml".to_owned(), text.to_owned())]);
        let problems = GUARDRAILS.test(&catalog(), &tables, TODAY).unwrap_err();
        assert_eq!(
            (problems.len(), problems[0].line),
            (1, line),
            "{problems:?}"
        );
    }
}
