//! The kill switch and its second half.

use axum::http::StatusCode;

use crate::world::World;
use crate::{ALICE, OSCAR, SAM, SVEN};

#[tokio::test]
async fn a_stop_says_what_it_cuts_ends_it_and_is_lifted_by_somebody_else() {
    let world = World::new().await;
    let session = world.live().await;
    let mut sven = world.browser(SVEN).await;
    let page = sven
        .get("/stop?kind=application&value=billing")
        .await
        .words();
    assert!(
        page.contains("This ends 1 session and cuts 0 requests under way"),
        "{page}"
    );
    assert!(
        page.contains("Alice Archer as carla@acme.example"),
        "{page}"
    );
    let fields = [("kind", "application"), ("value", "billing")];
    assert_eq!(sven.post("/stop", &fields).await.location(), "/holds");
    assert!(!world.house.session(&session).await.is_live());
    let holds = sven.get("/holds").await;
    assert!(
        holds.words().contains("somebody else lifts it"),
        "{}",
        holds.words()
    );
    let mut sam = world.browser(SAM).await;
    let page = sam.get("/holds").await.text();
    let lift = page
        .split("action=\"/holds/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let lift = format!("/holds/{lift}");
    let own = sven.post(&lift, &[]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    assert!(own.words().contains("second-person-required"));
    assert_eq!(sam.post(&lift, &[]).await.location(), "/holds");
    assert!(sam.get("/holds").await.words().contains("Nothing is held"));
    world.house.verify().await;
}

#[tokio::test]
async fn everything_is_stopped_only_with_its_word() {
    let world = World::new().await;
    let session = world.live().await;
    let mut sam = world.browser(SAM).await;
    let without = sam.post("/stop", &[("kind", "all"), ("value", "")]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(world.house.session(&session).await.is_live());
    sam.post("/stop", &[("kind", "all"), ("word", "everything")])
        .await
        .location();
    assert!(!world.house.session(&session).await.is_live());
    world.house.verify().await;
}

#[tokio::test]
async fn who_may_stop_nothing_is_told_who_can() {
    let world = World::new().await;
    let mut alice = world.browser(ALICE).await;
    let page = alice.get("/stop").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(!alice.get("/").await.text().contains("href=\"/stop\""));
    let mut oscar = world.browser(OSCAR).await;
    let page = oscar.get("/stop").await.words();
    assert!(
        page.contains("Billing") && !page.contains("Customer records"),
        "{page}"
    );
    let fields = [("kind", "application"), ("value", "crm")];
    assert_eq!(
        oscar.post("/stop", &fields).await.status,
        StatusCode::FORBIDDEN
    );
    world.house.verify().await;
}
