//! What a public ledger entry says: its kind, and which access event it is of.

use serde::Deserialize;

/// The kind of the entry with which a session begins (`docs/reference/ledger.md`).
const SESSION_STARTED: &str = "session-started";

#[derive(Deserialize)]
struct Entry {
    kind: String,
    #[serde(default)]
    event: Option<String>,
}

/// Whether these bytes, which are proved to be in the ledger, begin a session of this event.
pub(super) fn starts_a_session_of(entry: &[u8], access_event: &str) -> bool {
    serde_json::from_slice::<Entry>(entry).is_ok_and(|entry| {
        entry.kind == SESSION_STARTED && entry.event.as_deref() == Some(access_event)
    })
}
