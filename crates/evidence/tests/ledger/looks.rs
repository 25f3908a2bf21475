//! What a reviewer is shown of a session: filled in when the finding is recorded, for it names the ledger as it stands.

use std::collections::HashMap;

use locum_domain::session::EndedBecause;

use locum_domain::{Event, Recorded, ReviewId, SessionId, SessionLook, SessionShown, Stream};
use locum_tlog::Hash;

use super::time;

#[derive(Default)]
pub struct Looks {
    sessions: HashMap<SessionId, SessionLook>,
    reviews: HashMap<ReviewId, SessionId>,
}

impl Looks {
    /// The event with what its maker saw, when it is a finding that left it open.
    pub fn filled(&self, event: &Event) -> Event {
        let mut event = event.clone();
        if let Event::ReviewCompleted { review, completion } = &mut event
            && completion.shown == not_yet()
            && let Some(session) = self.reviews.get(review)
            && let Some(shown) = self.sessions.get(session).and_then(SessionLook::shown)
        {
            completion.shown = shown;
        }
        event
    }

    pub fn see(&mut self, recorded: &Recorded, leaf: Hash) {
        if let Event::ReviewOpened { review } = &recorded.event {
            self.reviews
                .insert(review.id.clone(), review.session.clone());
        }
        if let Stream::Session(id) = &recorded.stream {
            let look = self.sessions.entry(id.clone()).or_default();
            look.see(recorded, *leaf.as_bytes());
        }
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
