//! R24: the entries of one access event count themselves, whoever wrote them, and across every restart.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;
use locum_control::ledger::verify_ledger;
use locum_control::ports::Store as _;
use locum_domain::{Denial, EventId, RequestId, Stream};
use locum_record::Entry;
use locum_testkit::house::House;
use locum_tlog::{Hash, leaf_hash};

use crate::sequencing::admitted;
use crate::tampering::{alter, database};
use crate::{ALICE, ARNO, OSCAR};

/// Every event's entries, counted again from the public ledger alone: how many each has.
async fn counted(house: &House) -> BTreeMap<[u8; 16], u64> {
    let mut events: BTreeMap<[u8; 16], (u64, Hash)> = BTreeMap::new();
    let size = house.store.size().await.unwrap();
    let entries = house.store.entries(0, u32::try_from(size).unwrap()).await;
    for (position, bytes) in entries.unwrap().iter().enumerate() {
        let entry = Entry::parse(bytes).unwrap();
        let Some(place) = entry.place() else { continue };
        let before = events.get(&place.event());
        let due = before.map_or((1, None), |(count, leaf)| (count + 1, Some(*leaf)));
        assert_eq!((place.nth(), place.previous()), due, "entry {position}");
        events.insert(place.event(), (place.nth(), leaf_hash(bytes)));
    }
    let counts = events.into_iter().map(|(event, (count, _))| (event, count));
    counts.collect()
}

/// How many entries stand in the streams of a request and its session.
async fn recorded(house: &House, streams: &[Stream]) -> u64 {
    let history = house.history().await;
    let own = history.iter().filter(|it| streams.contains(&it.stream));
    u64::try_from(own.count()).unwrap()
}

async fn asked(house: &House, case: &str) -> (RequestId, EventId) {
    let words = house.asking(case, &[("billing", &["invoice.read"])], 30);
    let request = house.filed(ALICE, &words).await;
    (request.id, request.event)
}

#[tokio::test]
async fn r24_every_entry_of_an_event_is_counted_refusals_and_access_among_them() {
    let house = House::new().await;
    let (other, others) = asked(&house, "desk:8").await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    for number in 1..=3 {
        house.journal.append(&admitted(&house, &session, number));
        let outcome = house.approve(ALICE, &other).await;
        house
            .assert_refused(outcome, ALICE, "approve", Denial::SelfApproval)
            .await;
    }
    house.end(ALICE, &session.id).await.unwrap();
    let review = house.reviews_of(&session.id).await.pop().unwrap();
    let streams = [
        Stream::Request(session.request.clone()),
        Stream::Session(session.id.clone()),
        Stream::Review(review.id),
    ];
    let counts = counted(&house).await;
    assert_eq!(counts.len(), 2);
    let own = recorded(&house, &streams).await;
    assert!(own > 10, "{own}");
    assert_eq!(counts[&session.event.to_bytes()], own);
    let theirs = recorded(&house, &[Stream::Request(other)]).await;
    assert_eq!(counts[&others.to_bytes()], theirs);
    house.verify().await;
}

#[tokio::test]
async fn r24_a_head_that_was_read_again_goes_on_where_the_one_that_grew_stood() {
    let mut house = House::builder().on_disk().open().await;
    let mut events = Vec::new();
    for (round, case) in ["desk:7", "desk:8"].into_iter().enumerate() {
        let (request, event) = asked(&house, case).await;
        house = house.shut().await.reopen().await.unwrap();
        house.approve(OSCAR, &request).await.unwrap();
        let before = counted(&house).await;
        house = house.shut().await.reopen().await.unwrap();
        assert_eq!(counted(&house).await, before);
        let outcome = house.approve(ALICE, &request).await;
        assert!(outcome.is_err());
        events.push(event);
        let after = counted(&house).await;
        assert_eq!(after.len(), round + 1);
        for event in &events {
            assert!(after[&event.to_bytes()] >= 3, "{after:?}");
        }
    }
    house.verify().await;
}

#[tokio::test]
async fn r22_r24_a_refusal_moved_to_another_event_in_the_tables_is_found() {
    let house = House::builder().on_disk().open().await;
    let (one, _) = asked(&house, "desk:8").await;
    let (two, _) = asked(&house, "desk:7").await;
    assert!(house.approve(ALICE, &one).await.is_err());
    let sql = "UPDATE entry SET stream_id = ?2 WHERE stream_kind = 'request' AND stream_id = ?1 AND \
               CAST(entry AS TEXT) LIKE '%\"refused\"%'";
    alter(&database(&house), sql, (one.as_str(), two.as_str()));
    house.leave_unverified();
    let verifier = house.control.ledger_verifier();
    let found = verify_ledger(&*house.store, verifier).await.unwrap();
    let sentence = "says that it belongs to another access event than it does";
    let told = found.faults.iter().any(|fault| fault.ends_with(sentence));
    assert!(told, "{:?}", found.faults);
}

#[tokio::test]
async fn r24_a_filing_that_waited_while_the_record_went_on_is_decided_anew() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let held = house.store.commits.hold_next();
    house.journal.append(&admitted(&house, &session, 1));
    held.arrived().await;
    let words = house.asking("desk:9", &[("billing", &["invoice.read"])], 30);
    let began = house.clock.says();
    let (filed, ()) = tokio::join!(house.file(ARNO, &words), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        // The disk stood still for two minutes, and the gateway went on by its own clock.
        house.clock.advance(SignedDuration::from_mins(2));
        house.journal.append(&admitted(&house, &session, 2));
        drop(held);
    });
    let filed = filed.unwrap();
    assert!(filed.filed_at >= began + SignedDuration::from_mins(2));
    house.verify().await;
}
