//! The whole record, checked again.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use locum_api::LedgerState;
use locum_control::check_record::check_record;

use super::look::looked;
use crate::command::Asking;
use crate::refused::Refused;
use crate::state::Front;

/// Reads the whole ledger and compares it with the signed checkpoint and the tables. For security and auditors;
/// the look is on the record.
#[utoipa::path(
    get,
    path = "/api/v1/ledger/verify",
    tag = "ledger",
    responses((status = 200, body = LedgerState, description = "What was found; faults are in the answer"))
)]
pub(crate) async fn verify(
    State(front): State<Front>,
    Asking(caller): Asking,
) -> Result<Response, Refused> {
    let findings = check_record(front.control(), &caller).await;
    let findings = looked(&front, &caller, findings).await?;
    let state = LedgerState {
        entries: findings.entries,
        is_consistent: findings.faults.is_empty(),
        faults: findings.faults,
        checkpoint: findings.checkpoint,
    };
    Ok(Json(state).into_response())
}
