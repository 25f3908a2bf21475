//! What the recorder found when it was opened: on the record, so that it does not stand in a log alone.

use std::sync::{Arc, Mutex, PoisonError};

use locum_domain::{Event, Happened, Refusal, Stream};

use crate::control::{Control, unavailable};
use crate::ports::Proposal;

/// The sentences of this start.
pub(crate) type RecorderFindings = Arc<Mutex<Vec<String>>>;

impl Control {
    /// Records that access records are gone which somebody relied on, each in a sentence; nothing where none is.
    ///
    /// # Errors
    /// `recorder-unavailable` when it cannot be recorded.
    pub async fn record_recorder_findings(&self, found: Vec<String>) -> Result<(), Refusal> {
        if found.is_empty() {
            return Ok(());
        }
        let at = self.time_to_end();
        let event = Event::RecorderFound {
            found: found.clone(),
            at,
        };
        let happened = Happened {
            stream: Stream::Doors,
            at,
            event,
        };
        let proposal = Proposal {
            events: vec![happened],
            ..Proposal::default()
        };
        self.sequencer.commit(proposal).await.map_err(unavailable)?;
        let known = self.recorder_findings.lock();
        *known.unwrap_or_else(PoisonError::into_inner) = found;
        Ok(())
    }

    /// What was found at this start.
    pub(crate) fn recorder_findings(&self) -> Vec<String> {
        let known = self.recorder_findings.lock();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
