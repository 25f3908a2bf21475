//! The console, as a browser uses it: a login's cookie, the token of its own page in every form, and the reason read
//! off the page that comes back.

use locum_domain::Denial;

use crate::attempt::{Attempt, Deed, Words};
use crate::client::{Answer, encoded, send};
use crate::door::Outcome;
use crate::street::Street;

const OURS: (&str, &str) = ("sec-fetch-site", "same-origin");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

pub(crate) async fn attempt(street: &Street, attempt: &Attempt) -> Outcome {
    let mut cookie = street.cookies[&attempt.who].clone();
    let mut today = send(street.server, "GET /", &[("cookie", &cookie)], b"").await;
    if !today.text().contains("name=\"csrf\"") {
        // It has been a while.
        cookie = signed_in(street.server, &attempt.who).await;
        today = send(street.server, "GET /", &[("cookie", &cookie)], b"").await;
    }
    let (path, mut fields) = form(&attempt.deed);
    fields.push(("csrf".to_owned(), today.hidden("csrf")));
    let what = format!("POST {path}");
    let headers = [("cookie", cookie.as_str()), OURS, FORM];
    outcome(&send(street.server, &what, &headers, encoded(&fields).as_bytes()).await)
}

/// The cookie of a login that begins now.
pub(crate) async fn signed_in(server: u16, who: &str) -> String {
    let body = encoded(&[("person".to_owned(), who.to_owned())]);
    let answer = send(server, "POST /login", &[OURS, FORM], body.as_bytes()).await;
    assert_eq!(answer.status, 303, "{who}: {}", answer.text());
    let cookie = answer.header("set-cookie").unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// A change leads on to another page, and a preview shows one; anything else says why not.
fn outcome(answer: &Answer) -> Outcome {
    if let Some(to) = answer.header("location") {
        // The refusal is on the record, and what it asks for is given there.
        return match to.starts_with("/confirm") {
            true => Outcome::Refused(Denial::SignatureRequired.code().to_owned()),
            false => Outcome::Done,
        };
    }
    if answer.status == 200 {
        return Outcome::Done;
    }
    let page = answer.text();
    let mut shown = page
        .split("<code>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next());
    let code = shown.find(|text| Denial::ALL.iter().any(|denial| denial.code() == *text));
    Outcome::Refused(
        code.unwrap_or_else(|| panic!("no reason on {page}"))
            .to_owned(),
    )
}

fn form(deed: &Deed) -> (String, Vec<(String, String)>) {
    let fields = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    match deed {
        Deed::File(words) => ("/requests".to_owned(), asked(words)),
        Deed::Preview(words) => ("/requests/preview".to_owned(), asked(words)),
        Deed::Approve {
            request,
            digest,
            grounds,
        } => {
            let mut all = fields(&[("scope_digest", digest)]);
            if let Some(grounds) = grounds {
                all.extend(fields(&[
                    ("unavoidable_because", grounds.because),
                    ("compensating_controls", grounds.control),
                ]));
            }
            (format!("/requests/{request}/approve"), all)
        }
        Deed::Deny { request, reason } => (
            format!("/requests/{request}/deny"),
            fields(&[("reason", reason)]),
        ),
        Deed::Ask { request, question } => (
            format!("/requests/{request}/ask"),
            fields(&[("question", question)]),
        ),
        Deed::Offer {
            request,
            scope,
            minutes,
            note,
        } => {
            let mut all = ticked(scope);
            all.extend(fields(&[("minutes", &minutes.to_string()), ("note", note)]));
            (format!("/requests/{request}/offer"), all)
        }
        Deed::Accept { request, digest } => (
            format!("/requests/{request}/accept"),
            fields(&[("scope_digest", digest)]),
        ),
        Deed::Withdraw { request } => (format!("/requests/{request}/withdraw"), Vec::new()),
        Deed::Extend {
            request,
            minutes,
            reason,
        } => (
            format!("/requests/{request}/extend"),
            fields(&[("minutes", &minutes.to_string()), ("reason", reason)]),
        ),
        Deed::Activate { request } => (format!("/requests/{request}/activate"), Vec::new()),
        Deed::Open {
            session,
            application,
        } => (
            format!("/sessions/{session}/open"),
            fields(&[("application", application)]),
        ),
        Deed::End { session } => (format!("/sessions/{session}/end"), Vec::new()),
        Deed::Stop {
            application: Some(application),
        } => (
            "/stop".to_owned(),
            fields(&[("kind", "application"), ("value", application)]),
        ),
        Deed::Stop { application: None } => (
            "/stop".to_owned(),
            fields(&[("kind", "all"), ("word", "everything")]),
        ),
        Deed::Lift { hold } => (format!("/holds/{hold}/lift"), Vec::new()),
        Deed::Review { review, note } => (
            format!("/reviews/{review}/complete"),
            fields(&[("finding", "justified"), ("note", note)]),
        ),
    }
}

fn ticked(scope: &[(String, Vec<String>)]) -> Vec<(String, String)> {
    let boxes = scope.iter().flat_map(|(application, operations)| {
        operations
            .iter()
            .map(move |it| (format!("in:{application}"), it.clone()))
    });
    boxes.collect()
}

fn asked(words: &Words) -> Vec<(String, String)> {
    let mut fields = ticked(&words.scope);
    fields.push(("case".to_owned(), words.case.clone()));
    fields.push(("reason".to_owned(), words.reason.clone()));
    fields.push(("minutes".to_owned(), words.minutes.to_string()));
    if words.is_emergency {
        fields.push(("break_glass".to_owned(), "yes".to_owned()));
    }
    if let Some(actor) = &words.actor {
        fields.push(("actor".to_owned(), actor.clone()));
    }
    fields
}
