//! What my authenticators signed: the approvals that carry my signature.

use axum::extract::Query;
use axum::response::Response;
use locum_control::read::{self, Listed, RequestFilter};
use locum_domain::route::Approval;
use locum_domain::{PrincipalId, Refusal, Request};
use maud::html;

use crate::page::Page;
use crate::pages::refusal::Refused;
use crate::pages::request_list::older;
use crate::posted::Fields;
use crate::shown::{person, scope_line, short, when};
use crate::view::View;
use crate::visitor::Visitor;

const PAGE: u32 = 50;

/// `/account/signed?before=`
pub(crate) async fn show(visitor: Visitor, Query(query): Query<Vec<(String, String)>>) -> Response {
    let page = page(&visitor, &Fields(query)).await;
    visitor.show(page, Refused::new("see what you signed", "/account"))
}

async fn page(visitor: &Visitor, query: &Fields) -> Result<Page, Refusal> {
    let me = &visitor.caller.principal;
    let filter = RequestFilter {
        approver: Some(me.clone()),
        ..RequestFilter::default()
    };
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let listed = read::requests(control, caller, &filter, query.text("before"), PAGE).await?;
    Ok(list(&visitor.view, me, &listed))
}

/// The reader's own yes to a request.
fn approval<'a>(request: &'a Request, by: &PrincipalId) -> Option<&'a Approval> {
    request.route.approvals().find(|it| it.by == *by)
}

fn list(view: &View, me: &PrincipalId, listed: &Listed<Request>) -> Page {
    let items = listed.items.iter();
    let approved: Vec<(&Request, &Approval)> = items
        .filter_map(|request| Some((request, approval(request, me)?)))
        .collect();
    let lead = html! { "Your approvals, newest request first, each with the authenticator that signed it." };
    let body = html! {
        @if approved.is_empty() {
            p.empty { "None on this page. An approval appears here the moment you give it; one you do not recognise is for security." }
        } @else {
            table.stack {
                thead { tr { th { "You approved" } th { "Where" } th { "When" } th { "Signed by" } } }
                tbody {
                    @for (request, approval) in approved {
                        tr {
                            td { a href={ "/requests/" (request.id) } { (person(view, &request.actor)) " as " (request.subject) } }
                            td { (scope_line(view, &request.scope)) }
                            td { (when(view, approval.at)) }
                            td {
                                @match &approval.signature {
                                    Some(signature) => (short(signature.authenticator())),
                                    None => span.quiet { "nothing: development" },
                                }
                            }
                        }
                    }
                }
            }
        }
        @if let Some(next) = &listed.next { p { a href=(older(view, next)) { "Older ones" } } }
        p { a.button href="/account" { "Your account" } }
    };
    Page::new("What you signed", lead, body)
}
