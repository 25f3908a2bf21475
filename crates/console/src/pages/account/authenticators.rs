//! My authenticators: what signs for me, what waits to, and what does no more.

use locum_domain::authenticator::{Enrolment, Held, Means, Revoked};
use locum_domain::{Authenticator, PrincipalId};
use maud::{Markup, html};

use crate::ceremony::{self, CREATE, CREDENTIAL};
use crate::page::csrf;
use crate::shown::{Mood, copied, moment, people, person, short, state, when};
use crate::view::View;

/// The longest name that helps anybody to recognise a thing.
pub(crate) const LONGEST_NAME: usize = 60;

const WITHOUT_SCRIPT: &str = "Enrolling asks your authenticator, which takes a script, and none runs here. \
     Open this page in another browser, or enrol a key file with locum enrol.";

/// Everything of one person's authenticators.
pub(crate) struct Keys {
    pub(crate) held: Vec<Held>,
    pub(crate) waiting: Vec<Enrolment>,
    /// With the names they had.
    pub(crate) revoked: Vec<(String, Revoked)>,
    /// Who can sign for what waits.
    pub(crate) signers: Vec<PrincipalId>,
}

pub(super) fn authenticators(view: &View, keys: &Keys) -> Markup {
    html! {
        section {
            h2 { "Your authenticators" }
            @if keys.held.is_empty() {
                p.empty {
                    "None yet. What you decide is signed by your own authenticator: a security key, your phone or this "
                    "computer. Ask for one below; somebody who knows you signs for it."
                }
            }
            div.cards { @for held in &keys.held { (card(view, held, "/account")) } }
            @for enrolment in &keys.waiting { (waiting(view, enrolment, &keys.signers)) }
            (ask(view, keys))
            (revoked(view, &keys.revoked))
        }
    }
}

/// What kind of thing keeps the private half.
pub(crate) fn kind(authenticator: &Authenticator) -> &'static str {
    match &authenticator.means {
        Means::Passkey {
            is_synced: true, ..
        } => "passkey, copied between your devices by its maker",
        Means::Passkey { .. } => "passkey that stays on its device",
        Means::KeyFile => "key file: signs low applications alone",
    }
}

/// One that counts, with the way to take it out of use, which leads on to `back`.
pub(crate) fn card(view: &View, held: &Held, back: &str) -> Markup {
    let it = &held.authenticator;
    let is_own = view.is_reader(&it.person);
    let reason = format!("because-{}", it.id);
    let is_new = held.signs_regulated_from() > view.now;
    html! {
        article.card aria-label={ "Authenticator " (it.name) } {
            p { strong { (it.name) } " " span.quiet { (kind(it)) } }
            p {
                "enrolled " (when(view, held.enrolled_at))
                @match &held.enrolled_by {
                    Some(by) => { ", signed for by " (person(view, by)) }
                    None => " at the founding",
                }
            }
            @if is_new && it.is_passkey() {
                p { (state(Mood::Waiting, "new")) ": signs regulated from " (moment(view, held.signs_regulated_from())) }
            }
            p.quiet { "Fingerprint " (copied(it.thumbprint().as_str())) }
            details {
                summary { @if is_own { "I lost this" } @else { "They lost this" } }
                form.stacked method="post" action={ "/account/authenticators/" (it.id) "/revoke" } {
                    (csrf(view))
                    input type="hidden" name="back" value=(back);
                    p.hint {
                        "It stops counting at once: what it signed and was not yet used no longer counts either, and "
                        "logins it began end. Another one takes somebody's signature again."
                    }
                    div.field {
                        label for=(reason) { "What happened" }
                        input type="text" id=(reason) name="reason" required minlength="3" maxlength="2000";
                    }
                    button.dangerous type="submit" { "Revoke " (it.name) }
                }
            }
        }
    }
}

fn waiting(view: &View, enrolment: &Enrolment, signers: &[PrincipalId]) -> Markup {
    let it = &enrolment.authenticator;
    html! {
        div.card {
            p {
                (state(Mood::Waiting, "waiting")) " " strong { (it.name) } " " span.quiet { (kind(it)) }
                ", asked for " (when(view, enrolment.at))
            }
            p {
                "Waiting for somebody to sign: " (people(view, signers))
                ". Read them this fingerprint yourself, by voice or face to face; they compare it with theirs."
            }
            p.quiet { "Fingerprint " (copied(it.thumbprint().as_str())) }
            form method="post" action={ "/enrolments/" (enrolment.id) "/deny" } {
                (csrf(view))
                input type="hidden" name="reason" value="taken back by who asked";
                input type="hidden" name="back" value="/account";
                button.plain type="submit" { "Take it back" }
            }
        }
    }
}

fn ask(view: &View, keys: &Keys) -> Markup {
    let is_open = keys.held.is_empty() && keys.waiting.is_empty();
    html! {
        details open[is_open] {
            summary.button { "Enrol an authenticator" }
            form.stacked method="post" action="/account/authenticators/register"
                data-ceremony=(CREATE) data-options="/account/authenticators/options" data-field=(CREDENTIAL) {
                (csrf(view))
                div.field {
                    label for="name" { "What you call it" }
                    p.hint { "So that you and whoever signs for it know which one is meant: “blue security key”, “work phone”." }
                    input type="text" id="name" name="name" required maxlength=(LONGEST_NAME) autocomplete="off";
                }
                @if !keys.held.is_empty() || !keys.revoked.is_empty() {
                    div.field {
                        label for="replaces" { "In place of" }
                        select id="replaces" name="replaces" {
                            option value="" { "nothing: one more" }
                            @for held in &keys.held { option value=(held.authenticator.id) { (held.authenticator.name) } }
                            @for (name, it) in &keys.revoked { option value=(it.authenticator) { (name) ", revoked" } }
                        }
                    }
                }
                p.hint {
                    "It counts once somebody signs for it: " (people(view, &keys.signers))
                    ". You and your manager are told. It signs nothing in regulated applications for 24 hours."
                }
                button.primary type="submit" { "Enrol it" }
                (ceremony::parts(CREDENTIAL, WITHOUT_SCRIPT))
            }
        }
    }
}

fn revoked(view: &View, revoked: &[(String, Revoked)]) -> Markup {
    html! {
        @if !revoked.is_empty() {
            details {
                summary { "No longer in use: " (revoked.len()) }
                ul.lines {
                    @for (name, it) in revoked {
                        li {
                            (state(Mood::Over, "revoked")) " " (name) " " (short(&it.authenticator)) " by " (person(view, &it.by)) ": " (it.because)
                            span.quiet { (when(view, it.at)) }
                        }
                    }
                }
            }
        }
    }
}
