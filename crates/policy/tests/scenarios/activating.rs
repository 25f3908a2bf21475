//! Whether what was approved may still begin.

use locum_domain::catalog::Tier;
use locum_domain::{Case, Catalog, Request};

use crate::house::*;

struct Ready {
    catalog: Catalog,
    request: Request,
    case: Case,
}

fn ready() -> Ready {
    let billing = wish("ann", &["billing/invoice.read"]);
    Ready {
        request: approved(billing.request(&GUARDRAILS), &["oscar", "prya"]),
        catalog: billing.catalog,
        case: billing.case,
    }
}

fn activates(change: fn(&mut Ready)) -> (String, String) {
    let mut it = ready();
    change(&mut it);
    let answer = begins(&GUARDRAILS, &it.catalog, &it.request, &it.case);
    let (code, rule) = code(&answer);
    (code.to_owned(), rule.to_owned())
}

#[test]
fn r16_an_approved_request_may_begin_and_the_rules_are_named() {
    let it = ready();
    let rules = begins(&GUARDRAILS, &it.catalog, &it.request, &it.case);
    assert_eq!(
        rules.unwrap(),
        [
            "locum-act-as",
            "locum-activate",
            "locum-ask",
            "locum-cite",
            "locum-file",
            "locum-trust-origin"
        ]
    );
}

#[test]
fn r17_whatever_changed_since_filing_is_judged_again() {
    type Row = (&'static str, fn(&mut Ready), &'static str, &'static str);
    let rows: [Row; 10] = [
        (
            "closed",
            |it| it.case.is_open = false,
            "case-not-open",
            "guard-case-open",
        ),
        (
            "handed off",
            |it| it.case.assignee = Some("ben".into()),
            "not-the-assignee",
            "guard-case-assignee",
        ),
        (
            "another subject",
            |it| it.case.subject = Some("dave".parse().unwrap()),
            "case-mismatch",
            "guard-case-subject",
        ),
        (
            "the actor set the subject since",
            |it| it.case.subject_set_by = Some("ann".into()),
            "self-made-case",
            "guard-self-set-subject",
        ),
        (
            "eligibility removed",
            |it| it.catalog.eligibilities.clear(),
            "not-eligible",
            "guard-eligibility",
        ),
        (
            "the actor left",
            |it| it.catalog.people.get_mut(&p("ann")).unwrap().is_active = false,
            "not-eligible",
            "guard-active-person",
        ),
        (
            "the subject became protected",
            |it| {
                let billing = it.catalog.applications.get_mut(&app("billing")).unwrap();
                billing.protected_subjects[0]
                    .values
                    .insert("customer".into());
            },
            "protected-subject",
            "guard-protected-subject",
        ),
        (
            "an approver lost the authority",
            |it| it.catalog.people.get_mut(&p("prya")).unwrap().roles.clear(),
            "missing-approval",
            "guard-approvals-complete",
        ),
        (
            "an approver left",
            |it| it.catalog.people.get_mut(&p("oscar")).unwrap().is_active = false,
            "missing-approval",
            "guard-approvals-complete",
        ),
        (
            "an approval is missing",
            |it| it.request.route.steps[1].approval = None,
            "missing-approval",
            "guard-approvals-complete",
        ),
    ];
    for (what, change, code, rule) in rows {
        assert_eq!(
            activates(change),
            (code.to_owned(), rule.to_owned()),
            "{what}"
        );
    }
}

#[test]
fn r09_one_person_in_two_steps_is_one_approval() {
    let twice = activates(|it| {
        let billing = it.catalog.applications.get_mut(&app("billing")).unwrap();
        billing.product_owner = Some(p("sam"));
        it.request = approved(it.request.clone(), &["sam", "sam"]);
    });
    assert_eq!(twice.0, "missing-approval");
}

#[test]
fn r17_a_step_that_policy_demands_since_is_missing() {
    let mut crm = wish("ann", &["crm/contact.read"]);
    let request = approved(crm.request(&GUARDRAILS), &["petra"]);
    let case = crm.case.clone();
    assert!(begins(&GUARDRAILS, &crm.catalog, &request, &case).is_ok());
    crm.application("crm").tier = Tier::Regulated;
    let answer = begins(&GUARDRAILS, &crm.catalog, &request, &case);
    assert_eq!(code(&answer), ("missing-approval", "guard-two-people"));
}

#[test]
fn r02_a_case_that_turned_out_self_made_needs_its_second_approver_before_anything_begins() {
    let crm = wish("ann", &["crm/contact.read"]);
    let request = approved(crm.request(&GUARDRAILS), &["petra"]);
    let mut case = crm.case.clone();
    case.subject_set_by = Some("ann".into());
    let answer = begins(&GUARDRAILS, &crm.catalog, &request, &case);
    assert_eq!(
        code(&answer),
        ("missing-approval", "guard-unconfirmed-case")
    );
}
