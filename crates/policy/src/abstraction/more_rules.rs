//! That one `forbid` more never opens anything.

use locum_domain::{Refusal, Route};

use super::examine::{Examined, Failure};
use super::guarantee::Guarantee;
use super::kind::Kind;
use super::promise::Promise;
use super::relation::{gone, laxer};
use super::routing::Routing;
use super::situation::{Asker, CaseOrigin, Situation};
use super::world::World;

pub(super) const MORE_RULES: Promise = Promise {
    id: "never-opened-by-a-forbid",
    guarantee: Guarantee::Further,
    row: "R12",
    says: "Adding a `forbid` never opens anything: what is asked stays refused, and no step goes.",
};

/// One for each action and each authority, and some that hold for part of what they are about.
const FORBIDS: [&str; 16] = [
    r#"forbid (principal, action == Locum::Action::"ask", resource);"#,
    r#"forbid (principal, action == Locum::Action::"ask", resource) when { context.operation == "write" };"#,
    r#"forbid (principal, action == Locum::Action::"file", resource);"#,
    r#"forbid (principal is Locum::Agent, action == Locum::Action::"file", resource);"#,
    r#"forbid (principal, action == Locum::Action::"file", resource) when { context.duration_minutes > 15 };"#,
    r#"forbid (principal, action == Locum::Action::"cite", resource) when { !(resource has opened_by) };"#,
    r#"forbid (principal, action == Locum::Action::"trust-origin", resource);"#,
    r#"forbid (principal, action == Locum::Action::"go-without", resource);"#,
    r#"forbid (principal, action == Locum::Action::"go-without", resource == Locum::Authority::"next-authority");"#,
    r#"forbid (principal, action == Locum::Action::"go-without", resource == Locum::Authority::"break-glass")
       when { context.effects.contains("write") };"#,
    r#"forbid (principal, action == Locum::Action::"go-without",
               resource == Locum::Authority::"manager-or-security-control-owner");"#,
    r#"forbid (principal, action == Locum::Action::"go-without",
               resource == Locum::Authority::"security-or-privacy-or-compliance");"#,
    r#"forbid (principal, action == Locum::Action::"approve", resource);"#,
    r#"forbid (principal, action == Locum::Action::"approve", resource)
       when { context.authority == Locum::Authority::"security-or-privacy-or-compliance" &&
              principal in Locum::Role::"privacy" };"#,
    r#"forbid (principal, action == Locum::Action::"approve", resource)
       when { context has application && context.application.hasTag(principal.id) };"#,
    r#"forbid (principal, action == Locum::Action::"activate", resource);"#,
];

pub(super) fn examine(
    routing: &dyn Routing,
    kinds: &[Kind],
    mut told: impl FnMut(usize, usize),
) -> Examined {
    let mut examined = Examined::none_yet(MORE_RULES);
    let situations = situations(kinds);
    let before: Vec<Result<Route, Refusal>> = situations
        .iter()
        .map(|situation| routing.route(&World::of(situation)))
        .collect();
    for (done, forbid) in FORBIDS.into_iter().enumerate() {
        told(done, FORBIDS.len());
        let more = match routing.with(forbid) {
            Ok(more) => more,
            // A rule that cannot be added leaves nothing to look at, which is no success.
            Err(_) => return Examined::none_yet(MORE_RULES),
        };
        for (situation, before) in situations.iter().zip(&before) {
            let after = more.route(&World::of(situation));
            examined.see(true, || {
                let after = after.ok()?;
                let because = match before {
                    Err(refusal) => Some(format!("refused before as {}", refusal.denial.code())),
                    Ok(before) => gone(before, &after).or_else(|| laxer(before, &after)),
                };
                let because = format!("{} with one rule more: {forbid}", because?);
                Some(Failure::of(situation, &after, because))
            });
        }
    }
    told(FORBIDS.len(), FORBIDS.len());
    examined
}

fn situations(kinds: &[Kind]) -> Vec<Situation> {
    let mut situations = Vec::new();
    for kind in kinds {
        for applications in [vec![kind.clone()], vec![kind.clone(), kind.clone()]] {
            for (asker, case) in [
                (Asker::Staff, CaseOrigin::Confirmed),
                (Asker::Vendor, CaseOrigin::SelfMade),
                (Asker::Agent, CaseOrigin::Confirmed),
            ] {
                for is_emergency in [false, true] {
                    situations.push(Situation {
                        applications: applications.clone(),
                        is_emergency,
                        asker,
                        case,
                        ..Situation::ordinary(kind.clone())
                    });
                }
            }
        }
    }
    situations
}
