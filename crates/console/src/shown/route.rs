//! Who decides, on what authority, and whose move it is.

use std::collections::BTreeSet;

use locum_domain::route::Step;
use locum_domain::{PrincipalId, Request, RequestState, Route};
use maud::{Markup, html};

use super::instant::when;
use super::names::{application, person};
use super::word::{Mood, authority, minutes, state};
use crate::view::View;

/// Every step with its people and its decision.
pub(crate) fn route(view: &View, route: &Route) -> Markup {
    steps(view, &route.steps, "approved")
}

/// The same for any steps; `done` says what whoever decided one did.
pub(crate) fn steps(view: &View, steps: &[Step], done: &str) -> Markup {
    html! {
        ol.route {
            @for step in steps { li { (one_step(view, step, done)) } }
        }
    }
}

fn one_step(view: &View, step: &Step, done: &str) -> Markup {
    html! {
        @match &step.approval {
            Some(approval) => {
                (state(Mood::Good, done)) " by " strong { (person(view, &approval.by)) } " " (when(view, approval.at))
            }
            None => { (state(Mood::Waiting, "not yet")) " " (people(view, &step.approvers)) }
        }
        div.quiet {
            (authority(step.authority))
            @if let Some(id) = &step.application { " of " (application(view, id)) }
            " · rule " code { (step.rule) }
        }
        @if let Some(approval) = &step.approval {
            @if let Some(note) = &approval.note { blockquote { (note) } }
            @if let Some(text) = &approval.unavoidable_because { blockquote { "Crossing is unavoidable: " (text) } }
            @for control in &approval.compensating_controls { blockquote { "Compensating control: " (control) } }
        }
    }
}

/// "Oscar Owens or Prya Patel".
pub(crate) fn people(view: &View, people: &[PrincipalId]) -> Markup {
    html! {
        @if people.is_empty() { "nobody" }
        @for (place, id) in people.iter().enumerate() {
            @if place > 0 { " or " }
            strong { (person(view, id)) }
        }
    }
}

/// Everybody who could still give an approval that is missing.
pub(crate) fn approvers(request: &Request) -> Vec<PrincipalId> {
    let open = request
        .route
        .steps
        .iter()
        .filter(|step| step.approval.is_none());
    let people: BTreeSet<&PrincipalId> = open
        .flat_map(|step| &step.approvers)
        .filter(|person| !request.route.has_approved(person))
        .collect();
    people.into_iter().cloned().collect()
}

/// Whose move it is, and until when.
pub(crate) fn whose_move(view: &View, request: &Request) -> Markup {
    let is_asked = request
        .questions
        .iter()
        .any(|question| question.answer.is_none());
    let lapses = |at| html! { ", lapses " (when(view, at)) };
    html! {
        @match &request.state {
            RequestState::Pending { decide_by } if is_asked => {
                (mover(view, &request.requester)) " to answer" (lapses(*decide_by))
            }
            RequestState::Pending { decide_by } => { (deciders(view, request)) " to decide" (lapses(*decide_by)) }
            RequestState::Offered { decide_by, offer } => {
                (mover(view, &request.requester)) " to take or leave " (minutes(offer.duration)) (lapses(*decide_by))
            }
            RequestState::Approved { activate_by, .. } => {
                (mover(view, &request.actor)) " to activate" (lapses(*activate_by))
            }
            RequestState::Activated { at, .. } => {
                (mover(view, &request.actor)) @if view.is_reader(&request.actor) { " act" } @else { " acts" } " since " (when(view, *at))
            }
            RequestState::Denied { at, by, .. } => { "nobody; " (person(view, by)) " denied it " (when(view, *at)) }
            RequestState::Withdrawn { at, by } => { "nobody; " (person(view, by)) " withdrew it " (when(view, *at)) }
            RequestState::Lapsed { at } => { "nobody; it lapsed " (when(view, *at)) }
            RequestState::Ended { at, .. } => { "nobody; its session ended " (when(view, *at)) }
        }
    }
}

/// The reader first; others by name while they are few.
fn deciders(view: &View, request: &Request) -> Markup {
    let open: Vec<&Step> = request
        .route
        .steps
        .iter()
        .filter(|step| step.approval.is_none())
        .collect();
    let is_mine = approvers(request).iter().any(|id| view.is_reader(id));
    html! {
        @if is_mine {
            strong { "you" }
            @match open.len() { 0 | 1 => "", 2 => ", and 1 other,", more => { ", and " (more - 1) " others," } }
        } @else if open.len() <= 2 {
            @for (place, step) in open.iter().enumerate() {
                @if place > 0 { ", and " }
                (people(view, &step.approvers))
            }
        } @else {
            strong { (open.len()) " people" }
        }
    }
}

fn mover(view: &View, id: &PrincipalId) -> Markup {
    if view.is_reader(id) {
        html! { strong { "you" } }
    } else {
        html! { strong { (person(view, id)) } }
    }
}
