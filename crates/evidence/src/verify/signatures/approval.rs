//! Approvals and countersignatures: signed where the route demands it, by a key that may sign this, whose owner nobody
//! involved vouched for.

use locum_domain::authenticator::SIGNS_REGULATED_AFTER;
use locum_domain::catalog::Tier;
use locum_domain::route::Approval;
use locum_domain::{PrincipalId, Request, RequestId, Timestamp};

use super::{SignatureVerified, Signs, Walk};
use crate::chain::Counted;
use crate::story::signed_by;

impl Walk {
    /// The signature of an approval or a countersignature, if it has one or must. `did` says which.
    pub(super) fn approved(
        &mut self,
        position: u64,
        request: &RequestId,
        approval: &Approval,
        signs: Signs,
    ) -> Result<(), String> {
        let (by, did) = (&approval.by, signs.did());
        let request = self.requests.get(request).cloned();
        let request = request.ok_or_else(|| "nothing was filed".to_owned())?;
        let Some(signature) = &approval.signature else {
            if request.route.signature_demanded {
                return Err(format!("{by} {did} without the signature demanded"));
            }
            return Ok(());
        };
        if request.is_erased() {
            // What was signed cannot be rebuilt any more.
            self.unrebuilt += 1;
            return Ok(());
        }
        let digest = self.approvals.get(&position).and_then(|it| it.signed);
        let digest = digest.ok_or_else(|| format!("{by} {did} a step that is not there"))?;
        let counted = self.signed(by, signature, digest)?;
        good_enough(&counted, &request, by, approval.at)?;
        self.disinterested(&counted, &request, by)?;
        let before = request.filed_at.duration_since(counted.enrolled_at);
        self.verified.push(SignatureVerified {
            position,
            signs,
            request: request.id.clone(),
            by: by.clone(),
            signed_by: signed_by(&counted),
            enrolled_before_request_seconds: before.as_secs(),
            enrolled_under: None,
        });
        Ok(())
    }

    /// Access begins, or goes on, under signatures whose keys are still in use.
    pub(super) fn used(&self, request: &RequestId) -> Result<(), String> {
        let request = self.requests.get(request);
        let request = request.ok_or_else(|| "nothing was filed".to_owned())?;
        for approval in request.route.approvals() {
            let Some(signature) = &approval.signature else {
                continue;
            };
            let key = self.counting.known(signature.authenticator());
            if key.is_none_or(|key| key.revoked.is_some()) {
                return Err(format!(
                    "request {} was used after the key by which {} approved it was revoked",
                    request.id, approval.by
                ));
            }
        }
        Ok(())
    }

    /// Whoever signed for this key or invited its person, or that of somebody whose approval stands, is nobody who asked,
    /// acts, approved or countersigned beside them.
    pub(super) fn disinterested(
        &self,
        counted: &Counted,
        request: &Request,
        by: &PrincipalId,
    ) -> Result<(), String> {
        let route = &request.route;
        let standing: Vec<&Approval> = route.approvals().chain(route.countersignatures()).collect();
        let people = || {
            let approvers = standing.iter().map(|approval| &approval.by);
            approvers.chain([&request.requester, &request.actor, by])
        };
        let keys = standing
            .iter()
            .filter_map(|approval| approval.signature.as_ref())
            .filter_map(|signature| self.counting.known(signature.authenticator()));
        for key in keys.chain([counted]) {
            let mut vouchers = key.vouchers();
            if let Some(voucher) = vouchers.find(|voucher| people().any(|it| it == *voucher)) {
                let person = &key.authenticator.person;
                return Err(format!(
                    "the key of {person} counts by the doing of {voucher}, who has a part in the request"
                ));
            }
        }
        Ok(())
    }
}

/// A key file signs for `low` applications only, a passkey nothing `regulated` in its first 24 hours.
pub(super) fn good_enough(
    counted: &Counted,
    request: &Request,
    by: &PrincipalId,
    at: Timestamp,
) -> Result<(), String> {
    let strictest = request.route.strictest;
    if !counted.authenticator.is_passkey() && strictest != Tier::Low {
        return Err(format!("{by} signed with a key file what needs a passkey"));
    }
    let is_new = counted.enrolled_by.is_some()
        && at.duration_since(counted.enrolled_at) < SIGNS_REGULATED_AFTER;
    if strictest == Tier::Regulated && is_new {
        return Err(format!(
            "{by} signed for a regulated application with a key not enrolled for 24 hours"
        ));
    }
    Ok(())
}
