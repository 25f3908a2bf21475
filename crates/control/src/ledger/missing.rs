//! Personal values that are not there, held against the erasures on the record: whoever takes a key out of the database
//! has erased nothing, and is found.

use std::collections::BTreeMap;

use locum_record::{Entry, Personal};

use crate::ports::LedgerRow;

/// What is missing so far, while rows pass by in ledger order.
#[derive(Default)]
pub(super) struct Missing {
    /// The first entry without its values, of each access event and of none.
    first: BTreeMap<Option<[u8; 16]>, u64>,
}

impl Missing {
    /// Takes the next row in.
    pub(super) fn see(&mut self, row: &LedgerRow) {
        // A row that is none is told of by whoever opens it.
        let Ok(entry) = Entry::parse(&row.entry) else {
            return;
        };
        let event = entry.place().map(|place| place.event());
        match entry.kind() {
            "personal-erased" => {
                self.first.remove(&event);
            }
            // Holds on the subject, and what was said of the erasure itself.
            "erasure-confirmed" => {
                self.first.remove(&None);
            }
            _ if row.personal.as_ref().is_some_and(Personal::is_erased) => {
                self.first.entry(event).or_insert(row.position);
            }
            _ => {}
        }
    }

    /// What no erasure accounts for, in sentences.
    pub(super) fn faults(self) -> impl Iterator<Item = String> {
        self.first.into_values().map(|position| {
            format!(
                "the personal values of entry {position} are missing, and no erasure after it is on the record"
            )
        })
    }
}
