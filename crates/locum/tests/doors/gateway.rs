//! The gateway: whether the outcome of an attempt opens it, and what calls in a session hear.

use std::collections::BTreeSet;

use axum::Router;
use axum::routing::any;
use locum_control::open_application::open_application;
use locum_domain::{Aggregate, RequestId, RequestState, Session, SessionId};
use locum_testkit::scenario::Step;
use serde_json::json;

use crate::attempt::{Attempt, Deed};
use crate::case::{Case, State};
use crate::client::{Answer, encoded, send};
use crate::control;
use crate::door::Outcome;
use crate::street::Street;

/// An application that answers everything, and its port.
pub(crate) async fn application() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().fallback(any(|| async { "what the application says" }));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    port
}

/// Whether there is a way in after this attempt, as there must be or must not.
pub(crate) async fn follows(street: &Street, attempt: &Attempt, case: &Case) -> Outcome {
    let before = live(street);
    let filed_before = requests(street).await;
    let done = control::attempt(street, attempt).await;
    if done != Outcome::expected(&case.expect) {
        return done;
    }
    let wrong = match &done {
        Outcome::Done => match opens(&attempt.deed) {
            true => {
                let filed: Vec<_> = requests(street)
                    .await
                    .difference(&filed_before)
                    .cloned()
                    .collect();
                a_way_in(street, attempt, filed.first()).await
            }
            false => no_way_in(street, &BTreeSet::new()).await,
        },
        _ => match requests(street).await == filed_before {
            true => still_shut(street, &before).await,
            false => Some("something was filed".to_owned()),
        },
    };
    wrong.map_or(done, Outcome::Wrong)
}

/// Whether somebody may come in once this was done and whoever is still needed has agreed.
fn opens(deed: &Deed) -> bool {
    match deed {
        Deed::File(_)
        | Deed::Approve { .. }
        | Deed::Ask { .. }
        | Deed::Accept { .. }
        | Deed::Extend { .. }
        | Deed::Activate { .. }
        | Deed::Open { .. }
        | Deed::Lift { .. } => true,
        Deed::Preview(_)
        | Deed::Deny { .. }
        | Deed::Offer { .. }
        | Deed::Withdraw { .. }
        | Deed::End { .. }
        | Deed::Stop { .. }
        | Deed::Review { .. } => false,
    }
}

/// Every request there is.
async fn requests(street: &Street) -> BTreeSet<RequestId> {
    let states = street.played.house.states("request", &[]).await;
    let id = |state: Aggregate| match state {
        Aggregate::Request(request) => Some(request.id),
        _ => None,
    };
    states.into_iter().filter_map(id).collect()
}

fn live(street: &Street) -> BTreeSet<SessionId> {
    street
        .gateway
        .live()
        .into_iter()
        .map(|it| it.session)
        .collect()
}

/// Everybody who must agrees, the actor begins and is answered.
async fn a_way_in(street: &Street, attempt: &Attempt, filed: Option<&RequestId>) -> Option<String> {
    let house = &street.played.house;
    let session = match house.live_sessions().await.pop() {
        Some(session) if !matches!(attempt.deed, Deed::File(_)) => session,
        _ => {
            let id = filed.cloned().unwrap_or_else(|| street.played.request());
            let request = house.request(&id).await;
            let request = match request.state {
                RequestState::Approved { .. } => request,
                _ => house.approved(&request).await,
            };
            match house.activate(request.actor.as_str(), &request.id).await {
                Ok(activated) => activated.session,
                Err(refusal) => return Some(format!("it opens nothing: {refusal}")),
            }
        }
    };
    let (application, here) = session.applications.iter().next().unwrap();
    let call = match here.operations.iter().next().unwrap().as_str() {
        "invoice.read" => "GET /invoices/1",
        "invoice.resend" => "POST /invoices/1/resend",
        "contact.read" => "GET /contacts/1",
        _ => "GET /page",
    };
    let shown = entered(street, &session, application.as_str()).await;
    let answer = called(street, application.as_str(), call, Some(("cookie", &shown))).await;
    (answer.status != 200).then(|| {
        format!(
            "whoever was admitted hears {}: {}",
            answer.status,
            answer.text()
        )
    })
}

/// Nothing is live but these, and whoever shows nothing is nobody.
async fn no_way_in(street: &Street, but: &BTreeSet<SessionId>) -> Option<String> {
    let now = live(street);
    if !now.is_subset(but) {
        return Some(format!("{now:?} are live"));
    }
    for application in ["billing", "crm", "wiki"] {
        let answer = called(street, application, "GET /invoices/1", None).await;
        if answer.status != 401 {
            return Some(format!("nobody hears {} in {application}", answer.status));
        }
    }
    None
}

