//! What an application accepted, compared with the ledger.

use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use locum_api::{AcceptedSession, ReconcileBody, ReconciliationView, UnexplainedView};
use locum_control::reconcile::{Accepted, Finding, reconcile};
use locum_domain::{ApplicationId, Denial, Refusal};

use super::look::looked;
use super::words;
use crate::command::Command;
use crate::refused::Refused;

/// Compares sessions that an application accepted with the ledger: what it accepted that the record does not explain is
/// answered. For its owners, security and auditors; every comparison is on the record, and changes nothing else.
#[utoipa::path(
    post,
    path = "/api/v1/applications/{id}/reconcile",
    tag = "ledger",
    params(("id" = String, Path, description = "The application's id")),
    request_body = ReconcileBody,
    responses((status = 200, body = ReconciliationView, description = "What is not explained, in the order asked"))
)]
pub(crate) async fn compare(Path(id): Path<String>, command: Command) -> Result<Response, Refused> {
    let act = "reconcile";
    let body = command.read::<ReconcileBody>(act).await?;
    let (application, accepted) = command.typed(act, typed(&id, &body)).await?;
    let (front, caller) = (&command.front, &command.caller);
    let found = reconcile(front.control(), caller, &application, &accepted).await;
    let found = looked(front, caller, found).await?;
    let unexplained = found.into_iter().map(|it| view(it, &accepted)).collect();
    let compared = u32::try_from(accepted.len()).unwrap_or(u32::MAX);
    Ok(Json(ReconciliationView {
        compared,
        unexplained,
    })
    .into_response())
}

fn view(finding: Finding, accepted: &[Accepted]) -> UnexplainedView {
    let session = accepted.get(finding.index).map(|it| it.session.clone());
    UnexplainedView {
        index: u32::try_from(finding.index).unwrap_or(u32::MAX),
        session: session.unwrap_or_default(),
        why: finding.why.as_str().to_owned(),
        detail: finding.detail,
    }
}

fn typed(id: &str, body: &ReconcileBody) -> Result<(ApplicationId, Vec<Accepted>), Refusal> {
    let accepted: Result<Vec<Accepted>, Refusal> = body.accepted.iter().map(one).collect();
    Ok((words::id(id)?, accepted?))
}

fn one(it: &AcceptedSession) -> Result<Accepted, Refusal> {
    let time = |text: &Option<String>| -> Result<Option<Timestamp>, Refusal> {
        let parsed = text.as_deref().map(str::parse).transpose();
        let detail = "`first` and `last` are times as RFC 3339 writes them";
        parsed.map_err(|_| Denial::Malformed.because(detail))
    };
    Ok(Accepted {
        session: it.session.clone(),
        event: it.event.clone(),
        first: time(&it.first)?,
        last: time(&it.last)?,
    })
}
