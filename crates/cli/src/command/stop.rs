//! The kill switch and holds.

use locum_api::{HoldView, StopBody, StopView};

use crate::args::StopArgs;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::uri::encoded;

pub(crate) async fn stop(
    client: &Connection<'_>,
    output: &Output,
    args: StopArgs,
) -> Result<(), Failure> {
    let body = StopBody {
        all: args.all.then_some(true),
        application: args.application,
        actor: args.actor,
        case: args.case,
        subject: args.subject,
        tenant: args.tenant,
    };
    let stopped: StopView = client.post("/api/v1/stop", &body).await?;
    output.answer(&stopped, || {
        let sessions = match stopped.ended.len() {
            1 => "1 session".to_owned(),
            count => format!("{count} sessions"),
        };
        format!(
            "ended {sessions}; {} holds {} until somebody else runs `locum lift {}`",
            stopped.hold.id, stopped.hold.scope, stopped.hold.id
        )
    })
}

pub(crate) async fn lift(
    client: &Connection<'_>,
    output: &Output,
    hold: &str,
) -> Result<(), Failure> {
    let path = format!("/api/v1/holds/{}/lift", encoded(hold));
    let hold: HoldView = client.post(&path, &serde_json::json!({})).await?;
    output.answer(&hold, || format!("{} is lifted", hold.id))
}

pub(crate) fn holds(output: &Output, items: &[HoldView]) -> String {
    if items.is_empty() {
        return "nothing is held".to_owned();
    }
    let row = |it: &HoldView| {
        [
            it.id.clone(),
            it.scope.clone(),
            it.value.clone().unwrap_or_default(),
            it.by.clone(),
            it.at.clone(),
        ]
    };
    output.table(
        ["HOLD", "SCOPE", "OF", "BY", "SINCE"],
        items.iter().map(row),
    )
}
