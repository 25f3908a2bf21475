//! What the record holds of one subject goes, by two people without any part in it, and nothing else goes (R26).

use std::path::Path;

use locum_control::complete_review::{CompleteReview, complete_review};
use locum_control::erasures::{ask_erasure, confirm_erasure, deny_erasure, erasures};
use locum_control::evidence;
use locum_control::ports::Store as _;
use locum_domain::access::{Admitted, AdmittedBy};
use locum_domain::erasure::ErasureState;
use locum_domain::hold::StopScope;
use locum_domain::request::SubjectThere;
use locum_domain::review::Finding;
use locum_domain::{
    Denial, Erasure, Event, EventId, Happened, RecordId, Refusal, Request, Session, Stream,
};
use locum_evidence::{VerifyOptions, verify};
use locum_testkit::house::House;

use crate::{ALICE, ARNO, AUDREY, MIA, OLGA, OSCAR, PRYA, SAM, SVEN};

const CARLA: &str = "carla@acme.example";
/// What the record holds of Carla, and of nobody else.
const HERS: [&str; 7] = [
    CARLA,
    "kunde-4711",
    "carlas-phone-number",
    "carla's own words",
    "/invoices/carlas-own",
    "invoice:carla-0042",
    "what the reviewer wrote of carla",
];

/// A house on disk in which Alice acted as Carla, and Sam found it justified.
async fn reviewed() -> (House, Request, Session) {
    let house = House::builder().on_disk().open().await;
    let there = SubjectThere {
        id: "kunde-4711".to_owned(),
        tenant: None,
        attributes: [
            ("role".to_owned(), "customer".to_owned()),
            ("phone".to_owned(), "carlas-phone-number".to_owned()),
        ]
        .into(),
    };
    house.subjects.set("billing", CARLA, there);
    house.desk.edit("7", |case| {
        case.title = Some("about carla's own words".to_owned());
    });
    let request = house.filed(ALICE, &house.asked()).await;
    let request = house.approved(&request).await;
    let session = house.activate(ALICE, &request.id).await.unwrap().session;
    house.journal.append(&touched(&house, &session));
    house.end(ALICE, &session.id).await.unwrap();
    while house.journal.waiting() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    (house, request, session)
}

fn touched(house: &House, session: &Session) -> Happened {
    let at = house.clock.says();
    Happened {
        stream: Stream::Session(session.id.clone()),
        at,
        event: Event::AccessAdmitted(Admitted {
            record: RecordId::from_bytes([1; 16]),
            txn: session.event.clone(),
            session: session.id.clone(),
            actor: session.actor.clone(),
            subject: "kunde-4711".to_owned(),
            application: "billing".parse().unwrap(),
            operation: "invoice.read".parse().unwrap(),
            rule: AdmittedBy::Grant,
            method: "GET".to_owned(),
            template: "/invoices/*".into(),
            path: "/invoices/carlas-own".to_owned(),
            object: Some("invoice:carla-0042".to_owned()),
            assertion: None,
            at,
        }),
    }
}

async fn review(house: &House, session: &Session) {
    let review = house.reviews_of(&session.id).await.pop().unwrap();
    let reviewer = review.reviewer.clone().unwrap();
    let found = CompleteReview::unsigned(
        Finding::Justified,
        "that is what the reviewer wrote of carla",
    );
    complete_review(
        &house.control,
        &house.caller(reviewer.as_str()),
        &review.id,
        &found,
    )
    .await
    .unwrap();
}

async fn asked(house: &House, by: &str) -> Result<Erasure, Refusal> {
    let subject = CARLA.parse().unwrap();
    ask_erasure(
        &house.control,
        &house.caller(by),
        &subject,
        "she asked for it in writing",
    )
    .await
}

async fn confirmed(house: &House, by: &str, erasure: &Erasure) -> Result<Erasure, Refusal> {
    confirm_erasure(&house.control, &house.caller(by), &erasure.id, None).await
}

