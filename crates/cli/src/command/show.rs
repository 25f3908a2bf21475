//! Looking: one thing by its id, and lists.

use locum_api::{Listing, RequestView, ReviewView, SessionView};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::request::card;
use crate::args::ListArgs;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::uri::{encoded, query};

pub(crate) async fn show(
    client: &Connection<'_>,
    output: &Output,
    id: &str,
) -> Result<(), Failure> {
    match id.split_once('_').map(|(kind, _)| kind) {
        Some("req") => {
            let request: RequestView = client
                .get(&format!("/api/v1/requests/{}", encoded(id)))
                .await?;
            output.answer(&request, || card(output, &request))
        }
        Some("ses") => {
            let session: SessionView = client
                .get(&format!("/api/v1/sessions/{}", encoded(id)))
                .await?;
            output.answer(&session, || super::session::card(output, &session))
        }
        Some("rev") => {
            let review: ReviewView = client
                .get(&format!("/api/v1/reviews/{}", encoded(id)))
                .await?;
            output.answer(&review, || reviews(output, std::slice::from_ref(&review)))
        }
        Some("evt") => {
            let event: serde_json::Value = client
                .get(&format!("/api/v1/events/{}", encoded(id)))
                .await?;
            output.answer(&event, || timeline(output, &event))
        }
        _ => Err(Failure::Usage(format!(
            "`{id}` is no id as req_…, ses_…, rev_… or evt_…"
        ))),
    }
}

pub(crate) async fn list(
    client: &Connection<'_>,
    output: &Output,
    args: &ListArgs,
) -> Result<(), Failure> {
    let path = path(args)?;
    match args.what.as_str() {
        "requests" => page(client, output, &path, requests).await,
        "sessions" => page(client, output, &path, sessions).await,
        "reviews" => page(client, output, &path, reviews).await,
        _ => page(client, output, &path, super::stop::holds).await,
    }
}

async fn page<T: DeserializeOwned + Serialize>(
    client: &Connection<'_>,
    output: &Output,
    path: &str,
    table: fn(&Output, &[T]) -> String,
) -> Result<(), Failure> {
    let found: Listing<T> = client.get(path).await?;
    output.answer(&found, || {
        let mut text = table(output, &found.items);
        if let Some(next) = &found.next {
            text.push_str(&format!("\n\nmore: --cursor {next}"));
        }
        text
    })
}

/// Where the list is; a filter that its kind does not know is refused here, not ignored there.
fn path(args: &ListArgs) -> Result<String, Failure> {
    let (is_requests, is_holds) = (args.what == "requests", args.what == "holds");
    let limit = args.limit.to_string();
    let parameters = [
        ("limit", Some(limit.as_str()).filter(|_| !is_holds), true),
        ("cursor", args.cursor.as_deref(), !is_holds),
        ("state", args.state.as_deref(), !is_holds),
        ("approver", args.approver.as_deref(), is_requests),
        ("case", args.case.as_deref(), is_requests),
    ];
    let foreign = parameters
        .iter()
        .find(|(_, value, is_known)| value.is_some() && !is_known);
    if let Some((name, ..)) = foreign {
        return Err(Failure::Usage(format!(
            "`locum list {}` knows no --{name}",
            args.what
        )));
    }
    let query = query(&parameters.map(|(name, value, _)| (name, value)));
    Ok(match query.as_str() {
        "" => format!("/api/v1/{}", args.what),
        query => format!("/api/v1/{}?{query}", args.what),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(what: &str) -> ListArgs {
        ListArgs {
            what: what.to_owned(),
            state: None,
            approver: None,
            case: None,
            limit: 50,
            cursor: None,
        }
    }

    #[test]
    fn a_list_is_asked_for_with_what_was_said() {
        let asked = ListArgs {
            state: Some("pending".to_owned()),
            approver: Some("me".to_owned()),
            case: Some("desk:7&limit=1".to_owned()),
            cursor: Some("req_9".to_owned()),
            ..of("requests")
        };
        assert_eq!(
            path(&asked).unwrap(),
            "/api/v1/requests?limit=50&cursor=req_9&state=pending&approver=me&case=desk%3A7%26limit%3D1"
        );
        assert_eq!(path(&of("sessions")).unwrap(), "/api/v1/sessions?limit=50");
        assert_eq!(path(&of("holds")).unwrap(), "/api/v1/holds");
    }

    #[test]
    fn a_filter_that_a_list_does_not_know_is_not_ignored() {
        let me = Some("me".to_owned());
        let asked = [
            ListArgs {
                approver: me.clone(),
                ..of("sessions")
            },
            ListArgs {
                case: me.clone(),
                ..of("reviews")
            },
            ListArgs {
                state: me.clone(),
                ..of("holds")
            },
            ListArgs {
                cursor: me,
                ..of("holds")
            },
        ];
        for args in asked {
            assert!(matches!(path(&args), Err(Failure::Usage(_))), "{args:?}");
        }
    }
}
