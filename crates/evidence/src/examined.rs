//! What a reviewer was shown of the session, rebuilt from the entries.

use std::collections::BTreeMap;

use locum_domain::{Event, Recorded, SessionLook, SessionShown, tells_of_session};
use locum_tlog::Hash;

/// Looks at a session as its entries pass by, and remembers how it stood behind each entry from its end on: a reviewer
/// saw it there or nowhere.
#[derive(Debug, Clone, Default)]
pub(crate) struct Examined {
    look: SessionLook,
    stood: BTreeMap<u64, SessionShown>,
}

impl Examined {
    /// Takes in the next entry with its leaf hash.
    pub(crate) fn see(&mut self, recorded: &Recorded, leaf: Hash) {
        if !tells_of_session(recorded) {
            return;
        }
        self.look.see(recorded, *leaf.as_bytes());
        if let Some(shown) = self.look.shown() {
            self.stood.insert(recorded.position, shown);
        }
    }

    /// Whether the session stood so where it is said to have been shown.
    pub(crate) fn stood_so(&self, shown: &SessionShown) -> bool {
        self.stood.get(&shown.last) == Some(shown)
    }
}

/// Where entries stand that tell of the session after its end: a finding must have seen them.
#[derive(Debug, Clone, Default)]
pub(crate) struct AfterEnd {
    has_ended: bool,
    positions: Vec<u64>,
}

impl AfterEnd {
    pub(crate) fn hear(&mut self, recorded: &Recorded) {
        if !tells_of_session(recorded) {
            return;
        }
        self.has_ended |= matches!(recorded.event, Event::SessionEnded { .. });
        if self.has_ended {
            self.positions.push(recorded.position);
        }
    }

    /// How many stand behind what was shown, and the first of them.
    pub(crate) fn unseen(&self, shown: &SessionShown) -> (usize, Option<u64>) {
        let unseen = self.positions.iter().filter(|it| **it > shown.last);
        (unseen.clone().count(), unseen.copied().next())
    }
}
