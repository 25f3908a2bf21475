//! Sensitivity × crossing × urgency → who approves.

use locum_domain::catalog::{BreakGlass, DataClass, Role};

use crate::house::*;

fn route(wish: &Wish) -> Vec<String> {
    match wish.route(&GUARDRAILS) {
        Ok(route) => aloud(&route),
        Err(refusal) => vec![refusal.to_string()],
    }
}

const BILLING: [&str; 2] = [
    "application-owner(billing)[oscar]",
    "security-or-privacy-or-compliance[sam, prya]",
];

#[test]
fn r07_one_application_is_decided_by_its_owner_product_owner_data_owner_or_delegate() {
    let crm = wish("ann", &["crm/contact.read"]);
    assert_eq!(route(&crm), ["application-owner(crm)[petra, paul]"]);
    let all = crm.but(|it| {
        it.application("crm").product_owner = Some(p("oscar"));
        it.application("crm").data_owner = Some(p("olga"));
    });
    assert_eq!(
        route(&all),
        ["application-owner(crm)[petra, oscar, olga, paul]"]
    );
}

#[test]
fn r08_several_applications_need_a_manager_or_security_control_owner_too() {
    let two = wish("alice", &["crm/contact.read", "wiki/page.read"]);
    assert_eq!(
        route(&two),
        [
            "application-owner(crm)[petra, paul]",
            "delegate(wiki)[paul]",
            "manager-or-security-control-owner[mia, sam]",
        ]
    );
}

#[test]
fn r08_a_second_application_asked_for_separately_is_a_crossing_all_the_same() {
    let second =
        wish("ann", &["crm/contact.read"]).but(|it| it.history.crossed = [app("billing")].into());
    assert_eq!(
        route(&second),
        [
            "application-owner(crm)[petra, paul]",
            "manager-or-security-control-owner[mia, sam]",
        ]
    );
    let same_again =
        wish("ann", &["crm/contact.read"]).but(|it| it.history.crossed = [app("crm")].into());
    assert_eq!(route(&same_again), ["application-owner(crm)[petra, paul]"]);
}

#[test]
fn r09_regulated_finance_hr_and_health_need_two_people_and_personal_alone_does_not() {
    assert_eq!(route(&wish("ann", &["billing/invoice.read"])), BILLING);
    for (class, steps) in [
        (DataClass::Finance, 2),
        (DataClass::Hr, 2),
        (DataClass::Health, 2),
        (DataClass::Personal, 1),
    ] {
        let crm = wish("ann", &["crm/contact.read"])
            .but(|it| it.application("crm").data = [class].into());
        assert_eq!(route(&crm).len(), steps, "{class:?}");
    }
}

#[test]
fn r12_the_strictest_of_all_crossed_applications_decides() {
    let all = wish(
        "alice",
        &["billing/invoice.read", "crm/contact.read", "wiki/page.read"],
    );
    assert_eq!(
        route(&all),
        [
            "application-owner(billing)[oscar]",
            "application-owner(crm)[petra, paul]",
            "delegate(wiki)[paul]",
            "manager-or-security-control-owner[mia, sam]",
            "security-or-privacy-or-compliance[sam, prya]",
        ]
    );
    let route = all.route(&GUARDRAILS).unwrap();
    assert_eq!((route.idle_within.0, route.review_within_days), (10, 1));
    assert_eq!((route.decide_within.0, route.activate_within.0), (240, 120));
}

#[test]
fn r10_a_low_application_is_decided_by_a_delegate_else_by_its_owner() {
    let wiki = wish("ann", &["wiki/page.read"]);
    assert_eq!(route(&wiki), ["delegate(wiki)[paul]"]);
    let expired = wiki.but(|it| it.circumstances.today = jiff::civil::date(2026, 12, 21));
    assert_eq!(route(&expired), ["delegate(wiki)[petra]"]);
}

#[test]
fn r12_the_defaults_follow_the_tier() {
    // decide, activate, idle, review, longest
    let rows = [
        ("wiki/page.read", [480, 480, 15, 5, 60]),
        ("crm/contact.read", [240, 240, 15, 2, 60]),
        ("billing/invoice.read", [240, 120, 10, 1, 60]),
    ];
    for (operation, expected) in rows {
        let route = wish("ann", &[operation]).route(&GUARDRAILS).unwrap();
        let got = [
            route.decide_within.0,
            route.activate_within.0,
            route.idle_within.0,
            route.review_within_days,
            route.longest.0,
        ];
        assert_eq!(got, expected, "{operation}");
    }
}

fn emergency(operations: &[&str]) -> Wish {
    wish("alice", operations).but(|it| it.break_glass = true)
}

#[test]
fn r11_an_emergency_goes_to_the_written_list_alone_and_lasts_half() {
    let urgent = emergency(&["billing/invoice.read"]);
    assert_eq!(route(&urgent), ["break-glass[oscar]"]);
    let route = urgent.route(&GUARDRAILS).unwrap();
    assert_eq!((route.decide_within.0, route.activate_within.0), (15, 15));
    assert_eq!((route.longest.0, route.review_within_days), (30, 1));
}

#[test]
fn r11_the_list_must_cover_every_application_and_never_names_a_vendors_people() {
    let both = emergency(&["billing/invoice.read", "crm/contact.read"]);
    let refusal = both.route(&GUARDRAILS).unwrap_err();
    assert_eq!(refusal.denial.code(), "no-approver-left");
    assert!(refusal.detail.contains("break-glass"), "{refusal}");
    let vendors = emergency(&["crm/contact.read"]).but(|it| {
        it.catalog.break_glass = vec![BreakGlass {
            person: p("ben"),
            applications: [app("crm")].into(),
        }];
    });
    assert_eq!(code(&vendors.route(&GUARDRAILS)).0, "no-approver-left");
}

