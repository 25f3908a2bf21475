//! R24, R25: a pack says who beside the ledger's operator saw the history it is taken from.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;
mod ledger;
mod second_verifier;

use ledger::Ledger;
use ledger::scenario::Script;
use ledger::witnesses::{cosigned, trust};
use locum_evidence::{Verified, VerifyFailure, VerifyOptions, verify};
use locum_tlog::{LedgerKey, TrustPolicy};
use second_verifier::peer_says;

/// One session across two applications, under a checkpoint that these witnesses cosigned.
fn pack(hosts: &[&str]) -> (Ledger, Vec<u8>) {
    let mut ledger = Ledger::new(1);
    let script = Script {
        requests: 1,
        applications: vec!["billing", "crm"],
        approvers: vec!["oscar", "prya"],
        ..Script::new(1)
    };
    ledger.interleave(&[script.play()], 0);
    let mut pack = ledger.pack(&script.streams());
    pack.checkpoint = cosigned(&pack.checkpoint, hosts);
    (ledger, pack.build().unwrap())
}

fn trusting(bytes: &[u8], trust: TrustPolicy) -> Result<Verified, VerifyFailure> {
    let options = VerifyOptions {
        trust: Some(trust),
        ..VerifyOptions::default()
    };
    verify(bytes, &options)
}

const EITHER: &str = "group outside any w.acme.example w.beta-witness.example\nquorum outside";

#[test]
fn r24_outside_witnesses_are_counted_by_organisation() {
    let (ledger, bytes) = pack(&[
        "w.acme.example",
        "w2.acme.example",
        "w.beta-witness.example",
    ]);
    let verified = trusting(&bytes, trust(&ledger.key, EITHER)).unwrap();
    assert!(verified.is_key_trusted);
    assert_eq!(verified.witnesses.outside, 2);
    assert_eq!(verified.witnesses.cosigned.len(), 3);
    let vkey = ledger.key.verifier_key();
    let expected = format!(
        "verified: whole, unaltered and signed by {vkey}, the key you gave; seen by 2 outside witnesses"
    );
    assert!(
        verified.sentence.starts_with(&expected),
        "{}",
        verified.sentence
    );
    let at = verified.witnesses.cosigned[0].at;
    assert_eq!(at.to_string(), "2026-08-03T08:00:00Z");
}

#[test]
fn r25_a_crossing_that_outside_witnesses_saw_has_one_finding_less() {
    let unwitnessed = |verified: &Verified| {
        let codes = verified.findings.iter().map(|it| it.code.as_str());
        codes
            .filter(|code| *code == "checkpoint-unwitnessed")
            .count()
    };
    let (ledger, bytes) = pack(&["w.acme.example"]);
    let verified = trusting(&bytes, trust(&ledger.key, EITHER)).unwrap();
    assert_eq!(unwitnessed(&verified), 0);
    // The same lines, and nobody who says whose they are.
    let verified = verify(&bytes, &VerifyOptions::default()).unwrap();
    assert_eq!(unwitnessed(&verified), 1);
    let said =
        "; vouched for by the operator alone: 1 cosignature was not checked against a trust policy";
    assert!(verified.sentence.contains(said), "{}", verified.sentence);
}

#[test]
fn r24_too_few_witnesses_are_no_evidence_for_whoever_asks_for_more() {
    let (ledger, bytes) = pack(&["w2.acme.example"]);
    let failure = trusting(&bytes, trust(&ledger.key, EITHER)).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "the trust policy does not accept the checkpoint: the quorum `outside` is not met: only \
         w2.acme.example cosigned"
    );
    let verified = trusting(&bytes, trust(&ledger.key, "quorum none")).unwrap();
    assert_eq!(verified.witnesses.outside, 1);
}

#[test]
fn r24_the_operators_own_witness_does_not_count() {
    let (ledger, bytes) = pack(&[]);
    let verified = trusting(&bytes, trust(&ledger.key, "quorum none")).unwrap();
    assert!(
        verified
            .sentence
            .contains("; vouched for by the operator alone"),
        "{}",
        verified.sentence
    );
}

#[test]
fn r24_a_ledger_that_the_policy_does_not_list_is_refused() {
    let (_, bytes) = pack(&["w.acme.example"]);
    let other = LedgerKey::from_seed("other.example", &[9; 32]).unwrap();
    let failure = trusting(&bytes, trust(&other, "quorum none")).unwrap_err();
    assert!(matches!(failure, VerifyFailure::Untrusted(_)), "{failure}");
}

#[test]
fn r24_the_second_verifier_says_that_it_knows_no_witnesses() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("witnessed");
    std::fs::create_dir_all(&folder).unwrap();
    for hosts in [
        &[][..],
        &["w.acme.example"],
        &["w.acme.example", "w2.acme.example"],
    ] {
        let (_, bytes) = pack(hosts);
        let Some(theirs) = peer_says(&folder, &bytes, &[]) else {
            eprintln!("not checked against the second verifier: there is no python3 here");
            return;
        };
        let ours = verify(&bytes, &VerifyOptions::default()).unwrap();
        assert_eq!(theirs, Ok(ours.sentence));
    }
}
