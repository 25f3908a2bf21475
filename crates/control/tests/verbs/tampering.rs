//! Somebody who can write the database and does not have the ledger's key. Nothing they write opens anything,
//! and it is found.

use locum_control::StartError;
use locum_control::ledger::verify_ledger;
use locum_domain::request::{ApprovalWords, Approving};
use locum_domain::{Event, GrantId, Request, RequestId, Stream};
use locum_record::{Entry, Payload, canonical};
use locum_testkit::house::House;
use rusqlite::Connection;

use crate::{ALICE, OSCAR, PRYA, SAM};

/// A request that lacks one approval, and the event of that approval as it would have been.
async fn one_approval_short(house: &House) -> (Request, Event) {
    let request = house.filed(ALICE, &house.asked()).await;
    let request = house.approve(OSCAR, &request.id).await.unwrap();
    let event = request
        .approve(Approving {
            by: PRYA.parse().unwrap(),
            at: house.clock.says(),
            scope_digest: request.scope_digest().as_str().to_owned(),
            words: ApprovalWords::default(),
            signature: None,
            permitted: [(1, vec!["forged".to_owned()])].into(),
            grant: GrantId::from_bytes([5; 16]),
        })
        .unwrap();
    (request, event)
}

pub(crate) fn database(house: &House) -> Connection {
    Connection::open(house.database()).unwrap()
}

/// The entry and payload of an event, as the sequencer would have made them.
pub(crate) fn row(house: &House, event: &Event) -> (Vec<u8>, Payload) {
    let payload = Payload {
        salt: [9; 32],
        body: canonical(event).unwrap(),
        personal: None,
    };
    let commitment = payload.commitment().unwrap();
    let entry = Entry::new(event.kind(), house.clock.says(), commitment).unwrap();
    (entry.to_bytes().unwrap(), payload)
}

/// Makes the tables say what the request would be after `event`.
fn edit_tables(database: &Connection, request: &Request, event: &Event) {
    let after = Request::evolve(Some(request.clone()), event).unwrap();
    let state = locum_domain::Aggregate::Request(Box::new(after));
    let state = serde_json::to_string(&state).unwrap();
    let changed = database
        .execute(
            "UPDATE projection SET version = version + 1, state = ?2, subject_key = NULL, sealed = NULL WHERE kind = 'request' AND id = ?1",
            (request.id.as_str(), state),
        )
        .unwrap();
    assert_eq!(changed, 1, "nothing was tampered with");
}

pub(crate) fn alter(database: &Connection, sql: &str, parameters: impl rusqlite::Params) {
    assert_eq!(
        database.execute(sql, parameters).unwrap(),
        1,
        "nothing was tampered with"
    );
}

/// The position of the newest event of this kind about this request.
async fn position(house: &House, id: &RequestId, kind: &str) -> i64 {
    let history = house.history().await;
    let stream = Stream::Request(id.clone());
    let mut found = history.iter().rev();
    let found = found.find(|it| it.stream == stream && it.event.kind() == kind);
    i64::try_from(found.unwrap().position).unwrap()
}

async fn opens_nothing_and_is_found(house: &House, id: &RequestId) {
    let outcome = house.activate(ALICE, id).await;
    assert!(outcome.is_err(), "it opened: {outcome:?}");
    assert!(house.plane.calls().is_empty());
    assert!(house.live_sessions().await.is_empty());
    is_found(house).await;
}

pub(crate) async fn is_found(house: &House) {
    house.leave_unverified();
    let verifier = house.control.ledger_verifier();
    if let Ok(findings) = verify_ledger(&*house.store, verifier).await {
        assert!(!findings.faults.is_empty(), "nobody found it");
    }
}

#[tokio::test]
async fn r22_r24_tables_that_say_approved_open_nothing() {
    let house = House::builder().on_disk().open().await;
    let (request, event) = one_approval_short(&house).await;
    edit_tables(&database(&house), &request, &event);
    opens_nothing_and_is_found(&house, &request.id).await;
}

