//! What an application accepted against the ledger: a session that was minted is on no record (R24).

use jiff::SignedDuration;
use locum_control::ledger::sessions_on_record;
use locum_control::reconcile::{Accepted, MOST_AT_ONCE, Unexplained, reconcile, unexplained};
use locum_domain::{ApplicationId, Denial, Event, Session, Timestamp};
use locum_testkit::house::House;

use crate::tampering::{alter, database};
use crate::{ALICE, ARNO, AUDREY, OSCAR, PETRA, SAM};

fn billing() -> ApplicationId {
    "billing".parse().unwrap()
}

fn accepted(session: &Session, first: Timestamp, last: Timestamp) -> Accepted {
    Accepted {
        session: session.id.to_string(),
        event: Some(session.event.to_string()),
        first: Some(first),
        last: Some(last),
    }
}

fn minted(session: &str) -> Accepted {
    Accepted {
        session: session.to_owned(),
        event: None,
        first: None,
        last: None,
    }
}

async fn found(house: &House, accepted: &Accepted) -> Vec<Unexplained> {
    let caller = house.caller(AUDREY);
    let accepted = std::slice::from_ref(accepted);
    let found = reconcile(&house.control, &caller, &billing(), accepted).await;
    let found = found.unwrap();
    // Whoever reads the store without the server finds the same.
    let key = house.control.ledger_verifier();
    let sessions = sessions_on_record(&*house.store, key)
        .await
        .unwrap()
        .unwrap();
    let on_record = accepted[0].session.parse().ok();
    let on_record = on_record.and_then(|id| sessions.get(&id));
    let offline = unexplained(&billing(), &accepted[0], on_record);
    let online: Vec<_> = found.iter().map(|it| (it.why, it.detail.clone())).collect();
    assert_eq!(online, offline);
    found.into_iter().map(|it| it.why).collect()
}

async fn ended(house: &House) -> Session {
    let session = house.activated(ALICE, &house.asked()).await.session;
    house.clock.advance_minutes(10);
    house.end(ALICE, &session.id).await.unwrap();
    house.session(&session.id).await
}

#[tokio::test]
async fn r24_what_an_application_accepted_within_a_session_is_on_the_record() {
    let house = House::new().await;
    let live = house.activated(ALICE, &house.asked()).await.session;
    let now = house.clock.says();
    assert_eq!(found(&house, &accepted(&live, now, now)).await, []);
    assert_eq!(found(&house, &minted(live.id.as_str())).await, []);
    house.clock.advance_minutes(10);
    house.end(ALICE, &live.id).await.unwrap();
    let end = house.session(&live.id).await.ended.unwrap().at;
    // The last assertion lives a minute, and clocks differ a little.
    let last = end + SignedDuration::from_secs(64);
    assert_eq!(found(&house, &accepted(&live, now, last)).await, []);
    house.verify().await;
}

#[tokio::test]
async fn r24_what_the_record_does_not_explain_is_told_by_its_kind() {
    let house = House::new().await;
    let session = ended(&house).await;
    let (begun, end) = (session.started_at, session.ended.clone().unwrap().at);
    let good = accepted(&session, begun, end);
    assert_eq!(found(&house, &good).await, []);
    for name in ["ses_00000000000000000000000000000000", "anything", ""] {
        assert_eq!(
            found(&house, &minted(name)).await,
            [Unexplained::UnknownSession]
        );
    }
    let with = |change: &dyn Fn(&mut Accepted)| {
        let mut it = good.clone();
        change(&mut it);
        it
    };
    let early = with(&|it| it.first = Some(begun - SignedDuration::from_secs(6)));
    assert_eq!(found(&house, &early).await, [Unexplained::BeforeStart]);
    let late = with(&|it| it.last = Some(end + SignedDuration::from_secs(66)));
    assert_eq!(found(&house, &late).await, [Unexplained::AfterEnd]);
    let other = with(&|it| it.event = Some("evt_minted".to_owned()));
    assert_eq!(found(&house, &other).await, [Unexplained::OtherEvent]);

    let crm = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
    let elsewhere = house.activated(ALICE, &crm).await.session;
    let now = house.clock.says();
    let wrong = found(&house, &accepted(&elsewhere, now, now)).await;
    assert_eq!(wrong, [Unexplained::OtherApplication]);
    house.verify().await;
}

#[tokio::test]
async fn r22_r24_owners_security_and_auditors_compare_and_each_is_on_the_record() {
    let house = House::new().await;
    for by in [OSCAR, SAM, AUDREY] {
        let caller = house.caller(by);
        reconcile(&house.control, &caller, &billing(), &[])
            .await
            .unwrap();
    }
    let looks = house
        .history()
        .await
        .into_iter()
        .filter_map(|it| match it.event {
            Event::EvidenceRead { by, what, .. } => Some((by.to_string(), what)),
            _ => None,
        });
    let what = "reconciliation of billing".to_owned();
    let expected = [OSCAR, SAM, AUDREY].map(|by| (by.to_owned(), what.clone()));
    assert_eq!(looks.collect::<Vec<_>>(), expected);
    for by in [ALICE, ARNO, PETRA] {
        let caller = house.caller(by);
        let refused = reconcile(&house.control, &caller, &billing(), &[]).await;
        assert_eq!(refused.unwrap_err().denial, Denial::NotFound, "{by}");
    }
    let many = vec![minted("ses_1"); MOST_AT_ONCE + 1];
    let caller = house.caller(AUDREY);
    let refused = reconcile(&house.control, &caller, &billing(), &many).await;
    assert_eq!(refused.unwrap_err().denial, Denial::Malformed);
    house.verify().await;
}

#[tokio::test]
async fn r22_r24_a_session_slipped_into_the_tables_is_no_answer() {
    let house = House::builder().on_disk().open().await;
    let session = ended(&house).await;
    let forged = "ses_00000000000000000000000000000000";
    let sql = "INSERT INTO projection (kind, id, version, state) \
               SELECT kind, ?2, version, replace(state, ?1, ?2) FROM projection WHERE kind = 'session' AND id = ?1";
    alter(&database(&house), sql, (session.id.as_str(), forged));
    house.leave_unverified();
    let caller = house.caller(AUDREY);
    let found = reconcile(&house.control, &caller, &billing(), &[minted(forged)]).await;
    // Its personal values are sealed for another row, so the store does not even open it.
    let refused = found.unwrap_err().denial;
    assert_eq!(refused, Denial::RecorderUnavailable);
}

#[tokio::test]
async fn r22_r24_an_end_that_somebody_hid_is_no_answer() {
    let house = House::builder().on_disk().open().await;
    let session = ended(&house).await;
    let late = session.ended.clone().unwrap().at + SignedDuration::from_hours(1);
    let sql = "UPDATE entry SET stream_id = 'req_elsewhere' WHERE stream_kind = 'request' AND \
               CAST(entry AS TEXT) LIKE '%\"request-ended\"%' AND stream_id = ?1";
    alter(&database(&house), sql, [session.request.as_str()]);
    house.leave_unverified();
    let caller = house.caller(AUDREY);
    let accepted = [accepted(&session, session.started_at, late)];
    let refused = reconcile(&house.control, &caller, &billing(), &accepted).await;
    assert_eq!(refused.unwrap_err().denial, Denial::RecorderUnavailable);
}
