//! The states a batch touches, read once and written as they change.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use locum_control::ports::Versioned;
use locum_domain::{Happened, Recorded, Stream};
use rusqlite::Connection;

use crate::fault::Fault;
use crate::fold::fold;
use crate::{projection, unclassified};

/// States inside one transaction, and the events accepted so far.
pub(super) struct States<'t> {
    connection: &'t Connection,
    loaded: HashMap<Stream, Versioned>,
    next: u64,
    accepted: Vec<Recorded>,
}

impl<'t> States<'t> {
    /// Begins at the ledger's size.
    pub(super) fn new(connection: &'t Connection, next: u64) -> Self {
        Self {
            connection,
            loaded: HashMap::new(),
            next,
            accepted: Vec::new(),
        }
    }

    pub(super) fn connection(&self) -> &Connection {
        self.connection
    }

    /// The state of `stream` as the batch has made it so far.
    pub(super) fn of(&mut self, stream: &Stream) -> Result<&mut Versioned, Fault> {
        Ok(match self.loaded.entry(stream.clone()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(projection::load(self.connection, stream)?),
        })
    }

    /// Gives `events` the next positions, folds them and writes the states they changed. Answers how many.
    pub(super) fn take(&mut self, events: Vec<Happened>) -> Result<usize, Fault> {
        let count = events.len();
        let mut changed: Vec<Stream> = Vec::new();
        for happened in events {
            let recorded = happened.at_position(self.next);
            self.next = self.next.saturating_add(1);
            if fold(self.of(&recorded.stream)?, &recorded) && !changed.contains(&recorded.stream) {
                changed.push(recorded.stream.clone());
            }
            unclassified::note(self.connection, &recorded)?;
            self.accepted.push(recorded);
        }
        for stream in changed {
            let connection = self.connection;
            let Versioned { version, state } = self.of(&stream)?;
            if let Some(state) = state {
                projection::put(connection, &stream, *version, state)?;
            }
        }
        Ok(count)
    }

    /// All accepted events in their final order.
    pub(super) fn into_accepted(self) -> Vec<Recorded> {
        self.accepted
    }
}
