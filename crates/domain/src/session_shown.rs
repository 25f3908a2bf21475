//! What a reviewer is shown of a session: its ledger entries up to a place, counted and pinned by the last one's leaf.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::aggregate::Stream;
use crate::event::{Event, Recorded};
use crate::session::EndedBecause;

/// A session as its reviewer saw it. A finding is about just this, and its signature commits to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionShown {
    /// Where the session starts in the ledger.
    pub activation: u64,
    /// Requests in applications, by what became of them.
    pub admitted: u64,
    pub completed: u64,
    pub refused: u64,
    pub ended_because: EndedBecause,
    pub ended_at: Timestamp,
    /// Where the last entry of the session stands that was shown.
    pub last: u64,
    /// That entry's leaf hash (RFC 6962), 64 lower-case hexadecimal digits: no other history has it there.
    pub leaf: String,
}

/// Looks over a session's entries as they pass by in ledger order.
#[derive(Debug, Clone, Default)]
pub struct SessionLook {
    activation: Option<u64>,
    admitted: u64,
    completed: u64,
    refused: u64,
    ended: Option<(EndedBecause, Timestamp)>,
    last: Option<(u64, [u8; 32])>,
}

/// Whether an entry is one of those that tell a session: all of its stream but refusals of people and looks at evidence,
/// which may stand in any.
pub fn tells_of_session(recorded: &Recorded) -> bool {
    matches!(recorded.stream, Stream::Session(_))
        && !matches!(
            recorded.event,
            Event::Refused { .. } | Event::EvidenceRead { .. }
        )
}

impl SessionLook {
    /// Takes in the next entry of the session, with its leaf hash; any other is passed over.
    pub fn see(&mut self, recorded: &Recorded, leaf: [u8; 32]) {
        if !tells_of_session(recorded) {
            return;
        }
        match &recorded.event {
            Event::SessionStarted { .. } => self.activation = Some(recorded.position),
            Event::AccessAdmitted(_) => self.admitted += 1,
            Event::AccessCompleted(_) => self.completed += 1,
            Event::AccessRefused(_) => self.refused += 1,
            Event::SessionEnded { because, at, .. } => self.ended = Some((*because, *at)),
            _ => {}
        }
        self.last = Some((recorded.position, leaf));
    }

    /// What a reviewer is shown now; nothing of a session that has not begun or not ended.
    pub fn shown(&self) -> Option<SessionShown> {
        let (ended_because, ended_at) = self.ended?;
        let (last, leaf) = self.last?;
        Some(SessionShown {
            activation: self.activation?,
            admitted: self.admitted,
            completed: self.completed,
            refused: self.refused,
            ended_because,
            ended_at,
            last,
            leaf: hex::encode(leaf),
        })
    }
}
