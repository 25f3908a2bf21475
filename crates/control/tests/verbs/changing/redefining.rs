//! An exception opens the operation that two people looked at, and no other of its name.

use locum_control::exceptions::{AskedException, ask_exception, confirm_exception};
use locum_domain::session::EndedBecause;
use locum_testkit::house::House;

use super::draft::{BILLING, confirm, propose};
use crate::{ALICE, OSCAR, PRYA, SAM, SVEN};

const PAYOUTS: &str = "routes = [\"POST /payouts\"]";

#[tokio::test]
async fn r21_r33_an_exception_opens_nothing_that_is_defined_otherwise_since() {
    let builder = House::builder().files(|files| {
        let may = r#"operations = ["invoice.resend"]"#;
        let and = r#"operations = ["invoice.resend", "payout.create"]"#;
        files.replace("catalog/eligibility.toml", may, and);
    });
    let house = builder.open().await;
    let asked = AskedException {
        application: "billing".parse().unwrap(),
        operation: "payout.create".parse().unwrap(),
        reason: "the bank's own portal is down until Friday".to_owned(),
        until: house.clock.says() + jiff::SignedDuration::from_hours(72),
    };
    let oscar = house.caller(OSCAR);
    let exception = ask_exception(&house.control, &oscar, &asked).await.unwrap();
    let prya = house.caller(PRYA);
    confirm_exception(&house.control, &prya, &exception.id, None)
        .await
        .unwrap();
    let payout = house.asking("desk:7", &[("billing", &["payout.create"])], 20);
    let session = house.activated(ALICE, &payout).await.session;

    // The same name for something else: it waits for a second person, and then nothing is open by it.
    let waiting = propose(&house, SAM, |draft| {
        let more = "routes = [\"POST /payouts\", \"POST /salaries\"]";
        draft.replace(BILLING, PAYOUTS, more);
    });
    let waiting = waiting.await.unwrap().change;
    assert_eq!(waiting.state.as_str(), "waiting");
    confirm(&house, SVEN, &waiting.id).await.unwrap();
    let ended = house.session(&session.id).await.ended.unwrap();
    assert_eq!(ended.because, EndedBecause::PolicyTightened);
    let refusal = house.file(ALICE, &payout).await.unwrap_err();
    assert_eq!(refusal.denial, locum_domain::Denial::ClosedOperation);

    // Whoever wants it open asks two people again, who see what it is now.
    let exception = ask_exception(&house.control, &oscar, &asked).await.unwrap();
    confirm_exception(&house.control, &prya, &exception.id, None)
        .await
        .unwrap();
    assert!(house.file(ALICE, &payout).await.is_ok());
    house.verify().await;
}
