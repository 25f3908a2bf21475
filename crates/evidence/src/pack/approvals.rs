//! Each approval, and each signature for what an emergency skipped, with exactly what its maker was shown, and their own
//! signature if they gave one.

use std::collections::BTreeMap;

use locum_domain::authenticator::{Statement, StatementDigest};
use locum_domain::request::{ApprovalWords, Offer};
use locum_domain::route::Approval;
use locum_domain::scope::Shown;
use locum_domain::{Event, PrincipalId, Recorded, Request, RequestId, RequestState, Signature};
use serde::Serialize;
use serde_json::Value;

/// One approval or countersignature: a file of the pack.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Approved {
    /// Whether it was signed after the emergency that skipped its maker: it approved nothing.
    #[serde(rename = "afterwards", skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_afterwards: bool,
    pub(crate) by: PrincipalId,
    /// Where the ledger says so: the approval, or the offer whose acceptance made it one.
    pub(crate) position: u64,
    pub(crate) request: RequestId,
    /// The digest that the approval names.
    pub(crate) scope_digest: String,
    /// What was shown, rebuilt from the request as it was then. Its canonical bytes are what is digested.
    pub(crate) shown: Value,
    /// What was signed: what was shown, on whose authority, in which words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) statement: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signature: Option<Signature>,
    /// The digest of the statement.
    #[serde(skip)]
    pub(crate) signed: Option<StatementDigest>,
    /// Whether what was shown has the digest that the approval names, or is erased, so that nobody can say.
    #[serde(skip)]
    pub(crate) is_bound: bool,
}

/// The approvals and countersignatures of all requests among the events, in ledger order.
pub(crate) fn approvals(events: &[Recorded]) -> Vec<Approved> {
    let mut requests: BTreeMap<&RequestId, Request> = BTreeMap::new();
    let mut offered: BTreeMap<&RequestId, Approved> = BTreeMap::new();
    let mut approvals = Vec::new();
    for recorded in events {
        let id = match &recorded.event {
            Event::RequestFiled { request } => &request.id,
            Event::RequestApproved { request, .. }
            | Event::RequestCountersigned { request, .. }
            | Event::OfferMade { request, .. }
            | Event::OfferAccepted { request, .. } => request,
            _ => continue,
        };
        let before = requests.remove(id);
        match (&recorded.event, &before) {
            (Event::RequestApproved { step, approval, .. }, Some(request)) => {
                let words = ApprovalWords::of(approval);
                let step = request.route.steps.get(*step);
                let statement = step.map(|step| words.statement(request, &approval.by, step));
                approvals.push(given(
                    request,
                    approval,
                    recorded.position,
                    statement.as_ref(),
                ));
            }
            (Event::RequestCountersigned { step, approval, .. }, Some(request)) => {
                let note = approval.note.as_deref();
                let step = request.route.afterwards.get(*step);
                let statement = step.map(|step| step.countersignature(request, &approval.by, note));
                approvals.push(Approved {
                    is_afterwards: true,
                    ..given(request, approval, recorded.position, statement.as_ref())
                });
            }
            (Event::OfferMade { offer, .. }, Some(request)) => {
                offered.insert(id, offer_of(request, offer, recorded.position));
            }
            (Event::OfferAccepted { .. }, Some(request)) => {
                let taken = offered.remove(id);
                let is_approval = match &request.state {
                    RequestState::Offered { offer, .. } => request.route.offer_approves(offer.step),
                    _ => false,
                };
                approvals.extend(taken.filter(|_| is_approval));
            }
            _ => {}
        }
        if let Some(after) = Request::evolve(before, &recorded.event) {
            requests.insert(id, after);
        }
    }
    approvals.sort_by_key(|approved| approved.position);
    approvals
}

/// What was given for a request, under this statement if it is signed.
fn given<S: Statement>(
    request: &Request,
    approval: &Approval,
    position: u64,
    statement: Option<&S>,
) -> Approved {
    let shown = request.shown();
    let statement = statement.filter(|_| approval.signature.is_some());
    let is_erased = request.is_erased();
    Approved {
        is_afterwards: false,
        by: approval.by.clone(),
        position,
        request: request.id.clone(),
        scope_digest: approval.scope_digest.as_str().to_owned(),
        is_bound: is_erased || shown.digest() == approval.scope_digest,
        shown: value(&shown),
        signed: statement.map(Statement::digest),
        statement: statement.map(value),
        signature: approval.signature.clone(),
    }
}

fn offer_of(request: &Request, offer: &Offer, position: u64) -> Approved {
    let shown = Shown {
        version: request.version.saturating_add(1),
        scope: &offer.scope,
        duration_minutes: offer.duration,
        ..request.shown()
    };
    Approved {
        is_afterwards: false,
        by: offer.by.clone(),
        position,
        request: request.id.clone(),
        scope_digest: offer.scope_digest.as_str().to_owned(),
        is_bound: request.is_erased() || shown.digest() == offer.scope_digest,
        shown: value(&shown),
        statement: None,
        signature: None,
        signed: None,
    }
}

/// Strings, small integers and maps with string keys: always JSON.
fn value(what: &impl Serialize) -> Value {
    serde_json::to_value(what).unwrap_or_default()
}
