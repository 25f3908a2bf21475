//! R24: an event's entries count themselves, so that none can be left out, added or moved unseen.
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
use locum_domain::Stream;
use locum_evidence::{NotWhole, Pack, PackRow, Verified, VerifyFailure, VerifyOptions, verify};
use locum_record::{Entry, EventPlace};
use locum_tlog::{Hash, leaf_hash};

fn judged(pack: &Pack) -> Option<Result<Verified, VerifyFailure>> {
    let bytes = pack.build().ok()?;
    Some(verify(&bytes, &VerifyOptions::default()))
}

/// Two access events side by side, with strangers between.
fn ledger() -> (Ledger, Script) {
    let mut ledger = Ledger::new(1);
    let script = Script {
        applications: vec!["billing", "crm"],
        ..Script::new(1)
    };
    ledger.interleave(&[script.play(), Script::new(2).play()], 2);
    (ledger, script)
}

fn rows_of(ledger: &Ledger, script: &Script) -> Vec<PackRow> {
    let streams = script.streams();
    let rows = ledger.rows.iter();
    rows.filter(|row| streams.contains(&row.stream))
        .cloned()
        .collect()
}

#[test]
fn r24_every_entry_that_is_left_out_of_a_pack_shows_but_the_last() {
    let (ledger, script) = ledger();
    let rows = rows_of(&ledger, &script);
    let whole = judged(&ledger.pack_of(rows.clone())).unwrap().unwrap();
    assert_eq!(whole.own_entries, rows.len() as u64);
    let (mut caught, last) = (0, rows.len() - 1);
    for left_out in 0..last {
        let mut some = rows.clone();
        some.remove(left_out);
        let nth = left_out as u64 + 1;
        let position = rows[left_out + 1].position;
        match judged(&ledger.pack_of(some)) {
            // Without it there is no story at all.
            None => {}
            Some(Err(VerifyFailure::NotWhole(why))) => {
                assert_eq!(why, NotWhole::LeftOut { nth, position });
                let sentence = format!(
                    "entry {nth} of the event is missing, which stands before entry {position} of the ledger"
                );
                assert_eq!(why.to_string(), sentence);
                caught += 1;
            }
            Some(other) => panic!("without entry {nth}: {other:?}"),
        }
    }
    assert!(caught > last - 4, "{caught} of {last}");
}

#[test]
fn r24_what_is_left_out_at_the_end_is_a_finding_and_the_count_says_how_far_the_pack_goes() {
    let (ledger, script) = ledger();
    let mut rows = rows_of(&ledger, &script);
    for (kind, finding) in [
        ("review-completed", "review-open"),
        ("application-ended", "end-unconfirmed"),
    ] {
        let last = rows.pop().unwrap();
        assert!(String::from_utf8_lossy(&last.body).contains(kind));
        let told = judged(&ledger.pack_of(rows.clone())).unwrap().unwrap();
        assert_eq!(told.own_entries, rows.len() as u64);
        let codes: Vec<&str> = told.findings.iter().map(|it| it.code.as_str()).collect();
        assert!(codes.contains(&finding), "{codes:?}");
    }
}

/// A ledger whose server gives one entry another place than it has.
fn lying(
    about: usize,
    lie: impl Fn(EventPlace, &Ledger) -> Option<EventPlace>,
) -> (Ledger, Script) {
    let (told, script) = ledger();
    let mut ledger = Ledger::new(1);
    for row in &told.rows {
        let mut entry = Entry::parse(&told.entries[row.position as usize]).unwrap();
        if row.position as usize == about {
            let place = lie(entry.place().unwrap(), &ledger);
            entry = entry.placed(place);
        }
        let bytes = entry.to_bytes().unwrap();
        ledger.tiles.append(leaf_hash(&bytes));
        ledger.entries.push(bytes);
        ledger.rows.push(row.clone());
    }
    (ledger, script)
}

#[test]
fn r24_an_entry_with_another_place_than_it_has_is_caught_though_the_ledger_signed_it() {
    let (told, script) = ledger();
    let rows = rows_of(&told, &script);
    let about = rows[rows.len() - 2].position as usize;
    type Lie = fn(EventPlace, &Ledger) -> Option<EventPlace>;
    let lies: [(&str, Lie); 5] = [
        ("no event's", |_, _| None),
        ("another event's", |place, _| {
            EventPlace::later([2; 16], place.nth(), place.previous().unwrap())
        }),
        ("the one after the next", |place, _| {
            EventPlace::later(place.event(), place.nth() + 1, place.previous().unwrap())
        }),
        ("a second time the same number", |place, _| {
            EventPlace::later(place.event(), place.nth() - 1, place.previous().unwrap())
        }),
        ("behind an entry that is not", |place, _| {
            EventPlace::later(place.event(), place.nth(), Hash::from_bytes([7; 32]))
        }),
    ];
    for (lie, place) in lies {
        let (ledger, script) = lying(about, place);
        let judged = judged(&ledger.pack(&script.streams())).unwrap();
        let is_caught = matches!(judged, Err(VerifyFailure::NotWhole(_)));
        assert!(is_caught, "{lie}: {judged:?}");
    }
}

#[test]
fn r24_an_entry_of_many_events_is_not_counted_as_one_events() {
    let (told, script) = ledger();
    let case = Stream::Case("desk:1".parse().unwrap());
    let mut ledger = Ledger::new(1);
    let change = serde_json::json!({"type": "case-changed", "change": {
        "case": "desk:1", "is_open": false, "state": "closed", "source": "webhook", "at": ledger::time(95)
    }});
    let Ok(change) = serde_json::from_value(change) else {
        panic!("the case's event has another form");
    };
    let play = script.play();
    for (stream, event) in &play {
        ledger.record(stream, event);
    }
    ledger.record(&case, &change);
    let told_whole = judged(&ledger.pack(&script.streams())).unwrap().unwrap();
    assert_eq!(told_whole.own_entries, play.len() as u64);
    assert_eq!(told_whole.disclosed, play.len() + 1);
    drop(told);
}

#[test]
fn r24_the_second_verifier_misses_the_entry_that_was_left_out_too() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("whole");
    std::fs::create_dir_all(&folder).unwrap();
    let (ledger, script) = ledger();
    let rows = rows_of(&ledger, &script);
    for left_out in [1, 5, rows.len() - 3] {
        let mut some = rows.clone();
        some.remove(left_out);
        let Ok(bytes) = ledger.pack_of(some).build() else {
            continue;
        };
        let ours = verify(&bytes, &VerifyOptions::default()).unwrap_err();
        let ours = ours.to_string();
        let Some(theirs) = second_verifier::peer_says(&folder, &bytes, &[]) else {
            eprintln!("not checked against the second verifier: there is no python3 here");
            return;
        };
        let theirs = theirs.unwrap_err();
        assert!(ours.ends_with(theirs.trim()), "{ours} – {theirs}");
    }
}
