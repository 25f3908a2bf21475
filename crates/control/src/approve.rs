//! Approve: one named person's yes to exactly what was shown.

use std::sync::Arc;

use locum_domain::facts::{Decision, Facts};
use locum_domain::request::{ApprovalWords, Approving};
use locum_domain::{Case, Event, Refusal, Request, RequestId, Signature, Stream};

use crate::caller::Caller;
use crate::control::Control;
use crate::enrolling::catalog_unchanged;
use crate::facts::looked_up;
use crate::governance::InForce;
use crate::ports::Proposal;
use crate::statement::StatementToSign;

/// An approval as its maker words it.
#[derive(Debug, Clone, Default)]
pub struct Approve {
    pub scope_digest: String,
    pub note: Option<String>,
    pub unavoidable_because: Option<String>,
    pub compensating_controls: Vec<String>,
    pub covers_narrower: bool,
    pub signature: Option<Signature>,
}

impl Approve {
    /// The approver's own words.
    pub fn words(&self) -> ApprovalWords {
        ApprovalWords {
            note: self.note.clone(),
            unavoidable_because: self.unavoidable_because.clone(),
            compensating_controls: self.compensating_controls.clone(),
            covers_narrower: self.covers_narrower,
        }
    }
}

/// Approves the step of the route that this person may decide.
///
/// # Errors
/// `self-approval`, `conflict-of-interest`, `not-an-approver`, `stale-approval`, `already-decided`, `lapsed`,
/// `held`, `reason-missing`, `signature-required`; each is on the record.
pub async fn approve(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
    approve: &Approve,
) -> Result<Request, Refusal> {
    let stream = &Stream::Request(id.clone());
    control
        .attempt(caller, "approve", stream, |at| async move {
            let deciding = control.deciding(caller, id, at).await?;
            let approved = deciding.request.approve(Approving {
                by: caller.principal.clone(),
                at,
                scope_digest: approve.scope_digest.clone(),
                words: approve.words(),
                signature: approve.signature.clone(),
                permitted: deciding.permitted.clone(),
                grant: control.grant_id(at),
            });
            let event = match approved {
                Ok(event) => event,
                Err(refusal) => {
                    let request = &deciding.request;
                    return Err(control.why_lapsed(request, refusal, at).await);
                }
            };
            let unchanged = control
                .is_signed_well(caller, &deciding, approve, at)
                .await?;
            let (case, case_unchanged) = control
                .case_still_justifies(&deciding.in_force, &deciding.request, at)
                .await?;
            let mut proposal = deciding.proposal(event, at);
            proposal.guards.push(case_unchanged);
            proposal.guards.extend(unchanged);
            let holds = control.not_held_request(&deciding.request).await?;
            proposal.guards.extend(holds);
            control
                .on_record(
                    caller,
                    Decision::Approval,
                    &deciding,
                    Some(&case),
                    proposal,
                    at,
                )
                .await
        })
        .await?;
    control.request_named(id).await
}

/// What the caller signs to approve the request in these words.
///
/// # Errors
/// As for [`approve`]; nothing is on the record, for nothing was decided.
pub async fn statement(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
    words: &ApprovalWords,
) -> Result<StatementToSign, Refusal> {
    let at = control.now()?;
    let deciding = control.deciding(caller, id, at).await?;
    let request = &deciding.request;
    let statement = request.approval_statement(&caller.principal, words, &deciding.permitted)?;
    control
        .to_sign(caller, &statement, request.route.strictest, at)
        .await
}

/// A request together with what policy lets the caller decide of it.
pub(crate) struct Deciding {
    pub(crate) request: Request,
    pub(crate) version: u64,
    pub(crate) in_force: Arc<InForce>,
    pub(crate) permitted: std::collections::BTreeMap<usize, Vec<String>>,
}

impl Deciding {
    /// The proposal that decides, on the versions that were judged.
    pub(crate) fn proposal(&self, event: Event, at: locum_domain::Timestamp) -> Proposal {
        let stream = Stream::Request(self.request.id.clone());
        let mut proposal = Proposal::of(&stream, self.version, event, at);
        proposal
            .guards
            .push(catalog_unchanged(self.in_force.version));
        proposal
    }
}

impl Control {
    /// The proposal with what the caller's decision read.
    ///
    /// # Errors
    /// `recorder-unavailable` when the store gives no answer.
    pub(crate) async fn on_record(
        &self,
        caller: &Caller,
        decision: Decision,
        deciding: &Deciding,
        case: Option<&Case>,
        proposal: Proposal,
        at: locum_domain::Timestamp,
    ) -> Result<Proposal, Refusal> {
        let Deciding {
            request, in_force, ..
        } = deciding;
        let catalog = self.catalog_for(caller);
        let about = (request, &caller.principal);
        let facts = Facts {
            case: case.and_then(|it| looked_up(it, request)),
            ..self.facts_to_decide(decision, (in_force, &catalog), about, at)
        };
        self.with_facts(proposal, in_force, &request.id, facts, at)
            .await
    }

    /// Loads a request and asks policy, anew each time, what the caller may decide of it.
    pub(crate) async fn deciding(
        &self,
        caller: &Caller,
        id: &RequestId,
        at: locum_domain::Timestamp,
    ) -> Result<Deciding, Refusal> {
        let (request, version) = self.existing_request(id).await?;
        let in_force = self.in_force();
        let permitted = in_force.policies.may_decide(
            &self.catalog_for(caller),
            &request,
            &caller.principal,
            self.circumstances(at),
        )?;
        Ok(Deciding {
            request,
            version,
            in_force,
            permitted,
        })
    }
}
