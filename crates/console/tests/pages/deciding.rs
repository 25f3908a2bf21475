//! The decision card: what is on it, in which order, and for whom.

use axum::http::StatusCode;

use crate::world::World;
use crate::{ALICE, MIA, OSCAR, PETRA, SAM};

#[tokio::test]
async fn the_card_says_everything_in_its_order() {
    let world = World::new().await;
    let house = &world.house;
    let asked = house.asking(
        "desk:7",
        &[("billing", &["invoice.read", "invoice.resend"])],
        30,
    );
    let id = house.filed(ALICE, &asked).await.id;
    let words = world
        .browser(OSCAR)
        .await
        .get(&format!("/requests/{id}"))
        .await
        .words();
    let order = [
        "Alice Archer wants to act as carla@acme.example (acme)",
        "Billing regulated, finance, personal",
        "reads invoice.read",
        "CHANGES invoice.resend",
        "desk:7 Cannot open an invoice",
        "looked up by Locum just now",
        "Carla cannot open her August invoice",
        "30 minutes from activation; ends with the case.",
        "You decide as application owner of Billing",
        "not yet",
        "Recording on",
        "not read-only",
        "Approve",
        "Approve shorter or narrower",
        "Ask",
        "Deny",
        "it lapses in 4 hours",
    ];
    let mut rest = words.as_str();
    for (place, part) in order.iter().enumerate() {
        let at = rest.find(part).unwrap_or_else(|| {
            panic!("{part:?} is missing or out of order (place {place}) in {words}")
        });
        rest = &rest[at..];
    }
    world.house.verify().await;
}

#[tokio::test]
async fn r05_the_requester_sees_why_they_do_not_decide_and_who_can() {
    let world = World::new().await;
    let id = world.pending().await;
    let mut alice = world.browser(ALICE).await;
    let path = format!("/requests/{id}");
    let page = alice.get(&path).await;
    let words = page.words();
    assert!(
        words.contains("You do not decide this") && words.contains("self-approval"),
        "{words}"
    );
    assert!(
        words.contains("Who can: ") && words.contains("Oscar Owens"),
        "{words}"
    );
    assert!(!page.text().contains(&format!("action=\"{path}/approve\"")));
    let digest = world.house.request(&id).await.scope_digest();
    let refused = alice
        .post(
            &format!("{path}/approve"),
            &[("scope_digest", digest.as_str())],
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let words = refused.words();
    assert!(
        words.contains("You cannot approve this request") && words.contains("self-approval"),
        "{words}"
    );
    assert!(
        words.contains("Who can") && words.contains("Oscar Owens"),
        "{words}"
    );
    world.house.verify().await;
}

#[tokio::test]
async fn r06_crossing_applications_demands_two_texts_of_whoever_judges_it() {
    let world = World::new().await;
    let house = &world.house;
    let asked = house.asking(
        "desk:7",
        &[("billing", &["invoice.read"]), ("crm", &["contact.read"])],
        30,
    );
    let request = house.filed(ALICE, &asked).await;
    let path = format!("/requests/{}", request.id);
    let mut mia = world.browser(MIA).await;
    let card = mia.get(&path).await;
    assert!(
        card.text().contains("name=\"unavoidable_because\""),
        "{}",
        card.words()
    );
    let digest = card.hidden("scope_digest");
    let without = mia
        .post(&format!("{path}/approve"), &[("scope_digest", &digest)])
        .await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [
        ("scope_digest", digest.as_str()),
        ("unavoidable_because", "contact and invoice disagree"),
        ("compensating_controls", "read-only\nhalf an hour"),
    ];
    assert_eq!(
        mia.post(&format!("{path}/approve"), &fields)
            .await
            .location(),
        path
    );
    let approval = house
        .request(&request.id)
        .await
        .route
        .approvals()
        .next()
        .unwrap()
        .clone();
    assert_eq!(
        approval.compensating_controls,
        ["read-only", "half an hour"]
    );
    assert!(
        !world
            .browser(PETRA)
            .await
            .get(&path)
            .await
            .text()
            .contains("name=\"unavoidable_because\"")
    );
    world.house.verify().await;
}

#[tokio::test]
async fn what_changed_since_it_was_shown_cannot_be_approved() {
    let world = World::new().await;
    let id = world.pending().await;
    let mut oscar = world.browser(OSCAR).await;
    let fields = [(
        "scope_digest",
        "0000000000000000000000000000000000000000000000000000000000000000",
    )];
    let stale = oscar
        .post(&format!("/requests/{id}/approve"), &fields)
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.words().contains("stale-approval"));
    world.house.verify().await;
}

#[tokio::test]
async fn a_case_that_no_longer_fits_is_on_top_of_the_card() {
    let world = World::new().await;
    let id = world.pending().await;
    let mut sam = world.browser(SAM).await;
    let path = format!("/requests/{id}");
    world.house.desk.close("7");
    assert!(
        sam.get(&path)
            .await
            .words()
            .contains("The case is resolved, not open.")
    );
    world.house.desk.reopen("7");
    world.house.desk.reassign("7", "arno");
    assert!(
        sam.get(&path)
            .await
            .words()
            .contains("The case is now assigned to arno")
    );
    world.house.desk.set_unreachable(true);
    assert!(
        sam.get(&path)
            .await
            .words()
            .contains("could not be looked up")
    );
    world.house.verify().await;
}

#[tokio::test]
async fn deny_needs_its_reason_and_ends_it() {
    let world = World::new().await;
    let id = world.pending().await;
    let mut oscar = world.browser(OSCAR).await;
    let path = format!("/requests/{id}");
    assert_eq!(
        oscar.post(&format!("{path}/deny"), &[]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    oscar
        .post(
            &format!("{path}/deny"),
            &[("reason", "Ask the customer for a copy first")],
        )
        .await
        .location();
    let words = world.browser(ALICE).await.get(&path).await.words();
    assert!(words.contains("Oscar Owens denied it"), "{words}");
    assert!(
        words.contains("Ask the customer for a copy first"),
        "{words}"
    );
    world.house.verify().await;
}
