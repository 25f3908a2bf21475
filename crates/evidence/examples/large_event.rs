//! What `cargo xtask bench verify` measures with: packs of one access event with many access records, and what the
//! hashes alone cost.
//!
//! `large_event write RECORDS FILE` writes a pack. `large_event hash RECORDS` hashes every leaf, every commitment and
//! one inner node for each of them on one core, and prints the nanoseconds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a driver: what goes wrong ends it"
)]

#[path = "../tests/device/mod.rs"]
mod device;
#[path = "../tests/ledger/mod.rs"]
mod ledger;

use std::hint::black_box;
use std::time::Instant;

use ledger::Ledger;
use ledger::scenario::Script;
use locum_record::Personal;
use sha2::{Digest as _, Sha256};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write", records, file] => {
            let (ledger, script) = event(records.parse().unwrap());
            let pack = ledger.pack(&script.streams()).build().unwrap();
            std::fs::write(file, &pack).unwrap();
            println!("{{\"bytes\":{}}}", pack.len());
        }
        ["hash", records] => {
            let (ledger, _) = event(records.parse().unwrap());
            println!("{{\"nanoseconds\":{}}}", hashed(&ledger));
        }
        _ => panic!("large_event write RECORDS FILE | large_event hash RECORDS"),
    }
}

/// An event of two applications whose requests leave this many access records.
fn event(records: u32) -> (Ledger, Script) {
    let mut script = Script::new(1);
    // Each request leaves two, in each application.
    let applications = u32::try_from(script.applications.len()).unwrap();
    script.requests = records / 2 / applications;
    let mut ledger = Ledger::new(1);
    for (stream, event) in script.play() {
        ledger.record(&stream, &event);
    }
    (ledger, script)
}

/// Nanoseconds for the hashes alone: what is hashed is made before.
fn hashed(ledger: &Ledger) -> u128 {
    let mut texts = Vec::new();
    for (row, entry) in ledger.rows.iter().zip(&ledger.entries) {
        // The leaf, an inner node, the commitment, and the digest of the personal half.
        texts.push([&[0], entry.as_slice()].concat());
        texts.push(vec![1; 65]);
        texts.push([[0; 17].as_slice(), &row.salt, &[0; 32], &row.body].concat());
        if let Some(Personal::Known(known)) = &row.personal {
            texts.push([[0; 18].as_slice(), &known.to_bytes().unwrap()].concat());
        }
    }
    let began = Instant::now();
    for text in &texts {
        black_box(Sha256::digest(black_box(text)));
    }
    began.elapsed().as_nanos()
}
