//! The decision card: ten seconds, one phone screen, always in the same order. Who as whom; where and what;
//! why; how long; why you; what is unusual; safeguards; the decision.

use std::collections::{BTreeMap, BTreeSet};

use locum_control::consider::Considered;
use locum_domain::catalog::{Effect, RecordTiming};
use locum_domain::route::Step;
use locum_domain::{Case, Minutes, Refusal, Request, RequestState, Timestamp};
use maud::{Markup, html};

use super::approving;
use crate::draft::IN;
use crate::page::csrf;
use crate::shown::{
    Mood, application, approvers, authority, minutes, person, principal_line, scope, sentence,
    state, told, when,
};
use crate::signing::Signing;
use crate::view::View;

/// Lines of what is unusual that fit on the card.
const UNUSUAL: usize = 3;
/// Shorter sessions to choose from.
const SHORTER: [u32; 5] = [5, 10, 15, 30, 60];

/// A request as somebody reads it who might decide it.
pub(crate) struct Card<'a> {
    pub(crate) request: &'a Request,
    /// What deciding it now would find; nobody asks about a settled one.
    pub(crate) considered: Option<&'a Considered>,
    /// Whether records can be made durable now.
    pub(crate) is_recording: bool,
    /// How the reader can sign a decision.
    pub(crate) signing: Signing,
}

impl Card<'_> {
    /// The step the reader would decide.
    fn step(&self, view: &View) -> Option<&Step> {
        let permitted: BTreeSet<usize> = self
            .considered?
            .may_decide
            .as_ref()
            .ok()?
            .keys()
            .copied()
            .collect();
        let reader = &view.reader.as_ref()?.principal;
        if self.request.route.has_approved(reader) {
            return None;
        }
        let step = self.request.route.step_for(reader, &permitted)?;
        self.request.route.steps.get(step)
    }

    fn decide_by(&self) -> Option<Timestamp> {
        match &self.request.state {
            RequestState::Pending { decide_by } | RequestState::Offered { decide_by, .. } => {
                Some(*decide_by)
            }
            _ => None,
        }
    }
}

/// The whole card.
pub(crate) fn card(view: &View, card: &Card<'_>) -> Markup {
    let request = card.request;
    let is_open = card.decide_by().is_some();
    html! {
        section.decision aria-label="The decision" {
            @if let Some(considered) = card.considered { (mismatches(view, request, considered)) }
            p.who {
                (principal_line(view, &request.actor))
                (verb(request))
                strong { (request.subject) } @if let Some(tenant) = &request.tenant { " (" (tenant) ")" }
                @if request.break_glass { " " span.badge.loud { "emergency" } }
                @if request.requester != request.actor { span.quiet { " · asked for by " (person(view, &request.requester)) } }
                @if let Some(owner) = &request.accountable_owner { span.quiet { " · " (person(view, owner)) " answers for the chain" } }
            }
            (scope(view, &request.scope))
            (why(view, card))
            p { strong { (minutes(request.duration)) } " from activation; ends with the case." }
            (why_you(view, card))
            (unusual(view, &request.warnings))
            (safeguards(view, card))
            @if is_open { (decision(view, card)) }
        }
    }
}

fn verb(request: &Request) -> &'static str {
    match (&request.state, request.extends.is_some()) {
        (RequestState::Activated { .. }, _) => " acts as ",
        (RequestState::Ended { .. }, _) => " acted as ",
        (
            RequestState::Denied { .. }
            | RequestState::Withdrawn { .. }
            | RequestState::Lapsed { .. },
            _,
        ) => " wanted to act as ",
        (_, true) => " wants to go on acting as ",
        (_, false) => " wants to act as ",
    }
}

/// What does not fit between the request and its case goes on top of everything.
fn mismatches(view: &View, request: &Request, considered: &Considered) -> Markup {
    html! {
        @if let Err(refusal) = &considered.still_approved {
            p.warning { (sentence(view, &refusal.detail)) " Nothing can be activated on it: the request has to be made again." }
        }
        @match &considered.case {
            Err(refusal) => { p.warning { (sentence(view, &refusal.detail)) " Nothing can be activated on a case that cannot be looked up." } }
            Ok(case) => {
                @if !case.is_open { p.warning { "The case is " strong { (case.state) } ", not open." } }
                @if case.subject.as_ref() != Some(&request.subject) {
                    p.warning { "The case is now about " strong { (case.subject.as_ref().map_or("nobody", |it| it.as_str())) } ", the request about " strong { (request.subject) } "." }
                }
                @if case.assignee != request.case.assignee {
                    p.warning { "The case is now assigned to " strong { (case.assignee.as_deref().unwrap_or("nobody")) } "." }
                }
            }
        }
    }
}

