//! Checkpoints and single-entry proofs: what a verifier accepts, and every change it must see.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use locum_tlog::{
    Checkpoint, CheckpointError, LedgerKey, MemoryTiles, SignatureLine, TlogProof, TlogProofError,
    VerifierKey, inclusion_proof, leaf_hash, verify_checkpoint,
};

const ORIGIN: &str = "ledger.example/locum";

fn key() -> LedgerKey {
    LedgerKey::from_seed(ORIGIN, &[7; 32]).unwrap()
}

fn signed() -> String {
    key().sign_checkpoint(109_482, leaf_hash(b"root"))
}

#[test]
fn a_checkpoint_is_origin_size_root_and_one_signature_line() {
    let note = signed();
    let lines: Vec<&str> = note.split('\n').collect();
    assert_eq!(lines.len(), 6, "{note}");
    assert_eq!(lines[0], ORIGIN);
    assert_eq!(lines[1], "109482");
    assert_eq!(lines[2], leaf_hash(b"root").to_base64());
    assert_eq!(lines[3], "");
    assert!(lines[4].starts_with("\u{2014} ledger.example/locum "));
    assert_eq!(lines[5], "");
}

#[test]
fn a_verifier_key_alone_checks_a_checkpoint() {
    let text = key().verifier_key().to_string();
    let verifier = VerifierKey::parse(&text).unwrap();
    let checkpoint = verify_checkpoint(signed(), &verifier).unwrap();
    assert_eq!(checkpoint.origin(), ORIGIN);
    assert_eq!(checkpoint.size(), 109_482);
    assert_eq!(checkpoint.root(), leaf_hash(b"root"));
    assert_eq!(checkpoint.unknown_signatures(), []);
}

#[test]
fn no_bit_of_a_checkpoint_can_change_unseen() {
    let note = signed().into_bytes();
    let verifier = key().verifier_key().clone();
    for place in 0..note.len() {
        for flip in 0..8 {
            let mut other = note.clone();
            other[place] ^= 1 << flip;
            let verified = verify_checkpoint(&other, &verifier);
            assert!(verified.is_err(), "bit {flip} of byte {place}");
        }
    }
    for end in 0..note.len() {
        assert!(verify_checkpoint(&note[..end], &verifier).is_err());
    }
    let longer = [note.as_slice(), b"\n"].concat();
    assert!(verify_checkpoint(longer, &verifier).is_err());
}

#[test]
fn signatures_by_others_are_ignored_and_named() {
    let witness = LedgerKey::from_seed("witness.example", &[8; 32]).unwrap();
    let by_witness = witness.sign_checkpoint(1, leaf_hash(b"else"));
    let line = by_witness.lines().last().unwrap();
    let note = format!("{}{line}\n", signed());
    let named = SignatureLine {
        name: "witness.example".to_owned(),
        key_id: witness.verifier_key().id(),
    };
    let checkpoint = verify_checkpoint(&note, key().verifier_key()).unwrap();
    assert_eq!(
        checkpoint.unknown_signatures(),
        std::slice::from_ref(&named)
    );
    let claim = Checkpoint::parse_unverified(&note).unwrap();
    assert_eq!(claim.signatures.len(), 2);
    assert_eq!(claim.signatures[1], named);
    assert_eq!(
        (claim.origin.as_str(), claim.size, claim.root),
        (ORIGIN, 109_482, leaf_hash(b"root"))
    );
}

#[test]
fn a_checkpoint_by_another_key_says_so() {
    let same_name = LedgerKey::from_seed(ORIGIN, &[8; 32]).unwrap();
    let vkey = key().verifier_key().to_string();
    assert_eq!(
        verify_checkpoint(
            same_name.sign_checkpoint(1, leaf_hash(b"root")),
            key().verifier_key()
        ),
        Err(CheckpointError::Unsigned(vkey.clone()))
    );
    let other_name = LedgerKey::from_seed("other.example", &[7; 32]).unwrap();
    assert_eq!(
        verify_checkpoint(
            other_name.sign_checkpoint(1, leaf_hash(b"root")),
            key().verifier_key()
        ),
        Err(CheckpointError::Origin {
            origin: "other.example".to_owned(),
            expected: ORIGIN.to_owned(),
        })
    );
    let line = signed().lines().last().unwrap().to_owned();
    assert_eq!(
        verify_checkpoint(format!("{}{line}\n", signed()), key().verifier_key()),
        Err(CheckpointError::Signature(vkey)),
        "two lines by one key"
    );
}

