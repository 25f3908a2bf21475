//! See the ledger: how long it is, what was signed of it, and how each of its witnesses stands. None of it is about anybody,
//! and looking is no event.

use locum_domain::{Refusal, Timestamp};
use locum_tlog::{CheckpointError, Hash, VerifierKey, verify_checkpoint};

use crate::control::{Control, unavailable};
use crate::witnessing::Standing;

/// The ledger as everybody who is signed in may see it.
#[derive(Debug, Clone)]
pub struct LedgerSeen {
    pub key: VerifierKey,
    pub entries: u64,
    /// The newest checkpoint, with the cosignatures there are, verbatim.
    pub checkpoint: Option<String>,
    /// Its size and root.
    pub signed: Option<(u64, Hash)>,
    /// Entries of the newest checkpoint that enough witnesses cosigned, and since when that is known here.
    pub witnessed: Option<(u64, Option<Timestamp>)>,
    /// In the policy's order; nobody where the operator named none.
    pub witnesses: Vec<Standing>,
    /// What the recorder lacked when this server started, each in a sentence.
    pub recorder_findings: Vec<String>,
}

impl LedgerSeen {
    /// Whether a witness saw another history of this ledger.
    pub fn is_split(&self) -> bool {
        let alarms = |it: &Standing| it.says.as_ref().is_some_and(|(says, _)| says.is_alarm());
        self.witnesses.iter().any(alarms)
    }
}

/// What there is to see now.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer, or holds what this ledger's key did not sign.
pub async fn see_ledger(control: &Control) -> Result<LedgerSeen, Refusal> {
    let key = control.ledger_verifier().clone();
    let checkpoint = control.published_checkpoint().await.map_err(unavailable)?;
    let read = |note: &String| -> Result<(u64, Hash), CheckpointError> {
        let signed = verify_checkpoint(note, &key)?;
        Ok((signed.size(), signed.root()))
    };
    let signed = checkpoint.as_ref().map(read).transpose();
    let signed = signed.map_err(unavailable)?;
    let witnesses = control.witnesses();
    let kept = match witnesses.is_empty() {
        true => None,
        false => {
            let kept = control.store().newest_witnessed().await;
            kept.map_err(unavailable)?
        }
    };
    // One that was kept before a restore is of another epoch, and says nothing of this one.
    let witnessed = kept.as_ref().and_then(|note| read(note).ok());
    Ok(LedgerSeen {
        entries: *control.sequencer().size().borrow(),
        checkpoint,
        signed,
        witnessed: witnessed.map(|(entries, _)| (entries, control.final_at())),
        witnesses,
        recorder_findings: control.recorder_findings(),
        key,
    })
}
