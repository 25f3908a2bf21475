//! Reviews: who owes which, until when.

use axum::extract::Query;
use axum::response::Response;
use locum_control::read::{self, Listed};
use locum_domain::{Refusal, Review};
use maud::{Markup, html};

use super::refusal::Refused;
use super::request_list::older;
use crate::page::Page;
use crate::posted::Fields;
use crate::shown::{Mood, person, short, state, when};
use crate::view::View;
use crate::visitor::Visitor;

const PAGE: u32 = 50;

/// `/reviews?state=open|completed`
pub(crate) async fn show(visitor: Visitor, Query(query): Query<Vec<(String, String)>>) -> Response {
    let page = page(&visitor, &Fields(query)).await;
    visitor.show(page, Refused::new("list reviews", "/"))
}

async fn page(visitor: &Visitor, query: &Fields) -> Result<Page, Refusal> {
    let wanted = query.one("state").unwrap_or("open");
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let listed = read::reviews(
        control,
        caller,
        Some(wanted.to_owned()),
        query.text("before"),
        PAGE,
    )
    .await?;
    Ok(list(&visitor.view, wanted, &listed))
}

/// The page.
pub(crate) fn list(view: &View, wanted: &str, listed: &Listed<Review>) -> Page {
    let lead = html! { (listed.items.len()) " " (wanted) ". Every session is looked at afterwards by somebody who gained nothing from it." };
    let here = |name: &str| (name == wanted).then_some("true");
    let body = html! {
        nav.filters aria-label="Which reviews" {
            a href="/reviews" aria-current=[here("open")] { "Open" }
            a href="/reviews?state=completed" aria-current=[here("completed")] { "Completed" }
        }
        @if listed.items.is_empty() {
            p.empty { "None. A review opens when a session ends; an overdue one blocks whoever asked for the session." }
        } @else {
            table.stack {
                thead { tr { th { "State" } th { "Session" } th { "Reviewer" } th { "Due" } } }
                tbody {
                    @for review in &listed.items {
                        tr {
                            td { (review_state(view, review)) }
                            td { a href={ "/reviews/" (review.id) } { "Session " (short(&review.session)) } }
                            td { @match &review.reviewer { Some(id) => (person(view, id)), None => "nobody by name" } }
                            td { (when(view, review.due)) }
                        }
                    }
                }
            }
        }
        @if let Some(next) = &listed.next { p { a href=(older(view, next)) { "Older ones" } } }
    };
    Page::new("Reviews", lead, body)
}

/// Open, overdue, or its finding.
pub(crate) fn review_state(view: &View, review: &Review) -> Markup {
    use locum_domain::review::Finding;
    match &review.completed {
        None if review.due < view.now => state(Mood::Bad, "overdue"),
        None => state(Mood::Waiting, "open"),
        Some(it) => match it.finding {
            Finding::Justified => state(Mood::Good, "justified"),
            Finding::JustifiedWithFollowUp => state(Mood::Waiting, "justified, with follow-up"),
            Finding::Unjustified => state(Mood::Bad, "unjustified"),
        },
    }
}
