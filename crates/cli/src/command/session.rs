//! Acting: activate, open, end.

use locum_api::{ActivationView, ApplicationSessionView, OpenBody, SessionView, WayInView};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::uri::encoded;

pub(crate) async fn activate(
    client: &Connection<'_>,
    output: &Output,
    id: &str,
) -> Result<(), Failure> {
    let path = format!("/api/v1/requests/{}/activate", encoded(id));
    let session: ActivationView = client.post(&path, &serde_json::json!({})).await?;
    output.answer(&session, || {
        let ways = output.table(
            ["APPLICATION", "OPEN ONCE, WITHIN 60 SECONDS"],
            session
                .applications
                .iter()
                .map(|way| [way.application.clone(), way.open_url.clone()]),
        );
        format!(
            "{} until {}\n\n{ways}\n\nend it with: locum end {}",
            session.id, session.expires_at, session.id
        )
    })
}

pub(crate) async fn open(
    client: &Connection<'_>,
    output: &Output,
    session: &str,
    application: String,
) -> Result<(), Failure> {
    let path = format!("/api/v1/sessions/{}/open", encoded(session));
    let way: WayInView = client.post(&path, &OpenBody { application }).await?;
    output.answer(&way, || way.open_url.clone())
}

pub(crate) async fn end(
    client: &Connection<'_>,
    output: &Output,
    session: &str,
) -> Result<(), Failure> {
    let path = format!("/api/v1/sessions/{}/end", encoded(session));
    let session: SessionView = client.post(&path, &serde_json::json!({})).await?;
    output.answer(&session, || {
        let because = session.ended_because.as_deref().unwrap_or("ended");
        format!("{} is {} ({because})", session.id, session.state)
    })
}

/// The session as people read it: who, as whom, where, until when, and the ways in and out.
pub(crate) fn card(output: &Output, session: &SessionView) -> String {
    let mut text = format!(
        "{}  {}\n{} acts as {} for {}{}\n",
        session.id,
        session.state,
        session.actor,
        session.subject,
        session.case,
        if session.break_glass {
            ", EMERGENCY"
        } else {
            ""
        },
    );
    text.push_str(&match (&session.ended_because, &session.ended_at) {
        (Some(because), Some(at)) => {
            let by = session.ended_by.as_ref().map(|by| format!(" by {by}"));
            format!(
                "since {}, ended at {at}{}: {because}\n",
                session.started_at,
                by.unwrap_or_default()
            )
        }
        _ => format!(
            "since {}, at the latest until {}\n",
            session.started_at, session.expires_at
        ),
    });
    text.push_str(&format!(
        "request {}, access event {}\n\n",
        session.request, session.event
    ));
    let row = |it: &ApplicationSessionView| {
        [
            it.application.clone(),
            it.state.clone(),
            it.subject.clone(),
            it.operations.join(", "),
        ]
    };
    text.push_str(&output.table(
        ["APPLICATION", "STATE", "AS", "OPERATIONS"],
        session.applications.iter().map(row),
    ));
    if session.state == "live" {
        text.push('\n');
        for it in session.applications.iter().filter(|it| it.state == "live") {
            text.push_str(&format!(
                "\nopen it with: locum open {} {}",
                session.id, it.application
            ));
        }
        text.push_str(&format!("\nend it with:  locum end {}", session.id));
    }
    text
}
