//! The story of an access event: one vertical time line, every line with its place in the ledger.

use locum_control::evidence::TimelineLine;
use locum_domain::{PrincipalId, Timestamp};
use maud::{Markup, html};

use super::instant::when;
use super::names::{person, short};
use crate::view::View;

/// The lines in ledger order.
pub(crate) fn timeline(view: &View, lines: &[TimelineLine]) -> Markup {
    html! {
        ol.timeline {
            @for line in lines {
                li.(mark(&line.kind)) {
                    p { (told(view, &line.sentence)) }
                    p.quiet {
                        (when(view, line.line.at)) " · " code title="place in the ledger" { "#" (line.line.position) }
                        " · " (line.kind.replace('-', " "))
                    }
                }
            }
        }
    }
}

fn mark(kind: &str) -> &'static str {
    match kind {
        "access-refused" | "refused" | "request-denied" | "hold-placed" => "bad",
        "request-approved" | "offer-accepted" | "session-started" => "good",
        _ => "plain",
    }
}

/// A sentence of the record, with names where it says the ids of people, and words where it says times.
pub(crate) fn told(view: &View, sentence: &str) -> Markup {
    html! { @for word in sentence.split_inclusive(' ') { (one_word(view, word)) } }
}

fn one_word(view: &View, word: &str) -> Markup {
    let core = word.trim_end_matches([' ', '.', ',', ';', ':', ')']);
    let rest = word.get(core.len()..).unwrap_or_default();
    let known = core
        .parse::<PrincipalId>()
        .ok()
        .filter(|id| view.catalog.principal(id).is_some());
    let is_ours = |kind: &str| core.strip_prefix(kind).is_some_and(|rest| rest.len() == 32);
    if let Some(id) = known {
        html! { strong { (person(view, &id)) } (rest) }
    } else if let Ok(at) = core.parse::<Timestamp>() {
        html! { (when(view, at)) (rest) }
    } else if ["req_", "ses_", "evt_", "rev_", "grt_", "hld_"]
        .into_iter()
        .any(is_ours)
    {
        html! { (short(&core)) (rest) }
    } else {
        html! { (word) }
    }
}
