//! A small case desk: a JSON document per case for whoever looks it up, pages for people, and a
//! signed webhook whenever a case changes.
//!
//! `GET /cases/{id}` answers JSON, and a page to a browser that prefers one.

mod cases;
mod pages;
mod webhook;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Json, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::cases::{Case, Cases};
pub use self::webhook::{Webhook, WebhookError};
use crate::page::assets;
use crate::{Clock, serving};

#[derive(Clone)]
struct Desk {
    cases: Arc<Mutex<Cases>>,
    webhook: Option<Arc<Webhook>>,
    clock: Clock,
    shutdown: CancellationToken,
}

/// Serves until `shutdown`. Every change of a case is told to `webhook`, if there is one.
pub async fn serve(
    listener: TcpListener,
    webhook: Option<Webhook>,
    clock: Clock,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let desk = Desk {
        cases: Arc::new(Mutex::new(Cases::open(clock()))),
        webhook: webhook.map(Arc::new),
        clock,
        shutdown: shutdown.clone(),
    };
    let router = Router::new()
        .route("/", get(async || Redirect::to("/cases")))
        .route("/cases", get(list))
        .route("/cases/{id}", get(show))
        .route("/cases/{id}/close", post(close))
        .route("/cases/{id}/reopen", post(reopen))
        .route("/cases/{id}/reassign", post(reassign))
        .with_state(desk)
        .merge(assets());
    serving::serve(listener, router, shutdown).await
}

impl Desk {
    fn cases(&self) -> MutexGuard<'_, Cases> {
        self.cases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the case, tells the webhook beside the answer, and shows the case again.
    fn change(&self, id: &str, change: impl FnOnce(&mut Case)) -> Response {
        let mut cases = self.cases();
        let Some(case) = cases.find_mut(id) else {
            return pages::unknown();
        };
        change(case);
        let (id, state) = (case.id, case.state);
        drop(cases);
        if let Some(webhook) = self.webhook.clone() {
            let desk = self.clone();
            tokio::spawn(async move {
                let telling = webhook.tell(id, state, &desk.clock);
                let said = desk.shutdown.run_until_cancelled(telling).await;
                if let (Some(said), Some(case)) = (said, desk.cases().find_mut(id)) {
                    case.note((desk.clock)(), said);
                }
            });
        }
        Redirect::to(&format!("/cases/{id}")).into_response()
    }
}

async fn list(State(desk): State<Desk>) -> Html<String> {
    pages::list(desk.cases().all())
}

async fn show(State(desk): State<Desk>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let prefers_page = headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let cases = desk.cases();
    match cases.find(&id) {
        Some(case) if prefers_page => pages::show(case).into_response(),
        Some(case) => Json(case).into_response(),
        None if prefers_page => pages::unknown(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn close(State(desk): State<Desk>, Path(id): Path<String>) -> Response {
    let at = (desk.clock)();
    desk.change(&id, |case| {
        case.state = "resolved";
        case.note(at, "Closed".to_owned());
    })
}

async fn reopen(State(desk): State<Desk>, Path(id): Path<String>) -> Response {
    let at = (desk.clock)();
    desk.change(&id, |case| {
        case.state = "open";
        case.note(at, "Opened again".to_owned());
    })
}

#[derive(Deserialize)]
struct Reassign {
    assignee: String,
}

async fn reassign(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Form(form): Form<Reassign>,
) -> Response {
    let Some(assignee) = cases::colleague(&form.assignee) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let at = (desk.clock)();
    desk.change(&id, |case| {
        case.assignee = Some(assignee);
        case.note(at, format!("Assigned to {assignee}"));
    })
}
