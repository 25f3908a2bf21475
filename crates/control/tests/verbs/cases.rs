//! Case systems end access, and never grant it.

use locum_control::jobs::Jobs;
use locum_domain::Stream;
use locum_domain::case::CaseSignal;
use locum_domain::session::EndedBecause;
use locum_testkit::house::House;

use crate::{ALICE, ARNO};

async fn because(house: &House, id: &locum_domain::SessionId) -> Option<EndedBecause> {
    house.session(id).await.ended.map(|ended| ended.because)
}

#[tokio::test]
async fn r18_an_authentic_close_ends_at_once_and_its_repetition_does_nothing() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let look_ups = house.desk.look_ups.passed();
    // The desk would not even answer.
    house.desk.set_unreachable(true);
    let signalled = house.closed_webhook("7", "delivery-1").await.unwrap();
    assert_eq!(signalled.ended, vec![session.id.clone()]);
    assert_eq!(
        house.desk.look_ups.passed(),
        look_ups,
        "it ended before anybody was asked"
    );
    assert_eq!(
        because(&house, &session.id).await,
        Some(EndedBecause::CaseClosed)
    );
    let size = house.history().await.len();
    let again = house.closed_webhook("7", "delivery-1").await.unwrap();
    assert!(again.is_repeated && again.ended.is_empty());
    assert_eq!(house.history().await.len(), size);
    house.desk.set_unreachable(false);
    house.run_jobs().await;
    assert_eq!(
        house.desk.look_ups.passed(),
        look_ups + 1,
        "and it is looked up afterwards"
    );
    house.verify().await;
}

#[tokio::test]
async fn r18_a_close_ends_the_sessions_of_its_own_case_only() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let reading: &[(&str, &[&str])] = &[("billing", &["invoice.read"])];
    let other = house
        .activated(ARNO, &house.asking("desk:9", reading, 30))
        .await
        .session;
    house.closed_webhook("7", "delivery-1").await.unwrap();
    assert!(!house.plane.holds(&session.id) && house.plane.holds(&other.id));
    house.verify().await;
}

#[tokio::test]
async fn r18_whatever_else_a_webhook_says_makes_locum_look_the_case_up() {
    let case = || "desk:7".parse().unwrap();
    for (change, signal, why) in [
        (
            "reassigned",
            CaseSignal::Changed { case: case() },
            Some(EndedBecause::CaseReassigned),
        ),
        (
            "closed",
            CaseSignal::Changed { case: case() },
            Some(EndedBecause::CaseClosed),
        ),
        (
            "closed",
            CaseSignal::SomethingChanged {
                connector: "desk".to_owned(),
            },
            Some(EndedBecause::CaseClosed),
        ),
        (
            "gone",
            CaseSignal::Changed { case: case() },
            Some(EndedBecause::CaseClosed),
        ),
        (
            "about another",
            CaseSignal::Changed { case: case() },
            Some(EndedBecause::CaseReassigned),
        ),
        ("nothing", CaseSignal::Changed { case: case() }, None),
    ] {
        let house = House::new().await;
        let session = house.activated(ALICE, &house.asked()).await.session;
        match change {
            "reassigned" => house.desk.reassign("7", "arno"),
            "closed" => house.desk.close("7"),
            "gone" => house.desk.forget("7"),
            "about another" => house.desk.edit("7", |case| {
                case.subject = Some("dora@acme.example".parse().unwrap());
            }),
            _ => {}
        }
        house.webhook(signal, "delivery-1").await.unwrap();
        assert_eq!(because(&house, &session.id).await, why, "{change}");
        house.verify().await;
    }
}

