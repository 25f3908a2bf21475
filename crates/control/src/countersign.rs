//! Countersign: each authority that an emergency skipped signs afterwards, within one working day (R11).

use locum_domain::request::Countersigning;
use locum_domain::{Denial, Happened, Refusal, Request, RequestId, Signature, Stream};

use crate::caller::Caller;
use crate::control::Control;
use crate::in_person::may_decide_here;
use crate::ports::{Guard, Proposal};
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
            let (request, version) = control.existing_request(id).await?;
            let permitted = control.may_countersign(caller, &request, at)?;
            let tier = request.route.strictest;
            may_decide_here(caller, tier, countersign.signature.is_some())?;
            let unchanged = match request.route.signature_demanded {
                true => {
                    let digest = request.scope_digest();
                    let signature = countersign.signature.as_ref();
                    control
                        .confirmed(caller, stream, digest.as_str(), signature, at)
                        .await?
                }
                false => None,
            };
            let event = request.countersign(Countersigning {
                by: caller.principal.clone(),
                at,
                scope_digest: countersign.scope_digest.clone(),
                note: countersign.note.clone(),
                signature: countersign.signature.clone(),
                permitted,
            })?;
            let mut guards = vec![Guard::Version {
                stream: stream.clone(),
                version,
            }];
            guards.extend(unchanged);
            Ok(Proposal {
                guards,
                events: vec![Happened {
                    stream: stream.clone(),
                    at,
                    event,
                }],
                outbox: Vec::new(),
            })
        })
        .await?;
    control.request_named(id).await
}

/// What the caller signs.
///
/// # Errors
/// As for [`countersign`]; nothing is on the record, for nothing was decided.
pub async fn countersign_statement(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
) -> Result<StatementToSign, Refusal> {
    let (request, _) = control.existing_request(id).await?;
    control.may_countersign(caller, &request, control.now()?)?;
    let stream = Stream::Request(id.clone());
    let digest = request.scope_digest();
    control.to_confirm(caller, &stream, digest.as_str()).await
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
    /// The skipped steps that the caller may sign for, each with the rules that say so.
    pub(crate) fn may_countersign(
        &self,
        caller: &Caller,
        request: &Request,
        at: locum_domain::Timestamp,
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
