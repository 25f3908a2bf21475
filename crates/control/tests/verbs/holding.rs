//! The kill switch, and the hold that stays.

use locum_control::stop::{lift, stop};
use locum_domain::hold::StopScope;
use locum_domain::session::EndedBecause;
use locum_domain::{Denial, Stream};
use locum_testkit::house::House;

use crate::{ALICE, ARNO, AUDREY, MIA, OSCAR, PETRA, PRYA, SAM, SVEN};

fn application(id: &str) -> StopScope {
    StopScope::Application(id.parse().unwrap())
}

#[tokio::test]
async fn r18_a_stop_ends_and_holds_until_a_second_named_person_lifts_it() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let crm = house.asking("desk:9", &[("crm", &["contact.read"])], 30);
    let pending = house.filed(ARNO, &crm).await;
    let other = house.asking("desk:8", &[("wiki", &["page.read"])], 30);
    let approved = house.filed(ALICE, &other).await;
    house.approved(&approved).await;

    let stopped = stop(&house.control, &house.caller(SAM), &StopScope::All)
        .await
        .unwrap();
    assert_eq!(stopped.ended, vec![session.id.clone()]);
    let ended = house.session(&session.id).await.ended.unwrap();
    assert_eq!(ended.because, EndedBecause::Stopped);

    let held = Denial::Held;
    let outcome = house.file(ALICE, &house.asked()).await;
    house.assert_refused(outcome, ALICE, "file", held).await;
    let outcome = house.approve(PETRA, &pending.id).await;
    house.assert_refused(outcome, PETRA, "approve", held).await;
    let outcome = house.activate(ALICE, &approved.id).await;
    house.assert_refused(outcome, ALICE, "activate", held).await;

    let id = &stopped.hold.id;
    let outcome = lift(&house.control, &house.caller(SAM), id).await;
    house
        .assert_refused(outcome, SAM, "lift", Denial::SecondPersonRequired)
        .await;
    for by in [ALICE, OSCAR, MIA, AUDREY, PRYA] {
        let outcome = lift(&house.control, &house.caller(by), id).await;
        house
            .assert_refused(outcome, by, "lift", Denial::NotAnApprover)
            .await;
    }
    lift(&house.control, &house.caller(SVEN), id).await.unwrap();
    let outcome = lift(&house.control, &house.caller(SVEN), id).await;
    house
        .assert_refused(outcome, SVEN, "lift", Denial::AlreadyDecided)
        .await;
    let kinds = house.kinds(&Stream::Hold(id.clone())).await;
    assert_eq!(kinds.iter().filter(|it| **it != "refused").count(), 2);
    house.activate(ALICE, &approved.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r18_one_person_of_security_stops_anything_and_an_owner_their_application() {
    let house = House::new().await;
    for (by, scope) in [
        (ALICE, StopScope::All),
        (MIA, StopScope::All),
        (AUDREY, StopScope::All),
        (OSCAR, StopScope::All),
        (OSCAR, application("crm")),
        (OSCAR, StopScope::Actor(ALICE.parse().unwrap())),
        (PRYA, application("billing")),
    ] {
        let outcome = stop(&house.control, &house.caller(by), &scope).await;
        house
            .assert_refused(outcome, by, "stop", Denial::NotAnApprover)
            .await;
    }
    stop(
        &house.control,
        &house.caller(OSCAR),
        &application("billing"),
    )
    .await
    .unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r18_a_stop_reaches_its_scope_and_nothing_else() {
    for (scope, is_reached) in [
        (application("billing"), true),
        (application("crm"), false),
        (StopScope::Actor(ALICE.parse().unwrap()), true),
        (StopScope::Actor(ARNO.parse().unwrap()), false),
        (StopScope::Case("desk:7".parse().unwrap()), true),
        (StopScope::Case("desk:8".parse().unwrap()), false),
        (
            StopScope::Subject("carla@acme.example".parse().unwrap()),
            true,
        ),
        (
            StopScope::Subject("dora@acme.example".parse().unwrap()),
            false,
        ),
        (StopScope::Tenant("acme".parse().unwrap()), true),
        (StopScope::Tenant("globex".parse().unwrap()), false),
    ] {
        let house = House::new().await;
        let session = house.activated(ALICE, &house.asked()).await.session;
        stop(&house.control, &house.caller(SAM), &scope)
            .await
            .unwrap();
        assert_eq!(!house.plane.holds(&session.id), is_reached, "{scope:?}");
        let outcome = house.file(ALICE, &house.asked()).await;
        assert_eq!(outcome.is_err(), is_reached, "{scope:?}");
        house.verify().await;
    }
}

#[tokio::test]
async fn r18_lifting_one_hold_leaves_the_others() {
    let house = House::new().await;
    let all = stop(&house.control, &house.caller(SAM), &StopScope::All)
        .await
        .unwrap();
    stop(&house.control, &house.caller(SVEN), &application("billing"))
        .await
        .unwrap();
    lift(&house.control, &house.caller(SVEN), &all.hold.id)
        .await
        .unwrap();
    let outcome = house.file(ALICE, &house.asked()).await;
    house
        .assert_refused(outcome, ALICE, "file", Denial::Held)
        .await;
    let crm = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
    house.filed(ALICE, &crm).await;
    house.verify().await;
}
