//! Complete review: a named person's finding about a finished session, signed over what they were shown of it.

use locum_domain::review::{Finding, Found};
use locum_domain::{
    Denial, Refusal, Request, Review, ReviewId, SessionLook, SessionShown, Signature, Stream,
    Timestamp,
};
use locum_tlog::leaf_hash;

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::in_person::may_decide_here;
use crate::ledger::open_row;
use crate::ports::{Guard, Proposal};
use crate::signing::is_good_enough;
use crate::statement::StatementToSign;

/// A finding as its maker words it.
#[derive(Debug, Clone)]
pub struct CompleteReview {
    pub finding: Finding,
    pub note: String,
    /// The reviewer's own, over what [`finding_statement`] answers to the same words.
    pub signature: Option<Signature>,
}

impl CompleteReview {
    /// A finding that nobody signs.
    pub fn unsigned(finding: Finding, note: &str) -> Self {
        Self {
            finding,
            note: note.to_owned(),
            signature: None,
        }
    }

    fn found(&self) -> Found<'_> {
        Found {
            finding: self.finding,
            note: &self.note,
        }
    }
}

/// Completes a review with a finding and a sentence.
///
/// # Errors
/// `conflict-of-interest` for whoever asked, used, approved or sponsored, and where one of them let the signing key
/// count; `not-an-approver` for anybody but the reviewer, `already-decided`, `reason-missing`; `signature-required`
/// where decisions are signed and this is not, or not well.
pub async fn complete_review(
    control: &Control,
    caller: &Caller,
    id: &ReviewId,
    complete: &CompleteReview,
) -> Result<Review, Refusal> {
    let stream = &Stream::Review(id.clone());
    control
        .attempt(caller, "review", stream, |at| async move {
            let (review, version) = control.visible_review(caller, id).await?;
            let shown = control.session_shown(&review).await?;
            let event = review.complete(
                &caller.principal,
                complete.found(),
                shown.clone(),
                complete.signature.clone(),
                at,
            )?;
            let unchanged = control
                .is_found_well(caller, &review, complete, &shown, at)
                .await?;
            let mut proposal = Proposal::of(stream, version, event, at);
            proposal.guards.extend(unchanged);
            Ok(proposal)
        })
        .await?;
    Ok(control.visible_review(caller, id).await?.0)
}

/// What the reviewer signs to find so.
///
/// # Errors
/// As for [`complete_review`]; nothing is on the record, for nothing was found.
pub async fn finding_statement(
    control: &Control,
    caller: &Caller,
    id: &ReviewId,
    found: Found<'_>,
) -> Result<StatementToSign, Refusal> {
    let at = control.now()?;
    let (review, _) = control.visible_review(caller, id).await?;
    let shown = control.session_shown(&review).await?;
    let statement = review.finding_statement(&caller.principal, found, &shown)?;
    let tier = control.reviewed(&review).await?.route.strictest;
    control.to_sign(caller, &statement, tier, at).await
}

/// Whether the finding needs its maker's own signature.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub async fn is_finding_signed(control: &Control, review: &Review) -> Result<bool, Refusal> {
    let request = control.reviewed(review).await?;
    Ok(control.is_finding_signed(&request))
}

impl Control {
    fn is_finding_signed(&self, request: &Request) -> bool {
        request.route.signature_demanded || self.settings().signature_demanded
    }

    async fn reviewed(&self, review: &Review) -> Result<Request, Refusal> {
        Ok(self.existing_request(&review.request).await?.0)
    }

    /// The session as the record tells it now.
    async fn session_shown(&self, review: &Review) -> Result<SessionShown, Refusal> {
        let stream = Stream::Session(review.session.clone());
        let rows = self.store().history(&stream).await.map_err(unavailable)?;
        let mut look = SessionLook::default();
        for row in rows {
            let recorded = open_row(&row).map_err(unavailable)?;
            look.see(&recorded, *leaf_hash(&row.entry).as_bytes());
        }
        let unended = || Denial::Conflict.because("the session has not ended");
        look.shown().ok_or_else(unended)
    }

    /// Whether the finding is signed where it must be, and well where it is. Answers the guard by which a revocation
    /// that comes first wins.
    async fn is_found_well(
        &self,
        caller: &Caller,
        review: &Review,
        complete: &CompleteReview,
        shown: &SessionShown,
        at: Timestamp,
    ) -> Result<Option<Guard>, Refusal> {
        let (by, request) = (&caller.principal, self.reviewed(review).await?);
        let tier = request.route.strictest;
        let is_demanded = self.is_finding_signed(&request);
        if is_demanded {
            may_decide_here(caller, tier, complete.signature.is_some())?;
        }
        let Some(signature) = &complete.signature else {
            if is_demanded {
                let refusal = Denial::SignatureRequired.because("a finding needs your signature");
                return Err(refusal.at("/signature"));
            }
            return Ok(None);
        };
        let statement = review.finding_statement(by, complete.found(), shown)?;
        let signed = self.signed_now(by, signature, &statement).await?;
        is_good_enough(&signed.held, tier, at)?;
        self.vouchers_are_apart(&request, &signed, at)?;
        Ok(Some(signed.unchanged))
    }
}
