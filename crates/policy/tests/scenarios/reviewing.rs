//! Who reviews, and who never.

use crate::house::*;

#[test]
fn r27_a_reviewer_neither_asked_used_approved_nor_sponsored() {
    let billing = wish("alice", &["billing/invoice.read"]);
    let reviewer = |wish: &Wish, approvers: &[&str], barred: &[&str]| {
        let request = approved(wish.request(&GUARDRAILS), approvers);
        let barred: Vec<_> = barred.iter().map(|it| p(it)).collect();
        let found = GUARDRAILS.reviewer(wish.indexed(), &request, &barred);
        found.map(|it| short(&it).to_owned())
    };
    let is = |found: Option<String>, expected: &str| assert_eq!(found.as_deref(), Some(expected));
    is(reviewer(&billing, &["oscar", "prya"], &[]), "sam");
    is(reviewer(&billing, &["oscar", "sam"], &[]), "mia");
    is(reviewer(&billing, &["oscar", "prya"], &["sam"]), "mia");
    let named = billing.but(|it| it.application("billing").reviewer = Some(p("petra")));
    is(reviewer(&named, &["oscar", "prya"], &[]), "petra");
    is(reviewer(&named, &["petra", "prya"], &[]), "sam");
    assert_eq!(reviewer(&named, &["oscar", "sam"], &["petra", "mia"]), None);
}

#[test]
fn r25_security_reviews_what_crossed_applications() {
    let two = wish("alice", &["crm/contact.read", "wiki/page.read"])
        .but(|it| it.application("crm").reviewer = Some(p("olga")));
    let request = approved(two.request(&GUARDRAILS), &["petra", "paul", "mia"]);
    let found = GUARDRAILS.reviewer(two.indexed(), &request, &[]);
    assert_eq!(found, Some(p("sam")));
}

#[test]
fn r31_an_agent_and_a_sponsor_review_nothing() {
    let triage = wish("aida", &["crm/contact.read"])
        .but(|it| it.application("crm").reviewer = Some(p("olga")));
    let request = approved(triage.request(&GUARDRAILS), &["petra"]);
    let found = GUARDRAILS.reviewer(triage.indexed(), &request, &[]);
    assert_eq!(found, Some(p("sam")));
}
