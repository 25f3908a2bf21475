//! Why an answer is what it is: the policies, the facts they read, and what would have to change.

use locum_policy::{Explained, ExplainedRule, Indexed, Policies};

use crate::house::*;

/// The last question that turned on this rule while `ask` asked, told.
fn told(policies: &Policies, rule: &str, ask: impl FnOnce(&Policies)) -> Explained {
    let traced = policies.tracing();
    ask(traced.policies());
    let asked = traced.asked();
    let turned = asked.iter().rfind(|it| it.turned_on(rule));
    traced.explain(turned.unwrap_or_else(|| panic!("nothing turned on {rule}")))
}

fn of<'e>(explained: &'e Explained, rule: &str) -> &'e ExplainedRule {
    let mut rules = explained.rules.iter();
    rules.find(|it| it.rule.id == rule).unwrap()
}

fn facts(rule: &ExplainedRule) -> Vec<String> {
    let told = rule.facts.iter().map(|it| format!("{}: {}", it.of, it.is));
    told.collect()
}

#[test]
fn a_refused_duration_is_explained_by_the_numbers_that_were_compared() {
    let long = wish("alice", &["crm/contact.read"]).but(|it| it.minutes = 300);
    let explained = told(&GUARDRAILS, "guard-duration-ceiling", |policies| {
        assert!(long.file(policies).is_err());
    });
    assert!(!explained.is_allowed);
    assert_eq!(
        explained.sentence,
        "person \"alice@corp.example\" asks for access to application \"crm\""
    );
    let ceiling = of(&explained, "guard-duration-ceiling");
    assert_eq!(
        facts(ceiling),
        ["the ceiling minutes: 240", "the duration minutes: 300"]
    );
    assert_eq!(
        ceiling.changes,
        ["the duration minutes would have to be at most the ceiling minutes (it is 300)"]
    );
}

#[test]
fn a_rule_is_told_with_its_sentence_its_row_its_text_and_where_it_stands() {
    let guard = GUARDRAILS.rule("guard-two-people").unwrap();
    assert!(guard.is_locums && !guard.permits);
    assert_eq!(guard.row.as_deref(), Some("R09"));
    assert_eq!(guard.file, "guardrails/route.cedar");
    assert!(
        guard.text.starts_with("@id(\"guard-two-people\")"),
        "{}",
        guard.text
    );
    let house = with_rules(&format!(
        "// Ours.\n\n{}",
        r#"@id("lunch") @because("nobody works at lunch") @remedy("come back at one")
        forbid (principal, action == Locum::Action::"file", resource) when { context.local_hour == 12 };"#
    ));
    let ours = house.rule("lunch").unwrap();
    assert!(!ours.is_locums);
    assert_eq!((ours.file.as_str(), ours.line), ("house.cedar", 3));
    assert_eq!(ours.because, "nobody works at lunch");
    assert_eq!(ours.remedy.as_deref(), Some("come back at one"));
    assert_eq!(house.rule("nobody-wrote-this"), None);
}

#[test]
fn r05_whoever_may_not_decide_is_told_by_which_rule_and_who_they_are_to_the_request() {
    let billing = wish("alice", &["billing/invoice.read"]);
    let request = billing.request(&GUARDRAILS);
    let decides = |who: &str| {
        let who = p(who);
        move |policies: &Policies| {
            let catalog = Indexed::of(catalog());
            assert!(policies.may_decide(&catalog, &request, &who, NOON).is_err());
        }
    };
    let own = told(&GUARDRAILS, "guard-self-approval", decides("alice"));
    let rule = of(&own, "guard-self-approval");
    assert!(
        facts(rule).contains(&"this request's requester: person \"alice@corp.example\"".to_owned())
    );
    assert_eq!(
        rule.changes,
        ["this request's requester would have to do without person \"alice@corp.example\""]
    );
}

#[test]
fn r07_what_would_have_to_change_names_every_way_to_an_authority() {
    let billing = wish("alice", &["billing/invoice.read"]);
    let request = billing.request(&GUARDRAILS);
    let explained = told(&GUARDRAILS, "guard-authority-of-owner", |policies| {
        let answer = policies.may_decide(billing.indexed(), &request, &p("mia"), NOON);
        assert!(answer.is_err());
    });
    let mia = "person \"mia@corp.example\"";
    assert_eq!(
        of(&explained, "guard-authority-of-owner").changes,
        [
            format!("the application's owner would have to be {mia}"),
            format!("the application's product owner would have to be {mia}"),
            format!("the application's data owner would have to be {mia}"),
            "the application would have to be delegated to mia@corp.example today".to_owned(),
        ]
    );
}

