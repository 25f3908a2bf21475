//! Seeing is scoped, and an auditor's look is on the record.

use locum_control::read::{self, RequestFilter};
use locum_domain::{Denial, Event};
use locum_testkit::house::House;

use crate::{AIDA, ALICE, ANN, ARNO, AUDREY, BEA, MIA, OLGA, OSCAR, PAUL, PETRA, PRYA, SAM, SVEN};

#[tokio::test]
async fn r06_people_see_what_they_filed_may_decide_own_or_answer_for_and_the_rest_is_not_there() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    for (who, is_seen) in [
        (ALICE, true),
        (OSCAR, true),
        (PRYA, true),
        (MIA, true),
        (SAM, true),
        (SVEN, true),
        (AUDREY, true),
        (ARNO, false),
        (ANN, false),
        (BEA, false),
        (PETRA, false),
        (PAUL, false),
        (OLGA, false),
        (AIDA, false),
        ("stranger@corp.example", false),
    ] {
        let caller = house.caller(who);
        let request = read::request(&house.control, &caller, &session.request).await;
        assert_eq!(request.is_ok(), is_seen, "{who} and the request");
        if let Err(refusal) = request {
            assert_eq!(refusal.denial, Denial::NotFound);
        }
        let filter = RequestFilter::default();
        let listed = read::requests(&house.control, &caller, &filter, None, 50)
            .await
            .unwrap();
        assert_eq!(
            listed.items.len(),
            usize::from(is_seen),
            "{who} and the list"
        );
        let event = read::event_history(&house.control, &caller, &session.event).await;
        assert_eq!(event.is_ok(), is_seen, "{who} and the access event");
    }
    house.verify().await;
}

#[tokio::test]
async fn r06_what_one_may_not_see_one_may_not_decide_by_name() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let outcome = house.approve(PETRA, &request.id).await;
    house
        .assert_refused(outcome, PETRA, "approve", Denial::NotAnApprover)
        .await;
    let nothing = locum_domain::RequestId::from_bytes([3; 16]);
    let caller = house.caller(PETRA);
    let words = locum_control::approve::Approve::default();
    let outcome = locum_control::approve::approve(&house.control, &caller, &nothing, &words).await;
    house
        .assert_refused(outcome, PETRA, "approve", Denial::NotFound)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r22_every_look_of_an_auditor_is_on_the_record_and_only_theirs() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    house.end(ALICE, &session.id).await.unwrap();
    let review = house.reviews_of(&session.id).await.pop().unwrap();
    for (who, recorded) in [(AUDREY, 8), (SAM, 0)] {
        let before = house.history().await.len();
        let (control, caller) = (&house.control, house.caller(who));
        let filter = RequestFilter::default();
        read::request(control, &caller, &session.request)
            .await
            .unwrap();
        read::requests(control, &caller, &filter, None, 50)
            .await
            .unwrap();
        read::session(control, &caller, &session.id).await.unwrap();
        read::sessions(control, &caller, None, None, 50)
            .await
            .unwrap();
        read::reviews(control, &caller, None, None, 50)
            .await
            .unwrap();
        read::review(control, &caller, &review.id).await.unwrap();
        read::request_of_event(control, &caller, &session.event)
            .await
            .unwrap();
        read::feed(control, &caller, None, 1_000).await.unwrap();
        let looks = house.history().await.split_off(before);
        assert_eq!(looks.len(), recorded, "{who}: {looks:#?}");
        for look in looks {
            assert!(matches!(look.event, Event::EvidenceRead { by, .. } if by.as_str() == who));
        }
    }
    house.verify().await;
}

#[tokio::test]
async fn r22_a_look_that_cannot_be_recorded_shows_nothing() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    house.store.set_fails_commits(true);
    let outcome = read::request(&house.control, &house.caller(AUDREY), &request.id).await;
    assert_eq!(outcome.unwrap_err().denial, Denial::RecorderUnavailable);
    read::request(&house.control, &house.caller(ALICE), &request.id)
        .await
        .unwrap();
    house.store.set_fails_commits(false);
    house.verify().await;
}

#[tokio::test]
async fn the_feed_is_gap_free_and_shows_only_outlines_of_what_is_not_ones_own() {
    let house = House::new().await;
    house.activated(ALICE, &house.asked()).await;
    for (who, sees_all) in [(SAM, true), (ARNO, false)] {
        let caller = house.caller(who);
        let feed = read::feed(&house.control, &caller, None, 1_000)
            .await
            .unwrap();
        let size = house.history().await.len();
        assert_eq!(feed.len(), size);
        let outlines = feed
            .iter()
            .filter(|it| matches!(it, read::FeedItem::Outline { .. }))
            .count();
        assert_eq!(outlines == 0, sees_all, "{who}");
        let position = |item: &read::FeedItem| match item {
            read::FeedItem::Whole(recorded) => recorded.position,
            read::FeedItem::Outline { position, .. } => *position,
        };
        let positions: Vec<u64> = feed.iter().map(position).collect();
        assert_eq!(
            positions,
            (0..u64::try_from(size).unwrap()).collect::<Vec<_>>()
        );
        let rest = read::feed(&house.control, &caller, Some(2), 1_000)
            .await
            .unwrap();
        assert_eq!(position(&rest[0]), 3);
    }
    house.verify().await;
}
