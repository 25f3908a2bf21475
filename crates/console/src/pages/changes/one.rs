//! One change: who proposes it and why, what it changes for whom, and the second person's yes or no.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::response::Response;
use locum_control::change::{self, ChangeSeen};
use locum_domain::change::ChangeState;
use locum_domain::{ChangeId, PrincipalId, Refusal};
use maud::{Markup, html};

use super::{change_state, difference, is_overtaken, lines, waits, whose_move};
use crate::ceremony::{self, SIGN, SIGNATURE};
use crate::page::{Page, csrf};
use crate::pages::refusal::Refused;
use crate::shown::{people, person, sentence, short, told, when};
use crate::view::View;
use crate::visitor::{Visitor, named};

const WITHOUT_SCRIPT: &str = "Confirming this asks your authenticator, which takes a script, and none runs here. \
     Open this page in another browser.";

/// The page's facts.
pub(crate) struct Shown {
    pub(crate) seen: ChangeSeen,
    /// What is in force; nothing where the change stands on something else.
    pub(crate) before: Option<BTreeMap<String, String>>,
    pub(crate) is_signed: bool,
}

/// `/changes/{id}`
pub(crate) async fn show(visitor: Visitor, Path(id): Path<String>) -> Response {
    let page = page(&visitor, &id).await;
    visitor.show(page, Refused::new("see this change", "/changes"))
}

async fn page(visitor: &Visitor, id: &str) -> Result<Page, Refusal> {
    let id = named::<ChangeId>(id)?;
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let in_force = control.in_force();
    let seen = change::change(control, caller, &id).await?;
    let is_base = seen.change.base == in_force.applied.digest;
    let shown = Shown {
        before: is_base.then(|| in_force.applied.files.clone()),
        is_signed: control.settings().signature_demanded,
        seen,
    };
    Ok(whole(&visitor.view, &shown))
}

/// The page.
pub(crate) fn whole(view: &View, shown: &Shown) -> Page {
    let seen = &shown.seen;
    let lead = html! { (change_state(seen)) " Whose move: " (whose_move(view, seen)) "." };
    let body = html! {
        (why(view, seen))
        (loosens(view, seen))
        (choices(view, shown))
        (difference::difference(view, &seen.plan))
        (files(shown))
        (afterwards(seen))
    };
    let page = Page::new("A change of what counts", lead, body);
    match shown.is_signed && waits(seen) {
        true => page.with_script(),
        false => page,
    }
}

fn why(view: &View, seen: &ChangeSeen) -> Markup {
    let it = &seen.change;
    html! {
        dl.facts {
            dt { "Proposed by" }
            dd { strong { (person(view, &it.by)) } " " (when(view, it.at)) " " (short(&it.id)) }
            dt { "Why" }
            dd { blockquote { (it.note) } }
            @if let ChangeState::Denied { by, reason, .. } = &it.state {
                dt { "Denied by " (person(view, by)) }
                dd { blockquote { (reason) } }
            }
            dt { "Fingerprint" }
            dd { code { (it.digest) } }
        }
    }
}

/// What a second person is asked about, before any table.
fn loosens(view: &View, seen: &ChangeSeen) -> Markup {
    let gainers: Vec<PrincipalId> = seen.plan.gainers().into_iter().collect();
    let it = &seen.change;
    html! {
        section {
            h2 { "What it loosens" }
            @if it.loosens.is_empty() {
                p.empty { "Nothing: nobody may ask, decide, see or administer more, and nothing is checked less. So it needed nobody else." }
            } @else {
                ul { @for says in &it.loosens { li { (told(view, says)) } } }
                @if !gainers.is_empty() {
                    p.quiet { "Gain by it, and so confirm nothing of it: " (all(view, &gainers)) }
                }
            }
        }
    }
}

fn all(view: &View, people: &[PrincipalId]) -> Markup {
    html! {
        @for (place, id) in people.iter().enumerate() {
            @if place > 0 { ", " }
            (person(view, id))
        }
    }
}

