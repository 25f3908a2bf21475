//! Holds: what was stopped and waits for a second person.

use axum::extract::Path;
use axum::response::Response;
use locum_control::stop::{self, holds};
use locum_domain::hold::{Hold, StopScope};
use locum_domain::{HoldId, Refusal, catalog::Role};
use maud::{Markup, html};

use super::refusal::Refused;
use super::stop::in_words;
use crate::page::{Page, csrf};
use crate::posted::Posted;
use crate::shown::{Mood, person, short, state, when};
use crate::view::View;
use crate::visitor::{Visitor, named};

/// `/holds`
pub(crate) async fn show(visitor: Visitor) -> Response {
    let held: Result<Vec<Hold>, Refusal> = holds(&visitor.state.control).await;
    let page = held.map(|held| list(&visitor.view, &held));
    visitor.show(page, Refused::new("see what is held", "/"))
}

/// The page.
pub(crate) fn list(view: &View, held: &[Hold]) -> Page {
    let lead = html! { (held.len()) @if held.len() == 1 { " scope is" } @else { " scopes are" } " held. Whoever stopped it cannot lift it; a second person can." };
    let body = html! {
        @if held.is_empty() { p.empty { "Nothing is held. Stopping a scope leaves a hold here." } }
        @else {
            table.stack {
                thead { tr { th { "State" } th { "What" } th { "Stopped by" } th { "Lift" } } }
                tbody { @for hold in held { (row(view, hold)) } }
            }
        }
        @if view.may_stop() { p { a.button href="/stop" { "Stop something" } } }
    };
    Page::new("Holds", lead, body)
}

fn row(view: &View, hold: &Hold) -> Markup {
    let owns = |id: &_| view.owned().contains(&id);
    let may_lift = view.has_role(&[Role::Security, Role::SecurityControlOwner])
        || matches!(&hold.scope, StopScope::Application(id) if owns(id));
    html! {
        tr {
            td { (state(Mood::Bad, "held")) }
            td { (in_words(view, &hold.scope)) " " (short(&hold.id)) }
            td { (person(view, &hold.by)) " " span.quiet { (when(view, hold.at)) } }
            td {
                @if view.is_reader(&hold.by) { span.quiet { "somebody else lifts it" } }
                @else if may_lift {
                    form method="post" action={ "/holds/" (hold.id) "/lift" } {
                        (csrf(view))
                        button type="submit" { "Lift" }
                    }
                } @else { span.quiet { "security, or the application's owner" } }
            }
        }
    }
}

/// Lifts, as a second person.
pub(crate) async fn lift(Path(id): Path<String>, Posted { visitor, .. }: Posted) -> Response {
    let lifted = match named::<HoldId>(&id) {
        Ok(id) => stop::lift(&visitor.state.control, &visitor.caller, &id).await,
        Err(refusal) => Err(refusal),
    };
    visitor.go_sure(
        lifted.map(|_| "/holds".to_owned()),
        Refused::new("lift this hold", "/holds"),
    )
}
