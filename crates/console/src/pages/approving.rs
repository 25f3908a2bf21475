//! The form that says yes, and what exactly its maker signs.

use locum_domain::route::Step;
use locum_domain::{Authority, Request};
use maud::{Markup, html};

use super::card::Card;
use crate::ceremony::{self, SIGN, SIGNATURE};
use crate::page::csrf;
use crate::shown::{application, authority, minutes, moment, person, scope};
use crate::signing::Signing;
use crate::view::View;

const WITHOUT_SCRIPT: &str = "Approving asks your authenticator, which takes a script, and none runs here. \
     Open this page on another device, or use locum approve.";

/// The yes, when the reader can say it here; otherwise how they can.
pub(crate) fn approve(view: &View, card: &Card<'_>, step: &Step) -> Markup {
    match card.signing {
        Signing::NotDemanded | Signing::Ready => form(view, card, step),
        Signing::NotBefore(from) => html! {
            div.elsewhere {
                p {
                    "Your authenticator is new: it signs what concerns a regulated application from "
                    (moment(view, from)) ". An older one of yours signs now: open this page where it is."
                }
                (exactly(view, card, step))
            }
        },
        Signing::KeyFile => html! {
            div.elsewhere {
                p {
                    "You have no passkey. Your key file signs this from the command line: "
                    code { "locum approve " (card.request.id) " --key FILE" } ". "
                    a href="/account" { "Enrol a passkey" } " to approve here."
                }
                (exactly(view, card, step))
            }
        },
        Signing::Nothing => html! {
            div.elsewhere {
                p {
                    strong { "Approving takes your own authenticator, and you have none yet. " }
                    a href="/account" { "Enrol one" }
                    "; somebody who knows you signs for it. Denying and asking take none."
                }
                (exactly(view, card, step))
            }
        },
    }
}

fn form(view: &View, card: &Card<'_>, step: &Step) -> Markup {
    let request = card.request;
    let is_crossing = step.authority == Authority::ManagerOrSecurityControlOwner;
    let signs = card.signing == Signing::Ready;
    let options = format!("/requests/{}/statement", request.id);
    html! {
        form.approve method="post" action={ "/requests/" (request.id) "/approve" }
            data-ceremony=[signs.then_some(SIGN)] data-options=[signs.then_some(options)] data-field=[signs.then_some(SIGNATURE)] {
            (csrf(view))
            input type="hidden" name="scope_digest" value=(request.scope_digest().as_str());
            @if is_crossing {
                div.field {
                    label for="unavoidable_because" { "Crossing applications is unavoidable because" }
                    textarea id="unavoidable_because" name="unavoidable_because" rows="2" required {}
                }
                div.field {
                    label for="compensating_controls" { "Compensating controls, one a line" }
                    textarea id="compensating_controls" name="compensating_controls" rows="2" required {}
                }
            }
            button.primary type="submit" { "Approve" }
            @if signs { span.quiet { "signed with your authenticator" } }
            details {
                summary { "With a note" }
                div.field {
                    label for="note" { "Note, for the record" }
                    input type="text" id="note" name="note";
                }
                label.choice {
                    input type="checkbox" name="covers_narrower" value="yes";
                    " also approve anything narrower than this"
                }
            }
            @if signs { (ceremony::parts(SIGNATURE, WITHOUT_SCRIPT)) }
        }
        @if signs { (exactly(view, card, step)) }
    }
}

/// The statement in plain words: everything whose digest the authenticator signs.
fn exactly(view: &View, card: &Card<'_>, step: &Step) -> Markup {
    let request = card.request;
    html! {
        details.exactly {
            summary { "What exactly you sign" }
            (statement(view, request, step))
            p.quiet {
                "Your authenticator signs the SHA-256 digest of all this and of your own words above. If any of it "
                "changes before you sign, your approval is refused. Anybody can check the signature later without this server."
            }
        }
    }
}

fn statement(view: &View, request: &Request, step: &Step) -> Markup {
    html! {
        dl.facts {
            dt { "You" }
            dd {
                @if let Some(reader) = &view.reader { (person(view, &reader.principal)) " " code { (reader.principal) } }
                ", as " (authority(step.authority))
                @if let Some(id) = &step.application { " of " (application(view, id)) }
            }
            dt { "Approve that" } dd { (person(view, &request.actor)) " " code { (request.actor) } }
            dt { "Acts as" } dd { strong { (request.subject) } }
            @if request.requester != request.actor { dt { "Asked for by" } dd { (person(view, &request.requester)) } }
            dt { "For case" } dd { code { (request.case.reference) } }
            dt { "Because" } dd { (request.reason.as_str()) }
            dt { "In" } dd { (scope(view, &request.scope)) }
            dt { "For" } dd { (minutes(request.duration)) @if request.break_glass { ", as an emergency" } }
            dt { "Request" } dd { code { (request.id) } ", version " (request.version) }
            dt { "Used once" } dd { code { (request.nonce) } }
            dt { "Its digest" } dd { code { (request.scope_digest().as_str()) } }
        }
    }
}
