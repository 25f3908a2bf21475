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
        ". Nobody has to do anything here any more. Give the auditor these fingerprints on paper."
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
                button type="button" data-copy=(for_auditors(founding)) hidden { "Copy as a file for the auditor" }
            }
        }
        p.quiet {
            "With these on paper an auditor needs to believe nobody here: "
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
