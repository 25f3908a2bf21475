//! The states a batch touches, read once and written as they change.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use locum_control::ports::Versioned;
use locum_domain::{Event, Happened, Recorded, Stream};
use rusqlite::Connection;

use crate::fault::Fault;
use crate::fold::fold;
use crate::sealed::{Keys, Owner, owner};
use crate::vault::Vault;
use crate::{projection, unclassified};

/// States inside one transaction, and the events accepted so far.
pub(super) struct States<'t> {
    connection: &'t Connection,
    vault: Option<&'t Vault>,
    keys: Keys<'t>,
    loaded: HashMap<Stream, Versioned>,
    next: u64,
    accepted: Vec<Recorded>,
    /// For each accepted event, under whose key its personal values go.
    owners: Vec<Owner>,
    /// The subjects whose erasure was confirmed.
    erased: Vec<String>,
}

/// What a batch comes to.
pub(super) struct Accepted<'t> {
    /// In their final order.
    pub(super) events: Vec<Recorded>,
    /// For each of them, under whose key its personal values go.
    pub(super) owners: Vec<Owner>,
    /// The keys that were used so far.
    pub(super) keys: Keys<'t>,
    pub(super) erased: Vec<String>,
}

impl<'t> States<'t> {
    /// Begins at the ledger's size.
    pub(super) fn new(connection: &'t Connection, vault: Option<&'t Vault>, next: u64) -> Self {
        Self {
            connection,
            vault,
            keys: Keys::new(vault, connection),
            loaded: HashMap::new(),
            next,
            accepted: Vec::new(),
            owners: Vec::new(),
            erased: Vec::new(),
        }
    }

    pub(super) fn connection(&self) -> &Connection {
        self.connection
    }

    pub(super) fn vault(&self) -> Option<&'t Vault> {
        self.vault
    }

    /// The state of `stream` as the batch has made it so far.
    pub(super) fn of(&mut self, stream: &Stream) -> Result<&mut Versioned, Fault> {
        Ok(match self.loaded.entry(stream.clone()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                entry.insert(projection::load(self.connection, self.vault, stream)?)
            }
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
            let owner = self.owner(&recorded.stream)?;
            if let (Event::ErasureConfirmed { .. }, Owner::Of(subject)) = (&recorded.event, &owner)
            {
                self.erased.push(subject.clone());
            }
            self.owners.push(owner);
            self.accepted.push(recorded);
        }
        for stream in changed {
            let (connection, vault) = (self.connection, self.vault);
            let owner = self.owner(&stream)?;
            let Versioned { version, state } = self.of(&stream)?.clone();
            if let Some(state) = &state {
                let state = (state, &owner);
                projection::put(connection, vault, &mut self.keys, &stream, version, state)?;
            }
        }
        Ok(count)
    }

    /// Under whose key the stream's personal data goes.
    fn owner(&mut self, stream: &Stream) -> Result<Owner, Fault> {
        let state = self.of(stream)?.state.clone();
        owner(stream, state.as_ref(), |session| {
            Ok(self.of(session)?.state.clone())
        })
    }

    /// What the batch comes to.
    pub(super) fn into_accepted(self) -> Accepted<'t> {
        Accepted {
            events: self.accepted,
            owners: self.owners,
            keys: self.keys,
            erased: self.erased,
        }
    }
}
