//! The declarative case system against a real HTTP server: what is believed, and what is not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test harness"
)]

mod desk;

use std::time::Duration;

use desk::{Asked, Desk, answer, case, now, web};
use locum_connectors::{
    CaseMap, Generic, GenericSettings, NumberCheck, Pace, SettingsError, WriteProbe,
};
use locum_control::ports::CaseSystem;
use locum_domain::case::CaseLookupError;
use serde_json::{Value, json};

fn settings(url: &str) -> GenericSettings {
    let at = |pointer: &str| Some(pointer.to_owned());
    GenericSettings {
        url: url.to_owned(),
        auth: None,
        number: None,
        map: CaseMap {
            state: "/state".into(),
            open: ["open".into(), "pending".into()].into(),
            assignee: "/assignee".into(),
            subject: "/customer/id".into(),
            tenant: at("/customer/tenant"),
            id: at("/id"),
            title: at("/title"),
            opened_at: at("/opened_at"),
            opened_by: at("/opened_by"),
            subject_set_by: None,
            priority: at("/priority"),
            queue: at("/queue"),
        },
        pace: Pace {
            poll_seconds: 15,
            grace_seconds: 60,
        },
        probe: WriteProbe::default(),
    }
}

fn case_seven() -> Value {
    json!({
        "id": 7, "state": "open", "assignee": "sam", "title": "Cannot see invoice",
        "opened_at": "2026-11-20T08:00:00Z", "opened_by": "c-42", "priority": "high",
        "customer": {"id": "c-42", "tenant": "acme"},
    })
}

async fn desk_saying(body: Value) -> (Desk, Generic) {
    let desk = Desk::answering(move |_: &Asked| answer(200, body.to_string())).await;
    let generic = Generic::new(settings(&desk.url("/cases/{id}")), web()).unwrap();
    (desk, generic)
}

/// The cause that a look-up was given up for.
async fn cause(generic: &Generic, name: &str) -> String {
    match generic.look_up(&case(name), now()).await {
        Err(CaseLookupError::Unreachable(cause)) => cause,
        other => panic!("a usable answer: {other:?}"),
    }
}

#[tokio::test]
async fn r02_a_case_is_read_as_its_system_attests_it() {
    let (desk, generic) = desk_saying(case_seven()).await;
    let found = generic.look_up(&case("desk:7"), now()).await.unwrap();
    assert!(found.is_open);
    assert_eq!(found.state, "open");
    assert_eq!(found.assignee.as_deref(), Some("sam"));
    assert_eq!(found.subject.unwrap().as_str(), "c-42");
    assert_eq!(found.tenant.unwrap().as_str(), "acme");
    assert_eq!(found.opened_by.as_deref(), Some("c-42"));
    assert_eq!(found.priority.as_deref(), Some("high"));
    assert_eq!(found.queue, None);
    assert_eq!(found.opened_at, "2026-11-20T08:00:00Z".parse().ok());
    assert_eq!(found.looked_up_at, now());
    let asked = desk.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        (asked[0].method.as_str(), asked[0].target.as_str()),
        ("GET", "/cases/7")
    );
}

#[tokio::test]
async fn r02_a_state_that_nobody_listed_is_not_open() {
    for state in ["solved", "Open", "on-hold", "open "] {
        let mut body = case_seven();
        body["state"] = json!(state);
        let (_desk, generic) = desk_saying(body).await;
        let found = generic.look_up(&case("desk:7"), now()).await.unwrap();
        assert!(!found.is_open, "{state:?} counted as open");
        assert_eq!(found.state, state);
    }
}

#[tokio::test]
async fn r02_an_unassigned_case_is_nobodys() {
    for nobody in [json!(null), json!("")] {
        let mut body = case_seven();
        body["assignee"] = nobody;
        let (_desk, generic) = desk_saying(body).await;
        let found = generic.look_up(&case("desk:7"), now()).await.unwrap();
        assert_eq!(found.assignee, None);
    }
}

