//! A history signed by another key than the ledger's.

use crate::files::changed;
use crate::ledger::{Ledger, unzip, with_manifest};
use crate::{Row, honest, row};

pub(crate) fn rows() -> Vec<Row> {
    let (genuine, script, pack) = honest();
    let mut forged = Ledger::new(2);
    forged.interleave(&[script.play()], 1);
    let history = forged.pack(&script.streams()).build().unwrap();
    let vkey = format!("{}\n", genuine.key.verifier_key());
    let posing = with_manifest(changed(&unzip(&history), "keys/ledger.vkey", |it| {
        *it = vkey.into_bytes();
    }));
    let theirs = format!("{}\n", forged.key.verifier_key());
    let replaced = with_manifest(changed(&unzip(&pack), "keys/ledger.vkey", |it| {
        *it = theirs.into_bytes();
    }));
    vec![
        row(
            "made the whole history up under another key",
            history.clone(),
        ),
        row(
            "made it up, and named the ledger's own key in the pack",
            posing,
        ),
        row("replaced the key in a genuine pack", replaced),
        Row {
            is_key_given: false,
            ..row(
                "made the whole history up, for an auditor who gives no key",
                history,
            )
        },
    ]
}
