//! What customer records show.

use axum::response::Html;
use maud::html;

use super::PLACE;
use super::contacts::{Contact, Ticket};
use crate::apps::customers::organisation;
use crate::apps::door::Visitor;
use crate::page::{moment, page, script, state};

pub(crate) fn list<'a>(
    visitor: &Visitor,
    contacts: impl Iterator<Item = &'a Contact>,
) -> Html<String> {
    let content = html! {
        h1 { "Contacts at " (organisation(visitor.customer.organisation)) }
        p.lead { "Whom we talk to there, and about what." }
        table.list {
            thead { tr { th { "Name" } th { "Position" } th { "Mail" } th { "Open cases" } } }
            tbody {
                @for contact in contacts {
                    tr {
                        td data-label="Name" {
                            a href={ "/contacts/" (contact.id) } { (contact.name) }
                        }
                        td data-label="Position" { (contact.position) }
                        td data-label="Mail" { (contact.mail) }
                        td data-label="Open cases" {
                            @match contact.tickets.iter().filter(|ticket| ticket.is_open).count() {
                                0 => span.quiet { "none" },
                                count => (count),
                            }
                        }
                    }
                }
            }
        }
    };
    page(&PLACE, "Contacts", &visitor.strip(), &content)
}

pub(crate) fn show(visitor: &Visitor, contact: &Contact) -> Html<String> {
    let content = html! {
        p { a href="/contacts" { "All contacts" } }
        div data-contact=(contact.id) {
            h1 { (contact.name) }
            p.lead { (contact.position) ", " (organisation(contact.organisation)) }
            dl.facts {
                dt { "Mail" } dd { (contact.mail) }
                dt { "Phone" } dd id="known" { (contact.phone) }
                dt { "Record" } dd { code { (contact.id) } }
            }
            form.actions id="edit" {
                div { label for="phone" { "New phone number" } input id="phone" name="phone" type="tel" required; }
                button { "Save" }
                span id="saying" role="status" {}
            }
        }
        h2 { "Cases" }
        @if contact.tickets.is_empty() { p.quiet { "None so far." } }
        @else { (tickets(contact.tickets)) }
        h2 { "History" }
        ol.history id="history" aria-live="polite" {
            @for note in contact.history.iter().rev() {
                li { (moment(note.at)) (note.text) " " span.quiet { (note.by) } }
            }
        }
        (script("/static/contact.js"))
    };
    page(&PLACE, contact.name, &visitor.strip(), &content)
}

fn tickets(tickets: &[Ticket]) -> maud::Markup {
    html! {
        table.list {
            thead { tr { th { "Case" } th { "About" } th { "State" } } }
            tbody {
                @for ticket in tickets {
                    tr {
                        td data-label="Case" { code { (ticket.number) } }
                        td data-label="About" { (ticket.title) }
                        td data-label="State" {
                            @if ticket.is_open { (state("open", "open")) }
                            @else { (state("good", "resolved")) }
                        }
                    }
                }
            }
        }
    }
}