#[test]
fn r11_an_emergency_that_writes_regulated_data_needs_both_authorities_too() {
    let writes = emergency(&["billing/invoice.resend"])
        .but(|it| it.application("billing").product_owner = Some(p("petra")));
    assert_eq!(
        route(&writes),
        [
            "break-glass[oscar]",
            "application-owner(billing)[oscar, petra]",
            "security-or-privacy-or-compliance[sam, prya]",
        ]
    );
}

#[test]
fn r11_the_third_emergency_in_30_days_needs_security_itself() {
    let nth = |earlier| {
        emergency(&["billing/invoice.read"]).but(|it| it.history.emergencies_in_30_days = earlier)
    };
    assert_eq!(route(&nth(1)), ["break-glass[oscar]"]);
    let third = nth(2);
    assert_eq!(
        route(&third),
        [
            "break-glass[oscar]",
            "security-or-privacy-or-compliance[sam]"
        ]
    );
    let request = third.request(&GUARDRAILS);
    let privacy = GUARDRAILS.may_decide(third.indexed(), &request, &p("prya"), NOON);
    assert_eq!(code(&privacy).0, "not-an-approver");
}

#[test]
fn r04_beyond_the_daily_ceiling_or_on_an_old_case_the_next_authority_decides() {
    let rows: [(Change, bool); 5] = [
        (|it| it.history.minutes_in_24h = 225, false),
        (|it| it.history.minutes_in_24h = 226, true),
        (|it| it.history.case_age_days = None, false),
        (|it| it.history.case_age_days = Some(14), false),
        (|it| it.history.case_age_days = Some(15), true),
    ];
    for (index, (change, demanded)) in rows.into_iter().enumerate() {
        let steps = route(&wish("ann", &["crm/contact.read"]).but(change));
        let has = steps.contains(&"next-authority[mia, sam]".to_owned());
        assert_eq!(has, demanded, "row {index}: {steps:?}");
    }
}

#[test]
fn r05_candidates_with_a_conflict_are_not_named() {
    let managers_own = wish("mia", &["crm/contact.read", "wiki/page.read"]).but(|it| {
        it.person("mia").roles.insert(Role::Support);
        it.application("crm").delegates[0].person = p("mia");
    });
    assert_eq!(
        route(&managers_own),
        [
            "application-owner(crm)[petra]",
            "delegate(wiki)[paul]",
            "manager-or-security-control-owner[sam]",
        ]
    );
}

#[test]
fn r13_nobody_left_is_known_before_filing_and_named() {
    let gone =
        wish("ann", &["billing/invoice.read"]).but(|it| it.person("oscar").is_active = false);
    assert_eq!(
        route(&gone),
        ["no-approver-left: nobody is left who may decide as `application-owner` of `billing`"]
    );
    let one_for_two = wish("ann", &["billing/invoice.read"]).but(|it| {
        it.application("billing").owner = p("sam");
        it.person("prya").is_active = false;
    });
    let refusal = one_for_two.route(&GUARDRAILS).unwrap_err();
    assert_eq!(refusal.denial.code(), "no-approver-left");
    assert!(refusal.detail.contains("another step needs"), "{refusal}");
}

#[test]
fn r13_escalation_is_by_name_and_never_to_whoever_asks() {
    let to = |wish: &Wish| wish.route(&GUARDRAILS).unwrap().escalation.unwrap();
    assert_eq!(to(&wish("alice", &["crm/contact.read"])), p("mia"));
    assert_eq!(to(&wish("ann", &["crm/contact.read"])), p("sam"));
}

#[test]
fn r13_a_request_filed_again_goes_to_the_same_decider_or_their_escalation() {
    let again = wish("ann", &["billing/invoice.read"])
        .but(|it| it.history.earlier_decider = Some(p("prya")));
    assert_eq!(
        route(&again),
        [
            "application-owner(billing)[oscar]",
            "security-or-privacy-or-compliance[sam, prya]",
        ],
        "sam is the named escalation and holds the authority"
    );
    let above = again.but(|it| it.person("prya").manager = Some(p("mia")));
    assert_eq!(route(&above)[1], "security-or-privacy-or-compliance[prya]");
    let request = above.request(&GUARDRAILS);
    let sam = GUARDRAILS.may_decide(above.indexed(), &request, &p("sam"), NOON);
    assert_eq!(code(&sam).0, "not-an-approver");
    let prya = GUARDRAILS.may_decide(above.indexed(), &request, &p("prya"), NOON);
    assert!(prya.is_ok());
}

#[test]
fn r12_each_step_names_the_rule_that_demanded_it() {
    let all = wish("alice", &["billing/invoice.read", "wiki/page.read"])
        .but(|it| it.history.case_age_days = Some(30))
        .but(|it| it.person("olga").roles = [Role::Manager].into());
    let route = all.route(&GUARDRAILS).unwrap();
    let rules: Vec<&str> = route.steps.iter().map(|it| it.rule.as_str()).collect();
    assert_eq!(
        rules,
        [
            "guard-owner-decides",
            "guard-delegate-decides",
            "guard-crossing",
            "guard-two-people",
            "guard-old-case",
        ]
    );
}
