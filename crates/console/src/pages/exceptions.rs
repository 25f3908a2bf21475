//! Exceptions: closed operations, each opened for a time by two people of different authority.

use axum::extract::Path;
use axum::response::Response;
use locum_control::exceptions::{self, AskedException, speaks_for};
use locum_domain::exception::{ExceptionState, Side};
use locum_domain::{
    ApplicationId, Denial, Exception, ExceptionId, OperationId, Refusal, Timestamp,
};
use maud::{Markup, html};

use super::refusal::Refused;
use crate::ceremony::{self, SIGN, SIGNATURE, ToSign};
use crate::fetched::{self, Fetched};
use crate::page::{Page, csrf};
use crate::posted::{Fields, Posted};
use crate::shown::{Mood, application, moment, person, short, state, when};
use crate::view::View;
use crate::visitor::{Visitor, named};

const WITHOUT_SCRIPT: &str = "Opening this asks your authenticator, which takes a script, and none runs here. \
     Open this page in another browser.";
/// For how many days a closed operation can be opened.
const DAYS: [i64; 5] = [1, 3, 7, 14, 30];

/// One exception as its reader stands to it.
pub(crate) struct Seen {
    pub(crate) exception: Exception,
    /// For whom the reader could open it; nothing where they cannot.
    pub(crate) sides: Vec<Side>,
}

/// The page's facts.
pub(crate) struct Listed {
    pub(crate) seen: Vec<Seen>,
    /// The closed operations that the reader could ask for.
    pub(crate) closed: Vec<(ApplicationId, OperationId)>,
    pub(crate) is_signed: bool,
}

/// `/exceptions`
pub(crate) async fn show(visitor: Visitor) -> Response {
    let page = page(&visitor).await;
    visitor.show(page, Refused::new("see the exceptions", "/"))
}

/// The exceptions that wait for the reader to open.
pub(crate) async fn to_open(visitor: &Visitor) -> Result<Vec<Exception>, Refusal> {
    let mut seen = seen(visitor).await?;
    seen.retain(|it| could_open(&visitor.view, it));
    Ok(seen.into_iter().map(|it| it.exception).collect())
}

async fn seen(visitor: &Visitor) -> Result<Vec<Seen>, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let found = exceptions::exceptions(control, caller).await?;
    let sides = |it: &Exception| speaks_for(control, caller, &it.application).unwrap_or_default();
    let seen = found.into_iter().map(|exception| Seen {
        sides: sides(&exception),
        exception,
    });
    Ok(seen.collect())
}

async fn page(visitor: &Visitor) -> Result<Page, Refusal> {
    let listed = Listed {
        seen: seen(visitor).await?,
        closed: could_ask_for(visitor),
        is_signed: visitor.state.control.settings().signature_demanded,
    };
    Ok(list(&visitor.view, &listed))
}

fn could_ask_for(visitor: &Visitor) -> Vec<(ApplicationId, OperationId)> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let mut closed = Vec::new();
    for application in visitor.view.catalog.applications.values() {
        if speaks_for(control, caller, &application.id).is_ok() {
            let operations = application.operations.values();
            let operations = operations.filter(|it| it.closed.is_some());
            closed.extend(operations.map(|it| (application.id.clone(), it.id.clone())));
        }
    }
    closed
}

/// The page.
pub(crate) fn list(view: &View, listed: &Listed) -> Page {
    let waiting = listed.seen.iter().filter(|it| could_open(view, it)).count();
    let open = listed
        .seen
        .iter()
        .filter(|it| it.exception.is_in_force(view.now))
        .count();
    let lead = html! {
        @match open { 0 => "Nothing that is closed is open.", 1 => "1 closed operation is open.", more => { (more) " closed operations are open." } }
        @if waiting > 0 { " " strong { "Your" } " move: " (waiting) @if waiting == 1 { " waits for you." } @else { " wait for you." } }
    };
    let body = html! {
        @if listed.seen.is_empty() {
            p.empty {
                "No exception was ever asked for. Changing credentials, paying new recipients and the like stay closed to "
                "everybody who acts as a user; here owner and security together could open one of them for a while."
            }
        } @else {
            table.stack {
                thead { tr { th { "State" } th { "What" } th { "Why" } th { "Until" } th { "Decide" } } }
                tbody { @for seen in &listed.seen { (row(view, seen, listed.is_signed)) } }
            }
        }
        @if !listed.closed.is_empty() { (ask_form(view, &listed.closed)) }
    };
    let page = Page::new("Exceptions", lead, body);
    match listed.is_signed {
        true => page.with_script(),
        false => page,
    }
}

