//! What the program sees to before it asks, and what the proofs therefore take for granted.

use cedar_policy::{EntityUid, Policy, PolicyId};
use serde_json::Value;

/// Minutes, days and counts are 32 bits wide in the program; Cedar's numbers are 64.
const WIDEST: u32 = u32::MAX;

/// The assumption about the context of one action, as the condition of a Cedar policy.
fn condition(action: &str) -> String {
    let counted = |name: &str| format!("0 <= context.{name} && context.{name} <= {WIDEST}");
    let maybe = |name: &str| format!("(if context has {name} then {} else true)", counted(name));
    let clauses: Vec<String> = match action {
        "file" => [
            "duration_minutes",
            "emergency_ceiling_minutes",
            "today",
            "local_hour",
        ]
        .map(counted)
        .into_iter()
        .chain([maybe("longest_minutes"), counted("ceiling_minutes")])
        .collect(),
        "go-without" => [
            "duration_minutes",
            "minutes_in_24h",
            "ceiling_minutes",
            "crossed",
            "emergencies_in_30_days",
            "today",
            "local_hour",
        ]
        .map(counted)
        .into_iter()
        .chain([
            maybe("case_age_days"),
            // The program counts these as needing two people.
            "(context.two_people || !(context.tiers.contains(\"regulated\") || \
             context.data.containsAny([\"finance\", \"hr\", \"health\"])))"
                .to_owned(),
        ])
        .collect(),
        "activate" => ["approvals_missing", "today", "local_hour"]
            .map(counted)
            .into(),
        "approve" | "ask" | "cite" => {
            let mut clauses = vec![counted("today")];
            clauses.extend((action != "ask").then(|| counted("local_hour")));
            clauses
        }
        _ => vec!["true".to_owned()],
    };
    clauses.join(" && ")
}

/// The same policy, which matches only where the assumption about this action holds too, under another id.
///
/// # Errors
/// When Cedar does not take back what it gave, which the tests of this room exclude.
pub(crate) fn assuming(policy: &Policy, action: &EntityUid, id: &str) -> Result<Policy, String> {
    let text = format!(
        "permit (principal, action, resource) when {{ {} }};",
        condition(action.id().unescaped())
    );
    let assumption = Policy::parse(None, text).map_err(|error| error.to_string())?;
    let assumption = assumption.to_json().map_err(|error| error.to_string())?;
    let mut whole = policy.to_json().map_err(|error| error.to_string())?;
    let first = assumption.get("conditions").and_then(Value::as_array);
    let conditions = whole.get_mut("conditions").and_then(Value::as_array_mut);
    match (first.and_then(|conditions| conditions.first()), conditions) {
        // Conditions are evaluated in their order.
        (Some(first), Some(conditions)) => conditions.insert(0, first.clone()),
        _ => return Err(format!("a policy without conditions in its JSON: {policy}")),
    }
    Policy::from_json(Some(PolicyId::new(id)), whole).map_err(|error| error.to_string())
}
