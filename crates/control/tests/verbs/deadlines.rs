//! What nobody answers or uses in time.

use locum_control::withdraw::withdraw;
use locum_domain::{Denial, RequestState};
use locum_testkit::house::House;

use crate::{ALICE, ARNO, MIA, OSCAR, PRYA};

#[tokio::test]
async fn r13_a_request_that_nobody_answers_is_escalated_by_name_which_gives_no_authority() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    house.clock.advance_minutes(119);
    house.run_jobs().await;
    assert_eq!(house.request(&request.id).await.escalated, None);
    house.clock.advance_minutes(1);
    house.run_jobs().await;
    let escalated = house.request(&request.id).await;
    assert_eq!(escalated.escalated, Some(MIA.parse().unwrap()));
    let outcome = house.approve(MIA, &request.id).await;
    house
        .assert_refused(outcome, MIA, "approve", Denial::NotAnApprover)
        .await;
    house.run_jobs().await;
    let stream = locum_domain::Stream::Request(request.id.clone());
    let kinds = house.kinds(&stream).await;
    let expected = [
        "request-filed",
        "facts-read",
        "request-escalated",
        "refused",
    ];
    assert_eq!(kinds, expected);
    house.verify().await;
}

#[tokio::test]
async fn r13_silence_never_approves_and_a_missed_deadline_skips_no_step() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    house.approve(OSCAR, &request.id).await.unwrap();
    house.clock.advance_minutes(240);
    // Before any job looked.
    let outcome = house.approve(PRYA, &request.id).await;
    house
        .assert_refused(outcome, PRYA, "approve", Denial::Lapsed)
        .await;
    house.run_jobs().await;
    let lapsed = house.request(&request.id).await;
    assert!(matches!(lapsed.state, RequestState::Lapsed { .. }));
    let outcome = house.activate(ALICE, &request.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::Lapsed)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r13_r16_an_approval_that_is_not_used_in_time_lapses() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let request = house.approved(&request).await;
    house.clock.advance_minutes(120);
    let outcome = house.activate(ALICE, &request.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::Lapsed)
        .await;
    house.run_jobs().await;
    let lapsed = house.request(&request.id).await;
    assert!(matches!(lapsed.state, RequestState::Lapsed { .. }));
    let outcome = house.activate(ALICE, &request.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::Lapsed)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r18_requester_and_approver_take_back_what_they_gave_before_it_is_used() {
    for (by, seen) in [(ALICE, true), (OSCAR, true), (PRYA, false), (ARNO, false)] {
        let house = House::new().await;
        let request = house.filed(ALICE, &house.asked()).await;
        house.approve(OSCAR, &request.id).await.unwrap();
        let outcome = withdraw(&house.control, &house.caller(by), &request.id).await;
        if seen {
            assert!(matches!(
                outcome.unwrap().state,
                RequestState::Withdrawn { .. }
            ));
            let outcome = house.approve(PRYA, &request.id).await;
            house
                .assert_refused(outcome, PRYA, "approve", Denial::AlreadyDecided)
                .await;
            let outcome = house.activate(ALICE, &request.id).await;
            house
                .assert_refused(outcome, ALICE, "activate", Denial::AlreadyDecided)
                .await;
        } else if by == ARNO {
            house
                .assert_refused(outcome, by, "withdraw", Denial::NotFound)
                .await;
        } else {
            house
                .assert_refused(outcome, by, "withdraw", Denial::NotAnApprover)
                .await;
        }
        house.verify().await;
    }
}
