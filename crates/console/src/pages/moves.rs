//! What requester, actor and approvers do with a request of theirs: answer, take an offer, withdraw, activate,
//! lengthen.

use axum::extract::Path;
use axum::response::Response;
use locum_control::{Assurance, accept_offer, activate, answer, extend, withdraw};
use locum_domain::catalog::Tier;
use locum_domain::{Minutes, Request, RequestId, RequestState};
use maud::{Markup, html};

use super::confirm;
use super::refusal::Refused;
use crate::page::csrf;
use crate::posted::Posted;
use crate::shown::{minutes, person, scope, when};
use crate::view::{Reader, View};
use crate::visitor::named;

/// The forms for whatever is the reader's to do now.
pub(crate) fn moves(view: &View, request: &Request) -> Markup {
    let asks = view.is_reader(&request.requester) || view.is_reader(&request.actor);
    let approved = view
        .reader
        .as_ref()
        .is_some_and(|it| request.route.has_approved(&it.principal));
    let is_activated = matches!(request.state, RequestState::Activated { .. });
    let is_alive = !request.state.is_settled() || is_activated;
    html! {
        @if !request.questions.is_empty() { (questions(view, request, asks)) }
        @if let RequestState::Offered { offer, .. } = &request.state { (offered(view, request, offer, asks)) }
        @if let (RequestState::Approved { activate_by, .. }, true) = (&request.state, view.is_reader(&request.actor)) {
            form.move method="post" action={ "/requests/" (request.id) "/activate" } {
                (csrf(view))
                button.primary type="submit" { "Activate" }
                @if asks_first(view, request) { span.quiet { " You are asked for your authenticator first." } }
                span.quiet { " The clock of " (minutes(request.duration)) " starts now. Unused, the approval lapses " (when(view, *activate_by)) "." }
            }
        }
        @if let Some(session) = request.session() {
            p { a.button href={ "/sessions/" (session) } { @if is_activated { "To the session" } @else { "The session" } } }
        }
        @if is_activated && asks && request.extends.is_none() { (longer(view, request)) }
        @if is_alive && (asks || approved) { (take_back(view, request, asks, is_activated)) }
    }
}

/// Whether the login is not sure enough for what would begin. The verb decides; this only says so in advance.
fn asks_first(view: &View, request: &Request) -> bool {
    let route = &request.route;
    let is_sure = |it: &Reader| it.assurance == Assurance::SteppedUp;
    let is_serious = route.signature_demanded && route.strictest == Tier::Regulated;
    is_serious && !view.reader.as_ref().is_some_and(is_sure)
}

fn questions(view: &View, request: &Request, asks: bool) -> Markup {
    let is_open =
        !request.state.is_settled() && request.questions.iter().any(|it| it.answer.is_none());
    html! {
        section {
            h2 { "Questions" }
            @for question in &request.questions {
                p { strong { (person(view, &question.by)) } " asked " (when(view, question.at)) ":" }
                blockquote { (question.text) }
                @match &question.answer {
                    Some(answer) => { p { strong { (person(view, &request.requester)) } " answered:" } blockquote { (answer) } }
                    None => { p.quiet { "No answer yet. The deadline does not move." } }
                }
            }
            @if is_open && asks {
                form.stacked method="post" action={ "/requests/" (request.id) "/answer" } {
                    (csrf(view))
                    div.field { label for="answer" { "Your answer" } textarea id="answer" name="answer" rows="2" required {} }
                    button.primary type="submit" { "Answer" }
                }
            }
        }
    }
}

fn offered(
    view: &View,
    request: &Request,
    offer: &locum_domain::request::Offer,
    asks: bool,
) -> Markup {
    html! {
        section {
            h2 { "Offered instead" }
            p { strong { (person(view, &offer.by)) } " would approve this, offered " (when(view, offer.at)) ":" }
            (scope(view, &offer.scope))
            p { strong { (minutes(offer.duration)) } @if offer.duration != request.duration { " instead of " (minutes(request.duration)) } }
            @if !offer.note.is_empty() { blockquote { (offer.note) } }
            @if asks {
                form.move method="post" action={ "/requests/" (request.id) "/accept" } {
                    (csrf(view))
                    input type="hidden" name="scope_digest" value=(offer.scope_digest.as_str());
                    button.primary type="submit" { "Take the offer" }
                    span.quiet { " Or withdraw the request." }
                }
            }
        }
    }
}

