//! Reviews: by whom, and by whom never.

use locum_control::complete_review::{CompleteReview, complete_review};
use locum_domain::review::Finding;
use locum_domain::{Denial, Refusal, Review};
use locum_testkit::house::House;

use crate::{ALICE, ANN, ARNO, BEA, OSCAR, PETRA, PRYA, SAM, SVEN};

const NOTE: &str = "the invoice was all that was read";

async fn complete(house: &House, by: &str, review: &Review, note: &str) -> Result<Review, Refusal> {
    let complete = CompleteReview::unsigned(Finding::Justified, note);
    complete_review(&house.control, &house.caller(by), &review.id, &complete).await
}

#[tokio::test]
async fn r27_every_end_opens_a_review_by_somebody_who_neither_asked_used_approved_nor_sponsored() {
    let house = House::new().await;
    let request = house.asking("desk:10", &[("billing", &["invoice.read"])], 30);
    let request = house.filed(ANN, &request).await;
    // Sam approves, who would review otherwise.
    house.approve(OSCAR, &request.id).await.unwrap();
    house.approve(SAM, &request.id).await.unwrap();
    let session = house.activate(ANN, &request.id).await.unwrap().session;
    house.end(ANN, &session.id).await.unwrap();
    let review = house.reviews_of(&session.id).await.pop().unwrap();
    let barred: Vec<_> = review.barred.iter().map(ToString::to_string).collect();
    assert_eq!(barred, [ANN, BEA, OSCAR, SAM]);
    let reviewer = review.reviewer.as_ref().map(ToString::to_string);
    assert!(
        reviewer.is_none_or(|it| !barred.contains(&it)),
        "{review:?}"
    );
    for by in [ANN, BEA, OSCAR, SAM] {
        let outcome = complete(&house, by, &review, NOTE).await;
        house
            .assert_refused(outcome, by, "review", Denial::ConflictOfInterest)
            .await;
    }
    house.verify().await;
}

#[tokio::test]
async fn r27_the_named_reviewer_completes_it_once_with_a_sentence() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    house.approve(OSCAR, &request.id).await.unwrap();
    house.approve(PRYA, &request.id).await.unwrap();
    let session = house.activate(ALICE, &request.id).await.unwrap().session;
    house.end(ALICE, &session.id).await.unwrap();
    let review = house.reviews_of(&session.id).await.pop().unwrap();
    assert_eq!(review.reviewer, Some(SAM.parse().unwrap()));
    // Monday: by the end of Tuesday, where the people work.
    assert_eq!(review.due, "2026-08-04T21:59:59Z".parse().unwrap());

    let outcome = complete(&house, SVEN, &review, NOTE).await;
    house
        .assert_refused(outcome, SVEN, "review", Denial::NotAnApprover)
        .await;
    for stranger in [ARNO, PETRA] {
        let outcome = complete(&house, stranger, &review, NOTE).await;
        house
            .assert_refused(outcome, stranger, "review", Denial::NotFound)
            .await;
    }
    let outcome = complete(&house, SAM, &review, "fine").await;
    house
        .assert_refused(outcome, SAM, "review", Denial::ReasonMissing)
        .await;
    let completed = complete(&house, SAM, &review, NOTE).await.unwrap();
    assert_eq!(completed.completed.unwrap().by, SAM.parse().unwrap());
    let outcome = complete(&house, SAM, &review, NOTE).await;
    house
        .assert_refused(outcome, SAM, "review", Denial::AlreadyDecided)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r25_r27_security_reviews_where_applications_were_crossed() {
    let house = House::new().await;
    let scope: &[(&str, &[&str])] = &[("billing", &["invoice.read"]), ("crm", &["contact.read"])];
    let session = house
        .activated(ALICE, &house.asking("desk:7", scope, 30))
        .await
        .session;
    house.end(ALICE, &session.id).await.unwrap();
    let review = house.reviews_of(&session.id).await.pop().unwrap();
    let reviewer = review.reviewer.unwrap();
    assert!([SAM, SVEN].contains(&reviewer.as_str()), "{reviewer}");
    assert!(!session.approvers.contains(&reviewer));
    house.verify().await;
}
