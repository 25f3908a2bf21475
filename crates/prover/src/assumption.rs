//! What the program sees to before it asks, and what the proofs therefore take for granted.

use cedar_policy::{EntityUid, Policy, PolicyId};
use serde_json::Value;

/// The program counts these as needing two people, and says so.
const TWO_PEOPLE: &str = "(context.two_people || !(context.tiers.contains(\"regulated\") || \
    context.data.containsAny([\"finance\", \"hr\", \"health\"])))";

/// The assumption about the context of one action, as the condition of a Cedar policy.
fn condition(action: &str) -> String {
    let (always, sometimes): (&[&str], &[&str]) = match action {
        "ask" => (&["today"], &[]),
        "file" => (
            &[
                "duration_minutes",
                "ceiling_minutes",
                "emergency_ceiling_minutes",
                "today",
                "local_hour",
            ],
            &["longest_minutes"],
        ),
        "go-without" => (
            &[
                "duration_minutes",
                "minutes_in_24h",
                "ceiling_minutes",
                "crossed",
                "emergencies_in_30_days",
                "today",
                "local_hour",
            ],
            &["case_age_days"],
        ),
        "cite" | "approve" => (&["today", "local_hour"], &[]),
        "activate" => (&["approvals_missing", "today", "local_hour"], &[]),
        _ => (&[], &[]),
    };
    let mut clauses: Vec<String> = always.iter().map(|it| counted(it)).collect();
    clauses.extend(
        sometimes
            .iter()
            .map(|it| format!("(if context has {it} then {} else true)", counted(it))),
    );
    clauses.push(
        if action == "go-without" {
            TWO_PEOPLE
        } else {
            "true"
        }
        .to_owned(),
    );
    clauses.join(" && ")
}

/// Minutes, days and counts are 32 bits wide in the program and never negative; Cedar's numbers are 64.
fn counted(name: &str) -> String {
    let highest = if name == "local_hour" { 23 } else { u32::MAX };
    format!("0 <= context.{name} && context.{name} <= {highest}")
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
