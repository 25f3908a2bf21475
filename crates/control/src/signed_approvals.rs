//! Signed approvals: judged when they are given, and again, from the ledger, when access begins.

use locum_domain::authenticator::Statement;
use locum_domain::request::ApprovalWords;
use locum_domain::route::Approval;
use locum_domain::{
    Denial, Event, PrincipalId, Recorded, Refusal, Request, Signature, Stream, Timestamp,
};

use crate::approve::{Approve, Deciding};
use crate::caller::Caller;
use crate::control::Control;
use crate::countersign::Countersign;
use crate::in_person::may_decide_here;
use crate::ports::Guard;
use crate::signing::{Signed, is_good_enough};

/// One approval with the request as it was when it was given, before the approval was on it.
struct AsShown<'e> {
    request: Request,
    step: usize,
    approval: &'e Approval,
}

/// The approvals of a request, each with what was shown.
fn as_shown(events: &[Recorded]) -> Vec<AsShown<'_>> {
    let mut request: Option<Request> = None;
    let mut shown = Vec::new();
    for recorded in events {
        if let (Event::RequestApproved { step, approval, .. }, Some(request)) =
            (&recorded.event, &request)
        {
            shown.push(AsShown {
                request: request.clone(),
                step: *step,
                approval,
            });
        }
        request = Request::evolve(request, &recorded.event);
    }
    shown
}

impl Control {
    /// Whether the signature that comes with an approval is good enough, after everything else was found to be.
    ///
    /// # Errors
    /// `signature-required`, and `conflict-of-interest` where whoever let a key count decides the same request.
    pub(crate) async fn is_signed_well(
        &self,
        caller: &Caller,
        deciding: &Deciding,
        approve: &Approve,
        at: Timestamp,
    ) -> Result<Option<Guard>, Refusal> {
        let (by, words) = (&caller.principal, approve.words());
        let request = &deciding.request;
        let statement = || request.approval_statement(by, &words, &deciding.permitted);
        let signature = approve.signature.as_ref();
        self.is_good_signature(caller, request, signature, statement, at)
            .await
    }

    /// The same of a signature for an authority that an emergency skipped.
    ///
    /// # Errors
    /// As [`Control::is_signed_well`].
    pub(crate) async fn is_countersigned_well(
        &self,
        caller: &Caller,
        deciding: &Deciding,
        countersign: &Countersign,
        at: Timestamp,
    ) -> Result<Option<Guard>, Refusal> {
        let (by, note) = (&caller.principal, countersign.note.as_deref());
        let request = &deciding.request;
        let statement = || request.countersignature_statement(by, note, &deciding.permitted);
        let signature = countersign.signature.as_ref();
        self.is_good_signature(caller, request, signature, statement, at)
            .await
    }

    async fn is_good_signature<S: Statement + Send + Sync>(
        &self,
        caller: &Caller,
        request: &Request,
        signature: Option<&Signature>,
        statement: impl FnOnce() -> Result<S, Refusal> + Send,
        at: Timestamp,
    ) -> Result<Option<Guard>, Refusal> {
        let (by, tier) = (&caller.principal, request.route.strictest);
        may_decide_here(caller, tier, signature.is_some())?;
        self.let_none_of_their_keys_count(request, by).await?;
        let Some(signature) = signature else {
            return Ok(None);
        };
        let signed = self.signed_now(by, signature, &statement()?).await?;
        is_good_enough(&signed.held, tier, at)?;
        self.vouchers_are_apart(request, &signed, at)?;
        Ok(Some(signed.unchanged))
    }

    /// Whether every approval of a request, which is the ledger's own, still carries the signature of a key in use; where
    /// none is demanded, whether those that came with one do. Answers the guards by which a revocation that comes first
    /// wins.
    ///
    /// # Errors
    /// `missing-approval` for one that does not.
    pub(crate) async fn approvals_still_signed(
        &self,
        request: &Request,
    ) -> Result<Vec<Guard>, Refusal> {
        let mut unchanged = Vec::new();
        let is_demanded = request.route.signature_demanded;
        let counts_signed = |it: &&Approval| is_demanded || it.signature.is_some();
        if !request.route.approvals().any(|it| counts_signed(&it)) {
            return Ok(unchanged);
        }
        let stream = Stream::Request(request.id.clone());
        let events = self.verified_events(&stream).await?;
        let shown = as_shown(&events);
        for approval in request.route.approvals().filter(counts_signed) {
            let shown = shown.iter().rev().find(|it| it.approval == approval);
            let still = self.still_signed(request, approval, shown).await;
            unchanged.push(still.map_err(|refusal| no_more(approval, refusal))?);
        }
        Ok(unchanged)
    }

