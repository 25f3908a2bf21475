//! Who may decide, and who never.

use locum_domain::catalog::{Account, Role};

use crate::house::*;

/// What `person` hears when trying to decide `wish`: codes and rules, or the steps they may decide.
fn decides(wish: &Wish, person: &str) -> (String, String) {
    // The route is what stood when the request was filed by the people named there.
    let request = wish.request(&GUARDRAILS);
    let answer = GUARDRAILS.may_decide(wish.indexed(), &request, &p(person), wish.circumstances);
    match answer {
        Ok(steps) => {
            let steps: Vec<String> = steps.keys().map(ToString::to_string).collect();
            ("may".to_owned(), steps.join(" "))
        }
        Err(refusal) => (
            refusal.denial.code().to_owned(),
            refusal.rule.unwrap_or_default(),
        ),
    }
}

fn refused(wish: &Wish, person: &str, code: &str, rule: &str) {
    assert_eq!(
        decides(wish, person),
        (code.to_owned(), rule.to_owned()),
        "{person}"
    );
}

#[test]
fn r05_the_example_request_is_decided_by_these_people_and_refused_to_all_others() {
    let billing = wish("ann", &["billing/invoice.read"]);
    let rows = [
        ("oscar", "may", "0"),
        ("sam", "may", "1"),
        ("prya", "may", "1"),
        ("ann", "self-approval", "guard-self-approval"),
        ("bea", "conflict-of-interest", "guard-conflict-sponsor"),
        ("mia", "not-an-approver", "guard-authority-of-owner"),
        ("petra", "not-an-approver", "guard-authority-of-owner"),
        ("audrey", "not-an-approver", "guard-authority-of-owner"),
        ("aida", "non-human-approver", "guard-human-approver"),
        (
            "support-mailbox",
            "not-a-named-person",
            "guard-named-person",
        ),
    ];
    for (person, code, rule) in rows {
        refused(&billing, person, code, rule);
    }
}

#[test]
fn r05_the_evidence_names_the_ground_somebody_decides_on() {
    let billing = wish("ann", &["billing/invoice.read"]);
    let request = billing.request(&GUARDRAILS);
    let steps = GUARDRAILS
        .may_decide(billing.indexed(), &request, &p("oscar"), NOON)
        .unwrap();
    assert_eq!(steps[&0], ["locum-application-owner-decides"]);
}

/// `oscar`, who owns billing and could decide, made a party of the request in one way or another.
fn with_oscar(change: fn(&mut Wish)) -> Wish {
    wish("ann", &["billing/invoice.read"])
        .but(|it| it.application("billing").product_owner = Some(p("petra")))
        .but(change)
}

#[test]
fn r05_an_owner_who_asks_never_approves() {
    let own = with_oscar(|it| {
        it.person("oscar").roles.insert(Role::Support);
        it.requester = p("oscar");
        it.actor = p("oscar");
        it.case.assignee = Some("oscar".into());
    });
    refused(&own, "oscar", "self-approval", "guard-self-approval");
    assert_eq!(
        aloud(&own.route(&GUARDRAILS).unwrap())[0],
        "application-owner(billing)[petra]"
    );
}

#[test]
fn r05_the_same_human_by_another_account_never_approves() {
    let twice: [fn(&mut Wish); 3] = [
        |it| {
            let account = it.person("ann").accounts[0].clone();
            it.person("oscar").accounts.push(account);
        },
        |it| {
            it.person("oscar").accounts.push(Account {
                system: "idp".into(),
                id: "ann@bpo.example".into(),
            });
        },
        |it| {
            it.person("ann").accounts.push(Account {
                system: "idp".into(),
                id: "oscar@corp.example".into(),
            });
        },
    ];
    for change in twice {
        refused(
            &with_oscar(change),
            "oscar",
            "self-approval",
            "guard-self-approval",
        );
    }
}

#[test]
fn r05_whoever_was_asked_to_activate_never_approves() {
    let asked = with_oscar(|it| {
        it.person("oscar").roles.insert(Role::Support);
        it.actor = p("oscar");
        it.case.assignee = Some("oscar".into());
    });
    refused(
        &asked,
        "oscar",
        "conflict-of-interest",
        "guard-conflict-actor",
    );
}

#[test]
fn r05_the_cases_assignee_never_approves() {
    // The desk reassigned the case after filing.
    let billing = with_oscar(|_| {});
    let mut request = billing.request(&GUARDRAILS);
    request.case.assignee = Some("oscar".into());
    let answer = GUARDRAILS.may_decide(billing.indexed(), &request, &p("oscar"), NOON);
    assert_eq!(
        code(&answer),
        ("conflict-of-interest", "guard-conflict-assignee")
    );
}

