//! What billing shows.

use axum::response::Html;
use jiff::civil::Date;
use maud::{Markup, html};

use super::PLACE;
use super::books::{Invoice, VAT, euro};
use crate::apps::customers::organisation;
use crate::apps::door::Visitor;
use crate::page::{day, page, state};

pub(crate) fn list<'a>(
    visitor: &Visitor,
    invoices: impl Iterator<Item = &'a Invoice>,
    today: Date,
) -> Html<String> {
    let invoices: Vec<_> = invoices.collect();
    let open = invoices.iter().filter(|invoice| invoice.paid.is_none());
    let open_cents: i64 = open.clone().map(|invoice| invoice.total_cents()).sum();
    let content = html! {
        h1 { "Invoices of " (organisation(visitor.customer.organisation)) }
        p.lead { (open.count()) " not paid, together " (euro(open_cents)) "." }
        table.list {
            thead { tr {
                th { "Number" } th { "Issued" } th { "Due" } th { "State" } th.amount { "Total" }
            } }
            tbody {
                @for invoice in &invoices {
                    tr {
                        td data-label="Number" {
                            a href={ "/invoices/" (invoice.number) } { (invoice.number) }
                        }
                        td data-label="Issued" { (day(invoice.issued)) }
                        td data-label="Due" { (day(invoice.due)) }
                        td data-label="State" { (settled(invoice, today)) }
                        td.amount data-label="Total" { (euro(invoice.total_cents())) }
                    }
                }
            }
        }
        section.apart {
            h2 { "Pay out credit" }
            p.quiet { "Money leaves to the account that is given here." }
            form.actions method="post" action="/payouts" {
                div { label for="amount" { "Amount in euro" } input id="amount" name="amount" value="480.00" required; }
                div { label for="account" { "To account" } input id="account" name="account" required; }
                button { "Pay out" }
            }
        }
    };
    page(&PLACE, "Invoices", &visitor.strip(), &content)
}

pub(crate) fn show(visitor: &Visitor, invoice: &Invoice, today: Date) -> Html<String> {
    let address = format!("/invoices/{}", invoice.number);
    let content = html! {
        p { a href="/invoices" { "All invoices" } }
        h1 { "Invoice " (invoice.number) }
        p.lead { (organisation(invoice.organisation)) " · " (settled(invoice, today)) }
        dl.facts {
            dt { "Issued" } dd { (day(invoice.issued)) }
            dt { "Due" } dd { (day(invoice.due)) }
            @if let Some(paid) = invoice.paid { dt { "Paid" } dd { (day(paid)) } }
        }
        (lines(invoice))
        div.actions {
            form method="post" action={ (address) "/resend" } {
                button.main { "Send again" }
            }
            a.button href={ (address) "/export" } { "Download usage" }
        }
        h2 { "History" }
        ol.history {
            @for note in invoice.history.iter().rev() {
                li { (day(note.on)) (note.text) }
            }
        }
    };
    page(&PLACE, invoice.number, &visitor.strip(), &content)
}

fn lines(invoice: &Invoice) -> Markup {
    html! {
        table {
            thead { tr {
                th { "For" } th.amount { "Quantity" } th.amount { "Each" } th.amount { "Amount" }
            } }
            tbody {
                @for line in &invoice.lines {
                    tr {
                        td { (line.text) }
                        td.amount { (line.quantity) }
                        td.amount { (euro(line.unit_cents)) }
                        td.amount { (euro(line.cents())) }
                    }
                }
            }
            tfoot {
                tr { th colspan="3" { "Net" } td.amount { (euro(invoice.net_cents())) } }
                tr { th colspan="3" { "VAT " (VAT) " %" } td.amount { (euro(invoice.vat_cents())) } }
                tr { th colspan="3" { "Total" } td.amount { (euro(invoice.total_cents())) } }
            }
        }
    }
}

fn settled(invoice: &Invoice, today: Date) -> Markup {
    match invoice.paid {
        Some(_) => state("good", "paid"),
        None if invoice.due < today => state("late", "overdue"),
        None => state("open", "open"),
    }
}
