//! Complete review: a named person's finding about a finished session.

use locum_domain::review::Finding;
use locum_domain::{Refusal, Review, ReviewId, Stream};

use crate::caller::Caller;
use crate::control::Control;
use crate::in_person::in_person;
use crate::ports::Proposal;

/// Completes a review with a finding and a sentence.
///
/// # Errors
/// `conflict-of-interest` for whoever asked, used, approved or sponsored, `not-an-approver` for anybody but the
/// reviewer, `signature-required` for a device where decisions are signed, `already-decided`, `reason-missing`.
pub async fn complete_review(
    control: &Control,
    caller: &Caller,
    id: &ReviewId,
    finding: Finding,
    note: &str,
) -> Result<Review, Refusal> {
    let stream = &Stream::Review(id.clone());
    control
        .attempt(caller, "review", stream, |at| async move {
            let (review, version) = control.visible_review(caller, id).await?;
            if control.settings().signature_demanded {
                in_person(caller, "reviews nothing")?;
            }
            let event = review.complete(&caller.principal, finding, note, at)?;
            Ok(Proposal::of(stream, version, event, at))
        })
        .await?;
    Ok(control.visible_review(caller, id).await?.0)
}