/// Whether the reader is of the other side and another person than whoever asked.
fn could_open(view: &View, seen: &Seen) -> bool {
    let exception = &seen.exception;
    matches!(exception.state, ExceptionState::Waiting)
        && view.now < exception.until
        && !view.is_reader(&exception.asked_by)
        && seen.sides.iter().any(|it| *it != exception.asked_for)
}

fn row(view: &View, seen: &Seen, is_signed: bool) -> Markup {
    let it = &seen.exception;
    html! {
        tr {
            td {
                @match &it.state {
                    ExceptionState::Waiting if it.until <= view.now => (state(Mood::Over, "lapsed")),
                    ExceptionState::Waiting => (state(Mood::Waiting, "waiting")),
                    ExceptionState::Open { .. } if it.is_in_force(view.now) => (state(Mood::Bad, "open")),
                    ExceptionState::Open { .. } => (state(Mood::Over, "over")),
                    ExceptionState::Denied { .. } => (state(Mood::Over, "denied")),
                    ExceptionState::Ended { .. } => (state(Mood::Over, "ended")),
                }
            }
            td { strong { (it.operation) } " in " (application(view, &it.application)) " " (short(&it.id)) }
            td {
                blockquote { (it.reason) }
                span.quiet { (person(view, &it.asked_by)) " for " (side(it.asked_for)) ", " (when(view, it.asked_at)) }
                @match &it.state {
                    ExceptionState::Open { confirmed_by, at } => { br; span.quiet { "opened by " (person(view, confirmed_by)) ", " (when(view, *at)) } }
                    ExceptionState::Denied { by, reason, at } => { br; span.quiet { "denied by " (person(view, by)) ", " (when(view, *at)) ": " (reason) } }
                    ExceptionState::Ended { by, at } => { br; span.quiet { "ended by " (person(view, by)) ", " (when(view, *at)) } }
                    ExceptionState::Waiting => {}
                }
            }
            td { (moment(view, it.until)) }
            td { (choices(view, seen, is_signed)) }
        }
    }
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Application => "the application",
        Side::Security => "security",
    }
}

