//! Erasures: what the record holds of one subject, taken away by two people without any part in it.

use axum::extract::Path;
use axum::response::Response;
use locum_control::erasures;
use locum_domain::erasure::ErasureState;
use locum_domain::{Erasure, ErasureId, Refusal, SubjectId};
use maud::{Markup, html};

use super::refusal::Refused;
use crate::ceremony::{self, SIGN, SIGNATURE, ToSign};
use crate::fetched::{self, Fetched};
use crate::page::{Page, csrf};
use crate::posted::Posted;
use crate::shown::{Mood, person, short, state, when};
use crate::view::View;
use crate::visitor::{Visitor, named};

const WITHOUT_SCRIPT: &str = "Confirming this asks your authenticator, which takes a script, and none runs here. \
     Open this page in another browser.";

/// `/erasures`
pub(crate) async fn show(visitor: Visitor) -> Response {
    let page = page(&visitor).await;
    visitor.show(page, Refused::new("see the erasures", "/"))
}

async fn page(visitor: &Visitor) -> Result<Page, Refusal> {
    let control = &visitor.state.control;
    let found = erasures::erasures(control, &visitor.caller).await?;
    let is_signed = control.settings().signature_demanded;
    Ok(list(&visitor.view, &found, is_signed))
}

/// The page.
pub(crate) fn list(view: &View, found: &[Erasure], is_signed: bool) -> Page {
    let waiting = found
        .iter()
        .filter(|it| matches!(it.state, ErasureState::Waiting))
        .count();
    let lead = html! {
        @match waiting { 0 => "No erasure waits.", 1 => "1 erasure waits for a second person.", more => { (more) " erasures wait for a second person." } }
    };
    let body = html! {
        @if found.is_empty() {
            p.empty {
                "No erasure was ever asked for. Once nothing about a subject is open or held, privacy or compliance asks for "
                "what the record holds of them to be erased, and somebody else without any part confirms it."
            }
        } @else {
            table.stack {
                thead { tr { th { "State" } th { "Whose data" } th { "Why" } th { "By whose word" } th { "Decide" } } }
                tbody { @for erasure in found { (row(view, erasure, is_signed)) } }
            }
        }
        @if view.may_ask_erasures() { (ask_form(view)) }
    };
    let page = Page::new("Erasures", lead, body);
    match is_signed {
        true => page.with_script(),
        false => page,
    }
}

fn row(view: &View, it: &Erasure, is_signed: bool) -> Markup {
    html! {
        tr {
            td {
                @match &it.state {
                    ErasureState::Waiting => (state(Mood::Waiting, "waiting")),
                    ErasureState::Done { .. } => (state(Mood::Over, "done")),
                    ErasureState::Denied { .. } => (state(Mood::Over, "denied")),
                }
            }
            td { strong { (it.subject) } " " (short(&it.id)) }
            td { blockquote { (it.reason) } }
            td {
                span.quiet { (person(view, &it.asked_by)) ", " (when(view, it.asked_at)) }
                @match &it.state {
                    ErasureState::Done { confirmed_by, at } => { br; span.quiet { "confirmed by " (person(view, confirmed_by)) ", " (when(view, *at)) } }
                    ErasureState::Denied { by, reason, at } => { br; span.quiet { "denied by " (person(view, by)) ", " (when(view, *at)) ": " (reason) } }
                    ErasureState::Waiting => {}
                }
            }
            td { @if matches!(it.state, ErasureState::Waiting) && view.may_decide_erasures() { (choices(view, it, is_signed)) } }
        }
    }
}

fn choices(view: &View, it: &Erasure, is_signed: bool) -> Markup {
    let address = |act: &str| format!("/erasures/{}/{act}", it.id);
    html! {
        @if view.is_reader(&it.asked_by) {
            span.quiet { "somebody else confirms it" }
        } @else {
            form.approve method="post" action=(address("confirm"))
                data-ceremony=[is_signed.then_some(SIGN)] data-options=[is_signed.then(|| address("statement"))]
                data-field=[is_signed.then_some(SIGNATURE)] {
                (csrf(view))
                button.dangerous type="submit" aria-label={ "Erase what is held of " (it.subject) } { "Erase it" }
                span.quiet { " for good: nobody brings it back" }
                @if is_signed { (ceremony::parts(SIGNATURE, WITHOUT_SCRIPT)) }
            }
        }
        details {
            summary { "Deny" }
            form.stacked method="post" action=(address("deny")) {
                (csrf(view))
                div.field {
                    label for={ "reason-" (it.id) } { "Why not" }
                    input type="text" id={ "reason-" (it.id) } name="reason" required;
                }
                button.dangerous type="submit" { "Deny" }
            }
        }
    }
}

fn ask_form(view: &View) -> Markup {
    html! {
        details {
            summary.button { "Ask for an erasure" }
            form.stacked method="post" action="/erasures" {
                (csrf(view))
                div.field {
                    label for="subject" { "Whose data, as the case system names them" }
                    input type="text" id="subject" name="subject" required autocomplete="off";
                }
                div.field {
                    label for="reason" { "Why; it is erased with the rest" }
                    textarea id="reason" name="reason" rows="2" required {}
                }
                button type="submit" { "Ask" }
                p.quiet { "Nothing is erased before somebody else confirms. Who acted, who decided, what was done and when stays." }
            }
        }
    }
}

/// Asks.
pub(crate) async fn ask(Posted { visitor, fields }: Posted) -> Response {
    let asked = async {
        let subject = named::<SubjectId>(fields.words("subject"))?;
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        erasures::ask_erasure(control, caller, &subject, fields.words("reason")).await
    };
    let to = asked.await.map(|_| "/erasures".to_owned());
    visitor.go_sure(to, Refused::new("ask for this erasure", "/erasures"))
}

/// What is signed.
pub(crate) async fn statement(
    Path(id): Path<String>,
    Fetched { visitor, .. }: Fetched,
) -> Response {
    let asked = async {
        let id = named::<ErasureId>(&id)?;
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        ToSign::of(erasures::erasure_statement(control, caller, &id).await?)
    };
    fetched::answer(asked.await)
}

/// Yes, as somebody else.
pub(crate) async fn confirm(
    Path(id): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Response {
    let confirmed = async {
        let id = named::<ErasureId>(&id)?;
        let signature = ceremony::signature_if_any(&fields)?;
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        erasures::confirm_erasure(control, caller, &id, signature.as_ref()).await
    };
    let to = confirmed.await.map(|_| "/erasures".to_owned());
    visitor.go_sure(to, Refused::new("confirm this erasure", "/erasures"))
}

/// No.
pub(crate) async fn deny(Path(id): Path<String>, Posted { visitor, fields }: Posted) -> Response {
    let denied = async {
        let id = named::<ErasureId>(&id)?;
        let reason = fields.words("reason");
        erasures::deny_erasure(&visitor.state.control, &visitor.caller, &id, reason).await
    };
    let to = denied.await.map(|_| "/erasures".to_owned());
    visitor.go(to, Refused::new("deny this erasure", "/erasures"))
}
