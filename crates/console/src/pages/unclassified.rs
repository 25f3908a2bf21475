//! What sessions asked an application for and nobody classified, as its owner could paste it.

use axum::extract::{Path, Query};
use axum::response::Response;
use locum_control::ports::{Unclassified, UnclassifiedPage};
use locum_control::unclassified;
use locum_domain::{ApplicationId, Denial, Refusal};
use maud::html;

use super::refusal::Refused;
use super::request_list::older;
use crate::page::Page;
use crate::posted::Fields;
use crate::shown::{application, short, when};
use crate::view::View;
use crate::visitor::Visitor;

const PAGE: u32 = 50;

/// `/applications/{id}/unclassified`
pub(crate) async fn show(
    visitor: Visitor,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let page = page(&visitor, &id, &Fields(query)).await;
    visitor.show(page, Refused::new("see what is unclassified", "/"))
}

async fn page(visitor: &Visitor, id: &str, query: &Fields) -> Result<Page, Refusal> {
    let missing = |_| Denial::NotFound.because("no such application");
    let id: ApplicationId = id.parse().map_err(missing)?;
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let before = query.one("before").map(str::parse).transpose();
    let before = before.map_err(|_| Denial::Malformed.because("`before` is no position"))?;
    let found = unclassified::unclassified(control, caller, &id, before, PAGE).await?;
    Ok(list(&visitor.view, &id, &found))
}

/// The page.
pub(crate) fn list(view: &View, id: &ApplicationId, found: &UnclassifiedPage) -> Page {
    let lead = html! {
        "What sessions asked " (application(view, id)) " for and no operation has; all of it was refused. Ids are folded to "
        code { "*" } ". Whose move: the owner's, who gives each an operation in the catalog or leaves it refused."
    };
    let body = html! {
        @if found.rows.is_empty() {
            p.empty { "Nothing. Whatever sessions asked for has an operation." }
        } @else {
            table.stack {
                thead { tr { th { "Line for the catalog" } th { "How often" } th { "First" } th { "Last" } th { "By" } } }
                tbody {
                    @for it in &found.rows {
                        tr {
                            td { code { (line(it)) } }
                            td.number data-label="times" { (it.count) }
                            td { (when(view, it.first_at)) }
                            td { (when(view, it.last_at)) }
                            td { a href={ "/sessions/" (it.last_session) } { "Session " (short(&it.last_session)) } }
                        }
                    }
                }
            }
        }
        @if let Some(next) = found.next { p { a href=(older(view, &next.to_string())) { "Older ones" } } }
    };
    Page::new("Unclassified", lead, body)
}

/// As `routes` or, where a document came, `graphql` would list it.
fn line(it: &Unclassified) -> String {
    match &it.asked {
        Some(asked) => asked.clone(),
        None => it.route.to_string(),
    }
}
