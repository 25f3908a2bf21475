//! Letting a device in (RFC 8628): the person types the code that the device shows, sees which device it is, and says
//! yes or no. Looking up a code is a POST too, so that codes are counted and no link types one.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use locum_domain::{Denial, Refusal};
use locum_login::attempts::{Attempt, TooMany};
use locum_login::device::{LettingIn, UserCode, WaitingDevice};
use maud::html;

use super::refusal::Refused;
use crate::page::{Page, csrf};
use crate::posted::{Fields, Posted};
use crate::shown::{browser, when};
use crate::view::View;
use crate::visitor::Visitor;

/// The field that carries the code, by RFC 8628's name.
const CODE: &str = "user_code";

/// `/device?user_code=`: the code is filled in and nothing else happens.
pub(crate) async fn show(visitor: Visitor, Query(query): Query<Vec<(String, String)>>) -> Response {
    let query = Fields(query);
    let code = query.one(CODE).and_then(UserCode::read);
    let page = ask(&visitor.view, code.as_ref());
    visitor.show(Ok(page), Refused::new("let a device in", "/device"))
}

fn ask(view: &View, code: Option<&UserCode>) -> Page {
    let lead = html! { "A command line or another device asks to act as you. " strong { "Your" } " move: type the code that it shows." };
    let value = code.map(ToString::to_string).unwrap_or_default();
    let body = html! {
        form.stacked method="post" action="/device" {
            (csrf(view))
            div.field {
                label for="user_code" { "Code" }
                p.hint { "Eight letters, as BCDF-GHJK. Only a code that you see on a device in front of you." }
                input.narrow type="text" id="user_code" name=(CODE) value=(value) required autocomplete="off" autocapitalize="characters" spellcheck="false";
            }
            button.primary type="submit" { "Show the device" }
        }
        p.warning { "Only if you started this yourself. Nobody from Locum, security or a vendor ever asks you to type a code." }
    };
    Page::new("Let a device in", lead, body)
}

/// Which device it is.
pub(crate) async fn look(Posted { visitor, fields }: Posted) -> Response {
    if let Err(too_many) = counted(&visitor) {
        return slowed_down(&visitor, too_many);
    }
    let looked_at = waiting(&visitor, &fields);
    let page = looked_at.map(|(_, device)| confirm(&visitor.view, &device));
    finish(&visitor, page).await
}

fn confirm(view: &View, device: &WaitingDevice) -> Page {
    let lead = html! { "Is this the device in front of you? It can look and ask as you until you end it; without a key of yours it approves nothing." };
    let body = html! {
        section.decision aria-label="The device" {
            dl.facts {
                dt { "Says it is" } dd { strong { (device.client) } }
                dt { "From" }
                dd {
                    @match device.seen_from.address { Some(address) => code { (address) }, None => "an unknown address" }
                    @if let Some(words) = device.seen_from.browser.as_deref() { " " span.quiet { (browser(Some(words))) } }
                }
                dt { "Asked" } dd { (when(view, device.asked_at)) }
                dt { "Code" } dd { code { (device.user_code) } }
            }
            p.warning {
                "Only if you started this yourself, just now, on a device of yours. Whoever sent you this code would act as you."
            }
            div.choices {
                (answer(view, device, "/device/allow", "Allow", false))
                (answer(view, device, "/device/deny", "Deny", true))
            }
        }
    };
    Page::new("Let this device in?", lead, body)
}

fn answer(
    view: &View,
    device: &WaitingDevice,
    address: &str,
    label: &str,
    is_no: bool,
) -> maud::Markup {
    html! {
        form.answer method="post" action=(address) {
            (csrf(view))
            input type="hidden" name=(CODE) value=(device.user_code);
            button.dangerous[is_no] type="submit" { (label) }
        }
    }
}

/// Yes.
pub(crate) async fn allow(Posted { visitor, fields }: Posted) -> Response {
    if let Err(too_many) = counted(&visitor) {
        return slowed_down(&visitor, too_many);
    }
    let allowed = waiting(&visitor, &fields).and_then(|(code, device)| {
        let who = LettingIn::by(&visitor.signed_in).ok_or_else(nobody_waits)?;
        match visitor.state.devices.let_in(&code, who) {
            true => Ok(device),
            false => Err(nobody_waits()),
        }
    });
    let done = allowed.map(|device| {
        let lead = html! { strong { (device.client) } " is signed in as you. Go back to it." };
        let body = html! {
            p { "It stands among your logins, where you can end it." }
            p { a.button href="/account" { "Your account" } }
        };
        Page::new("The device is in", lead, body)
    });
    finish(&visitor, done).await
}

/// No.
pub(crate) async fn deny(Posted { visitor, fields }: Posted) -> Response {
    if let Err(too_many) = counted(&visitor) {
        return slowed_down(&visitor, too_many);
    }
    let denied = waiting(&visitor, &fields).and_then(|(code, device)| {
        match visitor.state.devices.turn_away(&code) {
            true => Ok(device),
            false => Err(nobody_waits()),
        }
    });
    let done = denied.map(|_| {
        let lead = html! { "It gets nothing. If you did not start this, tell security that somebody tried." };
        let body = html! { p { a.button href="/" { "Today" } } };
        Page::new("The device was turned away", lead, body)
    });
    finish(&visitor, done).await
}

async fn finish(visitor: &Visitor, done: Result<Page, Refusal>) -> Response {
    let page = match done {
        Ok(page) => Ok(page),
        Err(refusal) => Err(visitor.refused("let-in-device", refusal).await),
    };
    visitor.show(page, Refused::new("let this device in", "/device"))
}

/// Every code that somebody tries counts, a right one too: it is short enough to be found by trying.
fn counted(visitor: &Visitor) -> Result<(), TooMany> {
    let account = visitor.caller.principal.as_str();
    let attempts = &visitor.state.attempts;
    attempts.count_own(Attempt::DeviceCode, account)
}

fn slowed_down(visitor: &Visitor, too_many: TooMany) -> Response {
    visitor
        .state
        .strangers
        .refused("console", "too-many-device-codes");
    let seconds = too_many.retry_after_seconds;
    let lead = html! { "You tried many codes. Wait " (seconds) " seconds, then type the one on your device." };
    let body = html! { p { a.button href="/device" { "Type the code again" } } };
    let page = Page::new("Too many codes", lead, body).with_status(StatusCode::TOO_MANY_REQUESTS);
    let retry = [(RETRY_AFTER, seconds.to_string())];
    (retry, page.answer(&visitor.view)).into_response()
}

/// The device that waits under the code of this form.
fn waiting(visitor: &Visitor, fields: &Fields) -> Result<(UserCode, WaitingDevice), Refusal> {
    let state = &visitor.state;
    let code = UserCode::read(fields.words(CODE)).ok_or_else(|| {
        let detail = "a code has eight letters, as `BCDF-GHJK`";
        Denial::Malformed.because(detail).at("/user_code")
    })?;
    let device = state.devices.waiting_with(&code).ok_or_else(nobody_waits)?;
    Ok((code, device))
}

fn nobody_waits() -> Refusal {
    Denial::NotFound.because("no device waits under this code; begin again on the device")
}
