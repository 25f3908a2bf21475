//! A second verifier, written from `docs/reference/evidence.md` alone, agrees about every pack.
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

use ledger::scenario::Script;
use ledger::{Ledger, unzip, with_manifest};
use locum_evidence::{VerifyOptions, verify};
use second_verifier::peer_says;

fn peer_accepts(folder: &Path, bytes: &[u8], key: &str) -> Option<bool> {
    peer_says(folder, bytes, &["--key", key]).map(|said| said.is_ok())
}

/// Packs of every turn a story can take.
fn packs() -> Vec<(&'static str, Ledger, Vec<u8>)> {
    let both = Script {
        applications: vec!["billing", "crm"],
        approvers: vec!["oscar", "prya"],
        ..Script::new(1)
    };
    let open = Script {
        is_reviewed: false,
        is_confirmed: false,
        applications: vec!["billing", "crm"],
        ..Script::new(1)
    };
    let mut packs = Vec::new();
    for (name, script, filler) in [
        ("straight", both.clone(), 30),
        ("open", open, 0),
        (
            "without objects",
            Script {
                has_objects: false,
                ..both.clone()
            },
            3,
        ),
        (
            "busy",
            Script {
                requests: 700,
                ..Script::new(1)
            },
            0,
        ),
    ] {
        let mut ledger = Ledger::new(1);
        ledger.interleave(&[script.play(), Script::new(2).play()], filler);
        let bytes = ledger.pack(&script.streams()).build().unwrap();
        packs.push((name, ledger, bytes));
    }
    for (name, (play, stream)) in [("extended", both.extended()), ("eventful", both.eventful())] {
        let mut ledger = Ledger::new(1);
        ledger.interleave(&[play], 7);
        let bytes = ledger
            .pack(&[both.streams(), vec![stream]].concat())
            .build()
            .unwrap();
        packs.push((name, ledger, bytes));
    }
    let requests = [
        ("narrowed", both.narrowed()),
        ("denied", both.fruitless("denied")),
        ("lapsed", both.fruitless("lapsed")),
        ("tightened", both.fruitless("tightened")),
    ];
    for (name, events) in requests {
        let mut ledger = Ledger::new(1);
        ledger.fill(300);
        for event in events {
            ledger.record(&both.streams()[0], &event);
        }
        let bytes = ledger.pack(&both.streams()).build().unwrap();
        packs.push((name, ledger, bytes));
    }
    packs
}

#[test]
fn r24_a_second_verifier_accepts_what_ours_accepts_and_refuses_what_it_refuses() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peer");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, ledger, bytes) in packs() {
        let key = ledger.key.verifier_key().to_string();
        verify(&bytes, &VerifyOptions::default()).unwrap();
        let Some(accepted) = peer_accepts(&folder, &bytes, &key) else {
            eprintln!("not checked against the second verifier: there is no python3 here");
            return;
        };
        assert!(accepted, "{name}");
        let other = Ledger::new(2).key.verifier_key().to_string();
        assert_eq!(
            peer_accepts(&folder, &bytes, &other),
            Some(false),
            "{name}, another key"
        );
        if name != "straight" {
            continue;
        }
        for index in 1..unzip(&bytes).len() {
            let mut files = unzip(&bytes);
            let place = files[index].1.len() / 2;
            files[index].1[place] ^= 1;
            let altered = with_manifest(files);
            assert_eq!(
                peer_accepts(&folder, &altered, &key),
                Some(false),
                "file {index} altered"
            );
        }
        let broken = Script {
            approvers: vec!["ann"],
            ..Script::new(1)
        };
        let mut ledger = Ledger::new(1);
        ledger.interleave(&[broken.play()], 0);
        let bytes = ledger.pack(&broken.streams()).build().unwrap();
        assert_eq!(
            peer_accepts(&folder, &bytes, &key),
            Some(false),
            "approved by whoever asked"
        );
    }
}
