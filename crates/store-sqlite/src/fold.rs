//! One event onto one state, the same way when it is committed and when the ledger is folded again.

use jiff::Timestamp;
use locum_control::ports::{LedgerRow, Versioned};
use locum_domain::{Aggregate, Recorded};
use serde::Deserialize;

use crate::fault::Fault;

/// Folds `recorded` onto `seat`. Answers whether the state changed; only then the version is one more.
pub(crate) fn fold(seat: &mut Versioned, recorded: &Recorded) -> bool {
    let after = Aggregate::evolve(seat.state.clone(), recorded);
    if after == seat.state {
        return false;
    }
    seat.state = after;
    seat.version = seat.version.saturating_add(1);
    true
}

/// The part of an entry that its payload does not say: when.
#[derive(Deserialize)]
struct Entry {
    at: Timestamp,
}

/// The event of a ledger row.
///
/// # Errors
/// When entry or payload does not read as what this program writes.
pub(crate) fn recorded(row: LedgerRow) -> Result<Recorded, Fault> {
    let position = row.position;
    let unreadable = |what: &str, error: serde_json::Error| {
        Fault::Corrupt(format!(
            "the {what} at position {position} does not read: {error}"
        ))
    };
    let entry: Entry =
        serde_json::from_slice(&row.entry).map_err(|error| unreadable("entry", error))?;
    let event = row.payload().event();
    let event = event.map_err(|error| {
        Fault::Corrupt(format!(
            "the payload at position {position} is not whole: {error}"
        ))
    })?;
    let event = serde_json::from_slice(&event).map_err(|error| unreadable("payload", error))?;
    Ok(Recorded {
        position,
        stream: row.stream,
        at: entry.at,
        event,
    })
}
