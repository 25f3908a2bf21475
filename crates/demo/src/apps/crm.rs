//! Customer records: the people of a customer's organisation, what was said with them, and a feed
//! of what changes.
//!
//! It takes its user from `X-Remote-User`, as applications do that know only a trusted header.
//! Being a careful one, it demands that the assertion beside it names the same subject.

mod contacts;
mod feed;
mod pages;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use locum_sdk::Impersonation;
use maud::html;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use self::contacts::Contacts;
use self::feed::Change;
use crate::apps::customers::{self, Customer};
use crate::apps::door::{Trust, Visitor, guarded};
use crate::page::{Place, assets, page};
use crate::{Clock, serving};

/// The audience of its assertions.
pub const AUDIENCE: &str = "app:crm";
/// The header it takes its user from.
pub const TRUSTED_HEADER: &str = "x-remote-user";

const LONGEST_PHONE: usize = 40;
/// A reader that falls behind by more misses changes; the page shows them when loaded again.
const CHANGES_HELD: usize = 64;

static PLACE: Place = Place {
    name: "Customer records",
    class: "crm",
    home: "/",
    navigation: &[("/contacts", "Contacts")],
};

#[derive(Clone)]
struct Office {
    contacts: Arc<Mutex<Contacts>>,
    changes: broadcast::Sender<Change>,
    clock: Clock,
    shutdown: CancellationToken,
}

/// Serves until `shutdown`.
pub async fn serve(
    listener: TcpListener,
    trust: Trust,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let office = Office {
        contacts: Arc::new(Mutex::new(Contacts::open((trust.clock)()))),
        changes: broadcast::channel(CHANGES_HELD).0,
        clock: trust.clock.clone(),
        shutdown: shutdown.clone(),
    };
    let inside = Router::new()
        .route("/", get(async || Redirect::to("/contacts")))
        .route("/contacts", get(list))
        .route("/contacts/{id}", get(show).patch(change))
        .route("/contacts/{id}/events", get(events))
        .with_state(office);
    let router = guarded(inside, &PLACE, AUDIENCE, &trust, user_of)?.merge(assets());
    serving::serve(listener, router, shutdown).await
}

fn user_of(acting: &Impersonation, headers: &HeaderMap) -> Option<&'static Customer> {
    let mut users = headers.get_all(TRUSTED_HEADER).iter();
    let user = users.next()?.to_str().ok()?;
    let is_agreed = users.next().is_none() && user == acting.subject;
    is_agreed.then(|| customers::by_id(user))?
}

impl Office {
    fn contacts(&self) -> MutexGuard<'_, Contacts> {
        self.contacts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn list(
    State(office): State<Office>,
    Extension(visitor): Extension<Visitor>,
) -> Html<String> {
    let contacts = office.contacts();
    pages::list(&visitor, contacts.of(visitor.customer.organisation))
}

async fn show(
    State(office): State<Office>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Response {
    let contacts = office.contacts();
    match contacts.find(visitor.customer.organisation, &id) {
        Some(contact) => pages::show(&visitor, contact).into_response(),
        None => unknown(&visitor),
    }
}

/// What may be changed about a contact.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    phone: String,
}

async fn change(
    State(office): State<Office>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Json(edit): Json<Edit>,
) -> Response {
    if edit.phone.is_empty() || edit.phone.len() > LONGEST_PHONE {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    let at = (office.clock)();
    let by = format!("{} as {}", visitor.acting.actor.sub, visitor.acting.subject);
    let mut contacts = office.contacts();
    let Some(contact) = contacts.find_mut(visitor.customer.organisation, &id) else {
        return unknown(&visitor);
    };
    let text = format!("Phone changed to {}", edit.phone);
    contact.phone = edit.phone;
    let note = contact.note(at, text, by);
    // Nobody need be listening.
    let _ = office.changes.send(Change::of(contact.id, &note));
    Json(note).into_response()
}

async fn events(
    State(office): State<Office>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Response {
    let known = office
        .contacts()
        .find(visitor.customer.organisation, &id)
        .map(|contact| contact.id);
    match known {
        Some(id) => feed::open(id, office.changes.subscribe(), office.shutdown).into_response(),
        None => unknown(&visitor),
    }
}

/// Another organisation's contact and no contact look the same.
fn unknown(visitor: &Visitor) -> Response {
    let content = html! {
        h1 { "No such contact" }
        p.lead { "Your organisation has none with this id. " a href="/contacts" { "All contacts" } }
    };
    let page = page(&PLACE, "No such contact", &visitor.strip(), &content);
    (StatusCode::NOT_FOUND, page).into_response()
}
