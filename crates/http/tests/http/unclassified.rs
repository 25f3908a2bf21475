//! What nobody classified, for whoever answers for the application.

use locum_domain::access::RefusedInSession;
use locum_domain::{Denial, Event, EventId, Happened, RecordId, SessionId, Stream};

use crate::site::Site;

/// Sessions that were refused, as the gateway tells the journal.
async fn refused(site: &Site, session: &SessionId, asked: &[(&str, &str, Option<&str>)]) {
    let size = async || {
        locum_control::ports::Store::size(&*site.house.store)
            .await
            .unwrap()
    };
    let before = size().await;
    for (number, (method, path, asked)) in (1_u8..).zip(asked) {
        let at = site.house.clock.says();
        let event = Event::AccessRefused(RefusedInSession {
            record: RecordId::from_bytes([number; 16]),
            txn: EventId::from_bytes([7; 16]),
            session: session.clone(),
            actor: "alice@corp.example".parse().unwrap(),
            subject: None,
            application: "billing".parse().unwrap(),
            operation: None,
            rule: None,
            method: (*method).to_owned(),
            template: None,
            path: (*path).to_owned(),
            asked: asked.map(str::to_owned),
            denial: Denial::UnclassifiedRoute,
            at,
        });
        let stream = Stream::Session(session.clone());
        site.house.journal.append(&Happened { stream, at, event });
    }
    while size().await < before + u64::try_from(asked.len()).unwrap() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

const BILLING: &str = "/api/v1/applications/billing/unclassified";

#[tokio::test]
async fn r22_an_owner_sees_what_nobody_classified_with_ids_folded() {
    let site = Site::new().await;
    let empty = site.get("oscar", BILLING).await.json();
    assert_eq!(empty["items"], serde_json::json!([]));
    let session = site.activated().await["id"].as_str().unwrap().to_owned();
    let asked = [
        (
            "GET",
            "/exports/2026-11/kim@customer.example?token=secret",
            None,
        ),
        ("GET", "/exports/2026-12/lea@customer.example", None),
        ("POST", "/graphql", Some("mutation deleteAll")),
    ];
    refused(&site, &session.parse().unwrap(), &asked).await;
    let answer = site.get("oscar", BILLING).await;
    assert!(
        !answer.text().contains("customer.example"),
        "{}",
        answer.text()
    );
    let items = answer.json()["items"].clone();
    assert_eq!(items[0]["asked"], "mutation deleteAll");
    assert_eq!(items[1]["route"], "GET /exports/*/*");
    assert_eq!(items[1]["count"], 2);
    assert_eq!(items[1]["last_session"], session);
    // It comes in pages that lead to each other.
    let first = site.get("oscar", &format!("{BILLING}?limit=1")).await;
    let next = first.json()["next"].as_str().unwrap().to_owned();
    let link = format!("<{BILLING}?limit=1&cursor={next}>; rel=\"next\"");
    assert_eq!(first.header("link"), link);
    let rest = site
        .get("oscar", &format!("{BILLING}?limit=1&cursor={next}"))
        .await;
    assert_eq!(rest.json()["items"], serde_json::json!([items[1]]));
    assert!(rest.json()["next"].is_null());
    site.get("oscar", &format!("{BILLING}?cursor=x"))
        .await
        .refused(400, "malformed");
    site.close().await;
}

#[tokio::test]
async fn r24_who_else_sees_it_and_whose_look_is_on_the_record() {
    let site = Site::new().await;
    for stranger in ["alice", "petra", "arno"] {
        let missing = site.get(stranger, BILLING).await;
        missing.refused(404, "not-found");
    }
    let nowhere = "/api/v1/applications/nowhere/unclassified";
    site.get("sam", nowhere).await.refused(404, "not-found");
    let looks = async || {
        let history = site.house.history().await;
        let looks = history.into_iter().filter_map(|it| match it.event {
            Event::EvidenceRead { by, what, .. } => Some(format!("{by}: {what}")),
            _ => None,
        });
        looks.collect::<Vec<_>>()
    };
    assert_eq!(site.get("sam", BILLING).await.status, 200);
    assert_eq!(looks().await, Vec::<String>::new());
    assert_eq!(site.get("audrey", BILLING).await.status, 200);
    assert_eq!(looks().await, ["audrey@corp.example: unclassified billing"]);
    site.close().await;
}
