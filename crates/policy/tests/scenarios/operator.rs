//! What an operator's own rules can do, and what they cannot undo.

use crate::house::*;

/// Everything to everybody.
const TOO_WIDE: &str = r#"@id("anything-goes") permit (principal, action, resource);"#;

#[test]
fn r04_a_permit_that_is_too_wide_changes_nothing() {
    let wide = with_rules(TOO_WIDE);
    let filings = [
        wish("alice", &["billing/payout.create"]),
        wish("mia", &["crm/contact.read"]),
        wish("alice", &["crm/contact.update"]),
        wish("alice", &["crm/contact.read"]).but(|it| it.minutes = 1_000),
        wish("nobody", &["crm/contact.read"]),
    ];
    for filing in filings {
        let (narrow, widened) = (filing.file(&GUARDRAILS), filing.file(&wide));
        assert!(narrow.is_err());
        assert_eq!(code(&narrow), code(&widened));
    }
    let billing = wish("ann", &["billing/invoice.read"]);
    let route = billing.route(&GUARDRAILS).unwrap();
    assert_eq!(billing.route(&wide).unwrap(), route);
    let request = billing.request_with(route);
    let everybody = billing
        .catalog
        .people
        .keys()
        .chain(billing.catalog.agents.keys());
    for person in everybody {
        let decides = |policies: &locum_policy::Policies| {
            let answer = policies.may_decide(billing.indexed(), &request, person, NOON);
            answer.map(|steps| steps.into_keys().collect::<Vec<_>>())
        };
        assert_eq!(decides(&wide), decides(&GUARDRAILS), "{person}");
    }
    let closed = billing.but(|it| it.case.is_open = false);
    assert_eq!(code(&closed.cite(&wide)), code(&closed.cite(&GUARDRAILS)));
    let activates = begins(&wide, &closed.catalog, &request, &closed.case);
    assert_eq!(code(&activates).0, "case-not-open");
}

#[test]
fn r12_a_forbid_can_demand_more_and_an_operator_cannot_demand_less() {
    let stricter = with_rules(
        r#"@id("agents-need-security")
        forbid (
          principal is Locum::Agent,
          action == Locum::Action::"go-without",
          resource == Locum::Authority::"security-or-privacy-or-compliance"
        );
        @id("owners-may-be-skipped")
        permit (
          principal,
          action == Locum::Action::"go-without",
          resource == Locum::Authority::"application-owner"
        );"#,
    );
    let triage = wish("aida", &["crm/contact.read"])
        .route(&stricter)
        .unwrap();
    assert_eq!(
        aloud(&triage),
        [
            "application-owner(crm)[petra, paul]",
            "security-or-privacy-or-compliance[sam, prya]"
        ]
    );
    assert_eq!(triage.steps[1].rule, "agents-need-security");
}

#[test]
fn r20_an_operator_can_protect_more_subjects_by_any_attribute() {
    let careful = with_rules(
        r#"@id("no-minors")
        forbid (principal, action == Locum::Action::"act-as", resource)
        when { resource.hasTag("age") && resource.getTag("age") like "1?" || resource.hasTag("minor") };"#,
    );
    let crm = wish("ann", &["crm/contact.read"]);
    let request = crm.request(&careful);
    let mut there = request.subjects[&app("crm")].clone();
    there.attributes.insert("minor".into(), "yes".into());
    let application = &crm.catalog.applications[&app("crm")];
    let answer = careful.judge_subject(&crm.filing(), application, &crm.case, &there);
    assert_eq!(code(&answer), ("protected-subject", "no-minors"));
}

#[test]
fn an_operators_rule_can_name_its_code_and_its_words() {
    let strict = with_rules(
        r#"@id("short-at-night") @reason("duration-too-long") @because("nights are short")
        forbid (principal, action == Locum::Action::"file", resource)
        when { context.local_hour < 6 && context.duration_minutes > 10 };"#,
    );
    let night = wish("alice", &["crm/contact.read"]).but(|it| it.circumstances.local_hour = 3);
    let refusal = night.file(&strict).unwrap_err();
    assert_eq!(refusal.denial.code(), "duration-too-long");
    assert_eq!(refusal.rule.as_deref(), Some("short-at-night"));
    assert!(refusal.detail.contains("nights are short"));
}

#[test]
fn a_policy_that_cannot_be_evaluated_denies_everywhere() {
    let breaks = |action: &str| {
        with_rules(&format!(
            r#"@id("breaks") forbid (principal, action == Locum::Action::"{action}", resource)
            when {{ context.local_hour * 9223372036854775807 > 9223372036854775807 }};"#
        ))
    };
    let crm = wish("ann", &["crm/contact.read"]);
    let expected = ("policy-error", "breaks");
    assert_eq!(code(&crm.file(&breaks("file"))), expected);
    assert_eq!(code(&crm.cite(&breaks("cite"))), expected);
    assert_eq!(code(&crm.route(&breaks("go-without"))), expected);
    assert_eq!(code(&crm.route(&breaks("approve"))), expected);
    let request = approved(crm.request(&GUARDRAILS), &["petra"]);
    let decides = breaks("approve").may_decide(crm.indexed(), &request, &p("petra"), NOON);
    assert_eq!(code(&decides), expected);
    let activates = begins(&breaks("activate"), &crm.catalog, &request, &crm.case);
    assert_eq!(code(&activates), expected);
}

#[test]
fn r03_a_rule_about_a_vendor_also_binds_the_vendors_agents_and_whoever_files_for_others() {
    let night = with_rules(HOUSE_RULES);
    let at_night = |wish: Wish| wish.but(|it| it.circumstances.local_hour = 23);
    let ann = at_night(wish("ann", &["billing/invoice.read"]));
    let expected = ("not-eligible", "no-vendor-in-regulated-at-night");
    assert_eq!(code(&ann.file(&night)), expected);
    let through_alice = at_night(wish("ann", &["billing/invoice.read"]).for_actor("alice"));
    assert_eq!(code(&through_alice.file(&night)), expected);
    let agent = at_night(wish("aida", &["billing/invoice.read"])).but(|it| {
        it.catalog.agents.get_mut(&p("aida")).unwrap().sponsor = p("ann");
        it.catalog.eligibilities[2]
            .applications
            .insert(app("billing"));
        it.catalog.eligibilities[2]
            .operations
            .insert(op("invoice.read"));
    });
    assert_eq!(code(&agent.file(&night)), expected);
    assert!(
        at_night(wish("alice", &["billing/invoice.read"]))
            .file(&night)
            .is_ok()
    );
}
