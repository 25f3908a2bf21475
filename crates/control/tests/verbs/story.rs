//! The whole way of one request.

use locum_domain::Stream;
use locum_domain::review::Finding;
use locum_domain::session::{ApplicationState, EndedBecause};
use locum_testkit::house::House;

#[tokio::test]
async fn r16_access_exists_from_activation_to_the_end_of_its_case_and_is_reviewed() {
    let house = House::new().await;
    let request = house.filed("alice@corp.example", &house.asked()).await;
    let request = house.approved(&request).await;
    assert!(
        house.live_sessions().await.is_empty(),
        "approved is not live"
    );

    let activated = house
        .activate("alice@corp.example", &request.id)
        .await
        .unwrap();
    let session = activated.session.id.clone();
    assert!(house.plane.holds(&session));
    assert_eq!(activated.ways.len(), 1);

    house.desk.close("7");
    let signalled = house.closed_webhook("7", "delivery-1").await.unwrap();
    assert_eq!(signalled.ended, vec![session.clone()]);
    assert!(!house.plane.holds(&session));
    let ended = house.session(&session).await;
    assert_eq!(
        ended.ended.as_ref().unwrap().because,
        EndedBecause::CaseClosed
    );
    let billing = &ended.applications[&"billing".parse().unwrap()];
    assert_eq!(billing.state, ApplicationState::Ended);

    let review = house.reviews_of(&session).await.pop().unwrap();
    let reviewer = review.reviewer.clone().unwrap();
    locum_control::complete_review::complete_review(
        &house.control,
        &house.caller(reviewer.as_str()),
        &review.id,
        &locum_control::complete_review::CompleteReview::unsigned(
            Finding::Justified,
            "the invoice was all that was read",
        ),
    )
    .await
    .unwrap();
    assert_eq!(
        house.kinds(&Stream::Session(session)).await,
        ["session-started", "session-ended", "application-ended"]
    );
    house.verify().await;
}
