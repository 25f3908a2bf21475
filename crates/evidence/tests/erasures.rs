//! R26: a pack of what was erased verifies, says so, and hides nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;
mod ledger;
mod second_verifier;

use std::path::Path;

use ledger::Ledger;
use ledger::scenario::Script;
use ledger::world::{World, demanding};
use locum_domain::{Event, Stream};
use locum_evidence::{Founders, Verified, VerifyFailure, VerifyOptions, verify};
use locum_record::{Payload, Personal, canonical};
use second_verifier::peer_says;

fn told(bytes: &[u8]) -> Result<Verified, VerifyFailure> {
    verify(bytes, &VerifyOptions::default())
}

/// What the second verifier says; `None` without python3.
fn peer(name: &str, bytes: &[u8]) -> Option<bool> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    peer_says(&folder, bytes, &[]).map(|said| said.is_ok())
}

fn script() -> Script {
    Script {
        applications: vec!["billing", "crm"],
        approvers: vec!["oscar", "prya"],
        requests: 20,
        ..Script::new(1)
    }
}

#[test]
fn r26_a_pack_made_after_an_erasure_verifies_and_says_what_is_erased_and_by_whose_word() {
    let mut ledger = Ledger::new(1);
    let (play, stream) = script().eventful();
    ledger.interleave(&[play], 3);
    let streams = [script().streams(), vec![stream]].concat();
    let before = told(&ledger.pack(&streams).build().unwrap()).unwrap();
    ledger.erase(&streams[0]);
    let bytes = ledger.pack(&streams).build().unwrap();
    let after = told(&bytes).unwrap();
    let finding = after
        .findings
        .iter()
        .find(|it| it.code == "erased")
        .unwrap();
    assert!(
        finding.sentence.contains("paul asked and carl confirmed"),
        "{finding:?}"
    );
    let (was, is) = (&before.access_event, &after.access_event);
    assert_eq!(is.subject.as_str(), "erased");
    assert_ne!(was.subject.as_str(), "erased");
    assert_eq!(is.actor, was.actor);
    assert_eq!(is.scope, was.scope);
    assert_eq!(is.requests, was.requests);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(!text.contains(was.subject.as_str()), "it is still told");
    assert!(!text.contains(was.reason.as_str()), "it is still told");
    assert_ne!(peer("erased", &bytes), Some(false));
}

#[test]
fn r26_what_was_signed_and_is_erased_is_not_called_verified() {
    let mut world = World::new(demanding());
    let play = world.signed();
    let signed = world.pack(&[&world.founding.clone(), &world.oscar.clone(), &play]);
    assert!(!told(&signed).unwrap().signatures.is_empty());
    let erased = world.erased(&[&world.founding.clone(), &world.oscar.clone(), &play]);
    let erased = told(&erased).unwrap();
    assert!(erased.signatures.is_empty());
    assert!(erased.findings.iter().any(|it| it.code == "erased"));
    let founders = Founders::parse(&world.people.fingerprints(&["prya", "sam"])).unwrap();
    let again = world.erased(&[&world.founding.clone(), &world.oscar.clone(), &play]);
    let options = VerifyOptions {
        founders: Some(founders),
        ..VerifyOptions::default()
    };
    verify(&again, &options).unwrap();
    assert_ne!(peer("erased-signed", &again), Some(false));
}

#[test]
fn r26_values_that_whoever_made_the_pack_withholds_do_not_pass_for_erased() {
    let mut ledger = Ledger::new(1);
    ledger.interleave(&[script().play()], 3);
    ledger.withhold();
    let bytes = ledger.pack(&script().streams()).build().unwrap();
    let failure = told(&bytes).unwrap_err().to_string();
    assert!(
        failure.contains("no erasure after them is on the record"),
        "{failure}"
    );
    assert_ne!(peer("withheld", &bytes), Some(true));

    // One that was erased long before what is missing excuses nothing.
    let mut ledger = Ledger::new(1);
    ledger.interleave(&[script().play()], 0);
    ledger.erase(&script().streams()[0]);
    let refused = Event::QuestionAsked {
        request: match &script().streams()[0] {
            Stream::Request(id) => id.clone(),
            other => panic!("{other}"),
        },
        question: locum_domain::request::Question {
            by: ledger::scenario::person("oscar"),
            at: ledger.now(),
            text: "what is it about".to_owned(),
            answer: None,
        },
    };
    ledger.record(&script().streams()[0], &refused);
    ledger.withhold();
    let bytes = ledger.pack(&script().streams()).build().unwrap();
    assert!(told(&bytes).is_err());
    assert_ne!(peer("withheld-later", &bytes), Some(true));
}

/// Records an event as somebody who holds the ledger's key might: with other places kept apart than are personal.
fn kept_apart_otherwise(ledger: &mut Ledger, places: &[&str]) {
    let events = script().play();
    for (stream, event) in &events {
        ledger.record(stream, event);
    }
    let mut forged = Ledger::new(1);
    for (row, (stream, event)) in ledger.rows.clone().iter().zip(&events) {
        let places = match event {
            Event::RequestFiled { .. } => places,
            _ => event.personal(stream),
        };
        let payload = Payload::of(event, places, row.salt, || [3; 32]).unwrap();
        forged.record_payload(stream, event, payload);
    }
    *ledger = forged;
}

#[test]
fn r26_nobody_keeps_an_actor_apart_to_have_it_erased() {
    for places in [&["/request/actor"][..], &["/request/subject"], &[]] {
        let mut ledger = Ledger::new(1);
        kept_apart_otherwise(&mut ledger, places);
        let pack = ledger.pack(&script().streams());
        assert!(pack.build().is_err(), "{places:?}");
    }
}

#[test]
fn r26_other_values_open_no_entry_and_a_half_goes_into_no_other_place() {
    let mut ledger = Ledger::new(1);
    ledger.interleave(&[script().play()], 0);
    let pack = ledger.pack(&script().streams());
    for index in 0..pack.rows.len() {
        let Some(Personal::Known(known)) = &pack.rows[index].personal else {
            continue;
        };
        for place in known.values.keys() {
            let mut bent = pack.clone();
            let mut values = known.clone();
            values.values.insert(place.clone(), "eve".to_owned());
            bent.rows[index].personal = Some(Personal::Known(values));
            assert!(bent.build().is_err(), "{place}");
        }
        let mut bare = pack.clone();
        bare.rows[index].personal = None;
        assert!(bare.build().is_err());
        let mut whole = pack.clone();
        let payload = Payload {
            salt: bare.rows[index].salt,
            body: bare.rows[index].body.clone(),
            personal: Some(Personal::Known(known.clone())),
        };
        whole.rows[index].body = payload.event().unwrap();
        whole.rows[index].personal = None;
        assert!(whole.build().is_err());
        assert_eq!(
            canonical(&serde_json::from_slice::<serde_json::Value>(&payload.body).unwrap())
                .unwrap(),
            payload.body
        );
    }
}
