//! The whole record, checked again.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use locum_api::LedgerState;
use locum_control::Caller;
use locum_control::ledger::{LedgerFindings, verify_ledger};
use locum_control::ports::Proposal;
use locum_domain::catalog::{Principal, Role};
use locum_domain::{Denial, Event, Happened, Refusal, Stream};

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
    let findings = verified(&front, &caller).await;
    let findings = looked(&front, &caller, findings).await?;
    let state = LedgerState {
        entries: findings.entries,
        is_consistent: findings.faults.is_empty(),
        faults: findings.faults,
        checkpoint: findings.checkpoint,
    };
    Ok(Json(state).into_response())
}

async fn verified(front: &Front, caller: &Caller) -> Result<LedgerFindings, Refusal> {
    let control = front.control();
    let in_force = control.in_force();
    let may_look = match in_force.catalog.principal(&caller.principal) {
        Some(Principal::Person(person)) => [Role::Security, Role::Auditor]
            .iter()
            .any(|role| person.roles.contains(role)),
        _ => false,
    };
    if !may_look {
        return Err(Denial::NotEligible.because("security and auditors check the record"));
    }
    let at = control.now()?;
    let look = Event::EvidenceRead {
        by: caller.principal.clone(),
        what: "ledger".to_owned(),
        at,
    };
    let stream = Stream::Principal(caller.principal.clone());
    let proposal = Proposal {
        events: vec![Happened {
            stream,
            at,
            event: look,
        }],
        ..Proposal::default()
    };
    let unavailable = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "the record cannot be checked");
        Denial::RecorderUnavailable.because("the record cannot be checked at the moment")
    };
    let looked = control.sequencer().commit(proposal).await;
    looked.map_err(|error| unavailable(&error))?;
    verify_ledger(control.store(), control.ledger_verifier())
        .await
        .map_err(|error| unavailable(&error))
}