    async fn still_signed(
        &self,
        request: &Request,
        approval: &Approval,
        shown: Option<&AsShown<'_>>,
    ) -> Result<Guard, Refusal> {
        let unsigned = || Denial::MissingApproval.because("it carries no signature");
        let signature = approval.signature.as_ref().ok_or_else(unsigned)?;
        let shown = shown.ok_or_else(unsigned)?;
        let step = shown
            .request
            .route
            .steps
            .get(shown.step)
            .ok_or_else(unsigned)?;
        if shown.request.scope_digest() != approval.scope_digest {
            return Err(Denial::MissingApproval.because("it names something else than was shown"));
        }
        let words = ApprovalWords::of(approval);
        let statement = words.statement(&shown.request, &approval.by, step);
        let signed = self
            .signed_then(&approval.by, signature, &statement)
            .await?;
        is_good_enough(&signed.held, request.route.strictest, approval.at)?;
        self.vouchers_are_apart(request, &signed, approval.at)?;
        Ok(signed.unchanged)
    }

    /// Whether those by whose doing this key counts stay away from what it signs: they ask for nothing in it, gain
    /// nothing from it, and decide nothing of it themselves.
    pub(crate) fn vouchers_are_apart(
        &self,
        request: &Request,
        signed: &Signed,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let in_force = self.in_force();
        let circumstances = self.circumstances(at);
        for voucher in &signed.vouched_for {
            let conflict = |what: &str| {
                let id = &signed.held.authenticator.id;
                let detail = format!("`{id}` counts by {voucher}'s doing, who {what}");
                Err(Denial::ConflictOfInterest.because(detail))
            };
            let decided =
                |approval: &Approval| in_force.catalog.is_same_human(&approval.by, voucher);
            let route = &request.route;
            if route
                .approvals()
                .chain(route.countersignatures())
                .any(decided)
            {
                return conflict("decides this request too");
            }
            let may =
                in_force
                    .policies
                    .may_decide(&in_force.catalog, request, voucher, circumstances);
            match may.map_err(|refusal| (refusal.denial, refusal)) {
                Err((Denial::SelfApproval, _)) => return conflict("asks for this"),
                Err((Denial::ConflictOfInterest, _)) => return conflict("gains from this"),
                Err((Denial::PolicyError, refusal)) => return Err(refusal),
                _ => {}
            }
        }
        Ok(())
    }

    /// The other direction: nobody decides a request that was signed already with a key that counts by their doing.
    async fn let_none_of_their_keys_count(
        &self,
        request: &Request,
        by: &PrincipalId,
    ) -> Result<(), Refusal> {
        let catalog = self.in_force().catalog.clone();
        let route = &request.route;
        for approval in route.approvals().chain(route.countersignatures()) {
            let Some(signature) = &approval.signature else {
                continue;
            };
            let keys = self.authenticators_of(&approval.by).await?;
            let vouched = keys.vouched_for(signature.authenticator());
            let is_theirs = |voucher: &&PrincipalId| catalog.is_same_human(voucher, by);
            if vouched.iter().any(is_theirs) {
                let whose = &approval.by;
                let detail = format!("{whose} signed this with a key that counts by your doing");
                return Err(Denial::ConflictOfInterest.because(detail));
            }
        }
        Ok(())
    }
}

/// Why an approval that was given counts no more.
fn no_more(approval: &Approval, refusal: Refusal) -> Refusal {
    match refusal.denial {
        Denial::RecorderUnavailable | Denial::PolicyError => refusal,
        _ => {
            let (by, why) = (&approval.by, refusal.detail);
            Denial::MissingApproval.because(format!("the approval of {by} counts no more: {why}"))
        }
    }
}
