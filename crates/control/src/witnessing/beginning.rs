//! A session across applications begins under a checkpoint that witnesses signed, before anybody enters it (R25).

use locum_catalog::settings::WhenUnwitnessed;
use locum_domain::{Denial, Event, Refusal, Session, SessionId, Stream};
use locum_tlog::verify_checkpoint;

use crate::control::{Control, unavailable};
use crate::ledger::SequencerError;
use crate::ports::Proposal;

/// How often what witnesses signed is put on the record anew because the session changed meanwhile.
const MOST_ATTEMPTS: usize = 8;

impl Control {
    /// Waits until witnesses have signed for the ledger with this session's beginning in it, and puts what they signed
    /// on the record. A session in one application waits for nobody.
    ///
    /// # Errors
    /// `recorder-unavailable` where nothing begins unwitnessed. Where the operator goes on without witnesses, the
    /// lack is a finding.
    pub(crate) async fn witness_beginning(&self, id: &SessionId) -> Result<(), Refusal> {
        if self.settings().witnesses.policy.witnesses().is_empty() {
            return Ok(());
        }
        for _ in 0..MOST_ATTEMPTS {
            let Some((session, version)) = self.to_witness(id).await? else {
                return Ok(());
            };
            let Some(checkpoint) = self.final_over(&session).await? else {
                return self.begins_unwitnessed(id);
            };
            let stream = Stream::Session(id.clone());
            let at = self.now()?;
            let event = Event::SessionWitnessed {
                session: id.clone(),
                checkpoint,
                at,
            };
            match self
                .sequencer
                .commit(Proposal::of(&stream, version, event, at))
                .await
            {
                Ok(_) => return Ok(()),
                Err(SequencerError::Rejected(_)) => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
        Err(Denial::Conflict.because("others keep deciding at the same moment"))
    }

    /// The session with its version, if its beginning still has to be witnessed.
    async fn to_witness(&self, id: &SessionId) -> Result<Option<(Session, u64)>, Refusal> {
        let session = match self.verified_session(id).await {
            Ok(session) => session,
            Err(refusal) if refusal.denial == Denial::NotFound => return Ok(None),
            Err(refusal) => return Err(refusal),
        };
        if !session.is_crossing() || session.is_witnessed {
            return Ok(None);
        }
        let version = self.existing_session(id).await?.1;
        Ok(Some((session, version)))
    }

    /// What witnesses signed over the session's beginning, once enough of them did.
    async fn final_over(&self, session: &Session) -> Result<Option<String>, Refusal> {
        let entries = session.activation.saturating_add(1);
        self.until_final(entries).await;
        let kept = self.store().witnessed_over(entries).await;
        // Whoever writes to the store could put any note there.
        let counts = |note: &String| {
            let policy = &self.settings().witnesses.policy;
            let is_final = policy.verify(note, Some(self.ledger_verifier())).is_ok();
            let checkpoint = verify_checkpoint(note, self.ledger_verifier());
            is_final && checkpoint.is_ok_and(|checkpoint| checkpoint.size() >= entries)
        };
        Ok(kept.map_err(unavailable)?.filter(counts))
    }

    fn begins_unwitnessed(&self, id: &SessionId) -> Result<(), Refusal> {
        if self.settings().witnesses.when_unwitnessed == WhenUnwitnessed::Continue {
            tracing::warn!(session = %id, "nobody witnessed the beginning of a session across applications");
            return Ok(());
        }
        let detail = "too few witnesses have signed for the beginning of this session; open it again in a moment";
        Err(Denial::RecorderUnavailable.because(detail))
    }
}
