//! The HTTP API: JSON with a bearer token, at the real listener.

use serde_json::{Value, json};

use crate::attempt::{Attempt, Deed, Words};
use crate::client::send;
use crate::door::Outcome;
use crate::street::Street;

pub(crate) async fn attempt(street: &Street, attempt: &Attempt) -> Outcome {
    let (path, body) = said(&attempt.deed);
    let bearer = format!("Bearer {}", street.token(&attempt.who));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let what = format!("POST /api/v1/{path}");
    let answer = send(street.server, &what, &headers, body.to_string().as_bytes()).await;
    if answer.status < 300 {
        return Outcome::Done;
    }
    let problem = answer.json();
    let code = problem["code"].as_str().unwrap().to_owned();
    assert_eq!(problem["status"], answer.status, "{problem}");
    assert!(
        problem["type"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/{code}")),
        "{problem}"
    );
    Outcome::Refused(code)
}

fn said(deed: &Deed) -> (String, Value) {
    match deed {
        Deed::File(words) => ("requests".to_owned(), asked(words)),
        Deed::Preview(words) => ("requests/preview".to_owned(), asked(words)),
        Deed::Approve {
            request,
            digest,
            grounds,
        } => {
            let mut body = json!({ "scope_digest": digest });
            if let Some(grounds) = grounds {
                body["unavoidable_because"] = json!(grounds.because);
                body["compensating_controls"] = json!([grounds.control]);
            }
            (format!("requests/{request}/approve"), body)
        }
        Deed::Deny { request, reason } => (
            format!("requests/{request}/deny"),
            json!({ "reason": reason }),
        ),
        Deed::Ask { request, question } => (
            format!("requests/{request}/ask"),
            json!({ "question": question }),
        ),
        Deed::Offer {
            request,
            scope,
            minutes,
            note,
        } => (
            format!("requests/{request}/offer"),
            json!({ "applications": applications(scope), "duration_minutes": minutes, "note": note }),
        ),
        Deed::Accept { request, digest } => (
            format!("requests/{request}/accept"),
            json!({ "scope_digest": digest }),
        ),
        Deed::Withdraw { request } => (format!("requests/{request}/withdraw"), json!({})),
        Deed::Extend {
            request,
            minutes,
            reason,
        } => (
            format!("requests/{request}/extend"),
            json!({ "duration_minutes": minutes, "reason": reason }),
        ),
        Deed::Activate { request } => (format!("requests/{request}/activate"), json!({})),
        Deed::Open {
            session,
            application,
        } => (
            format!("sessions/{session}/open"),
            json!({ "application": application }),
        ),
        Deed::End { session } => (format!("sessions/{session}/end"), json!({})),
        Deed::Stop {
            application: Some(application),
        } => ("stop".to_owned(), json!({ "application": application })),
        Deed::Stop { application: None } => ("stop".to_owned(), json!({ "all": true })),
        Deed::Lift { hold } => (format!("holds/{hold}/lift"), json!({})),
        Deed::Review { review, note } => (
            format!("reviews/{review}/complete"),
            json!({ "finding": "justified", "note": note }),
        ),
    }
}

fn applications(scope: &[(String, Vec<String>)]) -> Value {
    let one = |(application, operations): &(String, Vec<String>)| json!({ "application": application, "operations": operations });
    scope.iter().map(one).collect()
}

fn asked(words: &Words) -> Value {
    let mut body = json!({
        "case": words.case,
        "reason": words.reason,
        "applications": applications(&words.scope),
        "duration_minutes": words.minutes,
        "break_glass": words.is_emergency,
    });
    if let Some(subject) = &words.subject {
        body["subject"] = json!(subject);
    }
    if let Some(actor) = &words.actor {
        body["actor"] = json!(actor);
    }
    body
}