fn why(view: &View, card: &Card<'_>) -> Markup {
    let request = card.request;
    let now = card.considered.and_then(|it| it.case.as_ref().ok());
    let case = now.unwrap_or(&request.case);
    html! {
        div.why {
            p {
                code { (case.reference) } " "
                @if let Some(title) = &case.title { strong { (title) } " " }
                span.quiet {
                    "· " (case.state)
                    @if let Some(opened) = case.opened_at { " · opened " (when(view, opened)) " " (opener(request, case)) }
                    " · looked up by Locum " (when(view, case.looked_up_at))
                }
            }
            blockquote { (request.reason.as_str()) }
        }
    }
}

fn opener(request: &Request, case: &Case) -> Markup {
    let subject = request.subject.as_str();
    html! {
        @match case.opened_by.as_deref() {
            None => "by somebody the desk cannot name",
            Some(account) if account == subject => "by the customer",
            Some(account) => { "by " strong { (account) } ", not the customer" }
        }
    }
}

fn why_you(view: &View, card: &Card<'_>) -> Markup {
    let others = card.request.route.steps.iter();
    let mine = card.step(view);
    html! {
        @if let Some(step) = mine {
            p {
                "You decide as " strong { (authority(step.authority)) }
                @if let Some(id) = &step.application { " of " (application(view, id)) }
                span.quiet { " · rule " code { (step.rule) } " · " (why_link(card, "Why you?")) }
            }
        }
        @for step in others.filter(|it| !mine.is_some_and(|mine| std::ptr::eq(mine, *it))) {
            p.quiet {
                @match &step.approval {
                    Some(approval) => { (person(view, &approval.by)) " approved " (when(view, approval.at)) }
                    None => { (waiting(view, step)) ": not yet" }
                }
                " (" (authority(step.authority))
                @if let Some(id) = &step.application { " of " (application(view, id)) }
                ")"
            }
        }
    }
}

/// Where it is explained who may decide.
fn why_link(card: &Card<'_>, label: &str) -> Markup {
    html! { a href={ "/requests/" (card.request.id) "/explain#who" } { (label) } }
}

fn waiting(view: &View, step: &Step) -> Markup {
    html! {
        @for (place, id) in step.approvers.iter().enumerate() {
            @if place > 0 { " or " }
            (person(view, id))
        }
    }
}

fn unusual(view: &View, warnings: &[String]) -> Markup {
    html! {
        @for warning in warnings.iter().take(UNUSUAL) { p.warning { (told(view, warning)) } }
        @if warnings.len() > UNUSUAL {
            details {
                summary { (warnings.len() - UNUSUAL) " more" }
                @for warning in warnings.iter().skip(UNUSUAL) { p.warning { (told(view, warning)) } }
            }
        }
    }
}

/// Only what Locum itself sees to: where applications are crossed, each control it looked for, holding or not.
fn safeguards(view: &View, card: &Card<'_>) -> Markup {
    let seen = &card.request.route.controls_seen;
    if !seen.is_empty() {
        return html! {
            @if !card.is_recording { p.warning { "Recording is off: nothing will open" } }
            ul.lines aria-label="Compensating controls that Locum sees" {
                @for it in seen {
                    li { @if it.holds { (state(Mood::Good, "holds")) } @else { (state(Mood::Bad, "does not hold")) } " " (it.because) }
                }
            }
        };
    }
    let scope = &card.request.scope;
    let known = |id| view.catalog.applications.get(id);
    let is_recorded_before = scope
        .applications()
        .filter_map(known)
        .all(|it| it.record == RecordTiming::Before);
    let reads = |effect: Effect| matches!(effect, Effect::Read | Effect::Asset);
    let is_reading = scope.0.iter().all(|(id, operations)| {
        let effect = |operation| {
            known(id)
                .and_then(|it| it.operations.get(operation))
                .map(|it| it.effect)
        };
        operations
            .iter()
            .all(|operation| effect(operation).is_some_and(reads))
    });
    html! {
        p.quiet {
            @if card.is_recording { "Recording on" } @else { strong { "Recording is off: nothing will open" } }
            @if is_recorded_before { ", each request before it is forwarded" }
            @if is_reading { " · read-only" } @else { " · " strong { "not read-only" } }
            " · banner on every page"
        }
    }
}

