//! What an emergency skipped is signed afterwards.

use locum_control::countersign::{Countersign, countersign};
use locum_domain::{Authority, Denial, Refusal, Request, RequestId};
use locum_testkit::house::House;

use crate::{ALICE, OSCAR, PETRA, PRYA};

async fn sign(house: &House, by: &str, id: &RequestId) -> Result<Request, Refusal> {
    let words = Countersign {
        scope_digest: house.request(id).await.scope_digest().as_str().to_owned(),
        note: Some("seen, and it was one".to_owned()),
        signature: None,
    };
    countersign(&house.control, &house.caller(by), id, &words).await
}

#[tokio::test]
async fn r11_each_authority_that_an_emergency_skipped_signs_after_it_was_used() {
    let house = House::new().await;
    let mut asked = house.asking("desk:7", &[("billing", &["invoice.read"])], 15);
    asked.break_glass = true;
    let request = house.filed(ALICE, &asked).await;
    let skipped: Vec<Authority> = request
        .route
        .afterwards
        .iter()
        .map(|it| it.authority)
        .collect();
    let expected = [
        Authority::ApplicationOwner,
        Authority::SecurityOrPrivacyOrCompliance,
    ];
    assert_eq!(skipped, expected);
    house.approve(OSCAR, &request.id).await.unwrap();
    let early = sign(&house, PRYA, &request.id).await;
    house
        .assert_refused(early, PRYA, "countersign", Denial::MissingApproval)
        .await;
    house.activate(ALICE, &request.id).await.unwrap();
    for (by, denial) in [
        (ALICE, Denial::SelfApproval),
        (PETRA, Denial::NotAnApprover),
    ] {
        let outcome = sign(&house, by, &request.id).await;
        house
            .assert_refused(outcome, by, "countersign", denial)
            .await;
    }
    sign(&house, PRYA, &request.id).await.unwrap();
    let twice = sign(&house, PRYA, &request.id).await;
    house
        .assert_refused(twice, PRYA, "countersign", Denial::AlreadyDecided)
        .await;
    let signed = sign(&house, OSCAR, &request.id).await.unwrap();
    assert_eq!(signed.unsigned_afterwards().count(), 0);
    house.verify().await;
}

#[tokio::test]
async fn r11_an_ordinary_request_skips_nobody() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let outcome = sign(&house, PRYA, &request.id).await;
    house
        .assert_refused(outcome, PRYA, "countersign", Denial::NotAnApprover)
        .await;
    house.verify().await;
}
