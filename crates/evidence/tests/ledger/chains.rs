//! Where each entry stands in its access event, written from the document and not from the server's code.

use std::collections::HashMap;

use locum_domain::{Event, Stream};
use locum_record::EventPlace;
use locum_tlog::Hash;

#[derive(Default)]
pub struct Chains {
    of: HashMap<Stream, [u8; 16]>,
    newest: HashMap<[u8; 16], (u64, Hash)>,
}

impl Chains {
    pub fn next(&mut self, stream: &Stream, event: &Event) -> Option<EventPlace> {
        let event = match event {
            Event::RequestFiled { request } => Some(request.event.to_bytes()),
            Event::SessionStarted { session } => Some(session.event.to_bytes()),
            Event::ReviewOpened { review } => Some(review.event.to_bytes()),
            _ => self.of.get(stream).copied(),
        }?;
        self.of.insert(stream.clone(), event);
        match self.newest.get(&event) {
            None => Some(EventPlace::first(event)),
            Some((count, leaf)) => EventPlace::later(event, count + 1, *leaf),
        }
    }

    pub fn stands(&mut self, place: EventPlace, leaf: Hash) {
        self.newest.insert(place.event(), (place.nth(), leaf));
    }
}