#[test]
fn r09_a_demanded_step_says_what_demands_it_and_what_would_spare_it() {
    let billing = wish("alice", &["billing/invoice.read"]);
    let explained = told(&GUARDRAILS, "guard-two-people", |policies| {
        assert!(billing.route(policies).is_ok());
    });
    assert_eq!(explained.action, "go-without");
    assert_eq!(explained.resource.id, "security-or-privacy-or-compliance");
    let rule = of(&explained, "guard-two-people");
    assert!(facts(rule).contains(&"the need of two people: yes".to_owned()));
    assert_eq!(
        rule.changes[0],
        "the need of two people would have to be no"
    );
}

#[test]
fn a_policy_that_errors_is_named_with_what_it_read_and_where_it_stands() {
    let broken = with_rules(
        r#"@id("breaks") forbid (principal, action == Locum::Action::"file", resource)
        when { context.local_hour * 9223372036854775807 > 9223372036854775807 };"#,
    );
    let crm = wish("ann", &["crm/contact.read"]);
    let explained = told(&broken, "breaks", |policies| {
        assert_eq!(code(&crm.file(policies)), ("policy-error", "breaks"));
    });
    assert!(!explained.is_allowed);
    assert_eq!(
        explained.rules.len(),
        1,
        "what the others say does not count"
    );
    let rule = of(&explained, "breaks");
    assert!(
        rule.error.as_ref().unwrap().contains("overflow"),
        "{:?}",
        rule.error
    );
    assert_eq!(facts(rule), ["the local hour: 12"]);
    assert_eq!(
        (rule.rule.file.as_str(), rule.rule.line),
        ("house.cedar", 1)
    );
    assert!(rule.changes.is_empty());
}

#[test]
fn an_allowed_question_names_the_policies_that_allowed_it() {
    let crm = wish("ann", &["crm/contact.read"]);
    let explained = told(&GUARDRAILS, "locum-file", |policies| {
        assert!(crm.file(policies).is_ok());
    });
    assert!(explained.is_allowed);
    assert!(of(&explained, "locum-file").changes.is_empty());
    // And which could have forbidden it, each with what it read.
    let silent: Vec<&str> = explained
        .silent
        .iter()
        .map(|it| it.rule.id.as_str())
        .collect();
    assert!(silent.contains(&"guard-closed-operation"), "{silent:?}");
    assert!(
        !silent.contains(&"guard-sponsored-agent"),
        "that is about agents: {silent:?}"
    );
    assert!(
        !silent.contains(&"guard-self-approval"),
        "that is about approving: {silent:?}"
    );
    let ceiling = explained
        .silent
        .iter()
        .find(|it| it.rule.id == "guard-duration-ceiling");
    assert_eq!(
        facts(ceiling.unwrap()),
        ["the ceiling minutes: 240", "the duration minutes: 15"]
    );
}

#[test]
fn nothing_is_kept_of_questions_that_nobody_explains() {
    let crm = wish("ann", &["crm/contact.read"]);
    let traced = GUARDRAILS.tracing();
    assert!(crm.file(&GUARDRAILS).is_ok());
    assert!(traced.asked().is_empty());
    assert!(crm.file(traced.policies()).is_ok());
    assert!(!traced.asked().is_empty());
}

#[test]
fn what_a_policy_says_about_itself_is_checked_when_it_is_loaded() {
    let saying = |annotation: &str| {
        let text = format!(
            r#"@id("ours") {annotation} forbid (principal, action == Locum::Action::"file", resource);"#
        );
        let files = std::collections::BTreeMap::from([("house.cedar".to_owned(), text)]);
        Policies::load(&files).map(drop)
    };
    let long = format!("@because(\"{}\")", "x".repeat(201));
    for wrong in [
        r#"@because("")"#,
        r#"@remedy("two\nlines")"#,
        r#"@row("R35")"#,
        r#"@row("R00")"#,
        r#"@row("third")"#,
        &long,
    ] {
        let problems = saying(wrong).unwrap_err();
        assert_eq!(problems.len(), 1, "{wrong}");
        assert!(problems[0].hint.is_some(), "{wrong}");
    }
    let right = r#"@because("we are at lunch") @remedy("come back at one") @row("R03")"#;
    assert!(saying(right).is_ok());
}
