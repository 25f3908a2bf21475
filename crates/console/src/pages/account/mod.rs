//! My account: who I am here, what signs for me, where I am signed in, what I signed.

pub(crate) mod absence;
mod authenticators;
mod keys;
mod logins;
pub(crate) mod own_logins;
pub(crate) mod signed;
mod who;

use axum::response::Response;
use locum_domain::{Absence, Refusal};
use locum_login::LoginView;
use maud::html;

use super::refusal::Refused;
use crate::page::Page;
use crate::visitor::Visitor;

use authenticators::Keys;
pub(crate) use authenticators::{LONGEST_NAME, card, kind};
pub(crate) use keys::{options, register, revoke};

/// `/account`
pub(crate) async fn show(visitor: Visitor) -> Response {
    let page = page(&visitor).await;
    visitor.show(page, Refused::new("see your account", "/"))
}

async fn page(visitor: &Visitor) -> Result<Page, Refusal> {
    let keys = keys::own(visitor).await?;
    let (person, login) = (&visitor.caller.principal, &visitor.login);
    let logins = visitor.state.logins.of(person, Some(login));
    let absence = absence::own(visitor).await?;
    Ok(whole(visitor, &keys, &logins, absence.as_ref()))
}

fn whole(visitor: &Visitor, keys: &Keys, logins: &[LoginView], away: Option<&Absence>) -> Page {
    let view = &visitor.view;
    let lead = html! {
        @match (keys.held.len(), keys.waiting.len()) {
            (0, 0) => { "No authenticator signs for you yet. " strong { "Your" } " move: enrol one below." }
            (0, _) => "Your authenticator waits for somebody to sign for it.",
            (1, 0) => "1 authenticator signs for you.",
            (held, 0) => { (held) " authenticators sign for you." }
            (held, waiting) => { (held) " sign for you, " (waiting) " more " @if waiting == 1 { "waits" } @else { "wait" } " for a signature." }
        }
        @match logins.len() {
            0 | 1 => " You are signed in here alone.",
            more => { " You are signed in at " (more) " places." }
        }
    };
    let body = html! {
        (who::who(view, &visitor.signed_in))
        (authenticators::authenticators(view, keys))
        section {
            h2 { "What you signed" }
            p { a href="/account/signed" { "Your approvals, and the authenticator that signed each" } }
        }
        (absence::absence(view, away))
        @if !view.owned().is_empty() {
            p { a href="/delegations" { "Authority that you lend" } span.quiet { ": delegations that wait for you to confirm" } }
        }
        (logins::logins(view, logins))
        p { a href="/device" { "Let a device in" } span.quiet { ": a command line that shows you a code" } }
    };
    Page::new("Your account", lead, body).with_script()
}
