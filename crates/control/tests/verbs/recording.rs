//! What cannot be recorded does not happen; a clock that cannot be believed decides nothing.

use jiff::SignedDuration;
use locum_control::stop::stop;
use locum_domain::hold::StopScope;
use locum_domain::session::EndedBecause;
use locum_domain::{Denial, Refusal};
use locum_testkit::house::House;

use crate::{ALICE, OSCAR, PRYA, SAM};

fn denial<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> Denial {
    outcome.unwrap_err().denial
}

#[tokio::test]
async fn r22_while_nothing_can_be_recorded_nothing_happens_and_nobody_is_told_it_did() {
    let house = House::new().await;
    let other = house.asking("desk:8", &[("billing", &["invoice.read"])], 30);
    let pending = house.filed(ALICE, &other).await;
    house.approve(OSCAR, &pending.id).await.unwrap();
    let history = house.history().await;

    house.store.set_fails_commits(true);
    let unavailable = Denial::RecorderUnavailable;
    assert_eq!(denial(house.file(ALICE, &house.asked()).await), unavailable);
    assert_eq!(denial(house.approve(PRYA, &pending.id).await), unavailable);
    // A refusal that cannot be recorded is no refusal of its own either.
    assert_eq!(denial(house.approve(ALICE, &pending.id).await), unavailable);
    let stopped = stop(&house.control, &house.caller(SAM), &StopScope::All).await;
    assert_eq!(denial(stopped), unavailable);
    house.run_jobs().await;
    assert_eq!(house.history().await, history);

    house.store.set_fails_commits(false);
    house.approve(PRYA, &pending.id).await.unwrap();
    house.activate(ALICE, &pending.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r18_r22_an_end_that_cannot_be_recorded_cuts_at_once_and_is_recorded_when_it_can_be() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let history = house.history().await;
    house.store.set_fails_commits(true);
    let outcome = house.end(ALICE, &session.id).await;
    assert_eq!(
        denial(outcome),
        Denial::RecorderUnavailable,
        "it is not said to have ended"
    );
    assert!(
        !house.plane.holds(&session.id),
        "and access goes on no more"
    );
    let outcome = house.closed_webhook("7", "delivery-1").await;
    assert_eq!(denial(outcome), Denial::RecorderUnavailable);
    house.run_jobs().await;
    assert_eq!(house.history().await, history);

    house.store.set_fails_commits(false);
    house.run_jobs().await;
    let ended = house.session(&session.id).await.ended.unwrap();
    assert_eq!(ended.because, EndedBecause::EndedByActor);
    let signalled = house.closed_webhook("7", "delivery-1").await.unwrap();
    assert!(!signalled.is_repeated, "the sender's second try counts");
    house.verify().await;
}

#[tokio::test]
async fn r22_an_activation_that_cannot_be_recorded_opens_nothing() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    house.approved(&request).await;
    house.store.set_fails_commits(true);
    let outcome = house.activate(ALICE, &request.id).await;
    assert_eq!(denial(outcome), Denial::RecorderUnavailable);
    assert!(house.plane.calls().is_empty());
    house.store.set_fails_commits(false);
    house.store.set_fails_reads(true);
    let outcome = house.activate(ALICE, &request.id).await;
    assert_eq!(denial(outcome), Denial::RecorderUnavailable);
    house.store.set_fails_reads(false);
    assert!(house.plane.calls().is_empty());
    house.activate(ALICE, &request.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r22_a_commit_whose_answer_was_lost_is_taken_in_before_anything_else_is_committed() {
    let house = House::builder().on_disk().open().await;
    let request = house.filed(ALICE, &house.asked()).await;
    house.approved(&request).await;
    house.store.set_loses_answers(true);
    let outcome = house.activate(ALICE, &request.id).await;
    assert_eq!(denial(outcome), Denial::RecorderUnavailable);
    assert!(house.plane.calls().is_empty(), "nobody was told");
    house.store.set_loses_answers(false);

    let other = house.asking("desk:8", &[("billing", &["invoice.read"])], 30);
    house.filed(ALICE, &other).await;
    let live = house.live_sessions().await;
    assert_eq!(live.len(), 1, "it is on the record");
    assert!(
        house.plane.holds(&live[0].id),
        "and in memory, as it was recorded"
    );
    house.end(ALICE, &live[0].id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r16_r17_with_a_clock_that_stepped_back_nothing_begins_and_what_runs_can_be_ended() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let other = house.asking("desk:8", &[("billing", &["invoice.read"])], 30);
    let pending = house.filed(ALICE, &other).await;
    house.approve(OSCAR, &pending.id).await.unwrap();
    let history = house.history().await;

    house.clock.step_back(SignedDuration::from_mins(5));
    let untrusted = Denial::ClockUntrusted;
    assert_eq!(denial(house.file(ALICE, &house.asked()).await), untrusted);
    assert_eq!(denial(house.approve(PRYA, &pending.id).await), untrusted);
    assert_eq!(denial(house.activate(ALICE, &pending.id).await), untrusted);
    assert_eq!(house.history().await, history);

    house.end(ALICE, &session.id).await.unwrap();
    let ended = house.session(&session.id).await.ended.unwrap();
    assert_eq!(
        ended.at,
        history.last().unwrap().at,
        "time never falls below the last entry"
    );
    house.clock.advance(SignedDuration::from_mins(6));
    house.approve(PRYA, &pending.id).await.unwrap();
    house.activate(ALICE, &pending.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r18_with_a_clock_that_stepped_back_a_close_and_a_stop_still_end() {
    for by_webhook in [true, false] {
        let house = House::new().await;
        let session = house.activated(ALICE, &house.asked()).await.session;
        house.clock.step_back(SignedDuration::from_hours(1));
        let why = if by_webhook {
            house.closed_webhook("7", "delivery-1").await.unwrap();
            EndedBecause::CaseClosed
        } else {
            stop(&house.control, &house.caller(SAM), &StopScope::All)
                .await
                .unwrap();
            EndedBecause::Stopped
        };
        assert_eq!(house.session(&session.id).await.ended.unwrap().because, why);
        house.clock.advance(SignedDuration::from_hours(1));
        house.verify().await;
    }
}
