//! Sets that are broken in one way each: a guardrail gone or weakened, and an operator's rule that uses the hole.

use locum_prover::Verdict;

use crate::harness::*;

struct Mutant {
    gone: &'static str,
    /// What the operator wrote.
    rule: &'static str,
    refutes: &'static str,
    /// The rule of the operator that lets it through; none where theirs is a guardrail that is too weak.
    by: Option<&'static str>,
    /// What the counter-example says.
    words: &'static [&'static str],
}

/// The promises that a mutant of this file is planted for.
pub(crate) fn planted() -> impl Iterator<Item = &'static str> {
    let all = TOO_WIDE.iter().chain(&WEAKENED).chain(&SUBTLE);
    all.map(|it| it.refutes)
}

/// Mutants of different actions, which do not meet: they are proved in one go.
fn refuted(mutants: &[Mutant]) {
    let Some(solver) = cvc5() else { return };
    let rules: Vec<&str> = mutants.iter().map(|it| it.rule).collect();
    let gone: Vec<&str> = mutants.iter().map(|it| it.gone).collect();
    let policies = policies(&rules.join("\n"));
    // While the guardrails stand, none of these rules does anything.
    let guarded = attempt(&policies, policies.set(), &solver).unwrap();
    assert_eq!(open(&guarded), []);
    let proof = attempt(&policies, &without(&policies, &gone), &solver).unwrap();
    for mutant in mutants {
        let finding = finding(&proof, mutant.refutes);
        assert_eq!(finding.verdict, Verdict::Refuted, "{}", mutant.gone);
        let first = finding.rules.first().map(String::as_str);
        let operators = first.filter(|it| !it.starts_with("locum-"));
        assert_eq!(operators, mutant.by, "{finding:?}");
        let example = finding.counter_example.as_ref().unwrap();
        let facts = example
            .facts
            .iter()
            .map(|it| format!("{}: {}", it.of, it.is));
        let told: Vec<String> = std::iter::once(example.sentence.clone())
            .chain(facts)
            .collect();
        for words in mutant.words {
            assert!(told.iter().any(|it| it == words), "{words:?} in {told:#?}");
        }
    }
}

const TOO_WIDE: [Mutant; 6] = [
    Mutant {
        gone: "guard-self-approval",
        rule: r#"@id("who-asks-may-approve")
                permit (principal is Locum::Person, action == Locum::Action::"approve", resource)
                when { resource.requester.contains(principal) };"#,
        refutes: "never-approved-by-the-requester",
        by: Some("who-asks-may-approve"),
        words: &[
            "a person approves a request",
            "this request's requester: this person",
        ],
    },
    Mutant {
        gone: "guard-two-people",
        rule: r#"@id("owners-suffice")
                permit (principal, action == Locum::Action::"go-without", resource)
                when { context.two_people && !context.writes_regulated && !context.break_glass };"#,
        refutes: "never-sensitive-without-a-second-authority",
        by: Some("owners-suffice"),
        words: &["a person goes without the approval of `security-or-privacy-or-compliance`"],
    },
    Mutant {
        gone: "guard-closed-operation",
        rule: r#"@id("payouts-at-night")
                permit (principal, action == Locum::Action::"file", resource)
                when { context.local_hour == 3 };"#,
        refutes: "never-a-closed-operation",
        by: Some("payouts-at-night"),
        words: &["a person asks for access to an application"],
    },
    Mutant {
        gone: "guard-case-open",
        rule: r#"@id("closed-cases-too")
                permit (principal, action == Locum::Action::"cite", resource) when { !resource.open };"#,
        refutes: "never-without-an-open-case",
        by: Some("closed-cases-too"),
        words: &["a person is justified by a case", "this case's open: no"],
    },
    Mutant {
        gone: "guard-approvals-complete",
        rule: r#"@id("one-may-be-missing")
                forbid (principal, action == Locum::Action::"activate", resource)
                when { context.approvals_missing > 1 };"#,
        refutes: "never-begun-unapproved",
        by: None,
        words: &["a person begins a request", "the approvals missing: 1"],
    },
    Mutant {
        gone: "guard-eligibility-certified",
        rule: r#"@id("a-week-of-grace")
                forbid (principal, action == Locum::Action::"ask", resource)
                when { resource.certified_until < 20200101 };"#,
        refutes: "never-eligible-uncertified",
        by: None,
        words: &["a person is eligible through an eligibility"],
    },
];

#[test]
fn r05_r09_r21_r02_r16_r28_permits_that_are_too_wide_are_refuted_by_name() {
    refuted(&TOO_WIDE);
}

