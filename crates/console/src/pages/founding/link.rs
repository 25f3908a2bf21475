//! A founder's one-time link. Opening it does nothing: programs that preview links open it too.

use maud::html;

use crate::page::Page;

/// The field that carries the code.
pub(super) const CODE: &str = "code";

/// The page, which says nothing of whether the code is a good one.
pub(super) fn page(code: &str) -> Page {
    let lead = html! {
        "This link is one founder's, works once and for 24 hours. "
        strong { "Your" } " move, if it was given to you in person."
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
        p.quiet { "It signs you in for this alone. Whoever else has seen this link could begin in your place: if it does not work, tell the other founder." }
    };
    Page::new("Founding", lead, body)
}
