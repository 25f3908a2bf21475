//! One witness, asked about one checkpoint.

use locum_domain::WitnessStanding;
use locum_tlog::{Checkpoint, encode_consistency};

use super::standing::Standing;
use crate::ledger::{LedgerTiles, ProofFailure};
use crate::ports::{Store, WitnessAnswer, Witnesses};

/// A checkpoint of this ledger.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) note: String,
    pub(super) entries: u64,
}

/// What came of it: the witness's signature line if it cosigned, and how it stands.
pub(super) struct Heard {
    pub(super) line: Option<String>,
    pub(super) says: WitnessStanding,
}

impl Heard {
    fn only(says: WitnessStanding) -> Self {
        Self { line: None, says }
    }

    fn silent(why: impl Into<String>) -> Self {
        Self::only(WitnessStanding::Silent { why: why.into() })
    }
}

/// Shows the checkpoint with the proof from where the witness stopped. A witness of which nothing is known, or to
/// which another process showed more, says where that was.
pub(super) async fn ask(
    witnesses: &dyn Witnesses,
    store: &dyn Store,
    standing: &Standing,
    shown: &Shown,
) -> Result<Heard, ProofFailure> {
    let mut old = standing.cosigned.unwrap_or(0);
    let entries = shown.entries;
    for _ in 0..2 {
        let cosigned = old;
        if cosigned > entries {
            return Ok(Heard::only(WitnessStanding::Ahead { cosigned, entries }));
        }
        let submission = submission(store, shown, old).await?;
        match witnesses.add_checkpoint(&standing.url, submission).await {
            Ok(WitnessAnswer::Lines(lines)) => return Ok(verified(standing, shown, &lines)),
            Ok(WitnessAnswer::OtherSize(size)) => old = size,
            Ok(WitnessAnswer::NotContinued) => {
                return Ok(Heard::only(WitnessStanding::Disagrees {
                    cosigned,
                    entries,
                }));
            }
            Err(silent) => return Ok(Heard::silent(silent.0)),
        }
    }
    if old > entries {
        let cosigned = old;
        return Ok(Heard::only(WitnessStanding::Ahead { cosigned, entries }));
    }
    Ok(Heard::silent("it names another size each time it is asked"))
}

async fn submission(store: &dyn Store, shown: &Shown, old: u64) -> Result<String, ProofFailure> {
    let proof = match old {
        0 => Vec::new(),
        old => {
            LedgerTiles::at(store, shown.entries)
                .consistency(old)
                .await?
        }
    };
    let proof = encode_consistency(&proof);
    Ok(format!("old {old}\n{proof}\n{}", shown.note))
}

/// Only the witness's own line is taken, and only if it verifies.
fn verified(standing: &Standing, shown: &Shown, lines: &str) -> Heard {
    let Ok(note) = Checkpoint::with_signatures(&shown.note, lines) else {
        return Heard::silent("its answer holds no signature lines");
    };
    match standing.key.line(&note) {
        Ok(Some(line)) => Heard {
            line: Some(line),
            says: WitnessStanding::Cosigns,
        },
        Ok(None) => Heard::silent("its answer is not signed by its key"),
        Err(_) => Heard::silent("its signature does not verify"),
    }
}
