//! Why, on pages: who may decide and why not, what was decided, and what one was refused.

use axum::http::StatusCode;

use crate::markup::tags;
use crate::world::World;
use crate::{ALICE, AUDREY, OSCAR, PETRA, SAM};

#[tokio::test]
async fn whoever_may_not_decide_finds_why_by_which_rule_and_who_can() {
    let world = World::new().await;
    let id = world.pending().await;
    let mut alice = world.browser(ALICE).await;
    let card = alice.get(&format!("/requests/{id}")).await;
    let address = format!("/requests/{id}/explain");
    for link in [format!("{address}#who"), address.clone()] {
        let mut links = tags(&card.text()).into_iter();
        assert!(links.any(|it| it.get("href") == Some(&link)), "{link}");
    }
    assert!(card.words().contains("Why not you?"));
    let page = alice.get(&address).await;
    assert_eq!(page.status, StatusCode::OK);
    let words = page.words();
    for part in [
        "may not decide",
        "Nobody approves their own request",
        "guard-self-approval",
        "What helps: Somebody else must decide.",
        "this request's requester",
        "guardrails/deciding.cedar:",
        "Locum's own",
        "R05",
        "It would not object, if any one of these were so",
        "as application owner of Billing",
        "guard-two-people",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    // People by their names, not by their ids.
    assert!(
        words.contains("Oscar Owens") && !words.contains("person \""),
        "{words}"
    );
    let oscar = world
        .browser(OSCAR)
        .await
        .get(&format!("/requests/{id}"))
        .await;
    assert!(oscar.words().contains("Why you?"));
    world.house.verify().await;
}

#[tokio::test]
async fn what_was_decided_stands_with_its_place_in_the_ledger_and_the_text_of_its_rule() {
    let world = World::new().await;
    let id = world.approved().await;
    let words = world
        .browser(SAM)
        .await
        .get(&format!("/requests/{id}/explain"))
        .await
        .words();
    for part in [
        "What was decided",
        "locum-application-owner-decides",
        "#",
        "rules could have objected and did not",
        "@id(\"guard-owner-decides\")",
        "It could begin.",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    world.house.verify().await;
}

#[tokio::test]
async fn somebody_else_may_be_asked_about_by_whoever_sees_them() {
    let world = World::new().await;
    let id = world.pending().await;
    let about = |who: &str| format!("/requests/{id}/explain?as={who}");
    let mut sam = world.browser(SAM).await;
    let words = sam.get(&about(PETRA)).await.words();
    assert!(words.contains("Petra Price"), "{words}");
    assert_eq!(sam.get(&about("")).await.status, StatusCode::OK);
    let mut alice = world.browser(ALICE).await;
    assert_eq!(alice.get(&about(PETRA)).await.status, StatusCode::NOT_FOUND);
    let mut petra = world.browser(PETRA).await;
    let unseen = petra.get(&format!("/requests/{id}/explain")).await;
    assert_eq!(unseen.status, StatusCode::NOT_FOUND);
    world.house.verify().await;
}

#[tokio::test]
async fn ones_own_refusals_are_explained_by_the_rule_and_its_text() {
    let world = World::new().await;
    let id = world.pending().await;
    world.house.approve(ALICE, &id).await.unwrap_err();
    let mut alice = world.browser(ALICE).await;
    let words = alice.get("/refusals").await.words();
    for part in ["refused to approve", "guard-self-approval", "What helps"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let words = world.browser(PETRA).await.get("/refusals").await.words();
    assert!(words.contains("You were refused nothing"), "{words}");
    world.house.verify().await;
}

#[tokio::test]
async fn what_was_refused_in_a_session_says_which_operation_it_was_and_what_helps() {
    let world = World::new().await;
    let session = world.live().await;
    let mut oscar = world.browser(OSCAR).await;
    let page = oscar.get(&format!("/sessions/{session}")).await;
    let address = format!("/sessions/{session}/explain");
    let mut links = tags(&page.text()).into_iter();
    assert!(links.any(|it| it.get("href") == Some(&address)));
    let words = oscar.get(&address).await.words();
    for part in [
        "out-of-scope",
        "invoice.resend",
        "new request",
        "invoice.read",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    world.house.verify().await;
}

#[tokio::test]
async fn r22_an_auditors_look_at_an_explanation_is_on_the_record() {
    let world = World::new().await;
    let id = world.pending().await;
    let mut audrey = world.browser(AUDREY).await;
    let before = world.house.history().await.len();
    audrey.get(&format!("/requests/{id}/explain")).await;
    assert!(world.house.history().await.len() > before);
    world.house.verify().await;
}
