//! What changes about one contact, as server-sent events, until the reader or the world ends.

use std::convert::Infallible;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::contacts::Note;

#[derive(Debug, Clone)]
pub(crate) struct Change {
    contact: &'static str,
    /// A [`Note`] as JSON.
    note: String,
}

impl Change {
    pub(crate) fn of(contact: &'static str, note: &Note) -> Self {
        // A note holds nothing that JSON cannot.
        let note = serde_json::to_string(note).unwrap_or_default();
        Self { contact, note }
    }
}

pub(crate) fn open(
    contact: &'static str,
    changes: Receiver<Change>,
    shutdown: CancellationToken,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let greeting = stream::once(async move { Ok(Event::default().event("ready").data(contact)) });
    let following = stream::unfold(changes, move |mut changes| {
        let shutdown = shutdown.clone();
        async move {
            let change = tokio::select! {
                () = shutdown.cancelled() => None,
                change = next(contact, &mut changes) => change,
            }?;
            let event = Event::default().event("changed").data(change.note);
            Some((Ok(event), changes))
        }
    });
    Sse::new(futures_util::StreamExt::chain(greeting, following)).keep_alive(KeepAlive::default())
}

async fn next(contact: &str, changes: &mut Receiver<Change>) -> Option<Change> {
    loop {
        match changes.recv().await {
            Ok(change) if change.contact == contact => return Some(change),
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return None,
        }
    }
}
