//! One access event: the single story of a session across its applications, and its evidence.

use axum::extract::Path;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use locum_control::evidence::{self, AccessEvent};
use locum_domain::{EventId, Refusal};
use maud::{Markup, html};

use super::refusal::Refused;
use super::session::records;
use crate::page::Page;
use crate::shown::{
    ended_because, minutes, person, principal_line, scope, short, timeline, told, when,
};
use crate::view::View;
use crate::visitor::{Visitor, named};

/// `/events/{id}`
pub(crate) async fn show(visitor: Visitor, Path(id): Path<String>) -> Response {
    let page = page(&visitor, &id).await;
    visitor.show(page, Refused::new("see this access event", "/requests"))
}

async fn page(visitor: &Visitor, id: &str) -> Result<Page, Refusal> {
    let id = named::<EventId>(id)?;
    let story = evidence::access_event(&visitor.state.control, &visitor.caller, &id).await?;
    Ok(whole(&visitor.view, &story))
}

/// The page.
pub(crate) fn whole(view: &View, story: &AccessEvent) -> Page {
    let lead = html! {
        (principal_line(view, &story.actor)) @if story.activation.is_some() { " acted as " } @else { " asked to act as " }
        strong { (story.subject) } " for " code { (story.case.reference) }
        @match (&story.ended, story.ended_because) {
            (Some(ended), Some(because)) => { "; it ended " (when(view, ended.at)) " because " (ended_because(because)) "." }
            _ => { "; the request is " (story.state) "." }
        }
    };
    let body = html! {
        (findings(view, story))
        (facts(view, story))
        (scope(view, &story.scope))
        (records(view, story))
        section { h2 { "Story" } (timeline(view, &story.timeline)) }
        section {
            h2 { "Evidence" }
            p {
                a.button href={ "/events/" (story.id) "/evidence" } { "Download the evidence pack" } " "
                a href={ "/api/v1/events/" (story.id) } { "As JSON" }
            }
            p.quiet {
                "Anybody can check the pack without this server: " code { "locum evidence verify FILE" }
                ". Every line of the story carries its place in the ledger."
            }
        }
    };
    Page::new("Access event", lead, body)
}

fn findings(view: &View, story: &AccessEvent) -> Markup {
    html! {
        @for finding in &story.findings {
            p.warning {
                (told(view, &finding.sentence))
                @if let Some(position) = finding.position { span.quiet { " #" (position) } }
            }
        }
    }
}

fn facts(view: &View, story: &AccessEvent) -> Markup {
    html! {
        dl.facts {
            dt { "Asked by" } dd { (person(view, &story.requester)) " " (when(view, story.filed.at)) }
            dt { "Why" } dd { (story.reason) }
            dt { "Approved by" }
            dd {
                @let approvals: Vec<_> = story.route.iter().filter_map(|it| it.approval.as_ref()).collect();
                @if approvals.is_empty() { "nobody" }
                @for (place, approval) in approvals.into_iter().enumerate() {
                    @if place > 0 { ", " }
                    (person(view, &approval.by)) " " (when(view, approval.line.at))
                }
            }
            @if let Some(denied) = &story.denied { dt { "Denied by" } dd { (person(view, &denied.by)) ": " (denied.text) } }
            @if let Some(activation) = &story.activation { dt { "Activated" } dd { (when(view, activation.at)) ", for " (minutes(story.duration_minutes)) } }
            @if let Some(by) = &story.ended_by { dt { "Ended by" } dd { (person(view, by)) } }
            dt { "Requests" }
            dd { (story.requests.admitted) " admitted, " (story.requests.refused) " refused, " (story.requests.cut) " cut" }
            dt { "Event" } dd { (short(&story.id)) }
        }
    }
}

/// The pack, as a file.
pub(crate) async fn pack(visitor: Visitor, Path(id): Path<String>) -> Response {
    let packed = async {
        let id = named::<EventId>(&id)?;
        let bytes = evidence::pack(&visitor.state.control, &visitor.caller, &id).await?;
        Ok((id, bytes))
    };
    match packed.await {
        Ok((id, bytes)) => {
            let name = format!("attachment; filename=\"{id}.zip\"");
            let headers = [
                (CONTENT_TYPE, "application/zip".to_owned()),
                (CONTENT_DISPOSITION, name),
            ];
            (headers, bytes).into_response()
        }
        Err(refusal) => visitor.show(
            Err(refusal),
            Refused::new("export this evidence", "/requests"),
        ),
    }
}
