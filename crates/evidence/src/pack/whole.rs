//! R24: whether a story is whole. The entries of one access event count themselves in public, each naming the one
//! before it, so that one that was left out shows.

use locum_domain::{EventId, Recorded, Stream};
use locum_record::Entry;
use locum_tlog::Hash;

/// Why disclosed entries are not the first so many of one access event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotWhole {
    #[error(
        "entry {nth} of the event is missing, which stands before entry {position} of the ledger"
    )]
    LeftOut { nth: u64, position: u64 },
    #[error("entry {0} does not say that it is of this access event, and of no other")]
    OtherEvent(u64),
    #[error("entry {0} does not follow from the entry of the access event before it")]
    Unfollowing(u64),
}

/// An access event's chain, as far as it was heard.
#[derive(Debug, Clone, Default)]
pub(crate) struct Whole {
    event: Option<[u8; 16]>,
    count: u64,
    newest: Option<Hash>,
    fault: Option<NotWhole>,
}

impl Whole {
    /// Hears the next disclosed entry in the order of the ledger. The first fault is kept for the end.
    pub(super) fn hear(&mut self, recorded: &Recorded, entry: &Entry, leaf: Hash) {
        if self.fault.is_none() {
            self.fault = self.take(recorded, entry, leaf).err();
        }
    }

    /// How many entries of this event's own were told, once all are heard.
    ///
    /// # Errors
    /// [`NotWhole`] when they are not its first so many.
    pub(crate) fn counted(&self, event: &EventId) -> Result<u64, NotWhole> {
        match &self.fault {
            Some(fault) => Err(fault.clone()),
            None if self.event == Some(event.to_bytes()) => Ok(self.count),
            None => Err(NotWhole::LeftOut {
                nth: 1,
                position: 0,
            }),
        }
    }

    fn take(&mut self, recorded: &Recorded, entry: &Entry, leaf: Hash) -> Result<(), NotWhole> {
        let position = recorded.position;
        let place = match (is_one_events(&recorded.stream), entry.place()) {
            (true, Some(place)) => place,
            (false, None) => return Ok(()),
            _ => return Err(NotWhole::OtherEvent(position)),
        };
        if *self.event.get_or_insert(place.event()) != place.event() {
            return Err(NotWhole::OtherEvent(position));
        }
        let nth = self.count.saturating_add(1);
        if place.nth() > nth {
            return Err(NotWhole::LeftOut { nth, position });
        }
        if place.nth() < nth || place.previous() != self.newest {
            return Err(NotWhole::Unfollowing(position));
        }
        self.count = nth;
        self.newest = Some(leaf);
        Ok(())
    }
}

/// Whether a stream is one access event's alone: its entries are counted. What many share is in no one's count.
fn is_one_events(stream: &Stream) -> bool {
    matches!(
        stream,
        Stream::Request(_) | Stream::Session(_) | Stream::Review(_)
    )
}
