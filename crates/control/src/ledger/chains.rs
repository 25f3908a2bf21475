//! The chain of every access event: which entries are its, how many there are, and which is the newest.
//!
//! Each entry of a request, a session or a review says in public which event it belongs to, the how manyth of it it
//! is, and the leaf hash of the one before it. The head keeps for each event how far its chain has come, and for each
//! of those streams whose it is: some 150 bytes for an event, for ever, because a look at its evidence may come years
//! later. What many events share (a case, a hold, the founding, a person's keys) has no place in any one's chain.

use std::collections::HashMap;

use locum_domain::{Event, EventId, Recorded, Stream};
use locum_record::{Entry, EventPlace};
use locum_tlog::Hash;

/// A stream that is one event's: its kind by a letter, and its id's bytes.
type Key = (u8, [u8; 16]);

/// How far the chain of one event has come.
#[derive(Debug, Clone, Copy)]
struct Link {
    event: [u8; 16],
    count: u64,
    newest: Hash,
}

/// Every event's chain, as of one commit.
#[derive(Debug, Default)]
pub(crate) struct Chains {
    links: Vec<Link>,
    events: HashMap<[u8; 16], usize>,
    streams: HashMap<Key, usize>,
}

/// Chains as they will be when a commit stands, beside those that do.
#[derive(Debug, Default)]
pub(crate) struct Grown {
    links: HashMap<[u8; 16], Link>,
    streams: HashMap<Key, [u8; 16]>,
}

impl Grown {
    /// Takes an entry that was given its place into what will be.
    pub(crate) fn prepare(&mut self, stream: &Stream, place: EventPlace, leaf: Hash) {
        let link = Link {
            event: place.event(),
            count: place.nth(),
            newest: leaf,
        };
        self.links.insert(link.event, link);
        if let Some(key) = key(stream) {
            self.streams.insert(key, link.event);
        }
    }
}

/// Why an entry is not the next of its event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChainFault {
    #[error("entry {position} says that it belongs to another access event than it does")]
    Event { position: u64 },
    #[error(
        "entry {position} says that it is number {says} of its access event, and {count} stand before it"
    )]
    Number {
        position: u64,
        says: u64,
        count: u64,
    },
    #[error("entry {position} does not follow from the entry of its access event before it")]
    Previous { position: u64 },
}

impl Chains {
    /// The place of the event's next entry, and of nothing that belongs to no event.
    pub(crate) fn place(
        &self,
        grown: &Grown,
        stream: &Stream,
        event: &Event,
    ) -> Option<EventPlace> {
        let id = self.event_of(grown, stream, event)?;
        match self.link(grown, &id) {
            Some(link) => EventPlace::later(id, link.count.saturating_add(1), link.newest),
            None => Some(EventPlace::first(id)),
        }
    }

    /// What was prepared stands now.
    pub(crate) fn take(&mut self, grown: Grown) {
        for link in grown.links.into_values() {
            self.set(link);
        }
        for (stream, event) in grown.streams {
            if let Some(place) = self.events.get(&event) {
                self.streams.insert(stream, *place);
            }
        }
    }

    /// Takes an entry of the ledger in, of which the stream is known.
    ///
    /// # Errors
    /// [`ChainFault`] when it is not the next of its event. The chain goes on from what the entry says.
    pub(crate) fn follow(
        &mut self,
        recorded: &Recorded,
        entry: &Entry,
        leaf: Hash,
    ) -> Result<(), ChainFault> {
        let position = recorded.position;
        let due = self.event_of(&Grown::default(), &recorded.stream, &recorded.event);
        let counted = self.count(position, entry, leaf);
        if entry.place().map(|place| place.event()) != due {
            return Err(ChainFault::Event { position });
        }
        if let (Some(id), Some(key)) = (due, key(&recorded.stream))
            && let Some(place) = self.events.get(&id)
        {
            self.streams.insert(key, *place);
        }
        counted
    }

    /// The same for an entry whose payload stays closed: which event it belongs to is its own word.
    ///
    /// # Errors
    /// As [`Chains::follow`].
    pub(crate) fn count(
        &mut self,
        position: u64,
        entry: &Entry,
        leaf: Hash,
    ) -> Result<(), ChainFault> {
        let Some(place) = entry.place() else {
            return Ok(());
        };
        let before = self.link(&Grown::default(), &place.event());
        self.set(Link {
            event: place.event(),
            count: place.nth(),
            newest: leaf,
        });
        let count = before.map_or(0, |link| link.count);
        let says = place.nth();
        if says != count.saturating_add(1) {
            return Err(ChainFault::Number {
                position,
                says,
                count,
            });
        }
        if place.previous() == before.map(|link| link.newest) {
            Ok(())
        } else {
            Err(ChainFault::Previous { position })
        }
    }

    /// Which event an entry belongs to: a filing and whatever names its event say so themselves, the rest of a stream
    /// follows the first.
    fn event_of(&self, grown: &Grown, stream: &Stream, event: &Event) -> Option<[u8; 16]> {
        let key = key(stream)?;
        if let Some(id) = grown.streams.get(&key) {
            return Some(*id);
        }
        let known = self
            .streams
            .get(&key)
            .and_then(|place| self.links.get(*place));
        match known {
            Some(link) => Some(link.event),
            None => begun(event).map(EventId::to_bytes),
        }
    }

    fn link(&self, grown: &Grown, event: &[u8; 16]) -> Option<Link> {
        let known = || self.links.get(*self.events.get(event)?);
        grown.links.get(event).or_else(known).copied()
    }

    fn set(&mut self, link: Link) {
        let place = *self.events.entry(link.event).or_insert(self.links.len());
        match self.links.get_mut(place) {
            Some(known) => *known = link,
            None => self.links.push(link),
        }
    }
}

/// The event that a stream is of, where its first entry says it. A request to lengthen a session names the session's.
fn begun(event: &Event) -> Option<&EventId> {
    match event {
        Event::RequestFiled { request } => Some(&request.event),
        Event::SessionStarted { session } => Some(&session.event),
        Event::ReviewOpened { review } => Some(&review.event),
        _ => None,
    }
}

/// The streams that are one event's.
fn key(stream: &Stream) -> Option<Key> {
    match stream {
        Stream::Request(id) => Some((b'q', id.to_bytes())),
        Stream::Session(id) => Some((b's', id.to_bytes())),
        Stream::Review(id) => Some((b'v', id.to_bytes())),
        _ => None,
    }
}