#[tokio::test]
async fn r18_a_webhook_whose_look_up_fails_is_owed_until_it_succeeds() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    house.desk.close("7");
    house.desk.set_unreachable(true);
    let case = "desk:7".parse().unwrap();
    let signal = CaseSignal::Changed { case };
    // Taken, or refused for the sender to try again: either way it is not forgotten.
    let _ = house.webhook(signal, "delivery-1").await;
    assert!(house.plane.holds(&session.id));
    house.desk.set_unreachable(false);
    house.clock.advance(jiff::SignedDuration::from_secs(6));
    house.run_jobs().await;
    assert_eq!(
        because(&house, &session.id).await,
        Some(EndedBecause::CaseClosed)
    );
    house.verify().await;
}

#[tokio::test]
async fn r18_polling_does_what_a_lost_webhook_did_not_within_its_interval() {
    let house = House::new().await;
    let mut jobs = Jobs::default();
    let session = house.activated(ALICE, &house.asked()).await.session;
    jobs.run_once(&house.control).await;
    house.desk.close("7");
    house.clock.advance(jiff::SignedDuration::from_secs(14));
    jobs.run_once(&house.control).await;
    assert!(house.plane.holds(&session.id), "not due yet");
    house.clock.advance(jiff::SignedDuration::from_secs(1));
    jobs.run_once(&house.control).await;
    assert_eq!(
        because(&house, &session.id).await,
        Some(EndedBecause::CaseClosed)
    );
    let look_ups = house.desk.look_ups.passed();
    house.clock.advance(jiff::SignedDuration::from_secs(60));
    jobs.run_once(&house.control).await;
    assert_eq!(
        house.desk.look_ups.passed(),
        look_ups,
        "no session hangs on it any more"
    );
    house.verify().await;
}

#[tokio::test]
async fn r14_a_handoff_of_the_case_ends_the_session_and_shares_nothing() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    house.desk.reassign("7", "arno");
    house.run_jobs().await;
    assert_eq!(
        because(&house, &session.id).await,
        Some(EndedBecause::CaseReassigned)
    );
    let reading: &[(&str, &[&str])] = &[("billing", &["invoice.read"])];
    // Arno asks in his own name.
    house
        .activated(ARNO, &house.asking("desk:7", reading, 30))
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r02_r18_a_case_unreachable_for_longer_than_its_grace_ends_its_sessions() {
    let house = House::new().await;
    let mut jobs = Jobs::default();
    let session = house.activated(ALICE, &house.asked()).await.session;
    let mut wait = async |seconds| {
        house
            .clock
            .advance(jiff::SignedDuration::from_secs(seconds));
        jobs.run_once(&house.control).await;
    };
    wait(0).await;
    house.desk.set_unreachable(true);
    wait(15).await;
    wait(59).await;
    assert!(house.plane.holds(&session.id), "within its grace");
    // An answer in between begins the grace anew.
    house.desk.set_unreachable(false);
    wait(15).await;
    house.desk.set_unreachable(true);
    wait(15).await;
    wait(59).await;
    assert!(house.plane.holds(&session.id), "within its grace again");
    wait(1).await;
    assert_eq!(
        because(&house, &session.id).await,
        Some(EndedBecause::CaseUnreachable)
    );
    house.verify().await;
}

#[tokio::test]
async fn nothing_that_a_webhook_says_opens_anything() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    for (number, signal) in [
        CaseSignal::Changed {
            case: "desk:7".parse().unwrap(),
        },
        CaseSignal::SomethingChanged {
            connector: "desk".to_owned(),
        },
        CaseSignal::Closed {
            case: "desk:7".parse().unwrap(),
            state: "approved".to_owned(),
        },
    ]
    .into_iter()
    .enumerate()
    {
        house
            .webhook(signal, &format!("delivery-{number}"))
            .await
            .unwrap();
    }
    let after = house.request(&request.id).await;
    assert_eq!((&after.grant, after.route.approvals().count()), (&None, 0));
    assert!(house.live_sessions().await.is_empty());
    let case = Stream::Case("desk:7".parse().unwrap());
    assert_eq!(house.kinds(&case).await, ["case-changed"]);
    house.verify().await;
}
