//! What somebody sees who was invited.

use locum_domain::authenticator::Enrolment;
use locum_login::Invitation;
use maud::html;

use crate::ceremony::{self, CREATE, CREDENTIAL};
use crate::page::Page;
use crate::pages::account::{LONGEST_NAME, kind};
use crate::pages::login::NotIn;
use crate::shown::{Mood, copied, person, state, when};
use crate::view::View;

const WITHOUT_SCRIPT: &str = "Enrolling asks your authenticator, which takes a script, and none runs here. \
     Open your invitation in another browser.";

/// The form for the first authenticator.
pub(super) fn invited(view: &View, invitation: &Invitation, code: &str) -> Page {
    let lead = html! {
        strong { (person(view, &invitation.by)) } " invited you to enrol an authenticator as "
        strong { (person(view, &invitation.person)) } ". " strong { "Your" } " move, once, within 24 hours."
    };
    let body = html! {
        form.stacked method="post" action="/invitation"
            data-ceremony=(CREATE) data-options="/invitation/options" data-field=(CREDENTIAL) {
            input type="hidden" name=(super::CODE) value=(code);
            div.field {
                label for="name" { "What you call it" }
                p.hint { "So that you and whoever signs for it know which one is meant: “blue security key”, “work phone”." }
                input type="text" id="name" name="name" required maxlength=(LONGEST_NAME) autocomplete="off";
            }
            button.primary type="submit" { "Enrol it" }
            (ceremony::parts(CREDENTIAL, WITHOUT_SCRIPT))
        }
        p.quiet { "It counts for nothing until somebody else than " (person(view, &invitation.by)) " has signed for it. If you are somebody else, close this page and tell them." }
    };
    Page::new("Your first authenticator", lead, body).with_script()
}

/// Nobody can follow this link, and what helps.
pub(super) fn not_followed(why: NotIn) -> Page {
    let lead = html! { (why.words) };
    let body = html! {
        p { (why.remedy) }
        p { a.button href="/login" { "Sign in" } }
    };
    Page::new("No invitation", lead, body).with_status(why.status)
}

/// What waits, and what to read to whoever signs.
pub(super) fn waiting(view: &View, enrolment: &Enrolment) -> Page {
    let it = &enrolment.authenticator;
    let lead = html! {
        (state(Mood::Waiting, "waiting")) " · somebody who knows you"
        @if let Some(host) = &enrolment.invited_by { ", and is not " (person(view, host)) "," }
        " signs for it; it lapses " (when(view, enrolment.decide_by()))
    };
    let body = html! {
        section.decision aria-label="The enrolment" {
            dl.facts {
                dt { "You" } dd { (person(view, &it.person)) }
                dt { "Authenticator" } dd { (it.name) " " span.quiet { (kind(it)) } }
                dt { "Fingerprint" } dd { (copied(it.thumbprint().as_str())) }
            }
        }
        p { "Keep this page open, or write the fingerprint down: whoever signs calls you and has you read it." }
        p { "Once they have signed, you sign in with it." }
        p { a.button href="/login" { "Sign in" } }
    };
    Page::new("Your authenticator waits", lead, body).with_script()
}
