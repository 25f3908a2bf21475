//! Cosignatures, for an auditor whose trust policy asks for a witness called beta.

use locum_tlog::{Checkpoint, LedgerKey, WitnessKey};

use crate::{Row, honest, row};

const TIME: u64 = 1_795_560_000;

fn witness(host: &str, seed: u8) -> WitnessKey {
    WitnessKey::from_seed(host, &[seed; 32]).unwrap()
}

fn policy(log: &LedgerKey) -> String {
    let beta = witness("w.beta.example", 11);
    format!(
        "log {}\nwitness beta {}\nquorum beta\n",
        log.verifier_key(),
        beta.cosigner_key()
    )
}

/// A pack whose checkpoint carries these lines too.
fn cosigned(did: &str, lines: impl Fn(&str) -> String) -> Row {
    let (ledger, script, _) = honest();
    let mut pack = ledger.pack(&script.streams());
    let lines = lines(&pack.checkpoint);
    pack.checkpoint = Checkpoint::with_signatures(&pack.checkpoint, &lines).unwrap();
    Row {
        trust: Some(policy(&ledger.key)),
        ..row(did, pack.build().unwrap())
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let (ledger, _, pack) = honest();
    let by = |host: &'static str, seed: u8| {
        move |note: &str| witness(host, seed).cosign(note, TIME).unwrap()
    };
    let of_another_tree = |_: &str| {
        let tree = ledger.tiles.tree();
        let older = ledger.key.sign_checkpoint(tree.size() - 1, tree.root());
        witness("w.beta.example", 11).cosign(&older, TIME).unwrap()
    };
    let other = LedgerKey::from_seed("ledger.other.example", &[9; 32]).unwrap();
    vec![
        Row {
            trust: Some(policy(&ledger.key)),
            ..row("showed the history to no witness", pack.clone())
        },
        cosigned(
            "had a witness of their own cosign it",
            by("w.stranger.example", 12),
        ),
        cosigned(
            "had another key cosign in the witness's name",
            by("w.beta.example", 12),
        ),
        cosigned(
            "took the witness's cosignature from another checkpoint",
            of_another_tree,
        ),
        Row {
            trust: Some(policy(&other)),
            is_key_given: false,
            ..row(
                "handed over a pack of another ledger than the auditor trusts",
                pack,
            )
        },
    ]
}
