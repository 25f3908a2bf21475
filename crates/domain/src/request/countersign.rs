//! Countersigning: what an emergency skipped is signed afterwards, by each authority that was left out (R11).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Request;
use crate::authenticator::{CountersignatureStatement, Signature};
use crate::denial::{Denial, Refusal};
use crate::event::Event;
use crate::ids::PrincipalId;
use crate::route::{Approval, Step};

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
    /// `already-decided`, and `signature-required` without the signature that the route demands.
    pub fn countersign(&self, countersigning: Countersigning) -> Result<Event, Refusal> {
        let step = self.step_afterwards(&countersigning.by, &countersigning.permitted)?;
        let digest = self.scope_digest();
        if countersigning.scope_digest != digest.as_str() {
            return Err(Denial::StaleApproval.because("that is not what was asked for"));
        }
        if self.route.signature_demanded && countersigning.signature.is_none() {
            let refusal = Denial::SignatureRequired.because("this needs your own signature");
            return Err(refusal.at("/signature"));
        }
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

    /// What this person signs afterwards, in these words.
    ///
    /// # Errors
    /// As for [`Request::countersign`] where the step is concerned.
    pub fn countersignature_statement<'a>(
        &'a self,
        by: &'a PrincipalId,
        note: Option<&'a str>,
        permitted: &BTreeMap<usize, Vec<String>>,
    ) -> Result<CountersignatureStatement<'a>, Refusal> {
        let index = self.step_afterwards(by, permitted)?;
        let step = self.route.afterwards.get(index);
        let step = step.ok_or_else(|| Denial::NotAnApprover.because("nothing was skipped"))?;
        Ok(step.countersignature(self, by, note))
    }

    /// The skipped step that this person signs for now.
    fn step_afterwards(
        &self,
        by: &PrincipalId,
        permitted: &BTreeMap<usize, Vec<String>>,
    ) -> Result<usize, Refusal> {
        if self.session().is_none() {
            let detail = "nothing is to be signed before the emergency was used";
            return Err(Denial::MissingApproval.because(detail));
        }
        if permitted.is_empty() {
            let detail = "the emergency skipped no authority that you hold";
            return Err(Denial::NotAnApprover.because(detail));
        }
        let signed_already = self.route.countersignatures().any(|it| it.by == *by);
        let open = self
            .unsigned_afterwards()
            .find(|index| permitted.contains_key(index));
        open.filter(|_| !signed_already)
            .ok_or_else(|| Denial::AlreadyDecided.because("what you may sign is signed already"))
    }
}

impl Step {
    /// What `by` signs when they sign for this step of `request` afterwards.
    pub fn countersignature<'a>(
        &'a self,
        request: &'a Request,
        by: &'a PrincipalId,
        note: Option<&'a str>,
    ) -> CountersignatureStatement<'a> {
        CountersignatureStatement {
            by,
            authority: self.authority,
            application: self.application.as_ref(),
            shown: request.shown(),
            note,
        }
    }
}
