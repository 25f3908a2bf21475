//! Ending: who may, what it leaves, and what is never rounded to "ended".

use locum_control::withdraw::withdraw;
use locum_domain::session::{ApplicationState, EndedBecause};
use locum_domain::{Denial, RequestState, Session, SessionId};
use locum_testkit::house::House;

use crate::{ALICE, ANN, ARNO, AUDREY, MIA, OSCAR, PETRA, PRYA, SAM, SVEN};

async fn live(house: &House) -> Session {
    let request = house.filed(ALICE, &house.asked()).await;
    house.approve(OSCAR, &request.id).await.unwrap();
    house.approve(PRYA, &request.id).await.unwrap();
    house.activate(ALICE, &request.id).await.unwrap().session
}

async fn because(house: &House, id: &SessionId) -> EndedBecause {
    assert!(!house.plane.holds(id), "ended and still in memory");
    house.session(id).await.ended.unwrap().because
}

#[tokio::test]
async fn r18_actor_approver_owner_and_security_end_a_session_and_the_record_says_who() {
    for (by, why) in [
        (ALICE, EndedBecause::EndedByActor),
        (PRYA, EndedBecause::ApproverWithdrew),
        (OSCAR, EndedBecause::ApproverWithdrew),
        (SVEN, EndedBecause::Stopped),
    ] {
        let house = House::new().await;
        let session = live(&house).await;
        house.end(by, &session.id).await.unwrap();
        assert_eq!(because(&house, &session.id).await, why, "{by}");
        let ended = house.session(&session.id).await.ended.unwrap();
        assert_eq!(ended.by, Some(by.parse().unwrap()));
        let outcome = house.end(by, &session.id).await;
        house
            .assert_refused(outcome, by, "end", Denial::AlreadyDecided)
            .await;
        house.verify().await;
    }
}

#[tokio::test]
async fn r18_an_owner_who_did_not_approve_ends_what_runs_in_their_application() {
    let house = House::new().await;
    let crm = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
    let request = house.filed(ALICE, &crm).await;
    house.approve(crate::PAUL, &request.id).await.unwrap();
    let session = house.activate(ALICE, &request.id).await.unwrap().session;
    house.end(PETRA, &session.id).await.unwrap();
    assert_eq!(because(&house, &session.id).await, EndedBecause::OwnerEnded);
    house.verify().await;
}

#[tokio::test]
async fn r18_those_who_only_look_do_not_end_and_others_see_nothing() {
    let house = House::new().await;
    let session = live(&house).await;
    for (by, denial) in [
        (AUDREY, Denial::NotAnApprover),
        (MIA, Denial::NotAnApprover),
        (ARNO, Denial::NotFound),
        (ANN, Denial::NotFound),
    ] {
        let outcome = house.end(by, &session.id).await;
        house.assert_refused(outcome, by, "end", denial).await;
    }
    assert!(house.plane.holds(&session.id));
    house.verify().await;
}

#[tokio::test]
async fn r18_an_approver_who_withdraws_ends_the_session_that_stands_on_it() {
    for (by, why) in [
        (PRYA, EndedBecause::ApproverWithdrew),
        (ALICE, EndedBecause::EndedByActor),
    ] {
        let house = House::new().await;
        let session = live(&house).await;
        withdraw(&house.control, &house.caller(by), &session.request)
            .await
            .unwrap();
        assert_eq!(because(&house, &session.id).await, why);
        let request = house.request(&session.request).await;
        assert!(matches!(request.state, RequestState::Ended { .. }));
        house.verify().await;
    }
}

#[tokio::test]
async fn r16_a_session_ends_by_itself_at_its_end_time() {
    let house = House::new().await;
    let session = live(&house).await;
    house.clock.advance_minutes(29);
    house.run_jobs().await;
    assert!(house.plane.holds(&session.id));
    house.clock.advance_minutes(1);
    house.run_jobs().await;
    assert_eq!(because(&house, &session.id).await, EndedBecause::Expired);
    house.run_jobs().await;
    house.verify().await;
}

#[tokio::test]
async fn r16_a_session_that_nobody_uses_ends_and_the_regulated_one_sooner() {
    let house = House::new().await;
    let session = live(&house).await;
    assert_eq!(session.idle_within.0, 10);
    let crm = house.asking("desk:9", &[("crm", &["contact.read"])], 30);
    let other = house.activated(ARNO, &crm).await.session;
    assert_eq!(other.idle_within.0, 15);
    house.plane.make_idle(&session.id);
    house.run_jobs().await;
    assert_eq!(because(&house, &session.id).await, EndedBecause::Idle);
    assert!(
        house.plane.holds(&other.id),
        "a grant ends its own session only"
    );
    house.verify().await;
}

#[tokio::test]
async fn r18_r25_an_end_that_is_not_confirmed_stays_ending_and_is_tried_again() {
    let house = House::new().await;
    let session = live(&house).await;
    house.plane.keep_ended(true);
    let state = async || {
        let session = house.session(&session.id).await;
        session.applications[&"billing".parse().unwrap()].state
    };
    house.end(SAM, &session.id).await.unwrap();
    assert_eq!(state().await, ApplicationState::Ending);
    house.run_jobs().await;
    assert_eq!(state().await, ApplicationState::Ending);
    house.plane.keep_ended(false);
    house.run_jobs().await;
    assert_eq!(state().await, ApplicationState::Ended);
    house.run_jobs().await;
    let kinds = house
        .kinds(&locum_domain::Stream::Session(session.id.clone()))
        .await;
    assert_eq!(
        kinds,
        ["session-started", "session-ended", "application-ended"]
    );
    house.verify().await;
}
