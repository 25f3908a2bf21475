//! Findings: about the session as it stands on the record, signed where the route demands it, by a key that may sign this,
//! whose owner nobody involved vouched for.

use locum_domain::authenticator::Statement as _;
use locum_domain::review::Completion;
use locum_domain::{ERASED, ReviewId};

use super::{SignatureVerified, Signs, Walk};
use crate::story::signed_by;

impl Walk {
    /// What was found, and its signature, if it has one or must.
    pub(super) fn found(
        &mut self,
        position: u64,
        review: &ReviewId,
        completion: &Completion,
    ) -> Result<(), String> {
        let by = &completion.by;
        let review = self.reviews.get(review).cloned();
        let review = review.ok_or_else(|| "no such review was opened".to_owned())?;
        if !self.examined.stood_so(&completion.shown) {
            return Err(format!(
                "{by} was shown another session than the one on the record"
            ));
        }
        let request = self.requests.get(&review.request).cloned();
        let request = request.ok_or_else(|| "nothing was filed".to_owned())?;
        let Some(signature) = &completion.signature else {
            if request.route.signature_demanded {
                return Err(format!("{by} found without the signature demanded"));
            }
            return Ok(());
        };
        if completion.note == ERASED {
            // What was signed cannot be rebuilt any more.
            self.unrebuilt += 1;
            return Ok(());
        }
        let digest = completion.statement(&review).digest();
        let counted = self.signed(by, signature, digest)?;
        super::approval::good_enough(&counted, &request, by, completion.at)?;
        self.disinterested(&counted, &request, by)?;
        let before = request.filed_at.duration_since(counted.enrolled_at);
        self.verified.push(SignatureVerified {
            position,
            signs: Signs::Finding,
            request: request.id.clone(),
            by: by.clone(),
            signed_by: signed_by(&counted),
            enrolled_before_request_seconds: before.as_secs(),
            enrolled_under: None,
        });
        Ok(())
    }
}