#[test]
fn r05_the_vendors_sponsor_never_approves() {
    let sponsor = with_oscar(|it| {
        let vendor = it.catalog.vendors.values_mut().next().unwrap();
        vendor.sponsor = p("oscar");
    });
    refused(
        &sponsor,
        "oscar",
        "conflict-of-interest",
        "guard-conflict-sponsor",
    );
}

#[test]
fn r05_an_agents_sponsor_never_approves() {
    let triage = wish("aida", &["crm/contact.read"]).but(|it| {
        it.application("crm").product_owner = Some(p("olga"));
    });
    refused(
        &triage,
        "olga",
        "conflict-of-interest",
        "guard-conflict-sponsor",
    );
    refused(&triage, "petra", "may", "0");
}

#[test]
fn r05_the_sponsor_who_files_for_its_agent_approves_their_own_request() {
    let filed = wish("olga", &["crm/contact.read"])
        .for_actor("aida")
        .but(|it| {
            it.application("crm").product_owner = Some(p("olga"));
        });
    refused(&filed, "olga", "self-approval", "guard-self-approval");
    refused(&filed, "aida", "non-human-approver", "guard-human-approver");
}

#[test]
fn r05_the_subject_never_approves() {
    let billing = with_oscar(|_| {});
    let mut request = billing.request(&GUARDRAILS);
    let there = request.subjects.get_mut(&app("billing")).unwrap();
    there.id = "oscar@corp.example".into();
    let answer = GUARDRAILS.may_decide(billing.indexed(), &request, &p("oscar"), NOON);
    assert_eq!(
        code(&answer),
        ("conflict-of-interest", "guard-conflict-subject")
    );
}

#[test]
fn r05_whoever_opened_the_case_or_set_its_subject_never_approves() {
    let opened = with_oscar(|it| it.case.opened_by = Some("oscar".into()));
    refused(
        &opened,
        "oscar",
        "conflict-of-interest",
        "guard-conflict-opener",
    );
    let set = with_oscar(|it| it.case.subject_set_by = Some("oscar".into()));
    refused(
        &set,
        "oscar",
        "conflict-of-interest",
        "guard-conflict-opener",
    );
}

#[test]
fn r06_somebody_who_left_approves_nothing() {
    let left = with_oscar(|it| it.person("oscar").is_active = false);
    refused(&left, "oscar", "not-an-approver", "guard-active-approver");
}

#[test]
fn r07_a_delegation_counts_to_its_last_day_and_only_from_an_owner() {
    let crm = wish("ann", &["crm/contact.read"]);
    refused(&crm, "paul", "may", "0");
    let last_day = crm
        .clone()
        .but(|it| it.circumstances.today = jiff::civil::date(2026, 12, 20));
    refused(&last_day, "paul", "may", "0");
    let after = crm
        .clone()
        .but(|it| it.circumstances.today = jiff::civil::date(2026, 12, 21));
    refused(
        &after,
        "paul",
        "not-an-approver",
        "guard-authority-of-owner",
    );
    let passed_on = crm.but(|it| it.application("crm").delegates[0].by = p("mia"));
    refused(
        &passed_on,
        "paul",
        "not-an-approver",
        "guard-authority-of-owner",
    );
}

#[test]
fn r10_the_owner_decides_for_a_low_application_only_when_no_delegate_is_left() {
    let wiki = wish("ann", &["wiki/page.read"]);
    refused(&wiki, "paul", "may", "0");
    refused(
        &wiki,
        "petra",
        "not-an-approver",
        "guard-authority-of-delegate",
    );
    let alone = wiki.but(|it| it.person("paul").is_active = false);
    refused(&alone, "petra", "may", "0");
}

#[test]
fn r07_a_new_owner_may_decide_what_was_filed_under_the_old_one() {
    let billing = wish("ann", &["billing/invoice.read"]);
    let request = billing.request(&GUARDRAILS);
    let later = billing.but(|it| it.application("billing").owner = p("petra"));
    let answer = |who: &str| GUARDRAILS.may_decide(later.indexed(), &request, &p(who), NOON);
    assert!(answer("petra").is_ok());
    assert_eq!(code(&answer("oscar")).0, "not-an-approver");
}

#[test]
fn r09_somebody_of_two_authorities_may_decide_either_step() {
    let billing = wish("ann", &["billing/invoice.read"])
        .but(|it| it.application("billing").product_owner = Some(p("sam")));
    refused(&billing, "sam", "may", "0 1");
}
