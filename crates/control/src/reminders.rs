//! Reminders: security is told of an emergency when it is filed, and whoever it skipped that they sign afterwards,
//! by when, and when they have not (R11).
//!
//! Each is an event of the request, in the commit of what it tells of or by a job that a restart does not repeat.

use locum_domain::request::Told;
use locum_domain::{Aggregate, Event, PrincipalId, Refusal, Request, Stream, Timestamp};

use crate::control::{Control, unavailable};
use crate::governance::InForce;
use crate::ledger::SequencerError;
use crate::ports::{Proposal, Query};
use crate::sight;

/// A page of the store.
const PAGE: u32 = 200;

/// Who looks after security, by name.
fn security(in_force: &InForce) -> Vec<PrincipalId> {
    let people = in_force.catalog.people.keys();
    let is_security = |id: &&PrincipalId| sight::has_role(&in_force.catalog, id, sight::SECURITY);
    people.filter(is_security).cloned().collect()
}

/// What whoever files an emergency, or looks what it would take, has to know: that security will not hear of it.
pub(crate) fn nobody_hears_of_it(in_force: &InForce, is_emergency: bool) -> Option<String> {
    let warning = "nobody who looks after security is there to be told of this emergency";
    (is_emergency && security(in_force).is_empty()).then(|| warning.to_owned())
}

/// What security is told of a request that is being filed; nothing of an ordinary one.
pub(crate) fn told_of_emergency(
    request: &Request,
    in_force: &InForce,
    at: Timestamp,
) -> Option<Event> {
    let to = security(in_force);
    let is_told = request.break_glass && !to.is_empty();
    is_told.then(|| Event::RequestTold {
        request: request.id.clone(),
        told: Told::Emergency,
        to,
        due: None,
        at,
    })
}

impl Control {
    /// What those whom an emergency skipped are told at the moment it is used.
    pub(crate) fn asked_afterwards(
        &self,
        request: &Request,
        activated: &Event,
        at: Timestamp,
    ) -> Option<Event> {
        let used = Request::evolve(Some(request.clone()), activated)?;
        used.remind(self.countersign_due(at), at)
    }

    /// Reminds whoever an emergency skipped and who has not signed for it yet.
    pub(crate) async fn remind(&self) -> Result<(), Refusal> {
        let at = self.time_to_end();
        let mut before = None;
        loop {
            let query = Query {
                keys: vec![("owed".to_owned(), "countersignature".to_owned())],
                before,
                limit: PAGE,
            };
            let page = self.ports.store.list("request", query).await;
            let page = page.map_err(unavailable)?;
            for found in page.states {
                if let Aggregate::Request(request) = found
                    && let Err(refusal) = self.remind_of(&request, at).await
                {
                    tracing::warn!(request = %request.id, %refusal, "nobody is reminded yet");
                }
            }
            match page.next {
                Some(next) => before = Some(next),
                None => return Ok(()),
            }
        }
    }

    async fn remind_of(&self, request: &Request, at: Timestamp) -> Result<(), Refusal> {
        let due = self.countersign_due(at);
        if request.remind(due, at).is_none() {
            return Ok(());
        }
        let (current, version) = self.existing_request(&request.id).await?;
        let Some(event) = current.remind(due, at) else {
            return Ok(());
        };
        let stream = Stream::Request(request.id.clone());
        let proposal = Proposal::of(&stream, version, event, at);
        match self.sequencer.commit(proposal).await {
            // Whoever signed at the same moment came first; the next round looks again.
            Ok(_) | Err(SequencerError::Rejected(_)) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// One working day from now.
    fn countersign_due(&self, at: Timestamp) -> Timestamp {
        self.working_days_after(at, 1)
    }
}