async fn erased() -> (House, Request, Session) {
    let (house, request, session) = reviewed().await;
    review(&house, &session).await;
    let erasure = asked(&house, PRYA).await.unwrap();
    confirmed(&house, SVEN, &erasure).await.unwrap();
    (house, request, session)
}

/// Which of these texts stand in the files of a folder.
fn found<'t>(folder: &Path, texts: &[&'t str]) -> Vec<&'t str> {
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    let holds = |text: &&str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
    texts.iter().copied().filter(|text| holds(text)).collect()
}

async fn pack(house: &House, event: &EventId) -> Vec<u8> {
    evidence::pack(&house.control, &house.caller(AUDREY), event)
        .await
        .unwrap()
}

#[tokio::test]
async fn r26_no_byte_on_disk_shows_a_subjects_data_even_before_an_erasure() {
    let (house, request, session) = reviewed().await;
    review(&house, &session).await;
    let folder = house.database().parent().unwrap().to_owned();
    assert_eq!(found(&folder, &HERS), Vec::<&str>::new());
    // The search sees what is there.
    assert_eq!(found(&folder, &[ALICE]), [ALICE]);
    // And who looks through the house sees it all.
    assert_eq!(house.request(&request.id).await.subject.as_str(), CARLA);
    house.verify().await;
}

#[tokio::test]
async fn r26_two_people_without_any_part_erase_and_what_stays_says_who_did_what_and_when() {
    let (house, request, session) = reviewed().await;
    review(&house, &session).await;
    let before = house.history().await.len();
    let erasure = asked(&house, PRYA).await.unwrap();
    let done = confirmed(&house, SVEN, &erasure).await.unwrap();
    assert!(matches!(done.state, ErasureState::Done { .. }));
    assert_eq!(done.subject.as_str(), "erased");

    let after = house.request(&request.id).await;
    assert!(after.is_erased());
    assert_eq!(after.subject.as_str(), "erased");
    assert_eq!(after.reason.as_str(), "erased");
    assert_eq!(after.case.title.as_deref(), Some("erased"));
    let there = &after.subjects[&"billing".parse().unwrap()];
    assert_eq!(there.id, "erased");
    assert_eq!(there.attributes["phone"], "erased");
    // Actor, decision, operation, time and tenant stay.
    assert_eq!(after.actor, request.actor);
    assert_eq!(after.scope, request.scope);
    assert_eq!(after.filed_at, request.filed_at);
    assert_eq!(after.tenant, request.tenant);
    let deciders =
        |it: &Request| -> Vec<_> { it.route.approvals().map(|it| it.by.clone()).collect() };
    assert_eq!(deciders(&after), deciders(&request));
    assert_eq!(house.session(&session.id).await.subject.as_str(), "erased");

    let history = house.history().await;
    assert_eq!(
        history.len(),
        before + 3,
        "asked, confirmed, and said in the request's history"
    );
    let told = history.iter().find_map(|recorded| match &recorded.event {
        Event::PersonalErased {
            request,
            asked_by,
            confirmed_by,
            ..
        } => Some((
            request.clone(),
            asked_by.to_string(),
            confirmed_by.to_string(),
        )),
        _ => None,
    });
    assert_eq!(told, Some((request.id, PRYA.to_owned(), SVEN.to_owned())));
    let text = format!("{history:?}");
    for hers in HERS {
        assert!(!text.contains(hers), "{hers} is still told");
    }
    house.verify().await;
}

