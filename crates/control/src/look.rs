//! Looking is an event: an auditor's look at anything, and whoever takes evidence out of the house. What cannot be recorded is not
//! shown.

use locum_domain::{Event, Happened, Refusal, Stream};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::ports::Proposal;
use crate::sight;

impl Control {
    /// Records an auditor's look; other people look at what is theirs.
    pub(crate) async fn looked(
        &self,
        caller: &Caller,
        about: &Stream,
        what: &str,
    ) -> Result<(), Refusal> {
        if sight::is_auditor(&self.catalog_for(caller), &caller.principal) {
            self.read_evidence(caller, about, what).await
        } else {
            Ok(())
        }
    }

    /// Records a look at evidence, whoever takes it.
    pub(crate) async fn read_evidence(
        &self,
        caller: &Caller,
        about: &Stream,
        what: &str,
    ) -> Result<(), Refusal> {
        let at = self.now()?;
        let by = caller.principal.clone();
        let event = Event::EvidenceRead {
            by,
            what: what.to_owned(),
            at,
        };
        let events = vec![Happened {
            stream: about.clone(),
            at,
            event,
        }];
        let proposal = Proposal {
            events,
            ..Proposal::default()
        };
        self.sequencer
            .commit(proposal)
            .await
            .map(|_| ())
            .map_err(unavailable)
    }
}
