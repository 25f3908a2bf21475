//! Changes of what counts: files and settings that somebody proposed, and the second person whom they wait for.

mod decide;
mod difference;
mod lines;
mod one;

use axum::extract::Query;
use axum::response::Response;
use locum_control::change::{self, ChangeSeen};
use locum_domain::change::ChangeState;
use locum_domain::{Denial, Refusal};
use maud::{Markup, html};

use super::refusal::Refused;
use crate::page::Page;
use crate::posted::Fields;
use crate::shown::{Mood, people, person, short, state, when};
use crate::view::View;
use crate::visitor::Visitor;

pub(crate) use decide::{confirm, deny, statement, withdraw};
pub(crate) use one::show;

const STATES: [&str; 4] = ["waiting", "applied", "denied", "withdrawn"];

/// `/changes?state=`
pub(crate) async fn show_all(
    visitor: Visitor,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let page = page(&visitor, &Fields(query)).await;
    visitor.show(page, Refused::new("see the changes", "/"))
}

/// The changes that wait for the reader to confirm.
pub(crate) async fn to_confirm(visitor: &Visitor) -> Result<Vec<ChangeSeen>, Refusal> {
    // Everybody else's Today reads no versions.
    if !visitor.view.may_confirm_changes() {
        return Ok(Vec::new());
    }
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let mut waiting = change::changes(control, caller, Some("waiting")).await?;
    waiting.retain(|it| it.may_confirm.is_ok());
    Ok(waiting)
}

async fn page(visitor: &Visitor, query: &Fields) -> Result<Page, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let state = query.one("state");
    let seen = change::changes(control, caller, state).await?;
    Ok(list(&visitor.view, state, &seen))
}

/// The page.
pub(crate) fn list(view: &View, filter: Option<&str>, seen: &[ChangeSeen]) -> Page {
    let waiting = seen.iter().filter(|it| waits(it)).count();
    let mine = seen.iter().filter(|it| it.may_confirm.is_ok()).count();
    let lead = html! {
        @match waiting { 0 => "No change waits here.", 1 => "1 change waits for a second person.", more => { (more) " changes wait for a second person." } }
        @if mine > 0 { " " strong { "Your" } " move: " (mine) @if mine == 1 { " waits for you." } @else { " wait for you." } }
    };
    let body = html! {
        nav.filters aria-label="Which changes" {
            (link("/changes", "All", filter.is_none()))
            @for state in STATES { (link(&format!("/changes?state={state}"), state, filter == Some(state))) }
        }
        @if seen.is_empty() { (empty(filter)) } @else { (table(view, seen)) }
    };
    Page::new("Changes", lead, body)
}

fn link(address: &str, label: &str, is_here: bool) -> Markup {
    html! { a href=(address) aria-current=[is_here.then_some("true")] { (label) } }
}

fn empty(filter: Option<&str>) -> Markup {
    html! {
        @if let Some(state) = filter {
            p.empty { "None is " (state) ". What was denied or taken back stays listed; nothing vanishes." }
        } @else {
            p.empty {
                "Nobody proposed a change that is yours to see. Who may ask, decide and administer stands in files, and the files "
                "count only as they were last applied:"
            }
            dl.facts {
                dt { code { "locum plan FOLDER" } }
                dd { "shows what the files in a folder would change: who gains, who loses, application by application. It changes nothing." }
                dt { code { "locum apply FOLDER" } }
                dd { "proposes them, in the name of whoever is signed in there." }
            }
            p.empty {
                "A change that loosens nothing counts at once; every other waits here for a second person who held that authority "
                "before and gains nothing by it."
            }
        }
    }
}

fn table(view: &View, seen: &[ChangeSeen]) -> Markup {
    html! {
        table.stack {
            thead { tr { th { "State" } th { "What for" } th { "By" } th { "Loosens" } th { "Whose move" } } }
            tbody { @for it in seen { (row(view, it)) } }
        }
    }
}

fn row(view: &View, seen: &ChangeSeen) -> Markup {
    let it = &seen.change;
    html! {
        tr {
            td { (change_state(seen)) }
            td { a href={ "/changes/" (it.id) } { (it.note) } " " (short(&it.id)) }
            td { (person(view, &it.by)) " " span.quiet { (when(view, it.at)) } }
            td data-label="loosens" {
                @match it.loosens.len() { 0 => "nothing", 1 => "1 thing", more => { (more) " things" } }
            }
            td { (whose_move(view, seen)) }
        }
    }
}

/// Whether it still waits for anybody: one on a base that gave way waits for nobody.
fn waits(seen: &ChangeSeen) -> bool {
    matches!(seen.change.state, ChangeState::Waiting) && !is_overtaken(seen)
}

fn is_overtaken(seen: &ChangeSeen) -> bool {
    let is_stale = |refusal: &Refusal| refusal.denial == Denial::StaleApproval;
    matches!(seen.change.state, ChangeState::Waiting)
        && seen.may_confirm.as_ref().is_err_and(is_stale)
}

fn change_state(seen: &ChangeSeen) -> Markup {
    match &seen.change.state {
        ChangeState::Waiting if is_overtaken(seen) => state(Mood::Over, "overtaken"),
        ChangeState::Waiting => state(Mood::Waiting, "waiting"),
        ChangeState::Applied { .. } => state(Mood::Good, "applied"),
        ChangeState::Denied { .. } => state(Mood::Bad, "denied"),
        ChangeState::Withdrawn { .. } => state(Mood::Over, "withdrawn"),
    }
}

fn whose_move(view: &View, seen: &ChangeSeen) -> Markup {
    let it = &seen.change;
    html! {
        @match &it.state {
            ChangeState::Waiting if is_overtaken(seen) => { (person(view, &it.by)) " to plan it again: something else was applied meanwhile" }
            ChangeState::Waiting if seen.may_confirm.is_ok() => { strong { "you" } " to confirm or deny" }
            ChangeState::Waiting => { (people(view, &seen.could_confirm)) " to confirm or deny" }
            ChangeState::Applied { at, confirmed_by: Some(by) } => { "nobody; " (person(view, by)) " confirmed it " (when(view, *at)) }
            ChangeState::Applied { at, confirmed_by: None } => { "nobody; it loosens nothing and counted at once, " (when(view, *at)) }
            ChangeState::Denied { at, by, .. } => { "nobody; " (person(view, by)) " denied it " (when(view, *at)) }
            ChangeState::Withdrawn { at } => { "nobody; " (person(view, &it.by)) " took it back " (when(view, *at)) }
        }
    }
}
