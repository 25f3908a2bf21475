//! A refusal as a page: what was refused, why, who can, and one button.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use locum_domain::{Denial, PrincipalId, Refusal};
use maud::{Markup, html};

use super::confirm;
use crate::page::Page;
use crate::shown::{Mood, person, sentence, state};
use crate::state::ConsoleState;
use crate::status;
use crate::view::View;
use crate::visitor::{Visitor, view};

/// What was tried, and where its reader goes on.
pub(crate) struct Refused<'a> {
    /// The act as it follows "You cannot".
    act: &'a str,
    back: &'a str,
    who_can: Vec<PrincipalId>,
    /// Whether all it takes is that the reader prove themselves again.
    is_to_confirm: bool,
}

impl<'a> Refused<'a> {
    pub(crate) fn new(act: &'a str, back: &'a str) -> Self {
        Self {
            act,
            back,
            who_can: Vec::new(),
            is_to_confirm: false,
        }
    }

    /// The same, leading to where the reader proves themselves again.
    pub(crate) fn once_sure(mut self) -> Self {
        self.is_to_confirm = true;
        self
    }

    /// The same, naming the people who can.
    pub(crate) fn for_others(mut self, who_can: Vec<PrincipalId>) -> Self {
        self.who_can = who_can;
        self
    }
}

/// The page of a refusal.
pub(crate) fn page(view: &View, refusal: &Refusal, refused: Refused<'_>) -> Page {
    let title = match refusal.denial {
        Denial::NotFound => "Nothing here for you to see".to_owned(),
        _ => format!("You cannot {}", refused.act),
    };
    let lead = sentence(view, &refusal.detail);
    let body = html! {
        dl.facts {
            dt { "Why" }
            dd { (state(Mood::Bad, "refused")) " " code { (refusal.denial.code()) } }
            @if let Some(rule) = &refusal.rule { dt { "Rule" } dd { code { (rule) } } }
            @if let Some(pointer) = &refusal.pointer { dt { "Where" } dd { code { (pointer) } } }
            @if !refused.who_can.is_empty() {
                dt { "Who can" }
                dd { (names(view, &refused.who_can)) }
            }
            dt { "What helps" }
            dd {
                @if refused.is_to_confirm {
                    a href=(confirm::address(refused.back)) { "Confirm it is you" } ", then do it again."
                } @else {
                    (sentence(view, refusal.remedy()))
                    @if refusal.denial == Denial::SignatureRequired { " " a href="/account" { "Your authenticators" } }
                }
            }
        }
        p {
            a.button href=(refused.back) { (onward(refused.back)) }
            @if refusal.rule.is_some() { " " a href="/refusals" { "Which rule, and its text" } }
        }
    };
    Page::new(title, lead, body).with_status(status::of(refusal.denial))
}

fn names(view: &View, people: &[PrincipalId]) -> Markup {
    html! {
        @for (place, id) in people.iter().enumerate() {
            @if place > 0 { ", " }
            (person(view, id))
        }
    }
}

fn onward(back: &str) -> &'static str {
    match back.split(['/', '?']).nth(1) {
        Some("requests") if back.starts_with("/requests/new") => "Back to the form",
        Some("requests") if back.len() > "/requests".len() => "Back to the request",
        Some("requests") => "Requests",
        Some("sessions") => "Sessions",
        Some("reviews") => "Reviews",
        Some("stop") => "Stop",
        Some("holds") => "Holds",
        Some("account") => "Your account",
        Some("enrolments") if back.len() > "/enrolments".len() => "Back to the enrolment",
        Some("enrolments") => "Enrolments",
        Some("founding") => "Back to the founding",
        Some("device") => "Type the code again",
        Some("confirm") => "Try again",
        _ => "Today",
    }
}

/// A page asked for in a way it does not answer.
pub(crate) async fn method_not_allowed(
    State(console): State<ConsoleState>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let lead = html! { "This address takes a form from its own page. Nothing was changed." };
    let body = html! { p { a.button href="/" { "Today" } } };
    let page = Page::new("Not this way", lead, body).with_status(StatusCode::METHOD_NOT_ALLOWED);
    match Visitor::of(&console, &headers, uri.path()) {
        Some(visitor) => page.answer(&visitor.view),
        None => page.answer(&view(&console, uri.path(), None)),
    }
}
