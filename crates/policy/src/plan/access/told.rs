//! A difference in sentences, and which way it goes.

use std::collections::BTreeSet;

use locum_domain::Authority;

use super::AccessChange;
use crate::plan::asking::{Need, Reach, Urgency};
use crate::plan::verdict::{Named, Verdict, listed};

/// Says what `change` changes. `joined` and `left` may decide for these people, or no longer, while they hold no other
/// office than before.
pub(super) fn tell(change: &mut AccessChange, joined: &[Named], left: &[Named]) {
    let who = listed(change.who.iter().map(|it| it.name.as_str()));
    let one = change.who.len() == 1;
    let verb = |singular: &str, plural: &str| if one { singular } else { plural }.to_owned();
    let operations: Vec<&str> = change.operations.iter().map(|it| it.as_str()).collect();
    let operations = operations.join(", ");
    let place = place(change);
    let says = match (&change.before, &change.after) {
        (None, Some(new)) => vec![format!(
            "{who} {} {operations} in {place}: {}",
            verb("gains", "gain"),
            terms(new)
        )],
        (Some(_), None) => vec![format!(
            "{who} {} {operations} in {place}",
            verb("loses", "lose")
        )],
        (Some(old), Some(new)) => {
            let mut says = Vec::new();
            let (was, is) = (old.longest_minutes, new.longest_minutes);
            let may = if is > was {
                "may go to"
            } else {
                "may only go to"
            };
            if was != is {
                says.push(format!(
                    "{who} {may} {is} min in {place}, {was} before ({operations})"
                ));
            }
            for need in missing(old, new) {
                let authority = need.authority.as_str();
                let needs = verb("needs", "need");
                says.push(format!(
                    "{who} {needs} no {authority} any more in {place} ({operations})"
                ));
            }
            for need in missing(new, old) {
                let needs = verb("needs", "need");
                says.push(format!(
                    "{who} also {needs} {} in {place} ({operations})",
                    named(need)
                ));
            }
            for (people, may) in [(joined, "may now"), (left, "may no longer")] {
                if !people.is_empty() {
                    let people = listed(people.iter().map(|it| it.name.as_str()));
                    let asks = verb("asks", "ask");
                    says.push(format!(
                        "{people} {may} decide what {who} {asks} for in {place}"
                    ));
                }
            }
            says.extend(left_over(old, new, &who, &place));
            says
        }
        (None, None) => Vec::new(),
    };
    change.verdict = verdict(change, !joined.is_empty());
    change.says = says;
}

fn place(change: &AccessChange) -> String {
    let mut place = change.application.to_string();
    if change.urgency == Urgency::Emergency {
        place.push_str(", in an emergency");
    }
    if let Some(when) = &change.when {
        place.push_str(", ");
        place.push_str(when);
    }
    place
}

fn terms(reach: &Reach) -> String {
    if let Some(authority) = reach.nobody_left_for {
        let authority = authority.as_str();
        return format!(
            "nobody is left who may decide as {authority}, so that no request is taken"
        );
    }
    let needs: Vec<String> = reach.needs.iter().map(named).collect();
    let decided = if needs.is_empty() {
        "by nobody".to_owned()
    } else {
        needs.join(" and ")
    };
    format!("up to {} min, decided by {decided}", reach.longest_minutes)
}

fn named(need: &Need) -> String {
    let people = listed(need.people.iter().map(|it| it.name.as_str()));
    format!("{} ({people})", need.authority.as_str())
}

/// What `one` needs and `other` does not.
fn missing<'r>(one: &'r Reach, other: &Reach) -> Vec<&'r Need> {
    let known: BTreeSet<Authority> = other.needs.iter().map(|it| it.authority).collect();
    one.needs
        .iter()
        .filter(|it| !known.contains(&it.authority))
        .collect()
}

fn left_over(old: &Reach, new: &Reach, who: &str, place: &str) -> Option<String> {
    match (old.nobody_left_for, new.nobody_left_for) {
        (Some(authority), None) => Some(format!(
            "somebody is there again to decide as {} what {who} would do in {place}",
            authority.as_str()
        )),
        (was, Some(authority)) if was != Some(authority) => Some(format!(
            "nobody is left to decide as {} what {who} would do in {place}",
            authority.as_str()
        )),
        _ => None,
    }
}

fn verdict(change: &AccessChange, somebody_joined: bool) -> Verdict {
    let loosens = match (&change.before, &change.after) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(old), Some(new)) => {
            new.longest_minutes > old.longest_minutes
                || !missing(old, new).is_empty()
                || somebody_joined
                || (old.nobody_left_for.is_some() && new.nobody_left_for.is_none())
        }
    };
    if loosens {
        Verdict::Loosens
    } else {
        Verdict::Tightens
    }
}