#[tokio::test]
async fn r02_an_answer_that_is_not_the_case_asked_for_is_no_answer() {
    let (_desk, generic) = desk_saying(case_seven()).await;
    assert_eq!(cause(&generic, "desk:8").await, "it answered another case");
    for (field, value, expected) in [
        (
            "id",
            json!(null),
            "its answer does not say which case it is of",
        ),
        ("state", json!(null), "its answer has no `state`"),
        (
            "state",
            json!(["open"]),
            "its `state` is neither a text nor a whole number",
        ),
        (
            "assignee",
            json!(["sam", "kim"]),
            "its `assignee` is neither a text nor a whole number",
        ),
        (
            "opened_at",
            json!("last week"),
            "its `opened_at` is not a moment as RFC 3339 writes it",
        ),
        (
            "customer",
            json!({"id": "a\nb"}),
            "its `subject` cannot be an id",
        ),
    ] {
        let mut body = case_seven();
        body[field] = value;
        let (_desk, generic) = desk_saying(body).await;
        assert_eq!(cause(&generic, "desk:7").await, expected);
    }
}

#[tokio::test]
async fn r02_a_case_the_desk_does_not_know_is_unknown_and_any_other_failure_is_no_answer() {
    let desk = Desk::answering(|asked: &Asked| {
        let status = asked.target.trim_start_matches("/cases/").parse().unwrap();
        answer(status, case_seven().to_string())
    })
    .await;
    let generic = Generic::new(settings(&desk.url("/cases/{id}")), web()).unwrap();
    for number in ["404", "410"] {
        let found = generic
            .look_up(&case(&format!("desk:{number}")), now())
            .await;
        assert_eq!(found, Err(CaseLookupError::Unknown));
    }
    for (number, expected) in [
        ("201", "it answered 201"),
        ("401", "it refused our credential (401)"),
        ("403", "it refused our credential (403)"),
        ("429", "it answered 429"),
        ("500", "it answered 500"),
        ("503", "it answered 503"),
    ] {
        assert_eq!(cause(&generic, &format!("desk:{number}")).await, expected);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_credential_stays_home() {
    let elsewhere = Desk::answering(|_: &Asked| answer(200, case_seven().to_string())).await;
    let target = elsewhere.url("/cases/7");
    let desk = Desk::answering(move |_: &Asked| {
        let mut answer = answer(302, "");
        answer
            .headers_mut()
            .insert("location", target.parse().unwrap());
        answer
    })
    .await;
    let mut with_secret = settings(&desk.url("/cases/{id}"));
    with_secret.auth = Some(("Authorization".into(), "Bearer desk-key".into()));
    let generic = Generic::new(with_secret, web()).unwrap();
    let expected = "it redirects (302), and redirects are not followed";
    assert_eq!(cause(&generic, "desk:7").await, expected);
    assert!(elsewhere.asked().is_empty());
    assert_eq!(
        desk.asked()[0].header("authorization"),
        Some("Bearer desk-key")
    );
}

#[tokio::test]
async fn a_slow_desk_is_given_up_on() {
    let slow = Duration::from_secs(30);
    let desk = Desk::answering_after(slow, |_: &Asked| answer(200, "{}")).await;
    let generic = Generic::new(settings(&desk.url("/cases/{id}")), web()).unwrap();
    let started = std::time::Instant::now();
    assert_eq!(
        cause(&generic, "desk:7").await,
        "it gave no answer within 600 ms"
    );
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_desk_that_trickles_its_answer_is_given_up_on_too() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let (mut stream, _) = listener.accept().await.unwrap();
        let _request = stream.read(&mut [0; 1_024]).await.unwrap();
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
        stream.write_all(head).await.unwrap();
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let generic = Generic::new(settings(&format!("http://{address}/{{id}}")), web()).unwrap();
    assert_eq!(
        cause(&generic, "desk:7").await,
        "it gave no answer within 600 ms"
    );
}

#[tokio::test]
async fn a_desk_that_is_down_is_no_answer() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let generic = Generic::new(settings(&format!("http://{address}/{{id}}")), web()).unwrap();
    assert_eq!(cause(&generic, "desk:7").await, "it cannot be connected to");
}

#[tokio::test]
async fn without_tls_where_tls_is_asked_for_nothing_is_sent() {
    let (desk, _) = desk_saying(case_seven()).await;
    let mut over_tls = settings(&format!("https://{}/cases/{{id}}", desk.address));
    over_tls.auth = Some(("Authorization".into(), "Bearer desk-key".into()));
    let generic = Generic::new(over_tls, web()).unwrap();
    assert_eq!(
        cause(&generic, "desk:7").await,
        "no trusted TLS connection to it can be made"
    );
    assert!(desk.asked().is_empty());
}

#[tokio::test]
async fn an_oversize_answer_and_one_that_is_not_json_are_no_answers() {
    let desk = Desk::answering(|asked: &Asked| match asked.target.as_str() {
        "/cases/1" => answer(200, format!("\"{}\"", "x".repeat(5_000))),
        "/cases/2" => answer(200, "<html>please sign in</html>"),
        _ => answer(200, ""),
    })
    .await;
    let generic = Generic::new(settings(&desk.url("/cases/{id}")), web()).unwrap();
    assert_eq!(
        cause(&generic, "desk:1").await,
        "its answer is longer than 4096 bytes"
    );
    assert_eq!(cause(&generic, "desk:2").await, "its answer is not JSON");
    assert_eq!(cause(&generic, "desk:3").await, "its answer is not JSON");
}

#[tokio::test]
async fn r02_a_number_that_cannot_be_the_desks_never_reaches_it() {
    let (desk, _) = desk_saying(case_seven()).await;
    let mut picky = settings(&desk.url("/cases/{id}"));
    picky.number = Some(NumberCheck::new(|number| {
        number.bytes().all(|b| b.is_ascii_digit())
    }));
    let generic = Generic::new(picky, web()).unwrap();
    for name in ["desk:7a", "desk:INC-7", "desk:7.json", "desk:7_x"] {
        let found = generic.look_up(&case(name), now()).await;
        assert_eq!(found, Err(CaseLookupError::Unknown), "{name}");
    }
    assert!(desk.asked().is_empty());
}

#[tokio::test]
async fn r02_a_number_is_one_path_segment_whatever_is_in_it() {
    let (desk, generic) = desk_saying(case_seven()).await;
    generic
        .look_up(&case("desk:7.x-1"), now())
        .await
        .unwrap_err();
    assert_eq!(desk.asked()[0].target, "/cases/7.x-1");
}

#[tokio::test]
async fn the_credential_goes_into_its_header_and_into_no_cause() {
    let (desk, _) = desk_saying(case_seven()).await;
    let mut with_secret = settings(&desk.url("/cases/{id}"));
    with_secret.auth = Some(("X-Api-Key".into(), "hunter2".into()));
    let generic = Generic::new(with_secret, web()).unwrap();
    generic.look_up(&case("desk:7"), now()).await.unwrap();
    assert_eq!(desk.asked()[0].header("x-api-key"), Some("hunter2"));
    assert!(!format!("{generic:?}").contains("hunter2"));
}

#[test]
fn settings_that_cannot_work_are_refused_before_anything_is_asked() {
    let wrong = |change: fn(&mut GenericSettings)| {
        let mut settings = settings("http://desk.example/cases/{id}");
        change(&mut settings);
        Generic::new(settings, web()).unwrap_err()
    };
    let header = wrong(|s| s.auth = Some(("X Key".into(), "hunter2".into())));
    assert_eq!(header, SettingsError::Header);
    let value = wrong(|s| s.auth = Some(("X-Key".into(), "two\nlines".into())));
    assert_eq!(value, SettingsError::Header);
    let method = wrong(|s| s.probe.method = "PA TCH".into());
    assert_eq!(method, SettingsError::Method("PA TCH".into()));
    let place = wrong(|s| s.url = "http://desk.example/".into());
    assert!(matches!(place, SettingsError::Place { .. }));
}
