//! The whole record, checked again.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use locum_api::{LedgerState, LedgerView, WitnessView};
use locum_control::check_record::check_record;
use locum_control::see_ledger::{LedgerSeen, see_ledger};
use locum_control::witnessing::Standing;
use locum_domain::WitnessStanding;

use super::look::looked;
use crate::command::Asking;
use crate::refused::Refused;
use crate::state::Front;

/// How long the ledger is, what was signed of it, and how each of its witnesses stands. Looking is no event.
#[utoipa::path(
    get,
    path = "/api/v1/ledger",
    tag = "ledger",
    responses((status = 200, body = LedgerView, description = "As it stands now"))
)]
pub(crate) async fn show(
    State(front): State<Front>,
    Asking(caller): Asking,
) -> Result<Response, Refused> {
    let seen = see_ledger(front.control()).await;
    let seen = looked(&front, &caller, seen).await?;
    Ok(Json(view(&seen)).into_response())
}

fn view(seen: &LedgerSeen) -> LedgerView {
    LedgerView {
        entries: seen.entries,
        vkey: seen.key.to_string(),
        checkpoint: seen.checkpoint.clone(),
        size: seen.signed.map(|(size, _)| size),
        root: seen.signed.map(|(_, root)| root.to_base64()),
        witnessed: seen.witnessed.map(|(entries, _)| entries),
        witnessed_at: seen
            .witnessed
            .and_then(|(_, at)| at)
            .map(|at| at.to_string()),
        is_split: seen.is_split(),
        witnesses: seen.witnesses.iter().map(witness).collect(),
        recorder_findings: seen.recorder_findings.clone(),
    }
}

fn witness(standing: &Standing) -> WitnessView {
    let says = standing.says.as_ref();
    let word = |says: &WitnessStanding| says.word().to_owned();
    WitnessView {
        name: standing.name.clone(),
        key: standing.key.name().to_owned(),
        url: standing.url.clone(),
        cosigned: standing.cosigned,
        standing: says.map(|(says, _)| word(says)),
        since: says.map(|(_, at)| at.to_string()),
        why: says.and_then(|(says, _)| match says {
            WitnessStanding::Silent { why } => Some(why.clone()),
            _ => None,
        }),
    }
}

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
