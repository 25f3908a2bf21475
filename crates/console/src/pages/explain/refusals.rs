//! What one was refused, and what was refused in a session: why, and what helps.

use axum::extract::Path;
use axum::response::Response;
use locum_control::explain::{ExplainedRefusal, RefusedUse, explain_own_refusals, explain_session};
use locum_domain::{Refusal, SessionId, Stream};
use maud::{Markup, html};

use super::rule;
use crate::page::Page;
use crate::pages::refusal::Refused;
use crate::shown::{Mood, application, sentence, state, when};
use crate::view::View;
use crate::visitor::{Visitor, named};

/// How many of one's own refusals are shown.
const LAST: usize = 10;

/// `/refusals`
pub(crate) async fn own(visitor: Visitor) -> Response {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let refusals = explain_own_refusals(control, caller, LAST).await;
    let page = refusals.map(|refusals| whole(&visitor.view, &refusals));
    visitor.show(page, Refused::new("see your refusals", "/"))
}

/// `/sessions/{id}/explain`
pub(crate) async fn session(visitor: Visitor, Path(id): Path<String>) -> Response {
    let page = of_session(&visitor, &id).await;
    visitor.show(page, Refused::new("have this explained", "/sessions"))
}

async fn of_session(visitor: &Visitor, id: &str) -> Result<Page, Refusal> {
    let id = named::<SessionId>(id)?;
    let uses = explain_session(&visitor.state.control, &visitor.caller, &id).await?;
    let view = &visitor.view;
    let lead = html! { "Each kind of request that this session was refused, and what helps." };
    let body = html! {
        p { a href={ "/sessions/" (id) } { "The session" } }
        @if uses.is_empty() { p.empty { "Nothing was refused in it." } }
        @for used in &uses { div.card { (what(view, used)) } }
    };
    Ok(Page::new("Refused in the session", lead, body))
}

fn whole(view: &View, refusals: &[ExplainedRefusal]) -> Page {
    let lead = html! { "Your own last refusals, the newest first; each is on the record." };
    let body = html! {
        @if refusals.is_empty() { p.empty { "You were refused nothing." } }
        @for refused in refusals { (one(view, refused)) }
    };
    Page::new("What you were refused", lead, body)
}

fn one(view: &View, refused: &ExplainedRefusal) -> Markup {
    let refusal = &refused.refusal;
    html! {
        div.card {
            p {
                (state(Mood::Bad, "refused")) " to " (refused.act.replace('-', " ")) ": "
                (sentence(view, &refusal.detail))
            }
            p.quiet {
                (when(view, refused.at)) " · " code title="place in the ledger" { "#" (refused.position) }
                " · " code { (refusal.denial.code()) }
                @if let Stream::Request(id) = &refused.about { " · " a href={ "/requests/" (id) "/explain" } { "the request" } }
            }
            p { "What helps: " (sentence(view, refusal.remedy())) }
            @match (&refused.rule, &refusal.rule) {
                (Some(rule), _) => {
                    (rule::by_itself(view, rule))
                    @if let Some(read) = &refusal.read { p { "It read: " (rule::read(view, read)) } }
                }
                (None, Some(id)) => { p.quiet { "Rule " code { (id) } ", which is in no file of that time." } }
                (None, None) => { p.quiet { "No policy decided this: it is one of Locum's own checks." } }
            }
        }
    }
}

fn what(view: &View, used: &RefusedUse) -> Markup {
    html! {
        p {
            (state(Mood::Bad, used.denial.code())) " " code { (used.method) " " (used.path) }
            " in " (application(view, &used.application))
        }
        p { (sentence(view, &used.because)) }
        p { "What helps: " (sentence(view, &used.next)) }
        dl.facts {
            dt { "Operation" }
            dd {
                @match &used.operation {
                    None => "no operation has this route",
                    Some(operation) => { code { (operation) } @if let Some(effect) = used.effect { " (" (effect) ")" } }
                }
                @if let Some(class) = &used.closed { ", closed: " (class) }
            }
            dt { "The grant allows" }
            dd {
                @if used.granted.is_empty() { "nothing here" }
                @for (place, operation) in used.granted.iter().enumerate() { @if place > 0 { ", " } code { (operation) } }
            }
            dt { "Times" }
            dd { (used.times) ", the last " (when(view, used.at)) " " code title="place in the ledger" { "#" (used.position) } }
        }
    }
}
