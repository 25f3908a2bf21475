//! Countersigning: what an emergency skipped is signed afterwards, by each authority that was left out (R11).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Request;
use crate::authenticator::Signature;
use crate::denial::{Denial, Refusal};
use crate::event::Event;
use crate::ids::PrincipalId;
use crate::route::Approval;

/// One named person's signature afterwards.
#[derive(Debug, Clone)]
pub struct Countersigning {
    pub by: PrincipalId,
    pub at: Timestamp,
    pub scope_digest: String,
    pub note: Option<String>,
    pub signature: Option<Signature>,
    /// The skipped steps this person holds the authority of, each with the rules that say so.
    pub permitted: BTreeMap<usize, Vec<String>>,
}

impl Request {
    /// The skipped steps that nobody has signed yet.
    pub fn unsigned_afterwards(&self) -> impl Iterator<Item = usize> + '_ {
        let steps = self.route.afterwards.iter().enumerate();
        steps.filter_map(|(index, step)| step.approval.is_none().then_some(index))
    }

    /// One skipped authority signs.
    ///
    /// # Errors
    /// `missing-approval` while nobody has acted on the emergency, `stale-approval`, `not-an-approver`,
    /// `already-decided`.
    pub fn countersign(&self, countersigning: Countersigning) -> Result<Event, Refusal> {
        if self.session().is_none() {
            let detail = "nothing is to be signed before the emergency was used";
            return Err(Denial::MissingApproval.because(detail));
        }
        if countersigning.permitted.is_empty() {
            let detail = "the emergency skipped no authority that you hold";
            return Err(Denial::NotAnApprover.because(detail));
        }
        let digest = self.scope_digest();
        if countersigning.scope_digest != digest.as_str() {
            return Err(Denial::StaleApproval.because("that is not what was asked for"));
        }
        let signed_already = self.route.afterwards.iter().any(|step| {
            let by = step.approval.as_ref().map(|it| &it.by);
            by == Some(&countersigning.by)
        });
        let open = self
            .unsigned_afterwards()
            .find(|index| countersigning.permitted.contains_key(index));
        let Some(step) = open.filter(|_| !signed_already) else {
            return Err(Denial::AlreadyDecided.because("what you may sign is signed already"));
        };
        let rules = countersigning.permitted.get(&step).cloned();
        Ok(Event::RequestCountersigned {
            request: self.id.clone(),
            step,
            approval: Approval {
                by: countersigning.by,
                at: countersigning.at,
                scope_digest: digest,
                rules: rules.unwrap_or_default(),
                note: countersigning.note,
                unavoidable_because: None,
                compensating_controls: Vec::new(),
                covers_narrower: false,
                signature: countersigning.signature,
            },
        })
    }
}
