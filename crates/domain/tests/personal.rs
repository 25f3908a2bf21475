//! R26: of every text in every event somebody decided whether an erasure takes it away.
//!
//! `personal/samples.json` has an event of each kind that can stand in a stream of a subject, with every optional member
//! there; `personal/places.txt` says of each text in them `personal` or `stays`. A new member fails here until it is in
//! both.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::{Event, Stream};
use serde_json::Value;

const EVENTS: &str = include_str!("../src/event/kind.rs");
const SAMPLES: &str = include_str!("personal/samples.json");
const PLACES: &str = include_str!("personal/places.txt");

/// Kinds of events that are about no subject: what they say is about people of ours, and stays.
const OF_NO_SUBJECT: &[&str] = &[
    "absence-announced",
    "absence-ended",
    "applied",
    "authenticator-revoked",
    "case-changed",
    "change-applied",
    "change-denied",
    "change-proposed",
    "change-withdrawn",
    "delegation-confirmed",
    "delegation-ended",
    "enrolment-approved",
    "enrolment-asked",
    "enrolment-denied",
    "enrolment-invited",
    "exception-asked",
    "exception-confirmed",
    "exception-denied",
    "exception-ended",
    "founded",
    "founder-enrolled",
    "founding-begun",
    "founding-signed",
    "key-rotated",
    "login-began",
    "login-ended",
    "refusals-counted",
    "request-previewed",
    "restored",
    "rules-in-force",
    "strangers-refused",
    "recorder-found",
    "witness-heard",
];

/// Every kind there is, as `Event::kind` says them.
fn kinds() -> BTreeSet<&'static str> {
    let body = EVENTS.split("fn kind(&self)").nth(1).unwrap();
    let body = body.split("\n    }\n").next().unwrap();
    let quoted = body.split("=> \"").skip(1);
    quoted.map(|rest| rest.split('"').next().unwrap()).collect()
}

/// Every text of a value, by its place, members of maps that are named by data and elements written `*`.
fn texts(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::String(_) => {
            found.insert(path.to_owned());
        }
        Value::Array(items) => {
            for item in items {
                texts(item, &format!("{path}/*"), found);
            }
        }
        Value::Object(members) => {
            for (name, item) in members {
                // In the samples, what is named by data is called `any…`.
                let name = if name.starts_with("any") { "*" } else { name };
                texts(item, &format!("{path}/{name}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The stream that a sample stands in.
fn stream(kind: &str, event: &Event) -> Stream {
    event.stream().unwrap_or_else(|| {
        assert!(matches!(kind, "refused" | "evidence-read"), "{kind}");
        Stream::Request(format!("req_{}", "1".repeat(32)).parse().unwrap())
    })
}

#[test]
fn r26_every_text_of_every_event_is_personal_or_stays_by_somebodys_decision() {
    let samples: BTreeMap<String, Value> = serde_json::from_str(SAMPLES).unwrap();
    let sampled: BTreeSet<&str> = samples.keys().map(String::as_str).collect();
    let elsewhere: BTreeSet<&str> = OF_NO_SUBJECT.iter().copied().collect();
    assert!(sampled.is_disjoint(&elsewhere));
    let listed: BTreeSet<&str> = sampled.union(&elsewhere).copied().collect();
    assert_eq!(listed, kinds(), "a kind is in neither list, or gone");

    let mut said = Vec::new();
    for (kind, sample) in &samples {
        let event: Event = serde_json::from_value(sample.clone())
            .unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(event.kind(), kind);
        let again = serde_json::to_value(&event).unwrap();
        assert_eq!(again, *sample, "{kind}: the sample has every member");
        let personal = event.personal(&stream(kind, &event));
        let mut places = BTreeSet::new();
        texts(sample, "", &mut places);
        for place in &places {
            let word = if personal.contains(&place.as_str()) {
                "personal"
            } else {
                "stays"
            };
            said.push(format!("{kind} {place} {word}"));
        }
        for place in personal {
            assert!(places.contains(*place), "{kind}: no text stands at {place}");
        }
    }
    let decided: Vec<&str> = PLACES.lines().collect();
    if decided != said {
        let missing: Vec<_> = said
            .iter()
            .filter(|line| !decided.contains(&line.as_str()))
            .collect();
        let gone: Vec<_> = decided
            .iter()
            .filter(|line| !said.iter().any(|it| it == *line))
            .collect();
        panic!(
            "decide in personal/places.txt: {missing:#?}; not there any more: {gone:#?}\n{}",
            said.join("\n")
        );
    }
}

#[test]
fn r26_actor_decision_operation_time_and_tenant_are_never_personal() {
    let never = [
        "actor",
        "requester",
        "by",
        "at",
        "tenant",
        "operation",
        "type",
        "denial",
        "method",
        "act",
    ];
    for line in PLACES.lines().filter(|line| line.ends_with(" personal")) {
        let place = line.split(' ').nth(1).unwrap();
        let member = place.rsplit('/').next().unwrap();
        assert!(!never.contains(&member), "{line}");
    }
}

#[test]
fn r26_an_event_outside_a_subjects_streams_has_nothing_to_erase() {
    let refused = serde_json::from_str::<BTreeMap<String, Value>>(SAMPLES).unwrap();
    let refused: Event = serde_json::from_value(refused["refused"].clone()).unwrap();
    let own = Stream::Principal("amy".parse().unwrap());
    assert!(refused.personal(&own).is_empty());
}