fn choices(view: &View, seen: &Seen, is_signed: bool) -> Markup {
    let it = &seen.exception;
    let address = |act: &str| format!("/exceptions/{}/{act}", it.id);
    let is_waiting = matches!(it.state, ExceptionState::Waiting) && view.now < it.until;
    html! {
        @if could_open(view, seen) {
            form.approve method="post" action=(address("confirm"))
                data-ceremony=[is_signed.then_some(SIGN)] data-options=[is_signed.then(|| address("statement"))]
                data-field=[is_signed.then_some(SIGNATURE)] {
                (csrf(view))
                button.primary type="submit" aria-label={ "Open it: " (it.operation) } { "Open it" }
                @if is_signed { (ceremony::parts(SIGNATURE, WITHOUT_SCRIPT)) }
            }
        } @else if is_waiting {
            span.quiet {
                @match it.asked_for {
                    Side::Application => "somebody of security, privacy or compliance opens it",
                    Side::Security => "the application's owner opens it",
                }
            }
        }
        @if is_waiting && !seen.sides.is_empty() {
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
        @if it.is_in_force(view.now) && !seen.sides.is_empty() {
            form method="post" action=(address("end")) {
                (csrf(view))
                button.dangerous type="submit" aria-label={ "Close it again: " (it.operation) } { "Close it again" }
                span.quiet { " ends every session that stands on it" }
            }
        }
    }
}

fn ask_form(view: &View, closed: &[(ApplicationId, OperationId)]) -> Markup {
    html! {
        details {
            summary.button { "Ask for an exception" }
            form.stacked method="post" action="/exceptions" {
                (csrf(view))
                div.field {
                    label for="operation" { "Closed operation" }
                    select id="operation" name="operation" {
                        @for (application, operation) in closed { option value={ (application) " " (operation) } { (operation) " in " (view.catalog.applications.get(application).map_or(application.as_str(), |it| it.name.as_str())) } }
                    }
                }
                div.field {
                    label for="days" { "For how long" }
                    select id="days" name="days" { @for days in DAYS { option value=(days) { (days) @if days == 1 { " day" } @else { " days" } } } }
                }
                div.field {
                    label for="reason" { "Why it cannot wait for the user; it is shown in every report" }
                    textarea id="reason" name="reason" rows="2" required {}
                }
                button type="submit" { "Ask" }
                p.quiet { "Nothing is open before somebody of the other authority says yes, and whoever wants to use it still asks for it." }
            }
        }
    }
}

/// Asks.
pub(crate) async fn ask(Posted { visitor, fields }: Posted) -> Response {
    let asked = async {
        let asked = asked(&fields, visitor.view.now)?;
        exceptions::ask_exception(&visitor.state.control, &visitor.caller, &asked).await
    };
    let to = asked.await.map(|_| "/exceptions".to_owned());
    visitor.go_sure(to, Refused::new("ask for this exception", "/exceptions"))
}

fn asked(fields: &Fields, now: Timestamp) -> Result<AskedException, Refusal> {
    let wrong = |what: &str, at: &str| Denial::Malformed.because(what).at(at);
    let chosen = fields.words("operation").split_once(' ');
    let (application, operation) =
        chosen.ok_or_else(|| wrong("choose an operation", "/operation"))?;
    let days: i64 = fields.words("days").parse().unwrap_or(1);
    let until = now.saturating_add(jiff::SignedDuration::from_hours(24 * days.clamp(1, 30)));
    Ok(AskedException {
        application: named(application)?,
        operation: named(operation)?,
        reason: fields.words("reason").to_owned(),
        until: until.map_err(|error| wrong(&error.to_string(), "/days"))?,
    })
}

/// What is signed.
pub(crate) async fn statement(
    Path(id): Path<String>,
    Fetched { visitor, .. }: Fetched,
) -> Response {
    let asked = async {
        let id = named::<ExceptionId>(&id)?;
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        ToSign::of(exceptions::exception_statement(control, caller, &id).await?)
    };
    fetched::answer(asked.await)
}

/// Yes, as somebody of the other authority.
pub(crate) async fn confirm(
    Path(id): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Response {
    let confirmed = async {
        let id = named::<ExceptionId>(&id)?;
        let signature = ceremony::signature_if_any(&fields)?;
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        exceptions::confirm_exception(control, caller, &id, signature.as_ref()).await
    };
    let to = confirmed.await.map(|_| "/exceptions".to_owned());
    visitor.go_sure(to, Refused::new("open this operation", "/exceptions"))
}

/// No.
pub(crate) async fn deny(Path(id): Path<String>, Posted { visitor, fields }: Posted) -> Response {
    let denied = async {
        let id = named::<ExceptionId>(&id)?;
        let reason = fields.words("reason");
        exceptions::deny_exception(&visitor.state.control, &visitor.caller, &id, reason).await
    };
    let to = denied.await.map(|_| "/exceptions".to_owned());
    visitor.go(to, Refused::new("deny this exception", "/exceptions"))
}

/// Closes the operation again.
pub(crate) async fn end(Path(id): Path<String>, Posted { visitor, .. }: Posted) -> Response {
    let ended = async {
        let id = named::<ExceptionId>(&id)?;
        exceptions::end_exception(&visitor.state.control, &visitor.caller, &id).await
    };
    let to = ended.await.map(|_| "/exceptions".to_owned());
    visitor.go(to, Refused::new("close this operation", "/exceptions"))
}
