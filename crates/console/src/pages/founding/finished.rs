//! The founding is complete: what the auditor keeps.

use locum_domain::Founding;
use maud::html;

use crate::page::Page;
use crate::shown::{copied, person, when};
use crate::view::View;

/// The page, made to be printed.
pub(super) fn page(view: &View, founding: &Founding) -> Page {
    let lead = html! {
        "Complete" @if let Some(at) = founding.completed_at { " " (when(view, at)) }
        ". Nobody has to do anything here any more. Each founder tells the auditor their own fingerprint."
    };
    let body = html! {
        section.decision aria-label="The founders' keys" {
            dl.facts {
                dt { "Ledger" } dd { (copied(&founding.origin)) }
                @for id in &founding.founders {
                    dt { (person(view, id)) }
                    dd {
                        code { (id) } br;
                        @if let Some(it) = founding.enrolled.get(id) { (copied(it.thumbprint().as_str())) }
                    }
                }
                @if let Some(at) = founding.completed_at { dt { "Complete" } dd { code { (at) } } }
            }
            p.actions {
                button type="button" data-print hidden { "Print" }
                button type="button" data-copy=(for_auditors(founding)) hidden { "Copy as a file to compare with" }
            }
        }
        p {
            strong { "To the auditor: " }
            "take each fingerprint from its founder, in person, as they noted it when both compared. "
            "Whoever held both founders’ links, or both accounts, could have been both founders, and this page and the server’s "
            "file " code { "keys/founders" } " would look the same: they are there to compare with."
        }
        p.quiet {
            "With both from the founders themselves you need to believe nobody here: "
            code { "locum evidence verify FILE --founders FOUNDERS" }
            " follows every later authenticator back to them."
        }
        p {
            @if view.reader.as_ref().is_none_or(|it| it.is_by_founding_link) {
                a.button.primary href="/login" { "Sign in with your passkey" }
            } @else {
                a.button href="/" { "Today" }
            }
        }
    };
    Page::new("Founding", lead, body).with_script()
}

/// One founder a line: the person and the fingerprint of their key.
fn for_auditors(founding: &Founding) -> String {
    let lines = founding.founders.iter().filter_map(|id| {
        let it = founding.enrolled.get(id)?;
        Some(format!("{id} {}\n", it.thumbprint()))
    });
    lines.collect()
}