fn decision(view: &View, card: &Card<'_>) -> Markup {
    match (card.considered.map(|it| &it.may_decide), card.step(view)) {
        (Some(Ok(_)), Some(step)) => choices(view, card, step),
        (Some(Ok(_)), None) => {
            html! { p { "You have decided. What is still missing stands above." } }
        }
        (Some(Err(refusal)), _) => not_you(view, card, refusal),
        (None, _) => html! {},
    }
}

/// Why the reader may not decide, and who can.
fn not_you(view: &View, card: &Card<'_>, refusal: &Refusal) -> Markup {
    let people = approvers(card.request);
    html! {
        div.not-you {
            p {
                strong { "You do not decide this: " } (sentence(view, &refusal.detail))
                span.quiet { " " code { (refusal.denial.code()) } @if let Some(rule) = &refusal.rule { " · rule " code { (rule) } } " · " (why_link(card, "Why not you?")) }
            }
            p {
                "Who can: "
                @for (place, id) in people.iter().enumerate() { @if place > 0 { ", " } strong { (person(view, id)) } }
                @if people.is_empty() { "nobody any more" }
            }
            (deadline(view, card))
        }
    }
}

fn deadline(view: &View, card: &Card<'_>) -> Markup {
    html! {
        @if let Some(decide_by) = card.decide_by() {
            p.quiet { "Without a decision it lapses " (when(view, decide_by)) ". Silence never approves." }
        }
    }
}

fn choices(view: &View, card: &Card<'_>, step: &Step) -> Markup {
    let request = card.request;
    let is_offered = matches!(request.state, RequestState::Offered { .. });
    html! {
        div.choices {
            (approving::approve(view, card, step))
            @if !is_offered { (narrower(view, request)) }
            (words(view, request, "ask", "Ask", "question", "Your question; it is answered on this card", false))
            (words(view, request, "deny", "Deny", "reason", "Why not; the requester reads it", true))
        }
        (deadline(view, card))
    }
}

/// What an offer is worth before its maker says anything more.
fn offer_counts(request: &Request) -> &'static str {
    let needs_more = request.route.signature_demanded
        || request
            .route
            .steps
            .iter()
            .any(|step| step.judges_crossing());
    if needs_more {
        "Once the requester takes your offer, whoever judges the crossing or must sign approves what was taken."
    } else {
        "You approve it by making it; it counts once the requester takes it."
    }
}

fn narrower(view: &View, request: &Request) -> Markup {
    let mut shorter: BTreeMap<u32, bool> = SHORTER
        .into_iter()
        .filter(|it| *it < request.duration.0)
        .map(|it| (it, false))
        .collect();
    shorter.insert(request.duration.0, true);
    html! {
        details {
            summary.button { "Approve shorter or narrower" }
            form.stacked method="post" action={ "/requests/" (request.id) "/offer" } {
                (csrf(view))
                p.hint { (offer_counts(request)) " Every other approval then binds to what you leave here." }
                fieldset {
                    legend { "Leave" }
                    @for (id, operations) in &request.scope.0 {
                        div.effect {
                            strong { (application(view, id)) }
                            @for operation in operations {
                                label.choice { input type="checkbox" name={ (IN) (id) } value=(operation) checked; " " code { (operation) } }
                            }
                        }
                    }
                }
                fieldset {
                    legend { "For" }
                    div.chips {
                        @for (choice, is_asked) in shorter {
                            label.choice { input type="radio" name="minutes" value=(choice) checked[is_asked]; " " (minutes(Minutes(choice))) }
                        }
                    }
                }
                div.field {
                    label for="offer-note" { "Why narrower" }
                    input type="text" id="offer-note" name="note" required;
                }
                button type="submit" { "Make this offer" }
            }
        }
    }
}

fn words(
    view: &View,
    request: &Request,
    verb: &str,
    label: &str,
    field: &str,
    hint: &str,
    is_final: bool,
) -> Markup {
    let id = format!("{verb}-{field}");
    html! {
        details {
            summary.button.dangerous[is_final] { (label) }
            form.stacked method="post" action={ "/requests/" (request.id) "/" (verb) } {
                (csrf(view))
                div.field {
                    label for=(id) { (hint) }
                    textarea id=(id) name=(field) rows="2" required {}
                }
                button.dangerous[is_final] type="submit" { (label) }
            }
        }
    }
}
