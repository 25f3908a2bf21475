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

/// A refusal's detail as a sentence: with its capital and its full stop.
pub(crate) fn sentence(view: &View, detail: &str) -> Markup {
    let first = detail.split(' ').next().unwrap_or_default();
    let is_a_word = first.chars().all(|c| c.is_ascii_lowercase()) && name_of(view, first).is_none();
    let stop = if detail.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    let mut letters = detail.chars();
    match letters.next() {
        Some(letter) if is_a_word => {
            let capital = format!("{}{}", letter.to_ascii_uppercase(), letters.as_str());
            html! { (told(view, &capital)) (stop) }
        }
        _ => html! { (told(view, detail)) (stop) },
    }
}

fn name_of(view: &View, word: &str) -> Option<Markup> {
    let id: PrincipalId = word.parse().ok()?;
    view.catalog.principal(&id)?;
    Some(html! { strong { (person(view, &id)) } })
}

fn one_word(view: &View, word: &str) -> Markup {
    let core = word.trim_end_matches([' ', '.', ',', ';', ':', ')']);
    let rest = word.get(core.len()..).unwrap_or_default();
    let quoted = core
        .strip_prefix('`')
        .and_then(|core| core.strip_suffix('`'));
    let is_ours = |kind: &str| core.strip_prefix(kind).is_some_and(|rest| rest.len() == 32);
    if let Some(name) = name_of(view, quoted.unwrap_or(core)) {
        html! { (name) (rest) }
    } else if let Some(quoted) = quoted {
        html! { code { (quoted) } (rest) }
    } else if let Ok(at) = core.parse::<Timestamp>() {
        html! { (when(view, at)) (rest) }
    } else if [
        "req_", "ses_", "evt_", "rev_", "grt_", "hld_", "chg_", "exc_",
    ]
    .into_iter()
    .any(is_ours)
    {
        html! { (short(&core)) (rest) }
    } else {
        html! { (word) }
    }
}
