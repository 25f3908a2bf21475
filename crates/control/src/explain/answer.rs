//! The explanation in a few sentences: the answer, what the reader can do next, and what is not as it was.

use std::collections::BTreeSet;

use locum_domain::route::Step;
use locum_domain::{PrincipalId, Request, RequestState};

use super::judged::seat;
use super::people::MayDecide;
use super::recorded::Decided;
use super::today::Today;
use crate::caller::Caller;

/// What is to be known first.
pub(super) fn answer(request: &Request, today: &Today, decided: &[Decided]) -> Vec<String> {
    let mut said = vec![state(request, decided)];
    let open = request
        .route
        .steps
        .iter()
        .filter(|it| it.approval.is_none());
    if !request.state.is_settled() {
        said.extend(open.map(|step| waits(step, request)));
    }
    if let Err(refusal) = &today.route
        && !request.state.is_settled()
    {
        said.push(format!(
            "asked for today it would be refused: {}",
            refusal.detail
        ));
    }
    if let Some(Err(refusal)) = &today.activation {
        said.push(format!("it could not begin now: {}", refusal.detail));
    }
    let reader = today.people.iter().find(|it| it.is_caller);
    if let Some(reader) = reader.filter(|_| !request.state.is_settled()) {
        said.push(yours(reader));
    }
    said
}

fn state(request: &Request, decided: &[Decided]) -> String {
    let steps = request.route.steps.len();
    let given = request.route.approvals().count();
    match &request.state {
        RequestState::Pending { decide_by } => {
            format!(
                "{given} of {steps} approvals are given; without the rest it lapses {decide_by}"
            )
        }
        RequestState::Offered { offer, .. } => format!(
            "{} offered a narrower version, which {} takes or leaves",
            offer.by, request.requester
        ),
        RequestState::Approved { activate_by, .. } => format!(
            "every demanded approval is given; {} may begin until {activate_by}",
            request.actor
        ),
        RequestState::Denied { by, reason, .. } => format!("{by} denied it: {reason}"),
        RequestState::Withdrawn { by, .. } => format!("{by} withdrew it"),
        RequestState::Lapsed { at } => {
            let lapse = decided.iter().rfind(|it| it.kind == "request-lapsed");
            match lapse.and_then(|it| it.refusal.as_ref()) {
                Some(refusal) => format!("it lapsed: {}", refusal.detail),
                None => format!("it lapsed {at}: nobody answered or used it in time"),
            }
        }
        RequestState::Activated { at, .. } => {
            format!(
                "every demanded approval was given, and {} began {at}",
                request.actor
            )
        }
        RequestState::Ended { at, .. } => {
            format!("every demanded approval was given; its session ended {at}")
        }
    }
}

fn waits(step: &Step, request: &Request) -> String {
    let left = step
        .approvers
        .iter()
        .filter(|person| !request.route.has_approved(person));
    let people: Vec<String> = left.map(ToString::to_string).collect();
    let who = match people.is_empty() {
        true => "nobody is left".to_owned(),
        false => people.join(" or "),
    };
    format!("{} is missing: {who} (rule `{}`)", seat(step), step.rule)
}

fn yours(reader: &MayDecide) -> String {
    match &reader.refusal {
        _ if reader.has_approved => "you have approved it".to_owned(),
        None => {
            let seats = reader.seats.iter().map(|it| match &it.application {
                Some(application) => format!("`{}` of `{application}`", it.authority.as_str()),
                None => format!("`{}`", it.authority.as_str()),
            });
            let seats: Vec<String> = seats.collect();
            format!("you may decide it as {}", seats.join(" and "))
        }
        Some(refusal) => match &refusal.rule {
            Some(rule) => format!("you may not decide it: {} (rule `{rule}`)", refusal.detail),
            None => format!("you may not decide it: {}", refusal.detail),
        },
    }
}

