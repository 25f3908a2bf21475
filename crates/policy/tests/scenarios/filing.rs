//! Who may ask for what, for how long.

use locum_domain::catalog::{DataClass, Tier};

use crate::house::*;

fn refused(wish: Wish, expected_code: &str, expected_rule: &str) {
    let answer = wish.file(&GUARDRAILS);
    assert_eq!(code(&answer), (expected_code, expected_rule), "{answer:?}");
}

#[test]
fn r03_a_support_person_may_ask_for_what_the_role_covers_and_the_answer_names_the_rules() {
    let rules = wish("alice", &["billing/invoice.read"])
        .file(&GUARDRAILS)
        .unwrap();
    assert_eq!(rules, ["locum-ask", "locum-file"]);
}

#[test]
fn r03_what_no_eligibility_covers_is_refused_by_name() {
    refused(
        wish("alice", &["crm/contact.update"]),
        "not-eligible",
        "guard-eligibility",
    );
    refused(
        wish("ann", &["billing/invoice.resend"]),
        "not-eligible",
        "guard-eligibility",
    );
    let one_of_two = wish("ann", &["billing/invoice.read", "billing/invoice.resend"]);
    let refusal = one_of_two.file(&GUARDRAILS).unwrap_err();
    assert!(refusal.detail.contains("`invoice.resend` in `billing`"));
    assert!(!refusal.detail.contains("invoice.read"));
}

#[test]
fn r03_seniority_shortens_nothing() {
    for senior in ["mia", "sam", "oscar", "petra"] {
        refused(
            wish(senior, &["crm/contact.read"]),
            "not-eligible",
            "guard-eligibility",
        );
    }
}

#[test]
fn r03_two_eligibilities_together_cover_what_neither_covers_alone() {
    let both = ["billing/invoice.read", "billing/invoice.resend"];
    assert!(wish("alice", &both).file(&GUARDRAILS).is_ok());
}

#[test]
fn r03_scripts_and_pictures_are_part_of_every_grant() {
    let with_shell = ["billing/shell", "billing/invoice.read"];
    assert!(wish("ann", &with_shell).file(&GUARDRAILS).is_ok());
    refused(
        wish("mia", &["billing/shell"]),
        "not-eligible",
        "guard-eligibility",
    );
}

#[test]
fn r28_an_eligibility_that_nobody_certified_in_time_covers_nothing() {
    let late = wish("alice", &["crm/contact.read"]).but(|it| {
        it.circumstances.today = jiff::civil::date(2027, 2, 16);
    });
    let refusal = late.file(&GUARDRAILS).unwrap_err();
    assert_eq!(refusal.denial.code(), "not-eligible");
    assert!(refusal.detail.contains("support-reads"), "{refusal}");
    let last_day = late.but(|it| it.circumstances.today = jiff::civil::date(2027, 2, 15));
    assert!(last_day.file(&GUARDRAILS).is_ok());
}

#[test]
fn r17_somebody_who_left_may_not_ask() {
    let left = wish("alice", &["crm/contact.read"]).but(|it| it.person("alice").is_active = false);
    refused(left, "not-eligible", "guard-active-person");
    refused(
        wish("nobody", &["crm/contact.read"]),
        "not-eligible",
        "guard-active-person",
    );
}

#[test]
fn r31_an_agent_asks_under_its_own_name_and_while_its_sponsor_is_here() {
    let triage = wish("aida", &["crm/contact.read"]);
    assert!(triage.file(&GUARDRAILS).is_ok());
    let orphaned = triage.clone().but(|it| it.person("olga").is_active = false);
    refused(orphaned, "not-eligible", "guard-sponsored-agent");
    let through_its_vendor = wish("aida", &["crm/contact.read"]).but(|it| {
        it.catalog.agents.get_mut(&p("aida")).unwrap().sponsor = p("ann");
        it.catalog.eligibilities.retain(|it| it.id != "aida-triage");
    });
    refused(through_its_vendor, "not-eligible", "guard-eligibility");
}

#[test]
fn r31_the_sponsor_may_file_for_its_agent_and_a_stranger_may_not() {
    let by_sponsor = wish("olga", &["crm/contact.read"]).for_actor("aida");
    assert!(by_sponsor.file(&GUARDRAILS).is_ok());
    let by_stranger = wish("oscar", &["crm/contact.read"]).for_actor("aida");
    refused(by_stranger, "not-eligible", "guard-eligibility");
}

#[test]
fn r03_whoever_files_for_a_colleague_must_be_eligible_too() {
    let eligible = wish("alice", &["crm/contact.read"]).for_actor("ann");
    assert!(eligible.file(&GUARDRAILS).is_ok());
    let not_eligible = wish("alice", &["billing/invoice.resend"]).for_actor("ann");
    refused(not_eligible, "not-eligible", "guard-eligibility");
}

