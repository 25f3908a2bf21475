//! Keys that somebody with the database wrote into it, or wrote out of it: they verify nowhere.

use locum_control::authenticators::by_credential;
use locum_control::revoke_authenticator::revoke_authenticator;
use locum_control::{StartError, activate};
use locum_domain::authenticator::Held;
use locum_domain::{Aggregate, Denial, Enrolled, Event, Request, Stream};
use locum_testkit::house::{House, SoftAuthenticator};
use rusqlite::Connection;

use crate::tampering::{alter, database, is_found, row};
use crate::{ALICE, OSCAR, PETRA, SAM};

/// A house where approvals are signed and Petra holds a key, with a request that she decides.
async fn house() -> (House, [SoftAuthenticator; 2], SoftAuthenticator, Request) {
    let house = House::builder()
        .founders()
        .signature_demanded()
        .on_disk()
        .open()
        .await;
    let founders = house.founded().await;
    let petra = house.enrolled(PETRA, &founders[1]).await;
    let crm = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
    let request = house.filed(ALICE, &crm).await;
    (house, founders, petra, request)
}

/// Writes somebody's enrolments into the tables.
fn put(database: &Connection, enrolled: &Enrolled) {
    let state = Aggregate::Enrolled(Box::new(enrolled.clone()));
    let id = enrolled.person.to_string();
    let document = serde_json::to_string(&state).unwrap();
    let sql = "INSERT INTO projection (kind, id, version, state) VALUES ('enrolment', ?1, 2, ?2)
               ON CONFLICT (kind, id) DO UPDATE SET state = excluded.state";
    alter(database, sql, (&id, document));
    for (key, value) in enrolled.keys() {
        let sql = "INSERT OR REPLACE INTO projection_key (kind, key, value, id) VALUES ('enrolment', ?1, ?2, ?3)";
        alter(database, sql, (key, value, &id));
    }
}

/// Puts an event at the end of the ledger's tables.
async fn append(house: &House, database: &Connection, event: &Event) {
    let stream = event.stream().unwrap();
    let (entry, payload) = row(house, event);
    let at = i64::try_from(house.history().await.len()).unwrap();
    let sql = "INSERT INTO entry (position, entry, stream_kind, stream_id) VALUES (?1, ?2, ?3, ?4)";
    alter(database, sql, (at, entry, stream.kind(), stream.id()));
    let sql = "INSERT INTO payload (position, salt, body) VALUES (?1, ?2, ?3)";
    alter(database, sql, (at, payload.salt, payload.body));
}

/// A key of Petra's that nobody enrolled, as the tables would have it.
fn forged(house: &House) -> (SoftAuthenticator, Enrolled) {
    let key = SoftAuthenticator::passkey(PETRA, 66);
    let held = Held {
        authenticator: key.public.clone(),
        enrolled_at: house.clock.says(),
        enrolled_by: None,
    };
    let enrolled = Enrolled {
        held: vec![held],
        ..Enrolled::none(PETRA.parse().unwrap())
    };
    (key, enrolled)
}

async fn signs_nothing(house: &House, key: &SoftAuthenticator, request: &Request) {
    let outcome = house.approve_signed(key, &request.id).await;
    let by = key.person();
    house
        .assert_refused(outcome, by, "approve", Denial::SignatureRequired)
        .await;
    let credential = key.public.credential_id().unwrap();
    let found = by_credential(&house.control, credential).await;
    assert_eq!(found.unwrap_or_default(), None, "it signs in");
}

#[tokio::test]
async fn r24_a_key_written_into_the_tables_signs_nothing_and_signs_nobody_in() {
    let (house, _, petra, request) = house().await;
    let (key, enrolled) = forged(&house);
    put(&database(&house), &enrolled);
    signs_nothing(&house, &key, &request).await;
    // Her own goes on.
    house.approve_signed(&petra, &request.id).await.unwrap();
    is_found(&house).await;
}

#[tokio::test]
async fn r24_an_enrolment_slipped_in_at_the_end_of_the_ledger_signs_nothing_and_no_start_takes_it_up()
 {
    let (house, ..) = house().await;
    let (key, enrolled) = forged(&house);
    // What Sam signed for Petra's own key, moved under the forged one.
    let history = house.history().await;
    let asked = history.iter().find_map(|it| match &it.event {
        Event::EnrolmentAsked { enrolment } => Some((**enrolment).clone()),
        _ => None,
    });
    let approved = history.iter().find_map(|it| match &it.event {
        approved @ Event::EnrolmentApproved { .. } => Some(approved.clone()),
        _ => None,
    });
    let mut asked = asked.unwrap();
    asked.authenticator = key.public.clone();
    let asked = Event::EnrolmentAsked {
        enrolment: Box::new(asked),
    };
    let connection = database(&house);
    append(&house, &connection, &asked).await;
    append(&house, &connection, &approved.unwrap()).await;
    put(&connection, &enrolled);
    signs_nothing_unrecorded(&house, &key).await;
    is_found(&house).await;
    drop(connection);
    let error = house.shut().await.reopen().await.err().unwrap();
    assert!(matches!(error, StartError::Ledger(_)), "{error:?}");
}

