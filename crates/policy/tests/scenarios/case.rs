//! Whether the case justifies it.

use crate::house::*;

type Row = (&'static str, Change, &'static str, &'static str);

#[test]
fn r02_a_case_that_does_not_justify_access_refuses_it() {
    let rows: [Row; 9] = [
        ("ordinary", |_| {}, "-", "-"),
        (
            "closed",
            |it| it.case.is_open = false,
            "case-not-open",
            "guard-case-open",
        ),
        (
            "closed and somebody else's",
            |it| {
                it.case.is_open = false;
                it.case.assignee = Some("ann".into());
            },
            "case-not-open",
            "guard-case-open",
        ),
        (
            "nobody's",
            |it| it.case.assignee = None,
            "not-the-assignee",
            "guard-case-assignee",
        ),
        (
            "a queue's",
            |it| it.case.assignee = Some("first-line".into()),
            "not-the-assignee",
            "guard-case-assignee",
        ),
        (
            "a colleague's",
            |it| it.case.assignee = Some("ann".into()),
            "not-the-assignee",
            "guard-case-assignee",
        ),
        (
            "assigned to the account of the same name in another system",
            |it| it.person("alice").accounts[0].system = "chat".into(),
            "not-the-assignee",
            "guard-case-assignee",
        ),
        (
            "another customer's",
            |it| it.case.subject = Some("dave".parse().unwrap()),
            "case-mismatch",
            "guard-case-subject",
        ),
        (
            "without a customer",
            |it| it.case.subject = None,
            "case-mismatch",
            "guard-case-subject",
        ),
    ];
    for (what, change, expected_code, rule) in rows {
        let answer = wish("alice", &["crm/contact.read"])
            .but(change)
            .cite(&GUARDRAILS);
        assert_eq!(code(&answer), (expected_code, rule), "{what}");
    }
}

#[test]
fn r02_an_assignee_written_as_the_persons_id_is_the_person() {
    let by_id = wish("alice", &["crm/contact.read"])
        .but(|it| it.case.assignee = Some("alice@corp.example".into()));
    assert!(by_id.cite(&GUARDRAILS).is_ok());
}

const SELF_MADE: [(&str, Change, &str); 5] = [
    (
        "opened by the actor",
        |it| it.case.opened_by = Some("ann".into()),
        "guard-self-made-case",
    ),
    (
        "opened by the actor's sponsor",
        |it| it.case.opened_by = Some("bea".into()),
        "guard-self-made-case",
    ),
    (
        "subject set by the actor",
        |it| it.case.subject_set_by = Some("ann@bpo.example".into()),
        "guard-self-set-subject",
    ),
    (
        "the desk cannot tell",
        |it| it.case.opened_by = None,
        "guard-case-origin-unknown",
    ),
    (
        "opened by whoever files for the actor",
        |it| {
            it.requester = p("alice");
            it.case.opened_by = Some("alice".into());
        },
        "guard-self-made-case",
    ),
];

#[test]
fn r02_a_self_made_case_never_opens_a_regulated_application() {
    for (what, change, rule) in SELF_MADE {
        for operations in [
            &["billing/invoice.read"][..],
            &["billing/invoice.read", "wiki/page.read"],
        ] {
            let answer = wish("ann", operations).but(change).cite(&GUARDRAILS);
            assert_eq!(code(&answer), ("self-made-case", rule), "{what}");
        }
    }
}

#[test]
fn r02_a_self_made_case_needs_a_second_approver_elsewhere_and_a_warning_on_top() {
    for (what, change, rule) in SELF_MADE {
        let self_made = wish("ann", &["crm/contact.read"]).but(change);
        let finding = self_made.cite(&GUARDRAILS).expect(what);
        assert!(finding.needs_second_approver, "{what}");
        assert_eq!(finding.warnings.len(), 1, "{what}");
        assert!(finding.rules.iter().any(|it| it == rule), "{what}");
        let route = aloud(&self_made.route(&GUARDRAILS).expect(what));
        assert_eq!(
            route,
            [
                "application-owner(crm)[petra, paul]",
                "next-authority[mia, sam]"
            ],
            "{what}"
        );
    }
    let ordinary = wish("ann", &["crm/contact.read"])
        .cite(&GUARDRAILS)
        .unwrap();
    assert!(!ordinary.needs_second_approver && ordinary.warnings.is_empty());
}

#[test]
fn r11_whoever_answers_an_emergency_reads_how_urgent_the_desk_calls_it() {
    let emergency = wish("alice", &["billing/invoice.read"]).but(|it| it.break_glass = true);
    let warning = |wish: &Wish| wish.cite(&GUARDRAILS).unwrap().warnings.join("; ");
    assert!(warning(&emergency).contains("does not say"));
    let attested = emergency.but(|it| it.case.priority = Some("low".into()));
    assert!(warning(&attested).contains("priority `low`"));
}
