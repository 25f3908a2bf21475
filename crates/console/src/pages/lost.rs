//! Somebody else lost their authenticator: whoever answers for them takes it out of use.

use axum::extract::Query;
use axum::response::Response;
use locum_control::authenticators::authenticators;
use locum_domain::authenticator::Held;
use locum_domain::{PrincipalId, Refusal};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::account::card;
use super::refusal::Refused;
use crate::page::Page;
use crate::posted::Fields;
use crate::shown::person;
use crate::signers::answered_for;
use crate::view::View;
use crate::visitor::{Visitor, named};

/// `/enrolments/lost?person=`
pub(crate) async fn show(visitor: Visitor, Query(query): Query<Vec<(String, String)>>) -> Response {
    let page = page(&visitor, &Fields(query)).await;
    let refused = Refused::new("see somebody else's authenticators", "/enrolments");
    visitor.show(page, refused)
}

async fn page(visitor: &Visitor, query: &Fields) -> Result<Page, Refusal> {
    let Some(id) = query.one("person") else {
        let people = answered_for(visitor).await?;
        return Ok(choose(&visitor.view, &people));
    };
    let id = named::<PrincipalId>(id)?;
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let found = authenticators(control, caller, &id).await?;
    let held: Vec<Held> = found.live().cloned().collect();
    Ok(theirs(&visitor.view, &id, &held))
}

fn choose(view: &View, people: &[PrincipalId]) -> Page {
    let lead = html! { "Whoever lost their authenticator cannot sign in to say so. Call them back on a number you already have; then take it out of use for them." };
    let body = html! {
        @if people.is_empty() {
            p.empty { "You answer for nobody’s authenticators. Their manager, security and the founders do." }
        } @else {
            form.stacked method="get" action="/enrolments/lost" {
                div.field {
                    label for="person" { "Who lost theirs" }
                    select id="person" name="person" required {
                        option value="" { "choose" }
                        @for id in people { option value=(id) { (view.name_of(id)) } }
                    }
                }
                button type="submit" { "Show their authenticators" }
            }
        }
        (back())
    };
    Page::new("Somebody lost theirs", lead, body)
}

fn theirs(view: &View, id: &PrincipalId, held: &[Held]) -> Page {
    let lead = html! {
        (held.len()) @if held.len() == 1 { " authenticator signs" } @else { " authenticators sign" }
        " for " strong { (person(view, id)) } ". Revoked, one stops counting at once; nothing brings it back."
    };
    let here = format!(
        "/enrolments/lost?person={}",
        utf8_percent_encode(id.as_str(), NON_ALPHANUMERIC)
    );
    let body = html! {
        @if held.is_empty() { p.empty { "None counts. Another one goes through the same door as the first." } }
        div.cards { @for it in held { (card(view, it, &here)) } }
        (back())
    };
    Page::new("Somebody's authenticators", lead, body).with_script()
}

fn back() -> Markup {
    html! { p { a.button href="/enrolments" { "Enrolments" } } }
}
