//! What the desk shows to people.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use maud::{Markup, html};

use super::cases::{COLLEAGUES, Case};
use crate::page::{Place, moment, page, state};

static PLACE: Place = Place {
    name: "Case desk",
    class: "desk",
    home: "/",
    navigation: &[("/cases", "Cases")],
};

pub(crate) fn list(cases: &[Case]) -> Html<String> {
    let content = html! {
        h1 { "Cases" }
        p.lead { "What customers asked, and who works on it. Closing a case ends every session for it." }
        table.list {
            thead { tr {
                th { "Case" } th { "About" } th { "Customer" } th { "Assigned to" } th { "State" }
            } }
            tbody {
                @for case in cases {
                    tr {
                        td data-label="Case" { code { "desk:" (case.id) } }
                        td data-label="About" { a href={ "/cases/" (case.id) } { (case.title) } }
                        td data-label="Customer" { (case.customer.id) ", " (case.customer.tenant) }
                        td data-label="Assigned to" { (assignee(case)) }
                        td data-label="State" { (shown(case)) }
                    }
                }
            }
        }
    };
    page(&PLACE, "Cases", &html! {}, &content)
}

pub(crate) fn show(case: &Case) -> Html<String> {
    let address = format!("/cases/{}", case.id);
    let content = html! {
        p { a href="/cases" { "All cases" } }
        h1 { (case.title) }
        p.lead { code { "desk:" (case.id) } " · " (shown(case)) }
        p { (case.text) }
        dl.facts {
            dt { "Customer" } dd { (case.customer.id) " of " (case.customer.tenant) }
            dt { "Opened" } dd { (moment(case.opened_at)) " by " (case.opened_by) }
            dt { "Assigned to" } dd { (assignee(case)) }
            dt { "Queue" } dd { (case.queue) }
            dt { "Priority" } dd { (case.priority) }
        }
        div.actions {
            @if case.state == "resolved" {
                form method="post" action={ (address) "/reopen" } { button { "Open again" } }
            } @else {
                form method="post" action={ (address) "/close" } { button.main { "Close the case" } }
            }
            form.actions method="post" action={ (address) "/reassign" } {
                div {
                    label for="assignee" { "Assign to" }
                    select id="assignee" name="assignee" {
                        @for account in COLLEAGUES {
                            option selected[case.assignee == Some(*account)] { (account) }
                        }
                    }
                }
                button { "Assign" }
            }
        }
        h2 { "History" }
        ol.history {
            @for note in case.history.iter().rev() { li { (moment(note.at)) (note.text) } }
        }
    };
    page(&PLACE, case.title, &html! {}, &content)
}

pub(crate) fn unknown() -> Response {
    let content = html! {
        h1 { "No such case" }
        p.lead { a href="/cases" { "All cases" } }
    };
    let page = page(&PLACE, "No such case", &html! {}, &content);
    (StatusCode::NOT_FOUND, page).into_response()
}

fn assignee(case: &Case) -> Markup {
    html! {
        @match case.assignee {
            Some(account) => (account),
            None => span.quiet { "nobody" },
        }
    }
}

fn shown(case: &Case) -> Markup {
    match case.state {
        "resolved" => state("good", case.state),
        "open" if case.priority == "urgent" => state("late", "open, urgent"),
        _ => state("open", case.state),
    }
}