/// Nothing can be committed to a ledger whose tables have an end of their own: not even the refusal.
async fn signs_nothing_unrecorded(house: &House, key: &SoftAuthenticator) {
    let credential = key.public.credential_id().unwrap();
    let found = by_credential(&house.control, credential).await;
    assert_eq!(found.unwrap_or_default(), None, "it signs in");
}

#[tokio::test]
async fn r24_a_revocation_that_was_hidden_still_counts() {
    let (house, _, petra, request) = house().await;
    let caller = house.sure(SAM);
    let before = house
        .state(&Stream::Enrolment(PETRA.parse().unwrap()))
        .await;
    revoke_authenticator(&house.control, &caller, &petra.public.id, "she lost it")
        .await
        .unwrap();
    let history = house.history().await;
    let mut revoked = history.iter().rev();
    let revoked = revoked.find(|it| it.event.kind() == "authenticator-revoked");
    let at = i64::try_from(revoked.unwrap().position).unwrap();
    let connection = database(&house);
    alter(&connection, "DELETE FROM payload WHERE position = ?1", [at]);
    alter(&connection, "DELETE FROM entry WHERE position = ?1", [at]);
    let Some(Aggregate::Enrolled(before)) = before else {
        panic!("she had none");
    };
    put(&connection, &before);
    let outcome = house.approve_signed(&petra, &request.id).await;
    assert!(outcome.is_err(), "it signed: {outcome:?}");
    let credential = petra.public.credential_id().unwrap();
    let found = by_credential(&house.control, credential).await;
    assert_eq!(found.unwrap_or_default(), None, "it signs in");
    is_found(&house).await;
}

#[tokio::test]
async fn r22_r24_a_signed_approval_slipped_in_opens_nothing() {
    let (house, _, _, request) = house().await;
    let (key, enrolled) = forged(&house);
    let connection = database(&house);
    put(&connection, &enrolled);
    // The key signs what Petra would have signed, and the approval is written down as if she had.
    let mut words = house.approval_of(&request.id).await;
    let statement = words.words();
    let by = PETRA.parse().unwrap();
    let statement = statement.statement(&request, &by, &request.route.steps[0]);
    let digest = locum_domain::authenticator::Statement::digest(&statement);
    words.signature = Some(key.sign_digest(&digest.0));
    let event = request
        .approve(locum_domain::request::Approving {
            by: PETRA.parse().unwrap(),
            at: house.clock.says(),
            scope_digest: words.scope_digest.clone(),
            words: words.words(),
            signature: words.signature.clone(),
            permitted: [(0, vec!["forged".to_owned()])].into(),
            grant: locum_domain::GrantId::from_bytes([5; 16]),
        })
        .unwrap();
    let after = Request::evolve(Some(request.clone()), &event).unwrap();
    let state = serde_json::to_string(&Aggregate::Request(Box::new(after))).unwrap();
    let sql = "UPDATE projection SET version = version + 1, state = ?2, subject_key = NULL, sealed = NULL WHERE kind = 'request' AND id = ?1";
    alter(&connection, sql, (request.id.as_str(), state));
    let caller = house.sure(ALICE);
    let outcome = activate::activate(&house.control, &caller, &request.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::MissingApproval)
        .await;
    append(&house, &connection, &event).await;
    let outcome = activate::activate(&house.control, &caller, &request.id).await;
    assert!(outcome.is_err(), "it opened: {outcome:?}");
    assert!(house.plane.calls().is_empty());
    is_found(&house).await;
}

#[tokio::test]
async fn r24_a_founder_written_into_the_tables_founds_nothing() {
    let house = House::builder().founders().on_disk().open().await;
    let connection = database(&house);
    let sql =
        "UPDATE projection SET state = replace(state, 'sam@corp.example', 'oscar@corp.example')
               WHERE kind = 'founding'";
    alter(&connection, sql, []);
    let key = SoftAuthenticator::passkey(OSCAR, 1);
    let caller = house.caller(OSCAR);
    let outcome =
        locum_control::enrol_founder::enrol_founder(&house.control, &caller, &key.public).await;
    assert!(outcome.is_err(), "{outcome:?}");
    is_found(&house).await;
}
