//! Acting: activate, open, end.

use locum_api::{ActivationView, Client, OpenBody, SessionView, WayInView};

use crate::failure::Failure;
use crate::output::Output;

pub(crate) async fn activate(client: &Client, output: &Output, id: &str) -> Result<(), Failure> {
    let path = format!("/api/v1/requests/{id}/activate");
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
    client: &Client,
    output: &Output,
    session: &str,
    application: String,
) -> Result<(), Failure> {
    let path = format!("/api/v1/sessions/{session}/open");
    let way: WayInView = client.post(&path, &OpenBody { application }).await?;
    output.answer(&way, || way.open_url.clone())
}

pub(crate) async fn end(client: &Client, output: &Output, session: &str) -> Result<(), Failure> {
    let path = format!("/api/v1/sessions/{session}/end");
    let session: SessionView = client.post(&path, &serde_json::json!({})).await?;
    output.answer(&session, || {
        let because = session.ended_because.as_deref().unwrap_or("ended");
        format!("{} is {} ({because})", session.id, session.state)
    })
}
