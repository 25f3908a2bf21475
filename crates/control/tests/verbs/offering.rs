//! Offers: a narrower version is another request, and needs its own approvals.

use locum_control::accept_offer::accept_offer;
use locum_control::approve::{Approve, approve};
use locum_control::offer::{OfferTerms, offer};
use locum_domain::{Denial, Minutes, Request, RequestState, Scope};
use locum_testkit::house::House;

use crate::{ALICE, MIA, OSCAR, PETRA, PRYA, SAM, SVEN};

fn shorter(minutes: u32) -> OfferTerms {
    OfferTerms {
        scope: None,
        duration: Some(Minutes(minutes)),
        note: "a quarter of an hour will do".to_owned(),
    }
}

fn digest(request: &Request) -> String {
    match &request.state {
        RequestState::Offered { offer, .. } => offer.scope_digest.as_str().to_owned(),
        other => panic!("no offer stands: {other:?}"),
    }
}

#[tokio::test]
async fn r13_an_accepted_offer_narrows_the_request_and_voids_what_covered_the_wider_one() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    house.approve(PRYA, &request.id).await.unwrap();
    let caller = house.caller(OSCAR);
    let offered = offer(&house.control, &caller, &request.id, &shorter(15))
        .await
        .unwrap();
    let alice = house.caller(ALICE);
    let accepted = accept_offer(&house.control, &alice, &request.id, &digest(&offered))
        .await
        .unwrap();
    assert_eq!((accepted.duration, accepted.version), (Minutes(15), 2));
    assert_ne!(accepted.scope_digest(), request.scope_digest());
    let by: Vec<_> = accepted
        .route
        .approvals()
        .map(|it| it.by.as_str())
        .collect();
    assert_eq!(
        by,
        [OSCAR],
        "the offer is Oscar's approval, and Prya saw more than this"
    );

    let wider = Approve {
        scope_digest: request.scope_digest().as_str().to_owned(),
        ..Approve::default()
    };
    let outcome = approve(&house.control, &house.caller(SVEN), &request.id, &wider).await;
    house
        .assert_refused(outcome, SVEN, "approve", Denial::StaleApproval)
        .await;
    house.approve(PRYA, &request.id).await.unwrap();
    let activated = house.activate(ALICE, &request.id).await.unwrap();
    let length = activated
        .session
        .end_by
        .duration_since(activated.session.started_at);
    assert_eq!(length.as_mins(), 15);
    house.verify().await;
}

#[tokio::test]
async fn r13_an_approval_that_covers_narrower_versions_stays_when_one_is_accepted() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let words = Approve {
        covers_narrower: true,
        ..house.approval_of(&request.id).await
    };
    approve(&house.control, &house.caller(PRYA), &request.id, &words)
        .await
        .unwrap();
    let offered = offer(
        &house.control,
        &house.caller(OSCAR),
        &request.id,
        &shorter(15),
    )
    .await
    .unwrap();
    let alice = house.caller(ALICE);
    let accepted = accept_offer(&house.control, &alice, &request.id, &digest(&offered))
        .await
        .unwrap();
    assert!(matches!(accepted.state, RequestState::Approved { .. }));
    house.activate(ALICE, &request.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r13_an_offer_is_narrower_one_at_a_time_and_only_the_requester_takes_it() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let (control, id) = (&house.control, &request.id);
    let oscar = house.caller(OSCAR);
    for terms in [shorter(30), shorter(31), shorter(0)] {
        let outcome = offer(control, &oscar, id, &terms).await;
        house
            .assert_refused(outcome, OSCAR, "offer", Denial::Malformed)
            .await;
    }
    let outcome = offer(control, &house.caller(PETRA), id, &shorter(15)).await;
    house
        .assert_refused(outcome, PETRA, "offer", Denial::NotAnApprover)
        .await;
    let outcome = offer(control, &house.caller(ALICE), id, &shorter(15)).await;
    house
        .assert_refused(outcome, ALICE, "offer", Denial::SelfApproval)
        .await;
    let outcome = accept_offer(control, &house.caller(ALICE), id, "0").await;
    house
        .assert_refused(outcome, ALICE, "accept", Denial::AlreadyDecided)
        .await;

    let offered = offer(control, &oscar, id, &shorter(15)).await.unwrap();
    let outcome = offer(control, &house.caller(PRYA), id, &shorter(10)).await;
    house
        .assert_refused(outcome, PRYA, "offer", Denial::AlreadyDecided)
        .await;
    let shown = request.scope_digest();
    let outcome = accept_offer(control, &house.caller(ALICE), id, shown.as_str()).await;
    house
        .assert_refused(outcome, ALICE, "accept", Denial::StaleApproval)
        .await;
    let outcome = accept_offer(control, &oscar, id, &digest(&offered)).await;
    house
        .assert_refused(outcome, OSCAR, "accept", Denial::NotAnApprover)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r08_an_offer_of_one_application_drops_the_other_and_keeps_who_judges_the_crossing() {
    let house = House::new().await;
    let scope: &[(&str, &[&str])] = &[("billing", &["invoice.read"]), ("crm", &["contact.read"])];
    let request = house.filed(ALICE, &house.asking("desk:7", scope, 30)).await;
    let billing = "billing".parse().unwrap();
    let only = Scope([(billing, ["invoice.read".parse().unwrap()].into())].into());
    let terms = OfferTerms {
        scope: Some(only.clone()),
        duration: None,
        note: "the contact is not needed".to_owned(),
    };
    let outcome = offer(&house.control, &house.caller(PETRA), &request.id, &terms).await;
    house
        .assert_refused(outcome, PETRA, "offer", Denial::Malformed)
        .await;
    let offered = offer(&house.control, &house.caller(OSCAR), &request.id, &terms)
        .await
        .unwrap();
    let alice = house.caller(ALICE);
    let accepted = accept_offer(&house.control, &alice, &request.id, &digest(&offered))
        .await
        .unwrap();
    assert_eq!(accepted.scope, only);
    assert!(!accepted.subjects.contains_key(&"crm".parse().unwrap()));
    let outcome = house.approve(PETRA, &request.id).await;
    house
        .assert_refused(outcome, PETRA, "approve", Denial::NotAnApprover)
        .await;
    house.approve(MIA, &request.id).await.unwrap();
    house.approve(SAM, &request.id).await.unwrap();
    let session = house.activate(ALICE, &request.id).await.unwrap().session;
    assert_eq!(session.applications.len(), 1);
    house.verify().await;
}