#[tokio::test]
async fn r22_r24_an_approval_slipped_in_at_the_end_of_the_ledger_opens_nothing() {
    let house = House::builder().on_disk().open().await;
    let (request, event) = one_approval_short(&house).await;
    let (entry, payload) = row(&house, &event);
    let at = i64::try_from(house.history().await.len()).unwrap();
    let database = database(&house);
    let sql = "INSERT INTO entry (position, entry, stream_kind, stream_id) VALUES (?1, ?2, 'request', ?3)";
    alter(&database, sql, (at, entry, request.id.as_str()));
    let sql = "INSERT INTO payload (position, salt, body) VALUES (?1, ?2, ?3)";
    alter(&database, sql, (at, payload.salt, payload.body));
    edit_tables(&database, &request, &event);
    opens_nothing_and_is_found(&house, &request.id).await;
    // Nor does a start take it up.
    drop(database);
    let error = house.shut().await.reopen().await.err().unwrap();
    assert!(matches!(error, StartError::Ledger(_)), "{error:?}");
}

#[tokio::test]
async fn r22_r24_an_approval_slipped_in_over_another_entry_opens_nothing() {
    let house = House::builder().on_disk().open().await;
    // Something is on the record whose place can be taken: a refusal of the same request.
    let (request, event) = one_approval_short(&house).await;
    house.approve(OSCAR, &request.id).await.unwrap_err();
    let at = position(&house, &request.id, "refused").await;
    let (entry, payload) = row(&house, &event);
    let database = database(&house);
    alter(
        &database,
        "UPDATE entry SET entry = ?2 WHERE position = ?1",
        (at, entry),
    );
    let sql = "UPDATE payload SET salt = ?2, body = ?3 WHERE position = ?1";
    alter(&database, sql, (at, payload.salt, payload.body));
    edit_tables(&database, &request, &event);
    opens_nothing_and_is_found(&house, &request.id).await;
    drop(database);
    let error = house.shut().await.reopen().await.err().unwrap();
    assert!(matches!(error, StartError::Ledger(_)), "{error:?}");
}

#[tokio::test]
async fn r22_r24_a_payload_altered_under_its_genuine_entry_opens_nothing() {
    let house = House::builder().on_disk().open().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let request = house.approved(&request).await;
    let at = position(&house, &request.id, "request-filed").await;
    let sql = "UPDATE payload SET body = CAST(replace(CAST(body AS TEXT), 'invoice.read', 'invoice.resend') AS BLOB)
               WHERE position = ?1";
    alter(&database(&house), sql, [at]);
    opens_nothing_and_is_found(&house, &request.id).await;
}

#[tokio::test]
async fn r22_r24_a_genuine_approval_moved_to_another_request_opens_nothing() {
    let house = House::builder().on_disk().open().await;
    let (request, event) = one_approval_short(&house).await;
    let other = house.filed(ALICE, &house.asked()).await;
    house.approve(PRYA, &other.id).await.unwrap();
    let at = position(&house, &other.id, "request-approved").await;
    let database = database(&house);
    let sql = "UPDATE entry SET stream_id = ?2 WHERE position = ?1";
    alter(&database, sql, (at, request.id.as_str()));
    edit_tables(&database, &request, &event);
    opens_nothing_and_is_found(&house, &request.id).await;
}

#[tokio::test]
async fn r22_r24_an_approval_taken_out_of_the_record_counts_no_more() {
    let house = House::builder().on_disk().open().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let request = house.approved(&request).await;
    let at = position(&house, &request.id, "request-approved").await;
    let database = database(&house);
    alter(&database, "DELETE FROM payload WHERE position = ?1", [at]);
    alter(&database, "DELETE FROM entry WHERE position = ?1", [at]);
    opens_nothing_and_is_found(&house, &request.id).await;
}

/// An approved request that `undo` took back, hidden again by `hide`.
async fn hidden(hide: impl Fn(&Connection, i64)) {
    let house = House::builder().on_disk().open().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let request = house.approved(&request).await;
    let caller = house.caller(OSCAR);
    locum_control::withdraw::withdraw(&house.control, &caller, &request.id)
        .await
        .unwrap();
    let at = position(&house, &request.id, "request-withdrawn").await;
    let database = database(&house);
    hide(&database, at);
    let state = locum_domain::Aggregate::Request(Box::new(request.clone()));
    let state = serde_json::to_string(&state).unwrap();
    let sql = "UPDATE projection SET version = version - 1, state = ?2 WHERE id = ?1";
    alter(&database, sql, (request.id.as_str(), state));
    opens_nothing_and_is_found(&house, &request.id).await;
}

