//! Closed operations that two people open for a time.

use jiff::SignedDuration;
use locum_control::exceptions::{
    AskedException, ask_exception, confirm_exception, deny_exception, end_exception,
    exception_statement, exceptions,
};
use locum_domain::exception::ExceptionState;
use locum_domain::session::EndedBecause;
use locum_domain::{Denial, Exception, Refusal, Stream};
use locum_testkit::house::House;

use crate::{ALICE, AUDREY, MIA, OSCAR, PETRA, PRYA, SAM, SVEN};

/// A house in which Alice may ask for payouts, were they not closed.
async fn with_payouts() -> House {
    let builder = House::builder().files(|files| {
        files.replace(
            "catalog/eligibility.toml",
            r#"operations = ["invoice.resend"]"#,
            r#"operations = ["invoice.resend", "payout.create"]"#,
        );
    });
    builder.open().await
}

fn payouts(house: &House, hours: i64) -> AskedException {
    AskedException {
        application: "billing".parse().unwrap(),
        operation: "payout.create".parse().unwrap(),
        reason: "the bank's own portal is down until Friday".to_owned(),
        until: house.clock.says() + SignedDuration::from_hours(hours),
    }
}

async fn asked(house: &House, by: &str, hours: i64) -> Result<Exception, Refusal> {
    let asked = payouts(house, hours);
    ask_exception(&house.control, &house.caller(by), &asked).await
}

async fn opened(house: &House, hours: i64) -> Exception {
    let exception = asked(house, OSCAR, hours).await.unwrap();
    let prya = house.caller(PRYA);
    confirm_exception(&house.control, &prya, &exception.id, None)
        .await
        .unwrap()
}

#[tokio::test]
async fn r21_owner_and_security_together_open_a_closed_operation_and_nobody_alone() {
    let house = with_payouts().await;
    let payout = house.asking("desk:7", &[("billing", &["payout.create"])], 20);
    let closed = house.file(ALICE, &payout).await;
    house
        .assert_refused(closed, ALICE, "file", Denial::ClosedOperation)
        .await;
    for by in [ALICE, MIA, PETRA, AUDREY] {
        let outcome = asked(&house, by, 48).await;
        house
            .assert_refused(outcome, by, "ask-exception", Denial::NotAnApprover)
            .await;
    }
    let exception = asked(&house, OSCAR, 48).await.unwrap();
    let still_closed = house.file(ALICE, &payout).await;
    house
        .assert_refused(still_closed, ALICE, "file", Denial::ClosedOperation)
        .await;
    for (by, denial) in [
        (OSCAR, Denial::SecondPersonRequired),
        (MIA, Denial::NotAnApprover),
        (ALICE, Denial::NotAnApprover),
    ] {
        let outcome =
            confirm_exception(&house.control, &house.caller(by), &exception.id, None).await;
        house
            .assert_refused(outcome, by, "confirm-exception", denial)
            .await;
    }
    let prya = house.caller(PRYA);
    let open = confirm_exception(&house.control, &prya, &exception.id, None)
        .await
        .unwrap();
    assert!(matches!(open.state, ExceptionState::Open { .. }));
    let again = asked(&house, SAM, 48).await;
    house
        .assert_refused(again, SAM, "ask-exception", Denial::AlreadyDecided)
        .await;

    let session = house.activated(ALICE, &payout).await.session;
    let billing = &session.applications[&"billing".parse().unwrap()];
    assert!(billing.opened.contains(&"payout.create".parse().unwrap()));
    let kinds = house.kinds(&Stream::Exception(exception.id.clone())).await;
    assert!(kinds.contains(&"exception-asked") && kinds.contains(&"exception-confirmed"));
    house.verify().await;
}