#[test]
fn r21_a_closed_operation_is_refused_before_anything_else() {
    let closed = wish("alice", &["billing/payout.create"]).but(|it| it.minutes = 10_000);
    refused(closed, "closed-operation", "guard-closed-operation");
    let beside_another = ["crm/contact.update", "billing/payout.create"];
    refused(
        wish("alice", &beside_another),
        "closed-operation",
        "guard-closed-operation",
    );
}

#[test]
fn r01_what_the_catalog_does_not_declare_is_unknown() {
    refused(wish("alice", &["shop/x.read"]), "unknown-application", "-");
    refused(wish("alice", &["crm/x.read"]), "unknown-operation", "-");
    refused(wish("alice", &[]), "malformed", "-");
}

#[test]
fn r04_the_shortest_eligibility_and_the_strictest_tier_bound_the_duration() {
    // who, what, longest minutes, the rule beyond it
    let rows: [(&str, &[&str], u32, &str); 4] = [
        (
            "alice",
            &["billing/invoice.read"],
            60,
            "guard-duration-of-eligibility",
        ),
        (
            "alice",
            &["billing/invoice.read", "billing/invoice.resend"],
            30,
            "guard-duration-of-eligibility",
        ),
        (
            "aida",
            &["crm/contact.read"],
            15,
            "guard-duration-of-eligibility",
        ),
        (
            "alice",
            &["wiki/page.read", "crm/contact.read"],
            60,
            "guard-duration-of-eligibility",
        ),
    ];
    for (who, what, longest, rule) in rows {
        let at = |minutes| wish(who, what).but(|it| it.minutes = minutes);
        assert!(at(longest).file(&GUARDRAILS).is_ok(), "{who} {what:?}");
        let refusal = at(longest + 1).file(&GUARDRAILS).unwrap_err();
        assert_eq!(refusal.rule.as_deref(), Some(rule));
        assert_eq!(refusal.pointer.as_deref(), Some("/duration_minutes"));
        assert!(
            refusal
                .detail
                .contains(&format!("at most {longest} minutes"))
        );
    }
}

#[test]
fn r04_a_generous_eligibility_does_not_reach_beyond_the_ceiling() {
    for (tier, ceiling) in [
        (Tier::Low, 480),
        (Tier::Standard, 240),
        (Tier::Regulated, 120),
    ] {
        let at = |minutes| {
            wish("alice", &["crm/contact.read"]).but(|it| {
                it.application("crm").tier = tier;
                it.catalog.eligibilities[0].longest = locum_domain::Minutes(10_000);
                it.minutes = minutes;
            })
        };
        assert!(at(ceiling).file(&GUARDRAILS).is_ok(), "{tier:?}");
        refused(
            at(ceiling + 1),
            "duration-too-long",
            "guard-duration-ceiling",
        );
    }
}

#[test]
fn r04_of_several_eligibilities_for_one_operation_the_strictest_decides() {
    let narrowed = |minutes| {
        wish("alice", &["crm/contact.read"]).but(|it| {
            let mut own = it.catalog.eligibilities[0].clone();
            own.id = "alice-reads".to_owned();
            own.longest = locum_domain::Minutes(10);
            it.catalog.eligibilities.push(own);
            it.minutes = minutes;
        })
    };
    assert!(narrowed(10).file(&GUARDRAILS).is_ok());
    refused(
        narrowed(11),
        "duration-too-long",
        "guard-duration-of-eligibility",
    );
}

#[test]
fn r11_an_emergency_lasts_at_most_half_as_long() {
    let emergency = |minutes| {
        wish("alice", &["billing/invoice.read"]).but(|it| {
            it.break_glass = true;
            it.minutes = minutes;
        })
    };
    assert!(emergency(30).file(&GUARDRAILS).is_ok());
    refused(
        emergency(31),
        "duration-too-long",
        "guard-duration-of-emergency",
    );
    let refusal = emergency(31).file(&GUARDRAILS).unwrap_err();
    assert!(refusal.detail.contains("at most 30 minutes"), "{refusal}");
}

#[test]
fn r30_the_inventory_lists_what_one_could_ask_for_and_nothing_closed() {
    let it = wish("alice", &[]);
    let billing = &it.catalog.applications[&app("billing")];
    let could = |who: &str| {
        let eligible = GUARDRAILS.eligible_operations(it.indexed(), &p(who), billing, TODAY);
        let names: Vec<String> = eligible.unwrap().iter().map(ToString::to_string).collect();
        names.join(" ")
    };
    assert_eq!(could("alice"), "invoice.read invoice.resend shell");
    assert_eq!(could("ann"), "invoice.read shell");
    assert_eq!(could("aida"), "");
    assert_eq!(could("oscar"), "");
}

#[test]
fn r10_data_classes_do_not_change_who_may_ask() {
    let finance = wish("alice", &["crm/contact.read"])
        .but(|it| it.application("crm").data = [DataClass::Finance].into());
    assert!(finance.file(&GUARDRAILS).is_ok());
}
