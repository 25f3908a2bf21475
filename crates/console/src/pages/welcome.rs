//! The first screen: what to click, and who one may be.

use maud::{Markup, html};

use super::login::picker;
use crate::guide::Guide;
use crate::page::Page;
use crate::view::View;

/// What somebody sees who is not signed in.
pub(crate) fn page(view: &View, guide: Option<&Guide>, is_picking_allowed: bool) -> Page {
    let lead = html! {
        "Support agents act as a customer here: for one open case, for a while, with a named person's yes, and on the record."
    };
    let body = html! {
        @match guide {
            Some(guide) => (self::guide(guide)),
            None => {
                ol.steps {
                    li { "Sign in as a support agent and choose " strong { "New request" } ": the case, the applications, your reason." }
                    li { "Sign in as the application's owner, open the request under " strong { "Waits for you" } " and approve it or not." }
                    li { "Back as the agent, " strong { "activate" } " it and open the application; when the case closes, the session ends." }
                }
            }
        }
        p { a.button.primary[!is_picking_allowed] href="/login" { "Sign in" } }
        @if is_picking_allowed { (picker(view, "/")) }
    };
    Page::new("Locum", lead, body)
}

/// A demonstration's sentences and places.
pub(crate) fn guide(guide: &Guide) -> Markup {
    html! {
        section.guide {
            h2 { (guide.title) }
            ol.steps { @for step in &guide.steps { li { (step) } } }
            @if !guide.places.is_empty() {
                p.places {
                    @for (name, address) in &guide.places { a href=(address) { (name) } " " }
                }
            }
        }
    }
}
