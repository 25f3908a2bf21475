//! An exception opens the operation that two people looked at, and no other of its name.

use locum_domain::session::EndedBecause;

use super::draft::{BILLING, confirm, open_payouts, propose, with_payouts};
use crate::{ALICE, SAM, SVEN};

const PAYOUTS: &str = "routes = [\"POST /payouts\"]";

#[tokio::test]
async fn r21_r33_an_exception_opens_nothing_that_is_defined_otherwise_since() {
    let house = with_payouts().open().await;
    open_payouts(&house).await;
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
    open_payouts(&house).await;
    assert!(house.file(ALICE, &payout).await.is_ok());
    house.verify().await;
}
