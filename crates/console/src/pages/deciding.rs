//! What approvers send: approve, offer, ask, deny.

use axum::extract::Path;
use axum::response::Response;
use locum_control::approve::Approve;
use locum_control::offer::OfferTerms;
use locum_control::{approve, ask, deny, offer, read};
use locum_domain::{Denial, Minutes, PrincipalId, Refusal, Request, RequestId, Scope};

use super::refusal::Refused;
use crate::ceremony::{self, ToSign};
use crate::draft;
use crate::fetched::{self, Fetched};
use crate::posted::{Fields, Posted};
use crate::shown::approvers;
use crate::visitor::{Visitor, named};

/// An approval as its form words it.
fn approval(fields: &Fields) -> Approve {
    Approve {
        scope_digest: fields.words("scope_digest").to_owned(),
        note: fields.text("note"),
        unavoidable_because: fields.text("unavoidable_because"),
        compensating_controls: fields.lines("compensating_controls"),
        covers_narrower: fields.is_ticked("covers_narrower"),
        signature: None,
    }
}

/// What the approver signs: what the page showed, in the words that stand in its form now.
pub(crate) async fn statement(
    Path(id): Path<String>,
    Fetched { visitor, fields }: Fetched,
) -> Response {
    let asked = async {
        let id = named::<RequestId>(&id)?;
        let (control, caller) = (&visitor.state.control, &visitor.caller);
        let approval = approval(&fields);
        let request = read::request(control, caller, &id).await?;
        if approval.scope_digest != request.scope_digest().as_str() {
            return Err(Denial::StaleApproval.because("the request is no longer what you saw"));
        }
        let words = approval.words();
        ToSign::of(approve::statement(control, caller, &id, &words).await?)
    };
    fetched::answer(asked.await)
}

/// Yes to exactly what the page showed.
pub(crate) async fn approve(
    Path(id): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Response {
    let decided = async {
        let id = named::<RequestId>(&id)?;
        let signature = ceremony::signature_if_any(&fields)?;
        let approval = Approve {
            signature,
            ..approval(&fields)
        };
        approve::approve(&visitor.state.control, &visitor.caller, &id, &approval).await
    };
    answer(&visitor, &id, decided.await, "approve this request").await
}

/// Yes to less.
pub(crate) async fn offer(Path(id): Path<String>, Posted { visitor, fields }: Posted) -> Response {
    let terms = OfferTerms {
        scope: Some(Scope(draft::scope(&fields))),
        duration: fields
            .one("minutes")
            .and_then(|it| it.parse().ok())
            .map(Minutes),
        note: fields.words("note").to_owned(),
    };
    let decided = match named::<RequestId>(&id) {
        Ok(id) => offer::offer(&visitor.state.control, &visitor.caller, &id, &terms).await,
        Err(refusal) => Err(refusal),
    };
    answer(&visitor, &id, decided, "offer something narrower").await
}

/// Neither yet.
pub(crate) async fn ask(Path(id): Path<String>, Posted { visitor, fields }: Posted) -> Response {
    let question = fields.words("question");
    let decided = match named::<RequestId>(&id) {
        Ok(id) => ask::ask(&visitor.state.control, &visitor.caller, &id, question).await,
        Err(refusal) => Err(refusal),
    };
    answer(&visitor, &id, decided, "ask about this request").await
}

/// No.
pub(crate) async fn deny(Path(id): Path<String>, Posted { visitor, fields }: Posted) -> Response {
    let reason = fields.words("reason");
    let decided = match named::<RequestId>(&id) {
        Ok(id) => deny::deny(&visitor.state.control, &visitor.caller, &id, reason).await,
        Err(refusal) => Err(refusal),
    };
    answer(&visitor, &id, decided, "deny this request").await
}

/// Back to the request; or why not, and who can.
async fn answer(
    visitor: &Visitor,
    id: &str,
    decided: Result<Request, Refusal>,
    act: &str,
) -> Response {
    let back = match id.parse::<RequestId>() {
        Ok(id) => format!("/requests/{id}"),
        Err(_) => "/requests".to_owned(),
    };
    let who_can = if decided.is_err() {
        who_can(visitor, id).await
    } else {
        Vec::new()
    };
    let refused = Refused::new(act, &back).for_others(who_can);
    visitor.go(decided.map(|_| back.clone()), refused)
}

/// Names only for those who may see the request at all.
async fn who_can(visitor: &Visitor, id: &str) -> Vec<PrincipalId> {
    let Ok(id) = id.parse::<RequestId>() else {
        return Vec::new();
    };
    match read::request(&visitor.state.control, &visitor.caller, &id).await {
        Ok(request) if !request.state.is_settled() => approvers(&request),
        _ => Vec::new(),
    }
}
