//! Delegations that do not count yet: each waits for whoever lends the authority.

use axum::response::Response;
use jiff::civil::Date;
use locum_control::delegations::{self, WaitingDelegation};
use locum_domain::{Denial, Refusal};
use maud::{Markup, html};

use super::refusal::Refused;
use crate::page::{Page, csrf};
use crate::posted::Posted;
use crate::shown::{application, person};
use crate::view::View;
use crate::visitor::{Visitor, named};

/// `/delegations`
pub(crate) async fn show(visitor: Visitor) -> Response {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let waiting = delegations::waiting_delegations(control, caller).await;
    let page = waiting.map(|waiting| list(&visitor.view, &waiting));
    visitor.show(page, Refused::new("see the delegations", "/"))
}

/// The delegations that wait for the reader to confirm.
pub(crate) async fn to_confirm(visitor: &Visitor) -> Result<Vec<WaitingDelegation>, Refusal> {
    if visitor.view.owned().is_empty() {
        return Ok(Vec::new());
    }
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let mut waiting = delegations::waiting_delegations(control, caller).await?;
    waiting.retain(|it| is_mine(&visitor.view, it));
    Ok(waiting)
}

fn is_mine(view: &View, it: &WaitingDelegation) -> bool {
    view.is_reader(&it.delegation.by)
}

/// The page.
pub(crate) fn list(view: &View, waiting: &[WaitingDelegation]) -> Page {
    let mine = waiting.iter().filter(|it| is_mine(view, it)).count();
    let lead = html! {
        @match waiting.len() { 0 => "No delegation waits.", 1 => "1 delegation does not count yet.", more => { (more) " delegations do not count yet." } }
        @if mine > 0 { " " strong { "Your" } " move: " (mine) @if mine == 1 { " waits for you." } @else { " wait for you." } }
    };
    let body = html! {
        @if waiting.is_empty() {
            p.empty {
                "An owner lends authority in writing: a " code { "[[delegate]]" } " in the application's file, for at most 30 days. "
                "It counts once the owner has confirmed it, here or by applying the file themselves. Nobody passes on what was lent."
            }
        } @else {
            table.stack {
                thead { tr { th { "Where" } th { "To" } th { "From" } th { "Until" } th { "Lent by" } th { "Confirm" } } }
                tbody { @for it in waiting { (row(view, it)) } }
            }
        }
    };
    Page::new("Delegations", lead, body)
}

fn row(view: &View, it: &WaitingDelegation) -> Markup {
    let lent = &it.delegation;
    html! {
        tr {
            td { (application(view, &it.application)) }
            td data-label="to" { strong { (person(view, &lent.person)) } }
            td data-label="from" { @match lent.from { Some(from) => (from), None => "now on" } }
            td data-label="until" { (lent.until) }
            td data-label="lent by" { (person(view, &lent.by)) }
            td {
                @if is_mine(view, it) {
                    form method="post" action="/delegations/confirm" {
                        (csrf(view))
                        input type="hidden" name="application" value=(it.application);
                        input type="hidden" name="person" value=(lent.person);
                        input type="hidden" name="until" value=(lent.until);
                        button.primary type="submit" aria-label={ "Lend it: " (it.application) " to " (view.name_of(&lent.person)) } { "Lend it" }
                    }
                } @else {
                    span.quiet { "waits for " (person(view, &lent.by)) }
                }
            }
        }
    }
}

/// Lets one count, as whoever lends.
pub(crate) async fn confirm(Posted { visitor, fields }: Posted) -> Response {
    let confirmed = async {
        let wrong = |what: &str, at: &str| Denial::Malformed.because(what.to_owned()).at(at);
        let application = named(fields.words("application"))
            .map_err(|_| wrong("name the application", "/application"))?;
        let person = named(fields.words("person"))
            .map_err(|_| wrong("name whom the authority is lent to", "/person"))?;
        let until = fields.one("until").map(str::parse::<Date>).transpose();
        let until = until.map_err(|_| wrong("the last day is a date", "/until"))?;
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        delegations::confirm_delegation(control, caller, &application, &person, until).await
    };
    let to = confirmed.await.map(|_| "/delegations".to_owned());
    visitor.go_sure(to, Refused::new("lend this", "/delegations"))
}
