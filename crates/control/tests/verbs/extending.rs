//! Extension: once, by no more than the first length, and by the whole route again.

use locum_control::extend::extend;
use locum_domain::{Denial, Minutes, RequestId, RequestState};
use locum_testkit::house::House;

use crate::{ALICE, ARNO, OSCAR};

const WHY: &str = "the second invoice has the same fault";

async fn extend_by(
    house: &House,
    by: &str,
    id: &RequestId,
    minutes: u32,
) -> Result<locum_domain::Request, locum_domain::Refusal> {
    extend(&house.control, &house.caller(by), id, Minutes(minutes), WHY).await
}

#[tokio::test]
async fn r13_r16_a_session_is_lengthened_once_by_a_request_of_its_own() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let first = session.request.clone();
    let outcome = extend_by(&house, ALICE, &first, 31).await;
    house
        .assert_refused(outcome, ALICE, "extend", Denial::DurationTooLong)
        .await;
    let outcome = extend_by(&house, OSCAR, &first, 15).await;
    house
        .assert_refused(outcome, OSCAR, "extend", Denial::NotEligible)
        .await;
    let outcome = extend_by(&house, ARNO, &first, 15).await;
    house
        .assert_refused(outcome, ARNO, "extend", Denial::NotFound)
        .await;

    let extension = extend_by(&house, ALICE, &first, 15).await.unwrap();
    assert_eq!(extension.extends.as_ref(), Some(&session.id));
    assert_eq!(
        extension.route.approvals().count(),
        0,
        "nothing is approved by the first"
    );
    let outcome = house.activate(ALICE, &extension.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::MissingApproval)
        .await;
    house.approved(&extension).await;
    let longer = house.activate(ALICE, &extension.id).await.unwrap().session;
    assert_eq!(longer.id, session.id);
    assert_eq!(longer.end_by.duration_since(session.end_by).as_mins(), 15);
    assert_eq!(house.live_sessions().await.len(), 1);

    let outcome = extend_by(&house, ALICE, &first, 15).await;
    house
        .assert_refused(outcome, ALICE, "extend", Denial::AlreadyDecided)
        .await;
    house.clock.set(session.end_by);
    house.run_jobs().await;
    assert_eq!(house.live_sessions().await.len(), 1, "it lives on");
    house.clock.set(longer.end_by);
    house.run_jobs().await;
    assert!(house.live_sessions().await.is_empty());
    house.verify().await;
}

#[tokio::test]
async fn r16_what_has_ended_is_not_lengthened_and_an_approved_extension_comes_too_late() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let extension = extend_by(&house, ALICE, &session.request, 15)
        .await
        .unwrap();
    house.approved(&extension).await;
    house.end(ALICE, &session.id).await.unwrap();
    let outcome = house.activate(ALICE, &extension.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::Lapsed)
        .await;
    let outcome = extend_by(&house, ALICE, &session.request, 15).await;
    house
        .assert_refused(outcome, ALICE, "extend", Denial::Lapsed)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r18_whoever_approved_the_extension_ends_the_session_too_and_its_request_ends_with_it() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let extension = extend_by(&house, ALICE, &session.request, 15)
        .await
        .unwrap();
    house.approved(&extension).await;
    house.activate(ALICE, &extension.id).await.unwrap();
    house.end(ALICE, &session.id).await.unwrap();
    let extension = house.request(&extension.id).await;
    assert!(
        matches!(extension.state, RequestState::Ended { .. }),
        "{:?}",
        extension.state
    );
    house.verify().await;
}