const WEAKENED: [Mutant; 6] = [
    Mutant {
        gone: "guard-human-approver",
        rule: r#"@id("bots-may-approve")
                permit (principal is Locum::Agent, action == Locum::Action::"approve", resource)
                when { principal.active };"#,
        refutes: "never-approved-by-a-machine",
        by: Some("bots-may-approve"),
        words: &["an agent approves a request", "this agent's active: yes"],
    },
    Mutant {
        gone: "guard-crossing",
        rule: r#"@id("two-are-no-crossing")
                forbid (principal, action == Locum::Action::"go-without",
                        resource == Locum::Authority::"manager-or-security-control-owner")
                when { context.crossed > 2 || context.break_glass };"#,
        refutes: "never-across-applications-without-a-manager",
        by: None,
        words: &[
            "a person goes without the approval of `manager-or-security-control-owner`",
            "the applications crossed: 2",
            "the emergency: no",
        ],
    },
    Mutant {
        gone: "guard-duration-of-emergency",
        rule: r#"@id("emergencies-as-long-as-anything")
                forbid (principal, action == Locum::Action::"file", resource)
                when { context.break_glass && (context.duration_minutes > context.ceiling_minutes ||
                       context.duration_minutes > context.emergency_ceiling_minutes) };"#,
        refutes: "never-a-long-emergency",
        by: None,
        words: &[
            "a person asks for access to an application",
            "the emergency: yes",
        ],
    },
    Mutant {
        gone: "guard-protected-subject",
        rule: r#"@id("only-if-it-says-so")
                forbid (principal, action == Locum::Action::"act-as", resource)
                when { context has protected_attribute && resource.hasTag(context.protected_attribute) &&
                       context.protected_values.contains(resource.getTag(context.protected_attribute)) };"#,
        refutes: "never-as-a-subject-who-might-be-protected",
        by: None,
        words: &["a person acts as a subject"],
    },
    Mutant {
        gone: "guard-case-assignee",
        rule: r#"@id("queues-are-somebody")
                forbid (principal, action == Locum::Action::"cite", resource)
                when { resource has assignee && resource.assignee != principal.id &&
                       !principal.accounts.contains({ system: resource.system, id: resource.assignee }) };"#,
        refutes: "never-on-somebody-elses-case",
        by: None,
        words: &[
            "a person is justified by a case",
            "this case's assignee: not said",
        ],
    },
    Mutant {
        gone: "guard-involved-reviewer",
        rule: r#"@id("approvers-may-review")
                forbid (principal is Locum::Person, action == Locum::Action::"review", resource)
                when {
                  resource.requester.contains(principal) || resource.requester.containsAny(principal.also) ||
                  resource.actor.contains(principal) || resource.actor.containsAny(principal.also) ||
                  resource.sponsors.contains(principal) || resource.sponsors.containsAny(principal.also) ||
                  resource.subjects.contains(principal) || resource.subjects.containsAny(principal.also)
                };"#,
        refutes: "never-reviewed-by-an-approver",
        by: None,
        words: &["a person reviews a request"],
    },
];

#[test]
fn r06_r08_r11_r20_r02_r27_guardrails_that_were_weakened_are_refuted_by_what_slips_through() {
    refuted(&WEAKENED);
}

const SUBTLE: [Mutant; 6] = [
    Mutant {
        gone: "guard-conflict-sponsor",
        rule: r#"@id("other-accounts-forgotten")
                forbid (principal is Locum::Person, action == Locum::Action::"approve", resource)
                when { resource.sponsors.contains(principal) };"#,
        refutes: "never-approved-by-the-sponsor",
        by: None,
        words: &["a person approves a request"],
    },
    Mutant {
        gone: "guard-break-glass",
        rule: r#"@id("fires-need-nobody")
                permit (principal, action == Locum::Action::"go-without",
                        resource == Locum::Authority::"break-glass");"#,
        refutes: "never-an-emergency-without-a-person",
        by: Some("fires-need-nobody"),
        words: &[
            "a person goes without the approval of `break-glass`",
            "the emergency: yes",
        ],
    },
    Mutant {
        gone: "guard-eligibility",
        rule: r#"@id("one-covers-all")
                forbid (principal, action == Locum::Action::"file", resource)
                unless { context.operations.isEmpty() || context.eligible.containsAny(context.operations) };"#,
        refutes: "never-beyond-the-eligibility",
        by: None,
        words: &["a person asks for access to an application"],
    },
    Mutant {
        gone: "guard-eligibility-agent",
        rule: r#"@id("agents-by-vendor")
                permit (principal is Locum::Agent, action == Locum::Action::"ask", resource)
                when { principal in resource.vendors };"#,
        refutes: "never-an-agent-without-its-name",
        by: Some("agents-by-vendor"),
        words: &["an agent is eligible through an eligibility"],
    },
    Mutant {
        gone: "guard-own-people",
        rule: r#"@id("colleagues-by-consent")
                permit (principal, action == Locum::Action::"act-as", resource)
                when { resource.ours };"#,
        refutes: "never-as-our-own-people",
        by: Some("colleagues-by-consent"),
        words: &["a person acts as a subject", "this subject's ours: yes"],
    },
    Mutant {
        gone: "guard-self-set-subject",
        rule: r#"@id("whoever-sets-it")
                permit (principal, action == Locum::Action::"trust-origin", resource)
                when { resource has subject_set_by };"#,
        refutes: "never-trusted-when-self-aimed",
        by: Some("whoever-sets-it"),
        words: &["a person is vouched for in a case"],
    },
];

#[test]
fn r05_r11_r21_r31_r20_r02_the_subtle_ones_are_refuted_too() {
    refuted(&SUBTLE);
}
