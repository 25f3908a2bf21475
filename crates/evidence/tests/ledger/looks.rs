//! What a reviewer is shown of a session: filled in when the finding is recorded, for it names the ledger as it stands.

use std::collections::HashMap;

use locum_domain::authenticator::{Signature, Statement as _};
use locum_domain::session::EndedBecause;
use locum_domain::{
    Event, Recorded, Review, ReviewId, SessionId, SessionLook, SessionShown, Stream,
};
use locum_tlog::Hash;

use super::time;
use crate::device::{Device, Key};

#[derive(Default)]
pub struct Looks {
    sessions: HashMap<SessionId, SessionLook>,
    reviews: HashMap<ReviewId, Review>,
}

impl Looks {
    /// The event with what its maker saw, when it is a finding that left it open.
    pub fn filled(&self, event: &Event) -> Event {
        let mut event = event.clone();
        if let Event::ReviewCompleted { review, completion } = &mut event
            && completion.shown == not_yet()
            && let Some(review) = self.reviews.get(review)
            && let Some(look) = self.sessions.get(&review.session)
            && let Some(shown) = look.shown()
        {
            completion.shown = shown;
            if completion.signature == Some(to_be_signed()) {
                let digest = completion.statement(review).digest();
                completion.signature = Some(reviewers().sign_uncounted(&digest.0));
            }
        }
        event
    }

    pub fn see(&mut self, recorded: &Recorded, leaf: Hash) {
        if let Event::ReviewOpened { review } = &recorded.event {
            self.reviews.insert(review.id.clone(), review.clone());
        }
        if let Stream::Session(id) = &recorded.stream {
            let look = self.sessions.entry(id.clone()).or_default();
            look.see(recorded, *leaf.as_bytes());
        }
    }
}

/// What the reviewer of every story signs with. It does not count.
pub fn reviewers() -> Device {
    Device::new(Key::of_seed(0x51))
}

/// What a script writes that leaves the reviewer's signature to the ledger.
pub fn to_be_signed() -> Signature {
    Signature::KeyFile {
        authenticator: reviewers().key.public_key().thumbprint().authenticator_id(),
        signature: String::new(),
    }
}

/// What a script writes that leaves it to the ledger.
pub fn not_yet() -> SessionShown {
    SessionShown {
        activation: 0,
        admitted: 0,
        completed: 0,
        refused: 0,
        ended_because: EndedBecause::Expired,
        ended_at: time(0),
        last: 0,
        leaf: String::new(),
    }
}