#[tokio::test]
async fn r26_after_an_erasure_nothing_of_it_is_on_disk_nor_comes_back_from_an_older_copy() {
    let (house, request, session) = reviewed().await;
    review(&house, &session).await;
    let folder = house.database().parent().unwrap().to_owned();
    std::fs::create_dir(folder.join("copies")).unwrap();
    let older = folder.join("copies/older.db");
    house.store.copy_to(&older);
    let erasure = asked(&house, PRYA).await.unwrap();
    confirmed(&house, SVEN, &erasure).await.unwrap();
    assert_eq!(found(&folder, &HERS), Vec::<&str>::new());

    let restored = house.store.opened_again(&older);
    let stream = Stream::Request(request.id.clone());
    for row in restored.history(&stream).await.unwrap() {
        let event = row.payload().event().unwrap();
        assert!(!String::from_utf8(event).unwrap().contains(CARLA));
    }
    assert_eq!(restored.differences().await.unwrap(), Vec::<String>::new());
    house.verify().await;
}

#[tokio::test]
async fn r26_rebuilt_after_an_erasure_the_states_are_what_they_were() {
    let (house, _, _) = erased().await;
    assert_eq!(
        house.store.differences().await.unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(house.store.rebuild().await.unwrap(), Vec::<String>::new());
    // A start reads it all again.
    let house = house.shut().await.reopen().await.unwrap();
    assert_eq!(
        house.store.differences().await.unwrap(),
        Vec::<String>::new()
    );
    house.verify().await;
}

#[tokio::test]
async fn r26_packs_made_before_and_after_both_verify_and_the_later_says_what_is_erased() {
    let (house, request, session) = reviewed().await;
    review(&house, &session).await;
    let before = pack(&house, &request.event).await;
    let erasure = asked(&house, PRYA).await.unwrap();
    confirmed(&house, SVEN, &erasure).await.unwrap();
    let after = pack(&house, &request.event).await;
    let told = |bytes: &[u8]| verify(bytes, &VerifyOptions::default()).unwrap();
    assert_eq!(told(&before).access_event.subject.as_str(), CARLA);
    let after = told(&after);
    assert_eq!(after.access_event.subject.as_str(), "erased");
    let finding = after
        .findings
        .iter()
        .find(|it| it.code == "erased")
        .unwrap();
    assert!(
        finding.sentence.contains(PRYA) && finding.sentence.contains(SVEN),
        "{finding:?}"
    );
    assert!(told(&before).findings.iter().all(|it| it.code != "erased"));
    house.verify().await;
}

#[tokio::test]
async fn r26_whoever_takes_a_key_out_of_the_database_has_erased_nothing_and_is_found() {
    let (house, _, _) = reviewed().await;
    let database = rusqlite::Connection::open(house.database()).unwrap();
    database.execute("DELETE FROM subject_key", ()).unwrap();
    house.leave_unverified();
    let verifier = house.control.ledger_verifier();
    let found = locum_control::ledger::verify_ledger(&*house.store, verifier).await;
    let faults = found.unwrap().faults;
    let found = faults
        .iter()
        .any(|it| it.contains("no erasure after it is on the record"));
    assert!(found, "{faults:#?}");
}

#[tokio::test]
async fn r26_whoever_had_a_part_neither_asks_nor_confirms_and_no_role_else_does() {
    let (house, _, session) = reviewed().await;
    review(&house, &session).await;
    for by in [ALICE, OSCAR, MIA, SAM, SVEN, AUDREY, OLGA] {
        let outcome = asked(&house, by).await;
        house
            .assert_refused(outcome, by, "ask-erasure", Denial::NotAnApprover)
            .await;
    }
    let erasure = asked(&house, PRYA).await.unwrap();
    let outcome = confirmed(&house, PRYA, &erasure).await;
    house
        .assert_refused(
            outcome,
            PRYA,
            "confirm-erasure",
            Denial::SecondPersonRequired,
        )
        .await;
    for by in [ARNO, OSCAR, AUDREY] {
        let outcome = confirmed(&house, by, &erasure).await;
        house
            .assert_refused(outcome, by, "confirm-erasure", Denial::NotAnApprover)
            .await;
    }
    let reviewer = house.reviews_of(&session.id).await.pop().unwrap();
    let reviewer = reviewer.reviewer.unwrap().to_string();
    if reviewer == SVEN || reviewer == SAM {
        let outcome = confirmed(&house, &reviewer, &erasure).await;
        house
            .assert_refused(
                outcome,
                &reviewer,
                "confirm-erasure",
                Denial::ConflictOfInterest,
            )
            .await;
    }
    assert_eq!(
        erasures(&house.control, &house.caller(PRYA))
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(
        erasures(&house.control, &house.caller(ALICE))
            .await
            .is_err()
    );
    let denied = deny_erasure(
        &house.control,
        &house.caller(SVEN),
        &erasure.id,
        "a claim is open",
    )
    .await;
    assert_eq!(denied.unwrap().state.as_str(), "denied");
    house.verify().await;
}

#[tokio::test]
async fn r26_nothing_is_erased_while_a_session_or_a_review_is_open_or_a_hold_stands() {
    let house = House::builder().on_disk().open().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let refused = async |denial| {
        let outcome = asked(&house, PRYA).await;
        house
            .assert_refused(outcome, PRYA, "ask-erasure", denial)
            .await;
    };
    refused(Denial::Conflict).await;
    house.approved(&request).await;
    let session = house.activate(ALICE, &request.id).await.unwrap().session;
    refused(Denial::Conflict).await;
    house.end(ALICE, &session.id).await.unwrap();
    refused(Denial::Conflict).await;
    review(&house, &session).await;
    let scope = StopScope::Subject(CARLA.parse().unwrap());
    let hold = locum_control::stop::stop(&house.control, &house.caller(SAM), &scope).await;
    let hold = hold.unwrap().hold;
    refused(Denial::Held).await;
    locum_control::stop::lift(&house.control, &house.caller(SVEN), &hold.id)
        .await
        .unwrap();
    let erasure = asked(&house, PRYA).await.unwrap();
    // What begins while it waits keeps it, too.
    let again = house.filed(ALICE, &house.asked()).await;
    let outcome = confirmed(&house, SVEN, &erasure).await;
    house
        .assert_refused(outcome, SVEN, "confirm-erasure", Denial::Conflict)
        .await;
    locum_control::withdraw::withdraw(&house.control, &house.caller(ALICE), &again.id)
        .await
        .unwrap();
    confirmed(&house, SVEN, &erasure).await.unwrap();
    let folder = house.database().parent().unwrap().to_owned();
    assert_eq!(found(&folder, &[CARLA]), Vec::<&str>::new());
    house.verify().await;
}

#[tokio::test]
async fn r26_another_subjects_data_stays_and_somebody_who_comes_back_begins_anew() {
    let (house, _, _) = reviewed().await;
    let dora = house.asking("desk:8", &[("billing", &["invoice.read"])], 30);
    let dora = house.filed(ALICE, &dora).await;
    for session in house.states("session", &[]).await {
        let locum_domain::Aggregate::Session(session) = session else {
            continue;
        };
        review(&house, &session).await;
    }
    let erasure = asked(&house, PRYA).await.unwrap();
    confirmed(&house, SVEN, &erasure).await.unwrap();
    assert_eq!(
        house.request(&dora.id).await.subject.as_str(),
        "dora@acme.example"
    );
    let again = house
        .filed(
            ARNO,
            &house.asking("desk:9", &[("billing", &["invoice.read"])], 30),
        )
        .await;
    assert_eq!(house.request(&again.id).await.subject.as_str(), CARLA);
    house.verify().await;
}

#[tokio::test]
async fn r26_nobody_is_called_what_stands_where_somebody_was_erased() {
    let house = House::new().await;
    house
        .desk
        .edit("7", |case| case.subject = Some("erased".parse().unwrap()));
    let outcome = house.file(ALICE, &house.asked()).await;
    house
        .assert_refused(outcome, ALICE, "file", Denial::SubjectUnknown)
        .await;
    house.verify().await;
}