fn longer(view: &View, request: &Request) -> Markup {
    html! {
        details {
            summary { "Ask for longer" }
            form.stacked method="post" action={ "/requests/" (request.id) "/extend" } {
                (csrf(view))
                p.hint { "Once, by at most the first length, and by the same people's yes. The session runs on meanwhile." }
                div.field {
                    label for="longer-minutes" { "Minutes more" }
                    input.narrow type="number" id="longer-minutes" name="minutes" min="5" max=(request.duration.0) step="5" value=(request.duration.0) required;
                }
                div.field { label for="longer-reason" { "Why longer" } textarea id="longer-reason" name="reason" rows="2" required {} }
                button type="submit" { "Ask for longer" }
            }
        }
    }
}

fn take_back(view: &View, request: &Request, asks: bool, is_activated: bool) -> Markup {
    html! {
        form.move method="post" action={ "/requests/" (request.id) "/withdraw" } {
            (csrf(view))
            button.dangerous type="submit" { @if asks { "Withdraw the request" } @else { "Take your approval back" } }
            span.quiet { @if is_activated { " This ends the session and cuts what is under way." } @else { " Nothing can come of it any more." } }
        }
    }
}

/// The requester's words to a question.
pub(crate) async fn answer(Path(id): Path<String>, Posted { visitor, fields }: Posted) -> Response {
    let answered = match named::<RequestId>(&id) {
        Ok(id) => {
            answer::answer(
                &visitor.state.control,
                &visitor.caller,
                &id,
                fields.words("answer"),
            )
            .await
        }
        Err(refusal) => Err(refusal),
    };
    visitor.go(
        answered.map(|it| at(&it)),
        Refused::new("answer this question", &back(&id)),
    )
}

/// The narrower version, taken.
pub(crate) async fn accept(Path(id): Path<String>, Posted { visitor, fields }: Posted) -> Response {
    let digest = fields.words("scope_digest");
    let accepted = match named::<RequestId>(&id) {
        Ok(id) => {
            accept_offer::accept_offer(&visitor.state.control, &visitor.caller, &id, digest).await
        }
        Err(refusal) => Err(refusal),
    };
    visitor.go(
        accepted.map(|it| at(&it)),
        Refused::new("take this offer", &back(&id)),
    )
}

/// The asking or the approval, taken back.
pub(crate) async fn withdraw(Path(id): Path<String>, Posted { visitor, .. }: Posted) -> Response {
    let withdrawn = match named::<RequestId>(&id) {
        Ok(id) => withdraw::withdraw(&visitor.state.control, &visitor.caller, &id).await,
        Err(refusal) => Err(refusal),
    };
    visitor.go(
        withdrawn.map(|it| at(&it)),
        Refused::new("withdraw this", &back(&id)),
    )
}

/// The session begins. The ways in are opened one by one on its page: those made here stay unused and die.
pub(crate) async fn activate(Path(id): Path<String>, Posted { visitor, .. }: Posted) -> Response {
    let activated = match named::<RequestId>(&id) {
        Ok(id) => activate::activate(&visitor.state.control, &visitor.caller, &id).await,
        Err(refusal) => Err(refusal),
    };
    let to = match activated {
        Ok(it) => Ok(format!("/sessions/{}", it.session.id)),
        // The refusal is on the record; what it asks for can be done here, and then this again.
        Err(refusal) if visitor.is_to_confirm(&refusal) => Ok(confirm::address(&back(&id))),
        Err(refusal) => Err(refusal),
    };
    visitor.go(to, Refused::new("activate this request", &back(&id)))
}

/// A new request that would lengthen the session.
pub(crate) async fn extend(Path(id): Path<String>, Posted { visitor, fields }: Posted) -> Response {
    let more = Minutes(fields.words("minutes").parse().unwrap_or(0));
    let extended = match named::<RequestId>(&id) {
        Ok(id) => {
            extend::extend(
                &visitor.state.control,
                &visitor.caller,
                &id,
                more,
                fields.words("reason"),
            )
            .await
        }
        Err(refusal) => Err(refusal),
    };
    visitor.go(
        extended.map(|it| at(&it)),
        Refused::new("ask for longer", &back(&id)),
    )
}

fn at(request: &Request) -> String {
    format!("/requests/{}", request.id)
}

/// The request's page, if the path names one.
fn back(id: &str) -> String {
    match id.parse::<RequestId>() {
        Ok(id) => format!("/requests/{id}"),
        Err(_) => "/requests".to_owned(),
    }
}