fn choices(view: &View, shown: &Shown) -> Markup {
    let seen = &shown.seen;
    let it = &seen.change;
    let is_waiting = matches!(it.state, ChangeState::Waiting);
    let is_mine = view.is_reader(&it.by);
    html! {
        @if is_waiting {
            section {
                h2 { "The second person" }
                div.choices {
                    @if seen.may_confirm.is_ok() { (confirm_form(view, shown)) }
                    @if is_mine { (withdraw_form(view, seen)) } @else if view.may_confirm_changes() { (deny_form(view, seen)) }
                }
                @if let (Err(refusal), false) = (&seen.may_confirm, is_overtaken(seen)) {
                    div.not-you {
                        p { "You do not confirm it: " (sentence(view, &refusal.detail)) }
                        p.quiet { "Who can: " (people(view, &seen.could_confirm)) }
                    }
                }
                @if is_overtaken(seen) {
                    p.warning { "Something else was applied since this was proposed. It cannot be confirmed any more: whoever wants it plans it again, on what is in force now." }
                }
            }
        }
    }
}

fn confirm_form(view: &View, shown: &Shown) -> Markup {
    let (it, is_signed) = (&shown.seen.change, shown.is_signed);
    let address = |act: &str| format!("/changes/{}/{act}", it.id);
    html! {
        form.approve method="post" action=(address("confirm"))
            data-ceremony=[is_signed.then_some(SIGN)] data-options=[is_signed.then(|| address("statement"))]
            data-field=[is_signed.then_some(SIGNATURE)] {
            (csrf(view))
            input type="hidden" name="digest" value=(it.digest);
            button.primary type="submit" { "Confirm: let it count" }
            p.quiet { "At once, for everybody: open requests and live sessions are judged again by it." }
            @if is_signed { (ceremony::parts(SIGNATURE, WITHOUT_SCRIPT)) }
        }
    }
}

fn deny_form(view: &View, seen: &ChangeSeen) -> Markup {
    html! {
        details {
            summary.button.dangerous { "Deny" }
            form.stacked method="post" action={ "/changes/" (seen.change.id) "/deny" } {
                (csrf(view))
                div.field {
                    label for="reason" { "Why not; whoever proposed it reads this" }
                    textarea id="reason" name="reason" rows="2" required {}
                }
                button.dangerous type="submit" { "Deny the change" }
            }
        }
    }
}

fn withdraw_form(view: &View, seen: &ChangeSeen) -> Markup {
    html! {
        form method="post" action={ "/changes/" (seen.change.id) "/withdraw" } {
            (csrf(view))
            button type="submit" { "Take it back" }
        }
    }
}

/// Which texts differ, each with its lines folded away.
fn files(shown: &Shown) -> Markup {
    let after = &shown.seen.change.files;
    let text =
        |files: &BTreeMap<String, String>, path: &str| files.get(path).cloned().unwrap_or_default();
    html! {
        section {
            h2 { "Files" }
            @if shown.seen.plan.files.is_empty() { p.empty { "No text differs: only settings do." } }
            @for file in &shown.seen.plan.files {
                @if let Some(before) = &shown.before {
                    details {
                        summary { code { (file.path) } " " (file.change.as_str()) }
                        (lines::lines(&text(before, &file.path), &text(after, &file.path)))
                    }
                } @else {
                    p { code { (file.path) } " " span.quiet { (file.change.as_str()) } }
                }
            }
            @if shown.before.is_none() {
                p.quiet { "What these texts replaced is not in force any more, so their lines are not compared here." }
            }
        }
    }
}

fn afterwards(seen: &ChangeSeen) -> Markup {
    html! {
        @if !seen.restart.is_empty() {
            section {
                h2 { "Waits for the next start" }
                p.quiet { "Everything else counts at once." }
                ul { @for says in &seen.restart { li { (says) } } }
            }
        }
    }
}
