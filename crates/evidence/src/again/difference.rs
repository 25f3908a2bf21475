//! The exact difference between what the rules demanded and what is recorded, in a sentence.

use std::collections::BTreeMap;

use locum_domain::route::Step;
use locum_domain::{PrincipalId, Refusal, Request, RequestState, Route};

/// Compares the route that the rules demand with the one on the record.
pub(super) fn of_routes(demanded: &Route, recorded: &Route) -> Result<(), String> {
    of_steps(&demanded.steps, &recorded.steps, "")?;
    of_steps(&demanded.afterwards, &recorded.afterwards, " afterwards")?;
    let minutes = [
        (
            "to decide",
            demanded.decide_within.0,
            recorded.decide_within.0,
        ),
        (
            "to activate",
            demanded.activate_within.0,
            recorded.activate_within.0,
        ),
        ("for the session", demanded.longest.0, recorded.longest.0),
        (
            "of idleness",
            demanded.idle_within.0,
            recorded.idle_within.0,
        ),
    ];
    for (what, ours, theirs) in minutes {
        if ours != theirs {
            return Err(format!(
                "the rules in force give {ours} minutes {what}, and the record says {theirs}"
            ));
        }
    }
    if demanded.signature_demanded != recorded.signature_demanded {
        return Err(match demanded.signature_demanded {
            true => "the rules in force demand that approvals are signed, and the record does not",
            false => "the record demands that approvals are signed, and the rules in force do not",
        }
        .to_owned());
    }
    let bare = |route: &Route| Route {
        steps: Vec::new(),
        afterwards: Vec::new(),
        ..route.clone()
    };
    if bare(demanded) != bare(recorded) {
        return Err("the route on the record has other limits, escalation or controls than by the rules in force".to_owned());
    }
    Ok(())
}

fn of_steps(demanded: &[Step], recorded: &[Step], when: &str) -> Result<(), String> {
    let same = |one: &Step, other: &Step| {
        one.authority == other.authority && one.application == other.application
    };
    for step in demanded {
        if !recorded.iter().any(|it| same(it, step)) {
            return Err(format!(
                "the rules in force demanded {}{when} from {} (`{}`), and the record demands it of nobody",
                seat(step),
                people(&step.approvers),
                step.rule
            ));
        }
    }
    for step in recorded {
        if !demanded.iter().any(|it| same(it, step)) {
            return Err(format!(
                "the record demands {}{when} of {}, and no rule in force does",
                seat(step),
                people(&step.approvers)
            ));
        }
    }
    if demanded.len() != recorded.len() {
        return Err(format!("an approval{when} stands twice on the record"));
    }
    for (ours, theirs) in demanded.iter().zip(recorded) {
        if !same(ours, theirs) {
            return Err(format!(
                "the approvals{when} stand in another order on the record"
            ));
        }
        if ours.approvers != theirs.approvers {
            return Err(format!(
                "{}{when} was to be decided by {}, and the record names {}",
                seat(ours),
                people(&ours.approvers),
                people(&theirs.approvers)
            ));
        }
        if ours.rule != theirs.rule {
            return Err(format!(
                "{}{when} was demanded by `{}`, and the record says `{}`",
                seat(ours),
                ours.rule,
                theirs.rule
            ));
        }
    }
    Ok(())
}

/// Until when it may be decided follows from the route.
pub(super) fn of_deadline(request: &Request, demanded: &Route) -> Result<(), String> {
    let RequestState::Pending { decide_by } = &request.state else {
        return Ok(());
    };
    let within = demanded.decide_within.duration();
    let ours = request.filed_at.saturating_add(within);
    match ours {
        Ok(ours) if ours != *decide_by => Err(format!(
            "it was to be decided by {ours}, and the record says {decide_by}"
        )),
        _ => Ok(()),
    }
}

/// Whether somebody could take this step, and under the rules that the record says.
pub(super) fn of_decider(
    by: &PrincipalId,
    did: &str,
    may: Result<BTreeMap<usize, Vec<String>>, Refusal>,
    step: Option<&Step>,
    index: usize,
    rules: Option<&[String]>,
) -> Result<(), String> {
    let Some(step) = step else {
        return Err(format!("{by} {did} a step that the route does not have"));
    };
    let what = seat(step);
    let may = may.map_err(|refusal| {
        format!(
            "{by} {did} as {what}, and the rules in force refuse it: {}",
            words(&refusal)
        )
    })?;
    let Some(ours) = may.get(&index) else {
        return Err(format!(
            "{by} {did} as {what}, an authority that the rules in force do not give them"
        ));
    };
    match rules {
        Some(theirs) if theirs != ours.as_slice() => Err(format!(
            "{by} {did} as {what} by {}, and the record says {}",
            ids(ours),
            ids(theirs)
        )),
        _ => Ok(()),
    }
}

/// The code, the rule and the words of a refusal.
pub(super) fn words(refusal: &Refusal) -> String {
    let code = refusal.denial.code();
    match &refusal.rule {
        Some(rule) => format!("{code} (`{rule}`): {}", refusal.detail),
        None => format!("{code}: {}", refusal.detail),
    }
}

fn seat(step: &Step) -> String {
    let authority = step.authority.as_str();
    match &step.application {
        Some(application) => format!("`{authority}` of `{application}`"),
        None => format!("`{authority}`"),
    }
}

fn people(ids: &[PrincipalId]) -> String {
    let names: Vec<&str> = ids.iter().map(PrincipalId::as_str).collect();
    match names.is_empty() {
        true => "nobody".to_owned(),
        false => names.join(", "),
    }
}

fn ids(rules: &[String]) -> String {
    let quoted: Vec<String> = rules.iter().map(|it| format!("`{it}`")).collect();
    match quoted.is_empty() {
        true => "no rule".to_owned(),
        false => quoted.join(", "),
    }
}
