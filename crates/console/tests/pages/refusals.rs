//! Refusals as pages: what, why, who can, one button.

use axum::http::StatusCode;

use crate::world::World;
use crate::{ALICE, OSCAR};

#[tokio::test]
async fn activating_too_early_is_a_page_with_its_code_and_one_button() {
    let world = World::new().await;
    let id = world.pending().await;
    let mut alice = world.browser(ALICE).await;
    let answer = alice.post(&format!("/requests/{id}/activate"), &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let words = answer.words();
    assert!(
        words.contains("You cannot activate this request"),
        "{words}"
    );
    assert!(words.contains("missing-approval"), "{words}");
    let main = answer.text();
    let main = main.split("<main").nth(1).unwrap();
    assert_eq!(main.matches("class=\"button\"").count(), 1);
    assert!(main.contains(&format!("href=\"/requests/{id}\"")));
    world.house.verify().await;
}

#[tokio::test]
async fn every_refusal_of_somebody_known_is_on_the_record_a_forged_form_too() {
    let world = World::new().await;
    let id = world.pending().await;
    let mut oscar = world.browser(OSCAR).await;
    let forged = oscar
        .send(&format!("/requests/{id}/approve"), Some(&[]), &[])
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let refusals = world.house.refusals().await;
    assert_eq!(refusals.last().map(|it| it.act.as_str()), Some("form"));
    world.house.verify().await;
}

#[tokio::test]
async fn pages_still_show_while_the_clock_cannot_be_trusted() {
    let world = World::new().await;
    world.pending().await;
    let mut alice = world.browser(ALICE).await;
    world
        .house
        .clock
        .step_back(jiff::SignedDuration::from_mins(10));
    assert_eq!(alice.get("/").await.status, StatusCode::OK);
    world.house.clock.advance_minutes(20);
    world.house.verify().await;
}