/// What the reader can do next.
pub(super) fn next(caller: &Caller, request: &Request, today: &Today) -> Vec<String> {
    let who = &caller.principal;
    let asks = request.requester == *who || request.actor == *who;
    let reader = today.people.iter().find(|it| it.is_caller);
    let mut steps = Vec::new();
    let mut can = |what: String| {
        if !steps.contains(&what) {
            steps.push(what);
        }
    };
    match &request.state {
        RequestState::Pending { .. } | RequestState::Offered { .. } => {
            if let RequestState::Offered { .. } = &request.state
                && request.requester == *who
            {
                can("take the offer, or leave it and wait".to_owned());
            }
            if asks {
                can(
                    "wait for those who are named, answer what they ask, or withdraw it".to_owned(),
                );
            }
            let may = reader.filter(|it| it.refusal.is_none() && !it.has_approved);
            if may.is_some() {
                can("approve it, offer less, ask, or deny it with a reason".to_owned());
            } else if !asks {
                let refusal = reader.and_then(|it| it.refusal.as_ref());
                if let Some(refusal) = refusal {
                    can(refusal.remedy().to_owned());
                }
                can(format!("it is for {} to decide", names(&deciders(request))));
            }
        }
        RequestState::Approved { .. } if request.actor == *who => {
            can("activate it when you are ready to work".to_owned());
        }
        RequestState::Approved { .. } => can(format!("it is for {} to activate", request.actor)),
        RequestState::Denied { .. } if asks => {
            can(
                "file a new request that answers the reason; the same person sees it again"
                    .to_owned(),
            );
        }
        RequestState::Lapsed { .. } | RequestState::Withdrawn { .. } if asks => {
            can("file a new request if the case still needs it".to_owned());
        }
        _ => {}
    }
    if !request.state.is_settled() {
        if let Err(refusal) = &today.route {
            can(refusal.remedy().to_owned());
        }
        if let Some(Err(refusal)) = &today.activation {
            can(refusal.remedy().to_owned());
        }
    }
    steps
}

/// Everybody who could still give an approval that is missing.
fn deciders(request: &Request) -> BTreeSet<&PrincipalId> {
    let open = request
        .route
        .steps
        .iter()
        .filter(|it| it.approval.is_none());
    open.flat_map(|step| &step.approvers)
        .filter(|person| !request.route.has_approved(person))
        .collect()
}

fn names(people: &BTreeSet<&PrincipalId>) -> String {
    let names: Vec<String> = people.iter().map(ToString::to_string).collect();
    match names.is_empty() {
        true => "nobody who is left".to_owned(),
        false => names.join(" or "),
    }
}

/// Where today's answers are others than those that were recorded.
pub(super) fn differences(request: &Request, decided: &[Decided], today: &Today) -> Vec<String> {
    let mut found = Vec::new();
    match &today.route {
        Err(refusal) => found.push(format!(
            "it was filed, and would be refused today: {refusal}"
        )),
        Ok(route) => {
            let is_at = |one: &Step, other: &Step| {
                one.authority == other.authority && one.application == other.application
            };
            for then in &request.route.steps {
                let Some(now) = route.steps.iter().find(|now| is_at(now, then)) else {
                    found.push(format!("{} was demanded, and is not any more", seat(then)));
                    continue;
                };
                if now.rule != then.rule {
                    found.push(format!(
                        "{} was demanded by `{}`, and is by `{}` today",
                        seat(then),
                        then.rule,
                        now.rule
                    ));
                }
                if now.approvers != then.approvers {
                    let list = |step: &Step| names(&step.approvers.iter().collect());
                    found.push(format!(
                        "as {} {} was named, and would be {} today",
                        seat(then),
                        list(then),
                        list(now)
                    ));
                }
            }
            for now in &route.steps {
                if !request.route.steps.iter().any(|then| is_at(now, then)) {
                    found.push(format!(
                        "{} would be demanded too (rule `{}`)",
                        seat(now),
                        now.rule
                    ));
                }
            }
        }
    }
    for person in today.people.iter().filter(|it| it.has_approved) {
        if let Some(refusal) = &person.refusal {
            found.push(format!(
                "{} approved it, and could not today: {refusal}",
                person.person
            ));
        }
    }
    found.extend(changed_rules(decided, today));
    found
}

/// Rules that decided then and say something else now, or are no more.
fn changed_rules(decided: &[Decided], today: &Today) -> Vec<String> {
    let of_today = today.people.iter().flat_map(|it| &it.questions);
    let of_today = today.questions.iter().chain(of_today);
    let now: Vec<_> = of_today
        .flat_map(|it| it.explained.rules.iter().chain(&it.explained.silent))
        .map(|it| &it.rule)
        .collect();
    let then = decided.iter().flat_map(|it| &it.questions);
    let mut found = BTreeSet::new();
    for rule in then.flat_map(|it| &it.explained.rules).map(|it| &it.rule) {
        let known = now.iter().find(|it| it.id == rule.id);
        if known.is_some_and(|it| it.text != rule.text) {
            found.insert(format!("`{}` says something else today", rule.id));
        }
    }
    found.into_iter().collect()
}
