//! What counts.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use locum_api::GovernanceView;
use locum_control::governance::{self, Difference, GovernanceSeen};

use super::look::looked;
use crate::command::Asking;
use crate::refused::Refused;
use crate::state::Front;

/// What is in force: its digest for everybody, files and settings for security and auditors.
#[utoipa::path(
    get,
    path = "/api/v1/governance",
    tag = "governance",
    responses((status = 200, body = GovernanceView, description = "What a change is proposed on"))
)]
pub(crate) async fn show(
    State(front): State<Front>,
    Asking(caller): Asking,
) -> Result<Response, Refused> {
    let seen = governance::governance(front.control(), &caller).await;
    let seen = looked(&front, &caller, seen).await?;
    Ok(Json(view(seen)).into_response())
}

fn view(seen: GovernanceSeen) -> GovernanceView {
    let view = GovernanceView {
        digest: seen.digest,
        version: seen.version,
        at: seen.at.to_string(),
        by: None,
        change: None,
        confirmed_by: None,
        differs: None,
        files: None,
        settings: None,
    };
    let Some(whole) = seen.whole else {
        return view;
    };
    let applied = whole.applied;
    GovernanceView {
        by: applied.by.map(|it| it.to_string()),
        change: applied.change.map(|it| it.to_string()),
        confirmed_by: applied.confirmed_by.map(|it| it.to_string()),
        differs: Some(whole.difference == Difference::Pending),
        files: Some(applied.files),
        settings: Some(applied.settings),
        ..view
    }
}