#[tokio::test]
async fn r22_r24_a_withdrawal_that_was_deleted_still_counts() {
    hidden(|database, at| {
        alter(database, "DELETE FROM payload WHERE position = ?1", [at]);
        alter(database, "DELETE FROM entry WHERE position = ?1", [at]);
    })
    .await;
}

#[tokio::test]
async fn r22_r24_a_withdrawal_that_was_moved_elsewhere_still_counts() {
    hidden(|database, at| {
        let sql = "UPDATE entry SET stream_kind = 'doors', stream_id = 'all' WHERE position = ?1";
        alter(database, sql, [at]);
    })
    .await;
}

#[tokio::test]
async fn r24_a_ledger_that_lost_its_end_or_has_another_key_is_not_taken_up() {
    let house = House::builder().on_disk().open().await;
    house.filed(ALICE, &house.asked()).await;
    let last = i64::try_from(house.history().await.len()).unwrap() - 1;
    house.verify().await;
    let shut = house.shut().await;
    let shut = shut.changed(|it| it.ledger_seed([8; 32]));
    let database = shut.database();
    let copy = |name: &str| database.with_file_name(name);
    std::fs::copy(&database, copy("kept.db")).unwrap();
    let error = shut.reopen().await.err().unwrap();
    assert!(matches!(error, StartError::Ledger(_)), "{error:?}");

    let house = House::builder().on_disk().open().await;
    house.filed(ALICE, &house.asked()).await;
    house.verify().await;
    let shut = house.shut().await;
    let connection = Connection::open(shut.database()).unwrap();
    alter(
        &connection,
        "DELETE FROM payload WHERE position = ?1",
        [last],
    );
    alter(&connection, "DELETE FROM entry WHERE position = ?1", [last]);
    drop(connection);
    let error = shut.reopen().await.err().unwrap();
    assert!(matches!(error, StartError::Ledger(_)), "{error:?}");
}

#[tokio::test]
async fn r24_a_founding_that_was_exchanged_is_not_put_in_force() {
    let house = House::builder().on_disk().open().await;
    house.filed(ALICE, &house.asked()).await;
    let database = database(&house);
    let sql =
        "UPDATE projection SET state = replace(state, 'oscar@corp.example', 'alice@corp.example')
               WHERE kind = 'governance'";
    alter(&database, sql, []);
    is_found(&house).await;
    drop(database);
    // In production what was recorded stays in force: as recorded, not as the tables say.
    let reopened = house
        .shut()
        .await
        .changed(|it| it.production())
        .reopen()
        .await;
    match reopened {
        Err(_) => {}
        Ok(house) => {
            house.leave_unverified();
            let catalog = house.control.in_force().catalog.clone();
            let billing = &catalog.applications[&"billing".parse().unwrap()];
            assert_eq!(
                billing.owner.as_str(),
                OSCAR,
                "the tables made Alice the owner"
            );
        }
    }
}

#[tokio::test]
async fn r24_a_session_written_into_the_tables_is_not_begun_at_a_start() {
    let house = House::builder().on_disk().open().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    house.end(SAM, &session.id).await.unwrap();
    let database = database(&house);
    let live = locum_domain::Aggregate::Session(Box::new(session.clone()));
    let sql = "UPDATE projection SET state = ?2 WHERE id = ?1";
    alter(
        &database,
        sql,
        (session.id.as_str(), serde_json::to_string(&live).unwrap()),
    );
    let sql = "UPDATE projection_key SET value = 'live' WHERE id = ?1 AND key = 'state'";
    alter(&database, sql, [session.id.as_str()]);
    is_found(&house).await;
    drop(database);
    if let Ok(house) = house.shut().await.reopen().await {
        house.leave_unverified();
        assert!(!house.plane.holds(&session.id), "a dead session came back");
    }
}
