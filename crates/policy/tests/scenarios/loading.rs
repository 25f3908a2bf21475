//! What is wrong with an operator's policies is said at once, with its place.

use std::collections::BTreeMap;

use locum_policy::{LoadProblem, Policies};

use crate::house::*;

fn problems(text: &str) -> Vec<LoadProblem> {
    let files = BTreeMap::from([("policies/own.cedar".to_owned(), text.to_owned())]);
    Policies::load(&files).expect_err("a problem")
}

fn only(text: &str) -> LoadProblem {
    let found = problems(text);
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

#[test]
fn a_policy_that_the_evidence_could_not_name_is_refused() {
    let text = "\n  permit (principal, action, resource);";
    let unnamed = only(text);
    assert_eq!((unnamed.line, unnamed.column), (2, 3));
    assert!(unnamed.message.contains("@id"));
    for id in ["guard-mine", "locum-mine"] {
        let text = format!("\n\n@id(\"{id}\") permit (principal, action, resource);");
        assert_eq!(only(&text).line, 3, "{id}");
    }
    let twice = "@id(\"a\") permit (principal, action, resource);\n\
                 @id(\"a\") forbid (principal, action, resource);";
    let twice = only(twice);
    assert_eq!((twice.line, twice.message.contains("`a`")), (2, true));
}

#[test]
fn a_name_used_in_two_files_is_refused_in_the_second() {
    let text = "@id(\"a\") permit (principal, action, resource);".to_owned();
    let files = BTreeMap::from([
        ("1.cedar".to_owned(), text.clone()),
        ("2.cedar".to_owned(), text),
    ]);
    let found = Policies::load(&files).unwrap_err();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].file, "2.cedar");
    assert!(found[0].hint.as_deref().unwrap().contains("1.cedar"));
}

#[test]
fn a_guardrail_cannot_be_replaced_by_its_name() {
    let found = only("@id(\"guard-self-approval\") permit (principal, action, resource);");
    assert!(found.message.contains("guard-"), "{found}");
}

#[test]
fn what_the_schema_does_not_know_is_refused_at_its_place() {
    let text = "@id(\"a\")\nforbid (principal, action == Locum::Action::\"file\", resource)\n\
                when { resource.teir == \"low\" };";
    let found = only(text);
    assert_eq!(found.line, 3, "{found}");
    assert!(
        found.hint.as_deref().is_some_and(|it| it.contains("tier")),
        "{found}"
    );
    let action = only("@id(\"a\") forbid (principal, action == Locum::Action::\"fly\", resource);");
    assert!(action.message.contains("fly"), "{action}");
}

#[test]
fn a_policy_may_not_look_further_than_what_a_question_brings() {
    let far = "@id(\"a\") forbid (principal, action == Locum::Action::\"file\", resource)\n\
               when { resource.owner.active };";
    assert_eq!(only(far).file, "policies/own.cedar");
}

#[test]
fn text_that_is_no_policy_is_refused_at_its_place() {
    let found = only("@id(\"a\") permit (principal, action, resource);\nallow everything;");
    assert_eq!(found.line, 2, "{found}");
}

#[test]
fn a_template_and_an_unknown_reason_are_refused() {
    let template = only("@id(\"a\") permit (principal == ?principal, action, resource);");
    assert!(template.message.contains("template"), "{template}");
    let reason = "@id(\"a\") @reason(\"because\") forbid (principal, action, resource);";
    assert!(only(reason).message.contains("because"));
}

#[test]
fn every_problem_of_every_file_is_said_at_once() {
    let broken = "permit (principal, action, resource);".to_owned();
    let files = BTreeMap::from([
        ("1.cedar".to_owned(), broken.clone()),
        ("2.cedar".to_owned(), broken),
        ("3.cedar".to_owned(), "permit".to_owned()),
    ]);
    let found = Policies::load(&files).unwrap_err();
    let files: Vec<&str> = found.iter().map(|it| it.file.as_str()).collect();
    assert_eq!(files, ["1.cedar", "2.cedar", "3.cedar"]);
}

#[test]
fn every_guardrail_is_a_forbid_with_a_row_and_every_refusal_has_words() {
    let set = GUARDRAILS.set();
    for policy in set.policies() {
        let id = policy.id().to_string();
        if !id.starts_with("guard-") {
            assert!(id.starts_with("locum-"), "{id}");
            continue;
        }
        assert_eq!(policy.effect(), cedar_policy::Effect::Forbid, "{id}");
        assert!(
            policy
                .annotation("row")
                .is_some_and(|row| row.starts_with('R')),
            "{id}"
        );
        let demands = policy.to_string().contains("\"go-without\"");
        let says = policy.annotation("reason").is_some() && policy.annotation("because").is_some();
        assert!(demands != says, "{id}");
    }
    assert!(GUARDRAILS.rules().len() > 40);
}

/// The text that a problem marks, and its one line.
fn marked(text: &str) -> (String, String) {
    let found = problems(text);
    let first = &found[0];
    let marked = text[first.start..first.end].to_owned();
    (marked, first.to_string())
}

#[test]
fn what_an_operator_gets_wrong_is_marked_and_explained() {
    let file = |when: &str| {
        format!(
            "@id(\"a\")\nforbid (principal, action == Locum::Action::\"file\", resource)\nwhen {{ {when} }};"
        )
    };
    let mistakes = [
        ("attribute", file("resource.teir == \"low\""), "tier"),
        ("type", file("context.duration_minutes > \"ten\""), "String"),
        (
            "context",
            file("context.duraton_minutes > 5"),
            "duration_minutes",
        ),
        ("single =", file("resource.tier = \"low\""), "="),
        (
            "unclosed",
            "@id(\"a\")\nforbid (principal, action, resource".to_owned(),
            "unexpected",
        ),
        ("and", file("resource.tier == \"low\" and true"), "and"),
        (
            "no brace",
            "@id(\"a\")\nforbid (principal, action, resource) when true;".to_owned(),
            "{",
        ),
        (
            "effect",
            "@id(\"a\")\ndeny (principal, action, resource);".to_owned(),
            "permit",
        ),
        (
            "action",
            "@id(\"a\")\nforbid (principal, action == Locum::Action::\"fil\", resource);"
                .to_owned(),
            "file",
        ),
        (
            "entity",
            "@id(\"a\")\nforbid (principal is Locum::Persn, action, resource);".to_owned(),
            "Pers",
        ),
        (
            "no end",
            "@id(\"a\")\nforbid (principal, action, resource)".to_owned(),
            ";",
        ),
        (
            "no id",
            "forbid (principal, action, resource);".to_owned(),
            "@id",
        ),
    ];
    for (name, text, told) in mistakes {
        let (mark, line) = marked(&text);
        assert!(line.starts_with("policies/own.cedar:"), "{name}: {line}");
        assert!(line.contains(told), "{name}: {line}");
        let is_at_the_end = line.contains("end of input");
        assert_eq!(mark.is_empty(), is_at_the_end, "{name}: {line}");
    }
}
