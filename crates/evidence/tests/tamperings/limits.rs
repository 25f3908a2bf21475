//! What whoever holds the ledger's key can do to a pack that no pack shows, so that nobody believes it does.

use locum_tlog::{Checkpoint, WitnessKey};

use crate::decisions::ended_early;
use crate::ledger::Ledger;
use crate::{Row, honest, row};

pub(crate) fn rows() -> Vec<Row> {
    let (_, script, _) = honest();
    let mut rewound = Ledger::new(1);
    rewound.interleave(&[ended_early(&script)], 0);
    let rewound = rewound.pack(&script.streams()).build().unwrap();
    let mut split = Ledger::new(1);
    split.fill(2);
    split.interleave(&[script.play()], 0);
    let other = split.pack(&script.streams()).build().unwrap();
    let mut pack = split.pack(&script.streams());
    let own = WitnessKey::from_seed("w.ledger.example", &[3; 32]).unwrap();
    let line = own.cosign(&pack.checkpoint, 1_795_560_000).unwrap();
    pack.checkpoint = Checkpoint::with_signatures(&pack.checkpoint, &line).unwrap();
    let trust = format!(
        "log {}\nwitness own {}\nquorum own\n",
        split.key.verifier_key(),
        own.cosigner_key()
    );
    vec![
        row(
            "wound the ledger back before the review, and signed again",
            rewound,
        ),
        row(
            "showed this auditor another history than everybody else",
            other,
        ),
        Row {
            trust: Some(trust),
            ..row(
                "counted a witness of their own as somebody else's",
                pack.build().unwrap(),
            )
        },
    ]
}
