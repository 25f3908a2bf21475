//! Sessions: who acts as whom at the moment, and who did.

use std::collections::BTreeMap;

use axum::extract::Query;
use axum::response::Response;
use locum_control::ports::LiveView;
use locum_control::read::{self, Listed};
use locum_domain::{Refusal, Session, SessionId};
use maud::html;

use super::refusal::Refused;
use super::request_list::older;
use crate::page::Page;
use crate::posted::Fields;
use crate::shown::{application, ended_because, person, session_state, when};
use crate::view::View;
use crate::visitor::Visitor;

const PAGE: u32 = 50;

/// `/sessions?state=live|ended`
pub(crate) async fn show(visitor: Visitor, Query(query): Query<Vec<(String, String)>>) -> Response {
    let page = page(&visitor, &Fields(query)).await;
    visitor.show(page, Refused::new("list sessions", "/"))
}

async fn page(visitor: &Visitor, query: &Fields) -> Result<Page, Refusal> {
    let state = query.one("state").unwrap_or("live");
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let listed = read::sessions(
        control,
        caller,
        Some(state.to_owned()),
        query.text("before"),
        PAGE,
    )
    .await?;
    let live = control.data_plane().live();
    let live = live
        .into_iter()
        .map(|it| (it.session.clone(), it))
        .collect();
    Ok(list(&visitor.view, state, &listed, &live))
}

/// The page.
pub(crate) fn list(
    view: &View,
    state: &str,
    listed: &Listed<Session>,
    live: &BTreeMap<SessionId, LiveView>,
) -> Page {
    let lead = html! { (listed.items.len()) " " (state) ", newest first. Whose move: the actor's, until the time runs out or the case closes." };
    let here = |name: &str| (name == state).then_some("true");
    let body = html! {
        nav.filters aria-label="Which sessions" {
            a href="/sessions" aria-current=[here("live")] { "Live" }
            a href="/sessions?state=ended" aria-current=[here("ended")] { "Ended" }
        }
        @if listed.items.is_empty() {
            p.empty { "None. A session begins when an actor activates a fully approved request, and ends by itself." }
        } @else {
            table.stack {
                thead { tr { th { "State" } th { "Who as whom" } th { "Where" } th { "Case" } th { "Ends" } th { "Under way" } th { "Refused" } } }
                tbody { @for session in &listed.items { (row(view, session, live.get(&session.id))) } }
            }
        }
        @if let Some(next) = &listed.next { p { a href=(older(view, next)) { "Older ones" } } }
    };
    Page::new("Sessions", lead, body)
}

fn row(view: &View, session: &Session, live: Option<&LiveView>) -> maud::Markup {
    html! {
        tr {
            td { (session_state(session)) }
            td { a href={ "/sessions/" (session.id) } { (person(view, &session.actor)) " as " (session.subject) } }
            td { @for (place, id) in session.applications.keys().enumerate() { @if place > 0 { ", " } (application(view, id)) } }
            td { code { (session.case) } }
            td {
                @match &session.ended {
                    Some(ended) => { (when(view, ended.at)) ": " (ended_because(ended.because)) }
                    None => (when(view, session.end_by)),
                }
            }
            td.number data-label="under way" { @if let Some(live) = live { (live.in_flight) } @else { "–" } }
            td.number data-label="refused" { @if let Some(live) = live { (live.refused) } @else { "–" } }
        }
    }
}
