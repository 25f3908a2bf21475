//! What somebody copies or reads aloud: whole, in monospace, marked by one press.

use maud::{Markup, html};

/// A text to copy. The button appears where a script can copy; a click marks all of it in any case.
pub(crate) fn copied(text: &str) -> Markup {
    html! {
        code.copied { (text) }
        " " button.plain type="button" data-copy=(text) hidden { "Copy" }
    }
}
