//! All witnesses asked about the newest checkpoint, beside each other.

use std::sync::Arc;

use locum_domain::{Event, Happened, Stream, WitnessStanding};
use locum_tlog::{Checkpoint, CheckpointError, verify_checkpoint};
use tokio::task::JoinSet;

use super::ask::{Heard, Shown, ask};
use super::standing::Standing;
use crate::control::Control;
use crate::ledger::{ProofFailure, SequencerError};
use crate::ports::{Proposal, StoreError, Witnesses};

/// Why witnesses could not be asked, or what they said not be kept.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Proof(#[from] ProofFailure),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Sequencer(#[from] SequencerError),
    #[error("a witness was asked and the answer was lost: {0}")]
    Lost(#[from] tokio::task::JoinError),
}

/// Shows the newest checkpoint to every witness, and keeps and publishes it with what they signed.
pub(super) async fn round(
    control: &Control,
    witnesses: &Arc<dyn Witnesses>,
) -> Result<(), RoundError> {
    let Some(note) = control.store().checkpoint().await? else {
        return Ok(());
    };
    let entries = verify_checkpoint(&note, control.ledger_verifier())?.size();
    let shown = Shown { note, entries };
    let heard = ask_all(control, witnesses, &shown).await?;
    let lines: String = heard
        .iter()
        .filter_map(|(_, it)| it.line.as_deref())
        .collect();
    let cosigned = Checkpoint::with_signatures(&shown.note, &lines)?;
    let policy = &control.settings().witnesses.policy;
    let verdict = policy.verify(&cosigned, Some(control.ledger_verifier()));
    if verdict.is_ok() {
        control.store().keep_witnessed(entries, &cosigned).await?;
        control.witnessing.is_final(entries, control.time_to_end());
    }
    control.witnessing.publish(cosigned);
    hear(control, heard, entries).await
}

async fn ask_all(
    control: &Control,
    witnesses: &Arc<dyn Witnesses>,
    shown: &Shown,
) -> Result<Vec<(Standing, Heard)>, RoundError> {
    let mut asked = JoinSet::new();
    for standing in control.witnessing.standings() {
        let (witnesses, store) = (Arc::clone(witnesses), Arc::clone(&control.ports.store));
        let shown = shown.clone();
        asked.spawn(async move {
            let heard = ask(&*witnesses, &*store, &standing, &shown).await;
            heard.map(|heard| (standing, heard))
        });
    }
    let mut all = Vec::new();
    while let Some(heard) = asked.join_next().await {
        all.push(heard??);
    }
    Ok(all)
}

/// Records what is news, and then believes it: what could not be recorded is news again.
async fn hear(
    control: &Control,
    heard: Vec<(Standing, Heard)>,
    entries: u64,
) -> Result<(), RoundError> {
    let at = control.time_to_end();
    let news = heard
        .iter()
        .filter(|(standing, heard)| standing.is_news(&heard.says));
    let events: Vec<Happened> = news
        .inspect(|(standing, heard)| tell(standing, &heard.says))
        .map(|(standing, heard)| Happened {
            stream: Stream::Witnesses,
            at,
            event: Event::WitnessHeard {
                witness: standing.key.name().to_owned(),
                standing: heard.says.clone(),
                at,
            },
        })
        .collect();
    if !events.is_empty() {
        let proposal = Proposal {
            events,
            ..Proposal::default()
        };
        control.sequencer.commit(proposal).await?;
    }
    for (standing, heard) in heard {
        control
            .witnessing
            .hear(&standing.key, heard.says, entries, at);
    }
    Ok(())
}

pub(super) fn tell(standing: &Standing, says: &WitnessStanding) {
    let witness = standing.key.name();
    match says {
        WitnessStanding::Cosigns => tracing::info!(witness, "the witness cosigns"),
        WitnessStanding::Silent { why } => {
            tracing::warn!(witness, why, "the witness does not cosign");
        }
        WitnessStanding::Ahead { cosigned, entries } => tracing::error!(
            witness,
            cosigned,
            entries,
            "this ledger was wound back: the witness cosigned more entries than there are"
        ),
        WitnessStanding::Disagrees { cosigned, entries } => tracing::error!(
            witness,
            cosigned,
            entries,
            "split view: the witness cosigned another history of this ledger"
        ),
    }
}