#[test]
fn what_is_no_checkpoint_is_refused_before_any_signature() {
    let sign = |text: &str| {
        // Only the form is looked at, so a line from elsewhere will do.
        format!("{text}\n{}\n", signed().lines().last().unwrap())
    };
    let root = leaf_hash(b"root").to_base64();
    assert!(Checkpoint::parse_unverified(sign(&format!("o\n5\n{root}\nextension\n"))).is_ok());
    for text in [
        format!("o\n05\n{root}\n"),
        format!("o\n+5\n{root}\n"),
        format!("\n5\n{root}\n"),
        format!("o\n5\n{}\n", &root[..42]),
        "o\n5\n".to_owned(),
        format!("o\n18446744073709551616\n{root}\n"),
    ] {
        assert!(Checkpoint::parse_unverified(sign(&text)).is_err(), "{text}");
    }
    assert_eq!(
        Checkpoint::parse_unverified(b"\xff"),
        Err(CheckpointError::Note)
    );
}

fn proof(extra: Option<&[u8]>) -> TlogProof {
    let leaves = (0_u8..100).map(|index| leaf_hash(&[index]));
    let tiles = MemoryTiles::from_leaves(leaves);
    TlogProof {
        extra: extra.map(<[u8]>::to_vec),
        index: 42,
        hashes: inclusion_proof(&tiles, 100, 42).unwrap(),
        checkpoint: key().sign_checkpoint(100, tiles.tree().root()),
    }
}

#[test]
fn a_tlog_proof_has_the_form_of_its_specification() {
    let text = proof(Some(b"context")).encode();
    let lines: Vec<&str> = text.split('\n').collect();
    assert_eq!(
        lines[..3],
        ["c2sp.org/tlog-proof@v1", "extra Y29udGV4dA==", "index 42"]
    );
    assert_eq!(lines[3], leaf_hash(&[43]).to_base64(), "the leaf's sibling");
    assert_eq!(lines[10..12], ["", ORIGIN]);
    assert_eq!(TlogProof::parse(&text).unwrap(), proof(Some(b"context")));
    let plain = proof(None).encode();
    assert_eq!(plain.split('\n').nth(1), Some("index 42"));
    assert_eq!(TlogProof::parse(&plain).unwrap(), proof(None));
}

#[test]
fn a_tlog_proof_needs_nothing_but_the_leaf_and_the_verifier_key() {
    let checkpoint = proof(None)
        .verify(leaf_hash(&[42]), key().verifier_key())
        .unwrap();
    assert_eq!(checkpoint.size(), 100);
    assert!(matches!(
        proof(None).verify(leaf_hash(&[43]), key().verifier_key()),
        Err(TlogProofError::Inclusion(_))
    ));
    let other = LedgerKey::from_seed(ORIGIN, &[8; 32]).unwrap();
    assert!(matches!(
        proof(None).verify(leaf_hash(&[42]), other.verifier_key()),
        Err(TlogProofError::Checkpoint(_))
    ));
}

#[test]
fn no_bit_of_a_tlog_proof_can_change_unseen() {
    let text = proof(None).encode().into_bytes();
    for place in 0..text.len() {
        for flip in 0..7 {
            let mut other = text.clone();
            other[place] ^= 1 << flip;
            let Ok(other) = String::from_utf8(other) else {
                continue;
            };
            let verified = TlogProof::parse(&other)
                .and_then(|proof| proof.verify(leaf_hash(&[42]), key().verifier_key()));
            assert!(verified.is_err(), "bit {flip} of byte {place}");
        }
    }
}

#[test]
fn a_tree_of_one_leaf_is_proved_without_hashes() {
    let proof = TlogProof {
        extra: None,
        index: 0,
        hashes: Vec::new(),
        checkpoint: key().sign_checkpoint(1, leaf_hash(b"only")),
    };
    let read = TlogProof::parse(&proof.encode()).unwrap();
    assert_eq!(read, proof);
    read.verify(leaf_hash(b"only"), key().verifier_key())
        .unwrap();
}

#[test]
fn a_second_spelling_of_a_tlog_proof_is_refused() {
    let text = proof(Some(b"context")).encode();
    let cases = [
        text.replace("index 42", "index 042"),
        text.replace("index 42", "index +42"),
        text.replace("index 42\n", "index 42\n\n"),
        text.replace("index", "Index"),
        text.replace("proof@v1", "proof@v2"),
        text.replace("extra Y29udGV4dA==", "extra Y29udGV4dA"),
        text.replace("extra Y29udGV4dA==\n", "extra Y29udGV4dA==\nextra YQ==\n"),
        text.replace('\n', "\r\n"),
        format!("\n{text}"),
    ];
    for case in cases {
        assert!(TlogProof::parse(&case).is_err(), "{case}");
    }
}
