//! The evidence of a whole period, sent as it is made.

use std::pin::Pin;
use std::str::FromStr;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http_body::Frame;
use locum_control::Control;
use locum_control::population::{self, Export, Only, Period};
use locum_domain::{Refusal, Timestamp};
use tokio::sync::mpsc;

use super::look::looked;
use crate::command::Asking;
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;

/// Files that are made ahead of whoever takes them.
const AHEAD: usize = 4;

/// The access events that were filed in a period, each with its evidence pack, and the ledger's entries that show that
/// there is no other. For auditors; `application` and `actor` make a selection of it, which says so.
#[utoipa::path(
    get,
    path = "/api/v1/evidence",
    tag = "events",
    params(
        ("from" = String, Query, format = DateTime, description = "The first moment of the period (RFC 3339)"),
        ("to" = String, Query, format = DateTime, description = "The first moment after it"),
        ("application" = Option<String>, Query, description = "Only events with this application in scope"),
        ("actor" = Option<String>, Query, description = "Only events in which this principal acts"),
    ),
    responses((status = 200, body = String, content_type = "application/zip", description = "One canonical zip"))
)]
pub(crate) async fn export(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Result<Response, Refused> {
    let (from, to) = (time(&query, "from")?, time(&query, "to")?);
    let period = Period::new(from, to).ok_or_else(|| malformed("`from` is not before `to`"))?;
    let only = Only {
        application: name(&query, "application")?,
        actor: name(&query, "actor")?,
    };
    let export = population::population(front.control(), &caller, period, only).await;
    let export = looked(&front, &caller, export).await?;
    let (sender, made) = mpsc::channel(AHEAD);
    tokio::spawn(make(front.control().clone(), export, sender));
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"population.zip\"",
        ),
    ];
    Ok((headers, Body::new(Made(made))).into_response())
}

/// Makes the archive for as long as somebody takes it. What breaks off is cut, so that nobody takes it for whole.
async fn make(
    control: Control,
    mut export: Export,
    sender: mpsc::Sender<Result<Bytes, BrokenOff>>,
) {
    loop {
        let next = match export.next(&control).await {
            Ok(None) => return,
            Ok(Some(bytes)) => Ok(Bytes::from(bytes)),
            Err(refusal) => {
                tracing::error!(%refusal, "the evidence of a period broke off");
                Err(BrokenOff(refusal))
            }
        };
        let is_over = next.is_err();
        if sender.send(next).await.is_err() || is_over {
            return;
        }
    }
}

/// Why an answer that had begun was not finished.
#[derive(Debug, thiserror::Error)]
#[error("the evidence broke off: {0}")]
struct BrokenOff(Refusal);

/// What was made so far.
struct Made(mpsc::Receiver<Result<Bytes, BrokenOff>>);

impl http_body::Body for Made {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let next = self.0.poll_recv(context);
        next.map(|made| made.map(|made| made.map(Frame::data)))
    }
}

fn time(query: &Query, name: &str) -> Result<Timestamp, Refused> {
    let text = query
        .text(name)
        .ok_or_else(|| malformed(&format!("the parameter `{name}` is missing")))?;
    text.parse()
        .map_err(|_| malformed(&format!("the parameter `{name}` is no time (RFC 3339)")))
}

fn name<N: FromStr>(query: &Query, name: &str) -> Result<Option<N>, Refused> {
    let parsed = query.text(name).map(|text| text.parse());
    parsed
        .transpose()
        .map_err(|_| malformed(&format!("the parameter `{name}` is no name")))
}

fn malformed(detail: &str) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "malformed", detail.to_owned())
}