#[tokio::test]
async fn r21_no_session_outlives_the_exception_it_stands_on() {
    let house = with_payouts().await;
    let exception = opened(&house, 1).await;
    house.clock.advance_minutes(45);
    let payout = house.asking("desk:7", &[("billing", &["payout.create"])], 30);
    let session = house.activated(ALICE, &payout).await.session;
    assert_eq!(session.end_by, exception.until);
    house.clock.advance_minutes(16);
    house.run_jobs().await;
    let ended = house.session(&session.id).await.ended.unwrap();
    assert_eq!(ended.because, EndedBecause::Expired);
    let outcome = house.file(ALICE, &payout).await;
    house
        .assert_refused(outcome, ALICE, "file", Denial::ClosedOperation)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r21_whoever_closes_it_again_ends_what_stands_on_it_and_nothing_else() {
    let house = with_payouts().await;
    let exception = opened(&house, 48).await;
    let payout = house.asking("desk:7", &[("billing", &["payout.create"])], 20);
    let on_it = house.activated(ALICE, &payout).await.session;
    let reading = house.asking("desk:9", &[("crm", &["contact.read"])], 20);
    let beside = house.activated(crate::ARNO, &reading).await.session;
    let approved = house.asking("desk:8", &[("billing", &["payout.create"])], 20);
    let approved = house.filed(ALICE, &approved).await;
    house.approved(&approved).await;

    let ended = end_exception(&house.control, &house.caller(SVEN), &exception.id)
        .await
        .unwrap();
    assert!(matches!(ended.state, ExceptionState::Ended { .. }));
    let on_it = house.session(&on_it.id).await.ended.unwrap();
    assert_eq!(on_it.because, EndedBecause::PolicyTightened);
    assert!(house.session(&beside.id).await.ended.is_none());
    let outcome = house.activate(ALICE, &approved.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::ClosedOperation)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r21_an_exception_is_for_what_is_closed_for_a_reason_and_for_at_most_thirty_days() {
    let house = with_payouts().await;
    let long = asked(&house, OSCAR, 24 * 31).await;
    house
        .assert_refused(long, OSCAR, "ask-exception", Denial::Malformed)
        .await;
    let open = AskedException {
        operation: "invoice.read".parse().unwrap(),
        ..payouts(&house, 5)
    };
    let outcome = ask_exception(&house.control, &house.caller(OSCAR), &open).await;
    house
        .assert_refused(outcome, OSCAR, "ask-exception", Denial::AlreadyDecided)
        .await;
    let silent = AskedException {
        reason: " ".to_owned(),
        ..payouts(&house, 5)
    };
    let outcome = ask_exception(&house.control, &house.caller(OSCAR), &silent).await;
    house
        .assert_refused(outcome, OSCAR, "ask-exception", Denial::ReasonMissing)
        .await;
    let exception = asked(&house, SAM, 5).await.unwrap();
    let prya = house.caller(PRYA);
    let same_side = confirm_exception(&house.control, &prya, &exception.id, None).await;
    house
        .assert_refused(
            same_side,
            PRYA,
            "confirm-exception",
            Denial::SecondPersonRequired,
        )
        .await;
    let reason = "the portal works again";
    deny_exception(&house.control, &house.caller(OSCAR), &exception.id, reason)
        .await
        .unwrap();
    for (by, seen) in [(AUDREY, 1), (OSCAR, 1), (PETRA, 0)] {
        let found = exceptions(&house.control, &house.caller(by)).await;
        assert_eq!(found.unwrap().len(), seen, "{by}");
    }
    house.verify().await;
}

#[tokio::test]
async fn r21_where_signatures_are_demanded_whoever_opens_it_signs_exactly_this_exception() {
    let builder = House::builder().founders().signature_demanded();
    let house = builder.open().await;
    let [sam, prya] = house.founded().await;
    let caller = house.sure(SAM);
    let exception = ask_exception(&house.control, &caller, &payouts(&house, 48))
        .await
        .unwrap();
    let oscar = house.enrolled(OSCAR, &sam).await;
    house.clock.advance_minutes(24 * 60 + 1);
    let caller = house.sure(OSCAR);
    let unsigned = confirm_exception(&house.control, &caller, &exception.id, None).await;
    house
        .assert_refused(
            unsigned,
            OSCAR,
            "confirm-exception",
            Denial::SignatureRequired,
        )
        .await;
    let of_another = prya.sign_digest(&[7; 32]);
    let forged = confirm_exception(&house.control, &caller, &exception.id, Some(&of_another)).await;
    house
        .assert_refused(
            forged,
            OSCAR,
            "confirm-exception",
            Denial::SignatureRequired,
        )
        .await;
    let to_sign = exception_statement(&house.control, &caller, &exception.id)
        .await
        .unwrap();
    let signature = oscar.sign(&to_sign);
    let open = confirm_exception(&house.control, &caller, &exception.id, Some(&signature))
        .await
        .unwrap();
    assert!(matches!(open.state, ExceptionState::Open { .. }));
    house.verify().await;
}
