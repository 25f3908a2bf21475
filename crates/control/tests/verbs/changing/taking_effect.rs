//! What was applied is put in force, whatever happens to whoever applied it.

use locum_control::change::change;
use locum_control::governance::governance;
use locum_domain::session::EndedBecause;
use locum_testkit::house::House;

use super::draft::{BILLING, confirm, for_arno, open_payouts, propose, with_payouts};
use crate::{ALICE, ARNO, OSCAR, SAM, SVEN};

/// Reading invoices is closed from now on: it takes something away.
async fn closed(house: &House) -> Result<locum_control::change::ChangeSeen, locum_domain::Refusal> {
    propose(house, OSCAR, |draft| {
        let reads = "id = \"invoice.read\"\n";
        draft.replace(BILLING, reads, &format!("{reads}closed = \"money\"\n"));
    })
    .await
}

#[tokio::test]
async fn r33_whoever_goes_away_after_applying_leaves_it_to_the_jobs() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    // Held at each wait in turn, and gone there: before the commit nothing is applied, after it all of it counts.
    for waits in 0.. {
        let held = house.store.reads.hold_after(waits);
        let is_held = tokio::select! {
            _ = closed(&house) => false,
            () = held.arrived() => true,
        };
        drop(held);
        let applied = house.kinds(&locum_domain::Stream::Governance).await;
        if applied.contains(&"applied") {
            break;
        }
        assert!(is_held, "nothing was applied");
    }
    house.run_jobs().await;
    assert_eq!(house.control.in_force().version, 2);
    let ended = house.session(&session.id).await.ended.unwrap();
    assert_eq!(ended.because, EndedBecause::PolicyTightened);
    house.verify().await;
}

#[tokio::test]
async fn r33_whoever_is_dropped_while_it_takes_effect_leaves_it_to_the_next_who_applies() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let held = house.store.commits.hold_next();
    tokio::select! {
        _ = closed(&house) => panic!("nothing was held"),
        () = async {
            held.arrived().await;
            let reads = house.store.reads.hold_next();
            held.release();
            reads.arrived().await;
        } => {}
    }
    assert!(house.session(&session.id).await.ended.is_none());
    let next = propose(&house, SVEN, |draft| {
        draft.set("/budgets/open_requests", 4);
    });
    assert_eq!(next.await.unwrap().change.state.as_str(), "applied");
    assert_eq!(house.control.in_force().version, 3);
    assert!(house.session(&session.id).await.ended.is_some());
    house.verify().await;
}

#[tokio::test]
async fn r33_what_is_on_the_record_is_never_answered_as_a_refusal_and_the_jobs_finish_it() {
    let house = House::new().await;
    let id = for_arno(&house).await;
    let digest = super::draft::digest(&house, &id).await;
    let held = house.store.commits.hold_next();
    let sven = house.caller(SVEN);
    let (seen, ()) = tokio::join!(
        locum_control::change::confirm_change(&house.control, &sven, &id, &digest, None),
        async {
            held.arrived().await;
            house.store.set_fails_reads(true);
            held.release();
        }
    );
    let seen = seen.unwrap();
    assert_eq!(seen.change.state.as_str(), "applied");
    assert!(seen.is_taking_effect);
    house.store.set_fails_reads(false);
    house.run_jobs().await;
    let seen = change(&house.control, &sven, &id).await.unwrap();
    assert!(!seen.is_taking_effect);
    let counts = governance(&house.control, &sven).await.unwrap();
    assert_eq!((counts.version, counts.digest), (2, digest));
    let resend = house.asking("desk:9", &[("billing", &["invoice.resend"])], 10);
    house.filed(ARNO, &resend).await;

    // The same for whoever applies at once.
    let session = house.activated(ALICE, &house.asked()).await.session;
    let held = house.store.commits.hold_next();
    let (seen, ()) = tokio::join!(closed(&house), async {
        held.arrived().await;
        house.store.set_fails_reads(true);
        held.release();
    });
    let seen = seen.unwrap();
    assert_eq!(seen.change.state.as_str(), "applied");
    assert!(seen.is_taking_effect);
    house.store.set_fails_reads(false);
    assert!(house.session(&session.id).await.ended.is_none());
    house.run_jobs().await;
    assert_eq!(house.control.in_force().version, 3);
    assert!(house.session(&session.id).await.ended.is_some());
    house.verify().await;
}

#[tokio::test]
async fn r33_a_server_that_stopped_in_between_starts_with_what_was_applied() {
    let builder = super::production();
    let house = builder.open().await;
    let id = {
        let sam = house.sure(SAM);
        let proposed = super::draft::draft(&house, |draft| {
            draft.append(super::draft::ELIGIBILITY, super::draft::FOR_ARNO);
        });
        let seen = locum_control::change::propose_change(&house.control, &sam, &proposed).await;
        seen.unwrap().change.id
    };
    let digest = super::draft::digest(&house, &id).await;
    let held = house.store.commits.hold_next();
    let sven = house.sure(SVEN);
    tokio::select! {
        _ = locum_control::change::confirm_change(&house.control, &sven, &id, &digest, None) => {
            panic!("nothing was held")
        }
        () = async {
            held.arrived().await;
            let reads = house.store.reads.hold_next();
            held.release();
            reads.arrived().await;
        } => {}
    }
    let house = house.shut().await.reopen().await.unwrap();
    assert_eq!(house.control.in_force().applied.digest, digest);
    assert_eq!(house.control.in_force().applied.change, Some(id));
    house.verify().await;
}

#[tokio::test]
async fn r17_r21_a_session_on_an_exception_outlives_every_change_that_takes_nothing_from_it() {
    let house = with_payouts().on_disk().open().await;
    open_payouts(&house).await;
    let payout = house.asking("desk:7", &[("billing", &["payout.create"])], 20);
    let session = house.activated(ALICE, &payout).await.session;
    let tighter = propose(&house, SAM, |draft| {
        draft.set("/budgets/open_requests", 3);
    });
    assert_eq!(tighter.await.unwrap().change.state.as_str(), "applied");
    assert!(
        house.session(&session.id).await.ended.is_none(),
        "after a change"
    );
    house.run_jobs().await;
    assert!(
        house.session(&session.id).await.ended.is_none(),
        "after the jobs"
    );
    let house = house.shut().await.reopen().await.unwrap();
    house.run_jobs().await;
    assert!(
        house.session(&session.id).await.ended.is_none(),
        "after a start"
    );
    house.verify().await;
}

#[tokio::test]
async fn r33_what_is_live_is_judged_once_after_a_change() {
    let house = House::new().await;
    house.activated(ALICE, &house.asked()).await;
    house.run_jobs().await;
    let id = for_arno(&house).await;
    confirm(&house, SVEN, &id).await.unwrap();
    let read = house.store.reads.passed();
    house.run_jobs().await;
    let of_jobs = house.store.reads.passed() - read;
    house.run_jobs().await;
    let of_the_next = house.store.reads.passed() - read - of_jobs;
    assert_eq!(of_jobs, of_the_next, "the jobs judged everything again");
    house.verify().await;
}