/// The same after a refusal: and what it was about begins nothing as long as somebody must still agree.
async fn still_shut(street: &Street, before: &BTreeSet<SessionId>) -> Option<String> {
    for id in requests(street).await {
        let request = street.played.house.request(&id).await;
        let waits = matches!(
            request.state,
            RequestState::Pending { .. } | RequestState::Offered { .. }
        );
        let activated = match waits {
            true => street
                .played
                .house
                .activate(request.actor.as_str(), &request.id)
                .await
                .is_ok(),
            false => false,
        };
        if activated {
            return Some("what nobody approved began".to_owned());
        }
    }
    no_way_in(street, before).await
}

/// The cookie by which the actor is known in this application.
async fn entered(street: &Street, session: &Session, application: &str) -> String {
    let house = &street.played.house;
    let actor = house.caller(session.actor.as_str());
    let way = open_application(
        &house.control,
        &actor,
        &session.id,
        &application.parse().unwrap(),
    )
    .await;
    let url = way.unwrap().open_url;
    let path = url.splitn(4, '/').nth(3).unwrap();
    let answer = called(street, application, &format!("GET /{path}"), None).await;
    let cookie = answer
        .header("set-cookie")
        .unwrap_or_else(|| panic!("{}: {}", answer.status, answer.text()));
    cookie.split(';').next().unwrap().to_owned()
}

async fn called(
    street: &Street,
    application: &str,
    what: &str,
    shown: Option<(&str, &str)>,
) -> Answer {
    let host = format!("{application}.act.localhost:{}", street.gateway_port);
    let mut headers = vec![("host", host.as_str())];
    headers.extend(shown);
    send(street.gateway_port, what, &headers, b"").await
}

/// A program's access token to this application, for the grant.
async fn exchanged(
    street: &Street,
    session: &Session,
    grant_token: &str,
    application: &str,
) -> String {
    let token = street.token(session.actor.as_str());
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let form = encoded(&[
        pair(
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        pair("subject_token", grant_token),
        pair("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        pair("actor_token", &token),
        pair(
            "actor_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        pair("audience", &format!("app:{application}")),
    ]);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = send(
        street.server,
        "POST /oauth2/token",
        &headers,
        form.as_bytes(),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// One line of the table of calls, as a browser and as a program.
pub(crate) async fn calls(
    state: &State,
    case: &Case,
    upstream: u16,
) -> [(&'static str, Outcome); 2] {
    let mut outcomes = [("browser", Outcome::Done), ("program", Outcome::Done)];
    for (way, outcome) in &mut outcomes {
        let mut before = state.clone();
        let begins = before.given.pop().unwrap();
        let mut street = Street::of(&before, upstream).await;
        // The program needs the grant's token, which only activation tells.
        let (session, grant_token) = activated(&mut street, &begins).await;
        let Some(Step::Calls {
            method,
            path,
            application,
            by_way_of,
            ..
        }) = Step::of(&case.attempt)
        else {
            panic!("`{}` is no call", case.attempt);
        };
        let shown_for = by_way_of.unwrap_or_else(|| application.clone());
        let (name, value) = match *way {
            "browser" => ("cookie", entered(&street, &session, &shown_for).await),
            _ => {
                let token = exchanged(&street, &session, &grant_token, &shown_for).await;
                ("authorization", format!("Bearer {token}"))
            }
        };
        for sentence in &state.after {
            match Step::of(sentence) {
                Some(Step::Calls {
                    method,
                    path,
                    application,
                    ..
                }) => {
                    let what = format!("{method} {path}");
                    let answer = called(&street, &application, &what, Some((name, &value))).await;
                    assert_eq!(answer.status, 200, "{sentence}: {}", answer.text());
                }
                _ => street.happens(sentence).await,
            }
        }
        let what = format!("{method} {path}");
        let answer = called(&street, &application, &what, Some((name, &value))).await;
        *outcome = match answer.status {
            200 => Outcome::Done,
            _ => Outcome::Refused(answer.json()["code"].as_str().unwrap().to_owned()),
        };
        street.close().await;
    }
    outcomes
}

async fn activated(street: &mut Street, sentence: &str) -> (Session, String) {
    let attempt = Attempt::of(street, sentence).await;
    let Deed::Activate { request } = &attempt.deed else {
        panic!("`{sentence}` begins nothing")
    };
    let bearer = format!("Bearer {}", street.token(&attempt.who));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let what = format!("POST /api/v1/requests/{request}/activate");
    let answer = send(
        street.server,
        &what,
        &headers,
        json!({}).to_string().as_bytes(),
    )
    .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let said = answer.json();
    let session: SessionId = said["id"].as_str().unwrap().parse().unwrap();
    street.played.began(&session);
    (
        street.played.house.session(&session).await,
        said["grant_token"].as_str().unwrap().to_owned(),
    )
}
