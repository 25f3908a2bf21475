//! The witness over HTTP (C2SP tlog-witness, "HTTP Interface"); one prefix for both interfaces.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use crate::witness::{Refusal, Witness};

/// More than 63 hashes and a checkpoint with many signatures ever take, in bytes.
const LARGEST: usize = 64 * 1024;

#[derive(Clone)]
struct Served {
    witness: Arc<Mutex<Witness>>,
    now: fn() -> u64,
}

/// The addresses of a witness. `now` gives the time in seconds since 1970-01-01 UTC.
pub fn router(witness: Witness, now: fn() -> u64) -> Router {
    let witness = Arc::new(Mutex::new(witness));
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin_hash}/checkpoint", get(checkpoint))
        .route("/key", get(key))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(Served { witness, now })
}

async fn add_checkpoint(State(served): State<Served>, body: Bytes) -> Response {
    // Remembering waits for the disk.
    let answer = tokio::task::spawn_blocking(move || {
        let mut witness = lock(&served.witness);
        witness.add_checkpoint(&body, (served.now)())
    });
    match answer.await {
        Ok(Ok(line)) => text(StatusCode::OK, line),
        Ok(Err(refusal)) => refused(&refusal),
        Err(error) => {
            tracing::error!(%error, "a checkpoint was not judged");
            text(StatusCode::INTERNAL_SERVER_ERROR, "not judged\n".to_owned())
        }
    }
}

async fn checkpoint(State(served): State<Served>, Path(origin_hash): Path<String>) -> Response {
    let note = lock(&served.witness)
        .checkpoint(&origin_hash)
        .map(str::to_owned);
    match note {
        Some(note) => text(StatusCode::OK, note),
        None => text(
            StatusCode::NOT_FOUND,
            "no checkpoint of this ledger was cosigned yet\n".to_owned(),
        ),
    }
}

/// The verifier key, for people; whoever trusts it should have it from elsewhere.
async fn key(State(served): State<Served>) -> Response {
    let key = lock(&served.witness).cosigner_key().to_string();
    text(StatusCode::OK, key + "\n")
}

fn refused(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::Malformed(_) | Refusal::OldBeyond { .. } => StatusCode::BAD_REQUEST,
        Refusal::UnknownLedger(_) => StatusCode::NOT_FOUND,
        Refusal::NotSigned(_) => StatusCode::FORBIDDEN,
        Refusal::OtherSize(size) => {
            let kind = [(header::CONTENT_TYPE, "text/x.tlog.size")];
            return (StatusCode::CONFLICT, kind, format!("{size}\n")).into_response();
        }
        Refusal::NotContinued => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Memory(error) => {
            tracing::error!(%error, "nothing can be remembered, so nothing is cosigned");
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    text(status, format!("{refusal}\n"))
}

fn text(status: StatusCode, body: String) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, kind, body).into_response()
}

/// A judgement that panicked changed nothing that was not on disk first.
fn lock(witness: &Mutex<Witness>) -> std::sync::MutexGuard<'_, Witness> {
    witness.lock().unwrap_or_else(PoisonError::into_inner)
}
