//! Looking: one thing by its id, and lists.

use locum_api::{Client, HoldView, Listing, RequestView, ReviewView, SessionView};

use super::request::card;
use crate::args::ListArgs;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) async fn show(client: &Client, output: &Output, id: &str) -> Result<(), Failure> {
    match id.split_once('_').map(|(kind, _)| kind) {
        Some("req") => {
            let request: RequestView = client.get(&format!("/api/v1/requests/{id}")).await?;
            output.answer(&request, || card(output, &request))
        }
        Some("ses") => {
            let session: SessionView = client.get(&format!("/api/v1/sessions/{id}")).await?;
            output.answer(&session, || {
                sessions(output, std::slice::from_ref(&session))
            })
        }
        Some("rev") => {
            let review: ReviewView = client.get(&format!("/api/v1/reviews/{id}")).await?;
            output.answer(&review, || reviews(output, std::slice::from_ref(&review)))
        }
        Some("evt") => {
            let event: serde_json::Value = client.get(&format!("/api/v1/events/{id}")).await?;
            output.answer(&event, || timeline(output, &event))
        }
        _ => Err(Failure::Usage(format!(
            "`{id}` is no id as req_…, ses_…, rev_… or evt_…"
        ))),
    }
}

pub(crate) async fn list(client: &Client, output: &Output, args: &ListArgs) -> Result<(), Failure> {
    let query = query(args);
    match args.what.as_str() {
        "requests" => {
            let found: Listing<RequestView> =
                client.get(&format!("/api/v1/requests?{query}")).await?;
            output.answer(&found, || requests(output, &found.items))
        }
        "sessions" => {
            let found: Listing<SessionView> =
                client.get(&format!("/api/v1/sessions?{query}")).await?;
            output.answer(&found, || sessions(output, &found.items))
        }
        "reviews" => {
            let found: Listing<ReviewView> =
                client.get(&format!("/api/v1/reviews?{query}")).await?;
            output.answer(&found, || reviews(output, &found.items))
        }
        _ => {
            let found: Listing<HoldView> = client.get("/api/v1/holds").await?;
            output.answer(&found, || super::stop::holds(output, &found.items))
        }
    }
}

fn query(args: &ListArgs) -> String {
    let mut query = format!("limit={}", args.limit);
    for (name, value) in [
        ("state", &args.state),
        ("approver", &args.approver),
        ("case", &args.case),
    ] {
        if let Some(value) = value {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            query.push_str(&format!("&{name}="));
            for byte in value.bytes() {
                if plain(byte) {
                    query.push(char::from(byte));
                } else {
                    query.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    query
}

fn requests(output: &Output, items: &[RequestView]) -> String {
    if items.is_empty() {
        return "nothing here; `locum request` files one".to_owned();
    }
    let row = |it: &RequestView| {
        let applications: Vec<&str> = it
            .applications
            .iter()
            .map(|scope| scope.application.as_str())
            .collect();
        [
            it.id.clone(),
            it.state.clone(),
            it.actor.clone(),
            it.subject.clone(),
            it.case.id.clone(),
            applications.join(", "),
        ]
    };
    output.table(
        [
            "REQUEST",
            "STATE",
            "ACTOR",
            "SUBJECT",
            "CASE",
            "APPLICATIONS",
        ],
        items.iter().map(row),
    )
}

fn sessions(output: &Output, items: &[SessionView]) -> String {
    if items.is_empty() {
        return "no session here; an approved request is activated with `locum activate`"
            .to_owned();
    }
    let row = |it: &SessionView| {
        let applications = it
            .applications
            .iter()
            .map(|one| format!("{} {}", one.application, one.state));
        let end = match (&it.ended_because, &it.ended_at) {
            (Some(because), Some(at)) => format!("{because} at {at}"),
            _ => format!("by {}", it.expires_at),
        };
        let applications: Vec<String> = applications.collect();
        [
            it.id.clone(),
            it.state.clone(),
            it.actor.clone(),
            it.subject.clone(),
            it.case.clone(),
            applications.join(", "),
            end,
        ]
    };
    output.table(
        [
            "SESSION",
            "STATE",
            "ACTOR",
            "SUBJECT",
            "CASE",
            "APPLICATIONS",
            "END",
        ],
        items.iter().map(row),
    )
}

fn reviews(output: &Output, items: &[ReviewView]) -> String {
    if items.is_empty() {
        return "no review here: every ended session opens one".to_owned();
    }
    let row = |it: &ReviewView| {
        let reviewer = it
            .reviewer
            .clone()
            .unwrap_or_else(|| "nobody named".to_owned());
        [
            it.id.clone(),
            it.state.clone(),
            reviewer,
            it.due.clone(),
            it.finding.clone().unwrap_or_default(),
            it.event.clone(),
        ]
    };
    output.table(
        [
            "REVIEW",
            "STATE",
            "REVIEWER",
            "DUE",
            "FINDING",
            "ACCESS EVENT",
        ],
        items.iter().map(row),
    )
}

fn timeline(output: &Output, event: &serde_json::Value) -> String {
    let lines = event
        .get("timeline")
        .and_then(|lines| lines.as_array())
        .cloned()
        .unwrap_or_default();
    let text = |line: &serde_json::Value, name: &str| match line.get(name) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let row = |line: &serde_json::Value| {
        [
            text(line, "position"),
            text(line, "at"),
            text(line, "sentence"),
        ]
    };
    output.table(["POSITION", "AT", "WHAT"], lines.iter().map(row))
}
