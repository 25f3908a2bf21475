//! Countersign: each authority that an emergency skipped signs afterwards, within one working day (R11).

use locum_domain::facts::Decision;
use locum_domain::request::Countersigning;
use locum_domain::{Denial, Refusal, Request, RequestId, Signature, Stream, Timestamp};

use crate::approve::Deciding;
use crate::caller::Caller;
use crate::control::Control;
use crate::statement::StatementToSign;

/// A countersignature as its maker words it.
#[derive(Debug, Clone, Default)]
pub struct Countersign {
    pub scope_digest: String,
    pub note: Option<String>,
    pub signature: Option<Signature>,
}

/// Signs for a skipped authority that the caller holds.
///
/// # Errors
/// `self-approval`, `conflict-of-interest`, `not-an-approver`, `missing-approval` before the emergency was used,
/// `stale-approval`, `already-decided`, `signature-required`; each is on the record.
pub async fn countersign(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
    countersign: &Countersign,
) -> Result<Request, Refusal> {
    let stream = &Stream::Request(id.clone());
    control
        .attempt(caller, "countersign", stream, |at| async move {
            let deciding = control.countersigning(caller, id, at).await?;
            let event = deciding.request.countersign(Countersigning {
                by: caller.principal.clone(),
                at,
                scope_digest: countersign.scope_digest.clone(),
                note: countersign.note.clone(),
                signature: countersign.signature.clone(),
                permitted: deciding.permitted.clone(),
            })?;
            let unchanged = control
                .is_countersigned_well(caller, &deciding, countersign, at)
                .await?;
            let mut proposal = deciding.proposal(event, at);
            proposal.guards.extend(unchanged);
            control
                .on_record(
                    caller,
                    Decision::Countersignature,
                    &deciding,
                    None,
                    proposal,
                    at,
                )
                .await
        })
        .await?;
    control.request_named(id).await
}

/// What the caller signs, with this note.
///
/// # Errors
/// As for [`countersign`]; nothing is on the record, for nothing was decided.
pub async fn countersign_statement(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
    note: Option<&str>,
) -> Result<StatementToSign, Refusal> {
    let at = control.now()?;
    let deciding = control.countersigning(caller, id, at).await?;
    let request = &deciding.request;
    let statement =
        request.countersignature_statement(&caller.principal, note, &deciding.permitted)?;
    control
        .to_sign(caller, &statement, request.route.strictest, at)
        .await
}

/// The skipped steps that the caller may sign for now.
///
/// # Errors
/// As for [`countersign`].
pub fn may_sign(
    control: &Control,
    caller: &Caller,
    request: &Request,
) -> Result<std::collections::BTreeMap<usize, Vec<String>>, Refusal> {
    control.may_countersign(caller, request, control.now()?)
}

impl Control {
    /// Loads a request and asks policy which of the authorities that it skipped the caller holds.
    async fn countersigning(
        &self,
        caller: &Caller,
        id: &RequestId,
        at: Timestamp,
    ) -> Result<Deciding, Refusal> {
        let (request, version) = self.existing_request(id).await?;
        let in_force = self.in_force();
        let permitted = self.may_countersign(caller, &request, at)?;
        Ok(Deciding {
            request,
            version,
            in_force,
            permitted,
        })
    }

    /// The skipped steps that the caller may sign for, each with the rules that say so.
    pub(crate) fn may_countersign(
        &self,
        caller: &Caller,
        request: &Request,
        at: Timestamp,
    ) -> Result<std::collections::BTreeMap<usize, Vec<String>>, Refusal> {
        if request.route.afterwards.is_empty() {
            let detail = "this request skipped nobody";
            return Err(Denial::NotAnApprover.because(detail));
        }
        self.in_force().policies.may_countersign(
            &self.catalog_for(caller),
            request,
            &caller.principal,
            self.circumstances(at),
        )
    }
}
