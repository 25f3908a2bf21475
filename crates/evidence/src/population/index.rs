//! The population as one page for people, in the report's own style.

use maud::html;

use super::told::{EventTold, PopulationTold};
use crate::report::page;
use locum_record::instant;

const COLUMNS: [&str; 9] = [
    "Access event",
    "Filed",
    "Actor",
    "Subject",
    "Case",
    "Applications",
    "State",
    "Session",
    "Findings",
];

const LAST_LINE: &str = "Times are UTC. Numbers in brackets are positions in the ledger. Each event's own evidence is \
    in the folder events, under its id. This page is derived from them and from the ledger's entries in this file: \
    locum evidence verify makes it again and compares every byte.";

/// Writes the page.
pub(super) fn index(told: &PopulationTold) -> String {
    let title = if told.is_selection() {
        "A selection of access events"
    } else {
        "Access events of a period"
    };
    let main = html! {
        h1 { (title) }
        p { (first_line(told)) }
        section {
            h2 { "Events" }
            @if told.events.is_empty() {
                p { "None." }
            } @else {
                div {
                    table {
                        thead { tr { @for column in COLUMNS { th scope="col" { (column) } } } }
                        tbody {
                            @for event in &told.events {
                                tr { @for cell in cells(event) { td { (cell) } } }
                            }
                        }
                    }
                }
            }
        }
        footer { p { (LAST_LINE) } }
    };
    page(title, &main)
}

fn first_line(told: &PopulationTold) -> String {
    let (from, to) = (
        instant::to_text(told.period.from()),
        instant::to_text(told.period.to()),
    );
    let until = instant::to_text(told.range.until);
    let shown = told.events.len();
    let what = match &told.only {
        None => format!("{shown} access events were filed from {from} until before {to}."),
        Some(only) => format!(
            "{shown} of the {} access events that were filed from {from} until before {to}: those of {}. Whether \
             others fit cannot be seen here.",
            told.filed, only
        ),
    };
    format!(
        "{what} Each is told as far as the ledger's entries {} to {} go, until {until}.",
        told.range.first,
        told.range.end.saturating_sub(1)
    )
}

fn cells(event: &EventTold) -> [String; 9] {
    let applications: Vec<String> = event.applications.iter().map(ToString::to_string).collect();
    let session = match (event.activated, event.ended) {
        (None, _) => "none".to_owned(),
        (Some(began), None) => format!("since {}", instant::to_text(began.at)),
        (Some(began), Some(ended)) => format!(
            "{} until {}",
            instant::to_text(began.at),
            instant::to_text(ended.at)
        ),
    };
    [
        event.event.to_string(),
        format!(
            "{} [{}]",
            instant::to_text(event.filed.at),
            event.filed.position
        ),
        event.actor.to_string(),
        event.subject.to_string(),
        event.case.to_string(),
        applications.join(", "),
        if event.break_glass {
            format!("{}, an emergency", event.state)
        } else {
            event.state.clone()
        },
        session,
        event.findings.join(", "),
    ]
}
