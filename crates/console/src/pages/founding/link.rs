//! A founder's one-time link. Opening it does nothing: programs that preview links open it too.

use locum_domain::PrincipalId;
use maud::html;

use crate::page::Page;
use crate::pages::login::NotIn;
use crate::shown::person;
use crate::view::View;

/// The field that carries the code.
pub(super) const CODE: &str = "code";

/// The page, which says whose link it is before anything is enrolled.
pub(super) fn page(view: &View, founder: &PrincipalId, code: &str) -> Page {
    let lead = html! {
        "This link is for " strong { (person(view, founder)) } " (" code { (founder) } ") alone, works once and for 24 hours. "
        strong { "Your" } " move, if that is you and it was given to you in person."
    };
    let body = html! {
        ol.steps {
            li { "You enrol a passkey that verifies you: a security key, or this computer." }
            li { "You and the other founder compare the fingerprints of both keys aloud." }
            li { "Each of you signs both." }
        }
        form.stacked method="post" action="/founding/begin" {
            input type="hidden" name=(CODE) value=(code);
            button.primary type="submit" { "Begin as founder" }
        }
        p.quiet {
            "If you are somebody else, close this page and tell " (person(view, founder)) ". Nobody begins with both founders’ "
            "links: if you were given both, say so to the other founder before anybody signs. It signs you in for this alone, "
            "and if it does not work, somebody else used it: tell the other founder."
        }
    };
    Page::new("Founding", lead, body)
}

/// Nobody can follow this link, and what helps.
pub(super) fn not_followed(why: NotIn) -> Page {
    let lead = html! { (why.words) };
    let body = html! {
        p { (why.remedy) }
        p { a.button href="/login" { "Sign in" } }
    };
    Page::new("Not a founder’s link", lead, body).with_status(why.status)
}
