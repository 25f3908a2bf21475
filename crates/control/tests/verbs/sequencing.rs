//! Access records and decisions get one order, and the checkpoint covers both.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use locum_control::ledger::CommitListener;
use locum_control::ports::Store as _;
use locum_domain::access::{Admitted, AdmittedBy};
use locum_domain::{Denial, Event, Happened, RecordId, Recorded, Session, Stream};
use locum_testkit::house::House;

use crate::ALICE;

pub(crate) fn admitted(house: &House, session: &Session, number: u8) -> Happened {
    let at = house.clock.says();
    Happened {
        stream: Stream::Session(session.id.clone()),
        at,
        event: Event::AccessAdmitted(Admitted {
            record: RecordId::from_bytes([number; 16]),
            txn: session.event.clone(),
            session: session.id.clone(),
            actor: session.actor.clone(),
            subject: "kim@customer.example".to_owned(),
            application: "billing".parse().unwrap(),
            operation: "invoice.read".parse().unwrap(),
            rule: AdmittedBy::Grant,
            method: "GET".to_owned(),
            template: "/invoices/*".into(),
            path: format!("/invoices/{number}"),
            object: Some(format!("invoice:{number}")),
            assertion: None,
            at,
        }),
    }
}

/// Waits until the recorder has nothing left to sequence.
async fn sequenced(house: &House) {
    for _ in 0..200 {
        if house.journal.waiting() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the records are not sequenced within two seconds");
}

/// How many entries the newest checkpoint is over.
async fn checkpoint_size(house: &House) -> usize {
    let note = house.store.checkpoint().await.unwrap().unwrap();
    note.lines().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn r22_r24_durable_access_records_are_sequenced_and_covered_without_any_decision() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    for number in 1..=3 {
        house.journal.append(&admitted(&house, &session, number));
    }
    sequenced(&house).await;
    let kinds = house.kinds(&Stream::Session(session.id.clone())).await;
    assert_eq!(
        kinds,
        [
            "session-started",
            "access-admitted",
            "access-admitted",
            "access-admitted"
        ]
    );
    assert_eq!(checkpoint_size(&house).await, house.history().await.len());
    house.verify().await;
}

#[tokio::test]
async fn r23_what_was_durable_before_the_end_stands_before_the_end() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let held = house.store.commits.hold_next();
    house.journal.append(&admitted(&house, &session, 1));
    held.arrived().await;
    // While one batch is being written, another record becomes durable and then the end is ordered.
    house.journal.append(&admitted(&house, &session, 2));
    let (ended, ()) = tokio::join!(house.end(ALICE, &session.id), async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        drop(held);
    });
    ended.unwrap();
    sequenced(&house).await;
    let kinds = house.kinds(&Stream::Session(session.id.clone())).await;
    let records = ["session-started", "access-admitted", "access-admitted"];
    assert_eq!(
        kinds,
        [&records[..], &["session-ended", "application-ended"]].concat()
    );
    house.verify().await;
}

#[tokio::test]
async fn r22_records_are_kept_while_the_store_is_away_and_sequenced_once_when_it_is_back() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    house.store.set_fails_commits(true);
    house.journal.append(&admitted(&house, &session, 1));
    let outcome = house.file(ALICE, &house.asked()).await;
    assert_eq!(outcome.unwrap_err().denial, Denial::RecorderUnavailable);
    assert_eq!(house.journal.waiting(), 1);
    house.store.set_fails_commits(false);
    sequenced(&house).await;
    let kinds = house.kinds(&Stream::Session(session.id.clone())).await;
    assert_eq!(kinds, ["session-started", "access-admitted"]);
    house.verify().await;
}

#[tokio::test]
async fn r22_after_a_crash_between_the_commit_and_the_journal_no_record_is_sequenced_twice() {
    let house = House::builder().on_disk().open().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    house.journal.append(&admitted(&house, &session, 1));
    sequenced(&house).await;
    let journal = Arc::clone(&house.journal);
    let shut = house.shut().await;
    // The segment was never cut: only the store's mark says how far it was sequenced.
    journal.rewind();
    let house = shut.reopen().await.unwrap();
    house.journal.append(&admitted(&house, &session, 2));
    sequenced(&house).await;
    let kinds = house.kinds(&Stream::Session(session.id.clone())).await;
    assert_eq!(
        kinds,
        ["session-started", "access-admitted", "access-admitted"]
    );
    house.verify().await;
}

#[tokio::test]
async fn r22_r24_what_no_enforcement_point_wrote_is_counted_and_decides_nothing() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let before = house.request(&request.id).await;
    house.journal.append_bytes(b"no record".to_vec());
    let stream = Stream::Request(request.id.clone());
    let event = Event::RequestWithdrawn {
        request: request.id.clone(),
        by: ALICE.parse().unwrap(),
        at: house.clock.says(),
    };
    let at = house.clock.says();
    house.journal.append(&Happened { stream, at, event });
    sequenced(&house).await;
    assert_eq!(house.request(&request.id).await, before);
    let kinds = house.kinds(&Stream::Doors).await;
    assert!(!kinds.is_empty() && kinds.iter().all(|it| *it == "strangers-refused"));
    house.verify().await;
}

#[derive(Default)]
struct Told(Mutex<Vec<u64>>);

impl CommitListener for Told {
    fn committed(&self, events: &[Recorded]) {
        let positions = events.iter().map(|it| it.position);
        self.0.lock().unwrap().extend(positions);
    }
}

#[tokio::test]
async fn r18_whoever_listens_learns_of_every_entry_once_in_order_and_before_it_is_answered() {
    let told = Arc::new(Told::default());
    let house = House::builder()
        .listener(Arc::clone(&told) as _)
        .open()
        .await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    house.journal.append(&admitted(&house, &session, 1));
    sequenced(&house).await;
    house.end(ALICE, &session.id).await.unwrap();
    let size = u64::try_from(house.history().await.len()).unwrap();
    assert_eq!(*told.0.lock().unwrap(), (0..size).collect::<Vec<_>>());
    house.verify().await;
}

#[tokio::test]
async fn r16_live_sessions_are_in_memory_again_after_a_start() {
    let house = House::builder().on_disk().open().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let ended = house
        .activated(
            crate::ARNO,
            &house.asking("desk:9", &[("crm", &["contact.read"])], 20),
        )
        .await
        .session;
    house.end(crate::ARNO, &ended.id).await.unwrap();
    let house = house.shut().await.reopen().await.unwrap();
    assert!(house.plane.holds(&session.id) && !house.plane.holds(&ended.id));
    house.verify().await;
}
