//! Who sees what, and what of it is on the record.

use axum::http::StatusCode;
use locum_domain::Event;

use crate::world::World;
use crate::{ALICE, AUDREY, OSCAR, PETRA};

#[tokio::test]
async fn what_is_not_yours_to_see_is_a_page_that_says_nothing_of_it() {
    let world = World::new().await;
    let session = world.live().await;
    let session = world.house.session(&session).await;
    let mut petra = world.browser(PETRA).await;
    for path in [
        format!("/requests/{}", session.request),
        format!("/sessions/{}", session.id),
        format!("/events/{}", session.event),
        format!("/events/{}/evidence", session.event),
        "/requests/req_nonsense".to_owned(),
        "/reviews/rev_00000000000000000000000000000000".to_owned(),
    ] {
        let answer = petra.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.text().contains("carla"), "{path}");
    }
    assert!(!petra.get("/requests").await.text().contains("carla"));
    world.house.verify().await;
}

#[tokio::test]
async fn r24_every_look_of_an_auditor_is_on_the_record() {
    let world = World::new().await;
    let id = world.pending().await;
    let mut audrey = world.browser(AUDREY).await;
    let before = looks(&world).await;
    assert_eq!(
        audrey.get(&format!("/requests/{id}")).await.status,
        StatusCode::OK
    );
    assert!(looks(&world).await > before);
    world.house.verify().await;
}

async fn looks(world: &World) -> usize {
    let history = world.house.history().await;
    let looks = history
        .iter()
        .filter(|it| matches!(it.event, Event::EvidenceRead { .. }));
    looks.count()
}

#[tokio::test]
async fn a_session_shows_what_was_done_in_it_and_what_was_refused() {
    let world = World::new().await;
    let session = world.live().await;
    let words = world
        .browser(OSCAR)
        .await
        .get(&format!("/sessions/{session}"))
        .await
        .words();
    for part in [
        "invoice.read",
        "invoice:4711",
        "invoice:4712",
        "1 answered",
        "out-of-scope",
        "POST /invoices/4711/resend",
        "End the session",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    // Nobody joins: only the actor opens.
    assert!(!words.contains("Open Billing"), "{words}");
    assert!(
        world
            .browser(ALICE)
            .await
            .get(&format!("/sessions/{session}"))
            .await
            .words()
            .contains("Open Billing")
    );
    world.house.verify().await;
}

#[tokio::test]
async fn every_line_of_the_story_has_its_place_in_the_ledger_and_names_for_people() {
    let world = World::new().await;
    let session = world.live().await;
    let session = world.house.session(&session).await;
    let page = world
        .browser(OSCAR)
        .await
        .get(&format!("/requests/{}", session.request))
        .await;
    let words = page.words();
    let story = words.split("Access event and evidence").nth(1).unwrap();
    assert!(
        story.contains("Oscar Owens approved as application-owner"),
        "{story}"
    );
    assert!(!story.contains("oscar@corp.example"), "{story}");
    assert!(
        story.contains(&format!("#{}", session.activation)),
        "{story}"
    );
    world.house.verify().await;
}

#[tokio::test]
async fn somebody_elses_ticket_opens_nothing() {
    let world = World::new().await;
    let open = world.browser(ALICE).await.get("/open/1").await;
    assert_eq!(open.location(), "http://billing.support.localhost:8471/go");
    let other = world.browser(OSCAR).await.get("/open/1").await;
    assert_eq!(other.status, StatusCode::UNAUTHORIZED);
    assert!(other.words().contains("session-ended"));
    let nobody = world.stranger().get("/open/1").await;
    assert_eq!(nobody.location(), "/login?to=%2Fopen%2F1");
    world.house.verify().await;
}

#[tokio::test]
async fn words_from_outside_are_text_and_never_markup() {
    let world = World::new().await;
    world
        .house
        .desk
        .edit("7", |case| case.title = Some("<b onclick=x>\"'".into()));
    let mut asked = world.house.asked();
    asked.reason = "<script>alert(1)</script> Carla cannot read".into();
    let id = world.house.filed(ALICE, &asked).await.id;
    let text = world
        .browser(OSCAR)
        .await
        .get(&format!("/requests/{id}"))
        .await
        .text();
    assert!(!text.contains("<script") && !text.contains("<b "), "{text}");
    assert!(text.contains("&lt;script&gt;"));
    world.house.verify().await;
}

#[tokio::test]
async fn r22_an_owner_finds_what_nobody_classified_as_lines_for_the_catalog() {
    let world = World::new().await;
    let path = "/applications/billing/unclassified";
    let mut oscar = world.browser(OSCAR).await;
    assert!(oscar.get("/").await.text().contains(path));
    let nothing = oscar.get(path).await.words();
    assert!(nothing.contains("has an operation"), "{nothing}");
    world
        .unclassified("/exports/4711/kim@customer.example")
        .await;
    let words = oscar.get(path).await.words();
    assert!(words.contains("GET /exports/*/*"), "{words}");
    assert!(words.contains("Session "), "{words}");
    assert!(!words.contains("kim@customer.example"), "{words}");
    let mut petra = world.browser(PETRA).await;
    assert_eq!(petra.get(path).await.status, StatusCode::NOT_FOUND);
    let mut audrey = world.browser(AUDREY).await;
    let before = looks(&world).await;
    assert_eq!(audrey.get(path).await.status, StatusCode::OK);
    assert_eq!(looks(&world).await, before + 1);
    world.house.verify().await;
}
