//! The report: the story as one page for people, without script, for screen and paper.

mod sections;

use maud::{DOCTYPE, PreEscaped, html};

use crate::story::AccessEvent;
use sections::{Section, sections};

/// Colours follow the reader's scheme; paper is always light.
const STYLE: &str = include_str!("report/style.css");

/// Writes the page. It is derived from the story alone.
pub fn report(told: &AccessEvent) -> String {
    let title = format!("Access event {}", told.id);
    let main = html! {
        h1 { (title) }
        p { (sections::first_line(told)) }
        @for section in sections(told) { (table(&section)) }
        footer { p { (sections::LAST_LINE) } }
    };
    page(&title, &main)
}

/// A page that stands alone: nothing from elsewhere, no script.
pub(crate) fn page(title: &str, main: &PreEscaped<String>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (main) } }
        }
    };
    page.into_string() + "\n"
}

fn table(section: &Section) -> PreEscaped<String> {
    html! {
        section {
            h2 { (section.title) }
            @if section.rows.is_empty() {
                p { (section.when_empty) }
            } @else {
                div {
                    table {
                        thead { tr { @for column in section.columns { th scope="col" { (column) } } } }
                        tbody {
                            @for row in &section.rows {
                                tr { @for cell in row { td { (cell) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}
