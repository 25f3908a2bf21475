//! Requests, chosen by the address.

use axum::extract::Query;
use axum::response::Response;
use locum_control::read::{self, Listed, RequestFilter};
use locum_domain::{Refusal, Request};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::refusal::Refused;
use crate::page::Page;
use crate::posted::Fields;
use crate::shown::{person, request_state, scope_line, short, when, whose_move};
use crate::view::View;
use crate::visitor::Visitor;

const STATES: [&str; 8] = [
    "pending",
    "offered",
    "approved",
    "activated",
    "ended",
    "denied",
    "withdrawn",
    "lapsed",
];
const PAGE: u32 = 50;

/// `/requests?state=&approver=me&requester=me&case=&before=`
pub(crate) async fn show(visitor: Visitor, Query(query): Query<Vec<(String, String)>>) -> Response {
    let page = page(&visitor, &Fields(query)).await;
    visitor.show(page, Refused::new("list requests", "/"))
}

async fn page(visitor: &Visitor, query: &Fields) -> Result<Page, Refusal> {
    let me = |name: &str| (query.one(name) == Some("me")).then(|| visitor.caller.principal.clone());
    let filter = RequestFilter {
        state: query.text("state"),
        approver: me("approver"),
        requester: me("requester"),
        case: query.text("case"),
        ..RequestFilter::default()
    };
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let listed = read::requests(control, caller, &filter, query.text("before"), PAGE).await?;
    Ok(list(&visitor.view, &filter, &listed))
}

/// The page.
pub(crate) fn list(view: &View, filter: &RequestFilter, listed: &Listed<Request>) -> Page {
    let shown: Vec<&Request> = listed.items.iter().collect();
    let lead = html! { (shown.len()) " shown, newest first: those you filed, may decide, own or answer for." };
    let body = html! {
        nav.filters aria-label="Which requests" {
            (link("/requests", "All", *filter == RequestFilter::default()))
            (link("/requests?requester=me", "Yours", filter.requester.is_some()))
            (link("/requests?approver=me&state=pending", "You may decide", filter.approver.is_some()))
            @for state in STATES {
                (link(&format!("/requests?state={state}"), state, filter.state.as_deref() == Some(state) && filter.approver.is_none()))
            }
        }
        div.heading {
            h2 { @match &filter.case { Some(case) => { "For case " (case) }, None => "Requests" } }
            a.button href="/requests/new" { "New request" }
        }
        @if shown.is_empty() {
            p.empty { "None. A request that expires stays listed as " strong { "lapsed" } "; nothing vanishes." }
        } @else {
            (table(view, &shown))
        }
        @if let Some(next) = &listed.next { p { a href=(older(view, next)) { "Older ones" } } }
    };
    Page::new("Requests", lead, body)
}

fn link(address: &str, label: &str, is_here: bool) -> Markup {
    html! { a href=(address) aria-current=[is_here.then_some("true")] { (label) } }
}

/// The same address, further on.
pub(crate) fn older(view: &View, next: &str) -> String {
    let (path, query) = view.path.split_once('?').unwrap_or((&view.path, ""));
    let kept: String = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("before="))
        .map(|pair| format!("{pair}&"))
        .collect();
    format!(
        "{path}?{kept}before={}",
        utf8_percent_encode(next, NON_ALPHANUMERIC)
    )
}

/// Requests as a table that becomes stacked rows on a phone.
pub(crate) fn table(view: &View, requests: &[&Request]) -> Markup {
    html! {
        table.stack {
            thead { tr { th { "State" } th { "Who as whom" } th { "Where" } th { "Case" } th { "Whose move" } th { "Filed" } } }
            tbody {
                @for request in requests {
                    tr {
                        td { (request_state(&request.state)) }
                        td {
                            a href={ "/requests/" (request.id) } { (person(view, &request.actor)) " as " (request.subject) }
                            @if request.break_glass { " " span.badge.loud { "emergency" } }
                            @if request.extends.is_some() { " " span.badge { "longer" } }
                        }
                        td { (scope_line(view, &request.scope)) }
                        td { code { (request.case.reference) } }
                        td { (whose_move(view, request)) }
                        td.quiet { (when(view, request.filed_at)) " " (short(&request.id)) }
                    }
                }
            }
        }
    }
}
