//! What an emergency skipped: who still signs for it, and the form with which they do.

use axum::extract::Path;
use axum::response::Response;
use locum_control::countersign::{self, Countersign};
use locum_domain::{Denial, Refusal, Request, RequestId, Timestamp};
use maud::{Markup, html};

use super::refusal::Refused;
use crate::ceremony::{self, SIGN, SIGNATURE, ToSign};
use crate::fetched::{self, Fetched};
use crate::page::csrf;
use crate::posted::Posted;
use crate::shown::{Mood, state, steps, when};
use crate::view::View;
use crate::visitor::{Visitor, named};

const WITHOUT_SCRIPT: &str = "Signing asks your authenticator, which takes a script, and none runs here. \
     Open this page in another browser.";

/// The skipped authorities; nothing where none was.
pub(crate) fn afterwards(view: &View, request: &Request, may_sign: bool) -> Markup {
    let skipped = &request.route.afterwards;
    html! {
        @if !skipped.is_empty() {
            section {
                h2 { "Skipped by the emergency" }
                p.quiet { "Each of these signs within one working day of its use." }
                @if let Some(due) = request.countersign_by() {
                    p { (owed(view, due)) }
                }
                (steps(view, skipped, "signed"))
                @if may_sign { (form(view, request)) }
            }
        }
    }
}

/// Until when somebody still signs, or that the time is over.
pub(crate) fn owed(view: &View, due: Timestamp) -> Markup {
    html! {
        @if due < view.now { (state(Mood::Bad, "overdue")) " since " } @else { "due " }
        (when(view, due))
    }
}

fn form(view: &View, request: &Request) -> Markup {
    let is_signed = request.route.signature_demanded;
    let address = format!("/requests/{}/countersign", request.id);
    html! {
        form.approve method="post" action=(address)
            data-ceremony=[is_signed.then_some(SIGN)] data-options=[is_signed.then(|| format!("{address}/statement"))]
            data-field=[is_signed.then_some(SIGNATURE)] {
            (csrf(view))
            input type="hidden" name="scope_digest" value=(request.scope_digest().as_str());
            div.field {
                label for="countersign-note" { "Note, for the record" }
                input type="text" id="countersign-note" name="note";
            }
            button.primary type="submit" { "Sign for what was skipped" }
            p.quiet { "You do not approve it: it is over or under way. You say that you know of it, by name." }
            @if is_signed { (ceremony::parts(SIGNATURE, WITHOUT_SCRIPT)) }
        }
    }
}

/// Whether the reader holds an authority that nobody has signed for yet.
pub(crate) async fn may_sign(visitor: &Visitor, request: &Request) -> Result<bool, Refusal> {
    if request.session().is_none() || request.unsigned_afterwards().next().is_none() {
        return Ok(false);
    }
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    match countersign::may_sign(control, caller, request) {
        Ok(held) => Ok(request
            .unsigned_afterwards()
            .any(|step| held.contains_key(&step))),
        Err(refusal) if refusal.denial == Denial::ClockUntrusted => Err(refusal),
        Err(_) => Ok(false),
    }
}

/// What is signed.
pub(crate) async fn statement(
    Path(id): Path<String>,
    Fetched { visitor, fields }: Fetched,
) -> Response {
    let asked = async {
        let id = named::<RequestId>(&id)?;
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        let note = fields.text("note");
        let statement = countersign::countersign_statement(control, caller, &id, note.as_deref());
        ToSign::of(statement.await?)
    };
    fetched::answer(asked.await)
}

/// Signs.
pub(crate) async fn sign(Path(id): Path<String>, Posted { visitor, fields }: Posted) -> Response {
    let back = match id.parse::<RequestId>() {
        Ok(id) => format!("/requests/{id}"),
        Err(_) => "/requests".to_owned(),
    };
    let signed = async {
        let id = named::<RequestId>(&id)?;
        let signature = ceremony::signature_if_any(&fields)?;
        let words = Countersign {
            scope_digest: fields.words("scope_digest").to_owned(),
            note: fields.text("note"),
            signature,
        };
        countersign::countersign(&visitor.state.control, &visitor.caller, &id, &words).await
    };
    let to = signed.await.map(|_| back.clone());
    visitor.go(to, Refused::new("sign for what was skipped", &back))
}
