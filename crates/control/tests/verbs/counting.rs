//! Authenticators that count: of two signatures by one key that cross on the way, the ledger never tells the lower count
//! after the higher one, for whoever reads it would take the key for a copied one.

use locum_control::approve::approve;
use locum_domain::{Denial, Event};
use locum_testkit::house::{House, SoftAuthenticator};
use tokio::sync::Notify;

use crate::{ALICE, PETRA};

/// The counts that approvals were signed with, in the ledger's order.
async fn counts(house: &House) -> Vec<u32> {
    let history = house.history().await.into_iter();
    let counts = history.filter_map(|recorded| match recorded.event {
        Event::RequestApproved { approval, .. } => Some(approval.signature?.count()),
        _ => None,
    });
    counts.collect()
}

#[tokio::test]
async fn r13_of_two_approvals_by_one_key_that_cross_the_one_that_was_overtaken_is_signed_again() {
    let mut was_overtaken = false;
    for waits in 0.. {
        let house = House::builder()
            .founders()
            .signature_demanded()
            .open()
            .await;
        let [_, sam] = house.founded().await;
        let petra = SoftAuthenticator::passkey(PETRA, 1).counting(40);
        let enrolment = house.ask_to_enrol(&petra).await.unwrap();
        house.let_count(&sam, &enrolment).await.unwrap();
        let asking = |case: &str| house.asking(case, &[("crm", &["contact.read"])], 30);
        let first = house.filed(ALICE, &asking("desk:7")).await;
        let second = house.filed(ALICE, &asking("desk:8")).await;
        let lower = house.signed_approval(&petra, &first.id).await.unwrap();
        let higher = house.signed_approval(&petra, &second.id).await.unwrap();
        let (control, caller) = (&house.control, house.caller(PETRA));
        let held = house.store.reads.hold_after(waits);
        let is_done = Notify::new();
        let (slow, is_held) = tokio::join!(
            async {
                let slow = approve(control, &caller, &first.id, &lower).await;
                is_done.notify_one();
                slow
            },
            async {
                let is_held = tokio::select! {
                    () = held.arrived() => true,
                    () = is_done.notified() => false,
                };
                // Only the first is to be held.
                let held = is_held.then_some(held);
                approve(control, &caller, &second.id, &higher)
                    .await
                    .unwrap();
                drop(held);
                is_held
            }
        );
        let recorded = counts(&house).await;
        match slow {
            Ok(_) => assert_eq!(recorded, [41, 42]),
            Err(refusal) => {
                assert_eq!(refusal.denial, Denial::SignatureRequired, "{refusal}");
                assert!(refusal.detail.contains("copied"), "{refusal}");
                assert_eq!(recorded, [42]);
                house.approve_signed(&petra, &first.id).await.unwrap();
                assert_eq!(counts(&house).await, [42, 43]);
                was_overtaken = true;
            }
        }
        house.verify().await;
        if !is_held {
            break;
        }
    }
    assert!(was_overtaken);
}
