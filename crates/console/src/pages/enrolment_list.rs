//! Enrolments that wait: whose authenticator, and until when.

use locum_control::enrolments::EnrolmentSeen;
use locum_domain::PrincipalId;
use maud::{Markup, html};

use super::invitation;
use crate::page::Page;
use crate::shown::{Mood, person, state, when};
use crate::view::View;

/// The page.
pub(crate) fn list(view: &View, waiting: &[EnrolmentSeen], invitable: &[PrincipalId]) -> Page {
    let lead = html! {
        (waiting.len()) @if waiting.len() == 1 { " waits" } @else { " wait" }
        " for somebody to sign. Each puts a key into somebody's hand that decides for them."
    };
    let body = html! {
        @if waiting.is_empty() {
            p.empty { "None. When somebody asks for a new authenticator and you may sign for it, it appears here and on Today." }
        } @else {
            table.stack {
                thead { tr { th { "State" } th { "Whose" } th { "Authenticator" } th { "Fingerprint" } th { "Asked" } } }
                tbody { @for it in waiting { (row(view, it)) } }
            }
        }
        (invitation::form(view, invitable))
        p.quiet { a href="/enrolments/lost" { "Somebody lost theirs" } ": take it out of use for whoever cannot sign in" }
    };
    Page::new("Enrolments", lead, body)
}

fn row(view: &View, seen: &EnrolmentSeen) -> Markup {
    let enrolment = &seen.enrolment;
    let it = &enrolment.authenticator;
    html! {
        tr {
            td {
                (state(Mood::Waiting, "waiting"))
                @if seen.may_decide.is_ok() { " for " strong { "you" } } @else { span.quiet { " for somebody else" } }
            }
            td { a href={ "/enrolments/" (enrolment.id) } { (person(view, &it.person)) } }
            td { (it.name) @if enrolment.replaces.is_some() { " " span.badge { "replaces a lost one" } } }
            td { code { (it.thumbprint()) } }
            td { (when(view, enrolment.at)) span.quiet { ", lapses " (when(view, enrolment.decide_by())) } }
        }
    }
}
