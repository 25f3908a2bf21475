//! Billing: invoices of three customers, an export that takes its time, and payouts that no
//! impersonator may order.

mod accounts;
mod books;
mod export;
mod pages;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use locum_sdk::Impersonation;
use maud::html;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::books::Books;
use crate::apps::customers::{self, Customer};
use crate::apps::door::{Trust, Visitor, guarded};
use crate::page::{Place, assets, page};
use crate::{Clock, serving};

/// The audience of its assertions.
pub const AUDIENCE: &str = "app:billing";

static PLACE: Place = Place {
    name: "Billing",
    class: "billing",
    home: "/",
    navigation: &[("/invoices", "Invoices")],
};

#[derive(Clone)]
struct Office {
    books: Arc<Mutex<Books>>,
    clock: Clock,
    shutdown: CancellationToken,
}

/// Serves until `shutdown`.
pub async fn serve(
    listener: TcpListener,
    trust: Trust,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let today = day(&trust.clock);
    let office = Office {
        books: Arc::new(Mutex::new(Books::open(today))),
        clock: trust.clock.clone(),
        shutdown: shutdown.clone(),
    };
    let inside = Router::new()
        .route("/", get(async || Redirect::to("/invoices")))
        .route("/invoices", get(list))
        .route("/invoices/{number}", get(show))
        .route("/invoices/{number}/resend", post(resend))
        .route("/invoices/{number}/export", get(export))
        .route("/payouts", post(pay_out))
        .with_state(office);
    let router = guarded(inside, &PLACE, AUDIENCE, &trust, account_of)?
        .merge(accounts::router())
        .merge(assets());
    serving::serve(listener, router, shutdown).await
}

fn account_of(acting: &Impersonation, _headers: &HeaderMap) -> Option<&'static Customer> {
    customers::by_login(&acting.subject)
}

fn day(clock: &Clock) -> Date {
    clock().to_zoned_datetime(TimeZone::UTC).date()
}

impl Office {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn list(
    State(office): State<Office>,
    Extension(visitor): Extension<Visitor>,
) -> Html<String> {
    let books = office.books();
    let invoices = books.of(visitor.customer.organisation);
    pages::list(&visitor, invoices, day(&office.clock))
}

async fn show(
    State(office): State<Office>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<String>,
) -> Response {
    let books = office.books();
    match books.find(visitor.customer.organisation, &number) {
        Some(invoice) => pages::show(&visitor, invoice, day(&office.clock)).into_response(),
        None => unknown(&visitor),
    }
}

async fn resend(
    State(office): State<Office>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<String>,
) -> Response {
    let today = day(&office.clock);
    let mut books = office.books();
    let Some(invoice) = books.find_mut(visitor.customer.organisation, &number) else {
        return unknown(&visitor);
    };
    let text = format!(
        "Sent again to {} by {}",
        visitor.customer.name, visitor.acting.actor.sub
    );
    invoice.note(today, text);
    Redirect::to(&format!("/invoices/{}", invoice.number)).into_response()
}

async fn export(
    State(office): State<Office>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<String>,
) -> Response {
    let issued = office
        .books()
        .find(visitor.customer.organisation, &number)
        .map(|invoice| invoice.issued);
    match issued {
        Some(issued) => export::download(number, issued, office.shutdown),
        None => unknown(&visitor),
    }
}

#[derive(Deserialize)]
struct Payout {
    amount: String,
    account: String,
}

/// A real one would pay. Locum's catalog closes this route, so that only customers get here.
async fn pay_out(Extension(visitor): Extension<Visitor>, Form(payout): Form<Payout>) -> Response {
    let content = html! {
        h1 { "Payout ordered" }
        p.lead { "€ " (payout.amount) " to " (payout.account) "." }
    };
    let page = page(&PLACE, "Payout ordered", &visitor.strip(), &content);
    (StatusCode::CREATED, page).into_response()
}

/// Somebody else's invoice and no invoice look the same.
fn unknown(visitor: &Visitor) -> Response {
    let content = html! {
        h1 { "No such invoice" }
        p.lead { "Among yours there is none with this number. " a href="/invoices" { "All invoices" } }
    };
    let page = page(&PLACE, "No such invoice", &visitor.strip(), &content);
    (StatusCode::NOT_FOUND, page).into_response()
}
