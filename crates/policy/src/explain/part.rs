//! One part of a condition, as what would have to be so.

use cedar_policy::EvalResult;
use serde_json::Value;

use super::fact::{Found, called_at, noun, path, value_at, words};

/// What of a question is no way out: which step is asked about, and whether it is an emergency, which nobody declares
/// to be spared an approval.
const GIVEN: [&str; 3] = ["context.authority", "context.rule", "context.break_glass"];

/// `the duration minutes would have to be at most 60 (it is 90)`; `None` where nobody could change it.
pub(super) fn wanted(expression: &Value, wanted: bool, found: &Found<'_>) -> Option<String> {
    let (operator, operands) = expression.as_object()?.iter().next()?;
    let side = |name: &str| operands.get(name);
    let is_attribute = operator == ".";
    let left = match is_attribute {
        true => expression,
        false => side("left").or_else(|| side("arg"))?,
    };
    if reads_what_is_given(expression) {
        return None;
    }
    let of = operand(left, found)?;
    let right = || operand(side("right")?, found);
    let must = |what: String| format!("{of} would have to {what}");
    let be = if wanted { "be" } else { "not be" };
    let numbers = |yes: &str, no: &str| {
        let how = if wanted { yes } else { no };
        Some(must(format!("be {how} {}", right()?)))
    };
    let told = match operator.as_str() {
        "==" | "!=" => {
            let is_same = (operator == "==") == wanted;
            match is_same {
                true => must(format!("be {}", right()?)),
                false => must(format!("be something else than {}", right()?)),
            }
        }
        "<" => numbers("below", "at least")?,
        "<=" => numbers("at most", "above")?,
        ">" => numbers("above", "at most")?,
        ">=" => numbers("at least", "below")?,
        "in" => must(format!("{be} in {}", right()?)),
        "is" => {
            let kind = side("entity_type")?.as_str()?;
            let kind = kind.rsplit("::").next().unwrap_or(kind).to_lowercase();
            must(format!("{be} a {kind}"))
        }
        "contains" => must(match wanted {
            true => format!("include {}", right()?),
            false => format!("do without {}", right()?),
        }),
        "containsAll" => must(match wanted {
            true => format!("include all of {}", right()?),
            false => format!("lack some of {}", right()?),
        }),
        "containsAny" => must(match wanted {
            true => format!("include some of {}", right()?),
            false => format!("do without {}", right()?),
        }),
        "isEmpty" => must(format!("{be} empty")),
        "has" => {
            let attribute = side("attr")?.as_str()?.replace('_', " ");
            match wanted {
                true => format!("{of} would have to have a {attribute}"),
                false => format!("{of} would have to have no {attribute}"),
            }
        }
        "hasTag" if is_application(left, found) => {
            let person = tag(side("right")?, found)?;
            must(format!("{be} delegated to {person} today"))
        }
        "hasTag" => {
            let attribute = tag(side("right")?, found)?;
            must(format!(
                "have {}{attribute}",
                if wanted { "a " } else { "no " }
            ))
        }
        "like" => must(format!("{be} like a pattern")),
        "." => must(format!("be {}", if wanted { "yes" } else { "no" })),
        _ => return None,
    };
    let is_compared = matches!(operator.as_str(), "==" | "!=" | "<" | "<=" | ">" | ">=");
    let is_lacking = wanted && matches!(operator.as_str(), "contains" | "containsAll");
    let is_said = is_compared || is_lacking;
    let now = path(left).and_then(|at| value_at(&at, found));
    Some(match now {
        Some(EvalResult::EntityUid(_)) | None => told,
        Some(value) if is_said => {
            let is = words(&value, found);
            format!("{told} (it is {is})")
        }
        Some(_) => told,
    })
}

/// One side of a comparison in words.
fn operand(expression: &Value, found: &Found<'_>) -> Option<String> {
    if let Some(at) = path(expression) {
        return match at.as_slice() {
            // Whoever wants it and what they want it of go by their names.
            [variable] if variable == "context" => None,
            [_] => match value_at(&at, found)? {
                EvalResult::EntityUid(uid) => Some(super::fact::named(&uid, found)),
                _ => None,
            },
            _ => called_at(&at, found),
        };
    }
    let (operator, operands) = expression.as_object()?.iter().next()?;
    let side = |name: &str| operand(operands.get(name)?, found);
    match operator.as_str() {
        "Value" => Some(literal(operands)),
        "Set" => {
            let items: Option<Vec<String>> = operands
                .as_array()?
                .iter()
                .map(|it| operand(it, found))
                .collect();
            Some(items?.join(" or "))
        }
        "Record" => {
            let members = operands.as_object()?.iter();
            let members: Option<Vec<String>> = members
                .map(|(name, value)| Some(format!("{name} {}", operand(value, found)?)))
                .collect();
            Some(format!("({})", members?.join(", ")))
        }
        "+" => Some(format!("{} plus {}", side("left")?, side("right")?)),
        "-" => Some(format!("{} less {}", side("left")?, side("right")?)),
        "*" => Some(format!("{} times {}", side("left")?, side("right")?)),
        "getTag" => {
            let (of, tag) = (operands.get("left")?, tag(operands.get("right")?, found)?);
            Some(match is_application(of, found) {
                true => format!("the delegation of {} to {tag}", operand(of, found)?),
                false => format!("{}'s {tag}", operand(of, found)?),
            })
        }
        "." => Some(format!(
            "the {} of {}",
            operands.get("attr")?.as_str()?.replace('_', " "),
            side("left")?
        )),
        _ => None,
    }
}

/// A tag by its name: its value counts, not where it was read from.
fn tag(expression: &Value, found: &Found<'_>) -> Option<String> {
    if let Some(EvalResult::String(text)) = path(expression).and_then(|at| value_at(&at, found)) {
        return Some(text);
    }
    let text = expression.get("Value").and_then(Value::as_str);
    text.map(|text| text.to_owned())
}

/// Whether an expression is an application, whose tags are delegations.
fn is_application(expression: &Value, found: &Found<'_>) -> bool {
    let value = path(expression).and_then(|at| value_at(&at, found));
    matches!(value, Some(EvalResult::EntityUid(uid)) if noun(&uid) == "application")
}

fn literal(value: &Value) -> String {
    if let Some(entity) = value.get("__entity") {
        let text = |name: &str| entity.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = text("type");
        let kind = kind.rsplit("::").next().unwrap_or(kind).to_lowercase();
        return match kind.as_str() {
            "authority" => format!("`{}`", text("id")),
            _ => format!("{kind} {:?}", text("id")),
        };
    }
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}

fn reads_what_is_given(expression: &Value) -> bool {
    if let Some(at) = path(expression) {
        return GIVEN.contains(&at.join(".").as_str());
    }
    match expression {
        Value::Array(items) => items.iter().any(reads_what_is_given),
        Value::Object(members) => members.values().any(reads_what_is_given),
        _ => false,
    }
}
