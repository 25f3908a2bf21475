//! Whom nobody acts as.

use std::collections::BTreeMap;

use locum_domain::request::SubjectThere;
use locum_domain::{Refusal, SubjectId};

use crate::house::*;

/// What a row changes about the application's answer.
type Answer = fn(&mut SubjectThere);

fn judged(
    application: &str,
    change: fn(&mut Wish),
    there: fn(&mut SubjectThere),
) -> Result<Vec<String>, Refusal> {
    let wish = wish("alice", &["billing/invoice.read"]).but(change);
    let mut subject = SubjectThere {
        id: "c-77".to_owned(),
        tenant: Some("initech".parse().unwrap()),
        attributes: BTreeMap::from([("role".to_owned(), "customer".to_owned())]),
    };
    there(&mut subject);
    let application = &wish.catalog.applications[&app(application)];
    GUARDRAILS.judge_subject(&wish.filing(), application, &wish.case, &subject)
}

fn named(it: &mut Wish, subject: &str) {
    it.case.subject = Some(subject.parse::<SubjectId>().unwrap());
}

#[test]
fn r20_a_customer_may_be_acted_for() {
    assert_eq!(judged("billing", |_| {}, |_| {}).unwrap(), ["locum-act-as"]);
}

#[test]
fn r20_a_protected_value_and_a_missing_one_are_both_refused() {
    let administrator = judged(
        "billing",
        |_| {},
        |it| {
            it.attributes.insert("role".into(), "administrator".into());
        },
    );
    assert_eq!(
        code(&administrator),
        ("protected-subject", "guard-protected-subject")
    );
    let unsaid = judged("billing", |_| {}, |it| it.attributes.clear());
    assert_eq!(
        code(&unsaid),
        ("protected-subject", "guard-protected-subject")
    );
    assert!(judged("crm", |_| {}, |it| it.attributes.clear()).is_ok());
}

#[test]
fn r20_nobody_acts_as_one_of_our_own_people_or_agents() {
    let rows: [(Change, Answer); 5] = [
        (|it| named(it, "oscar@corp.example"), |_| {}),
        (|it| named(it, "sam"), |_| {}),
        (|_| {}, |it| it.id = "ann@bpo.example".into()),
        (|_| {}, |it| it.id = "OSCAR@corp.example".into()),
        (|_| {}, |it| it.id = "aida".into()),
    ];
    for (index, (change, there)) in rows.into_iter().enumerate() {
        let answer = judged("crm", change, there);
        assert_eq!(
            code(&answer),
            ("protected-subject", "guard-own-people"),
            "row {index}"
        );
    }
}

#[test]
fn r02_a_subject_of_another_tenant_is_another_subject() {
    let elsewhere = judged(
        "billing",
        |_| {},
        |it| {
            it.tenant = Some("globex".parse().unwrap());
            it.attributes.clear();
        },
    );
    assert_eq!(code(&elsewhere), ("case-mismatch", "guard-subject-tenant"));
    assert!(judged("billing", |_| {}, |it| it.tenant = None).is_ok());
}
