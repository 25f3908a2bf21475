//! What a restore says when it is refused, and what it takes over from the store that it replaces.

use locum_cli::Failure;
use locum_control::ports::{Query, Store as _};
use locum_domain::Aggregate;
use locum_domain::hold::Hold;
use locum_domain::restoration::LongerHistory;
use locum_store_sqlite::SqliteStore;

/// The back-up contradicts something that is remembered.
pub(super) fn another(whose: &str) -> Failure {
    Failure::Unverified(format!(
        "the back-up tells another history than the one that {whose} remembers. Nothing was changed"
    ))
}

/// Entries would be lost, and nobody said that the ledger shall go on without them.
pub(super) fn would_lose(kept: u64, longest: &LongerHistory) -> Failure {
    let LongerHistory {
        known_by, entries, ..
    } = longest;
    Failure::State(format!(
        "the back-up ends after {kept} entries, and {known_by} remembers {entries}: {} entries would be lost. Nothing was \
         changed. Restore a newer back-up; where there is none, `--new-epoch --by WHO --reason WHY` goes on without them, \
         as a new epoch of the ledger that says so for ever",
        entries.saturating_sub(kept)
    ))
}

/// The stops that stand in a store; none where it does not answer, as one that is damaged.
pub(super) async fn holds_in(store: &SqliteStore) -> Vec<Hold> {
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let query = Query {
            keys: vec![("state".to_owned(), "held".to_owned())],
            before,
            limit: 200,
        };
        let Ok(page) = store.list("hold", query).await else {
            crate::tell(&"the stops of the store that is there cannot be read");
            return found;
        };
        found.extend(page.states.into_iter().filter_map(|state| match state {
            Aggregate::Hold(hold) => Some(*hold),
            _ => None,
        }));
        match page.next {
            Some(next) => before = Some(next),
            None => return found,
        }
    }
}
