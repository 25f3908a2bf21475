//! The population of a period: every access event that was filed in it, and the entries that show that there is no
//! other. It is read twice, once for digests and once to be written, so that nothing of it lies in a file or in memory
//! as a whole.

use locum_domain::catalog::Role;
use locum_domain::{Denial, EventId, Refusal, Stream, Timestamp};
use locum_evidence::{Draft, DraftError, FILING_LAG, Filing, Plan, Wanted};
pub use locum_evidence::{Only, Period};
use locum_record::{Entry, instant};
use locum_tlog::{FULL_WIDTH, verify_checkpoint};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::evidence::{self, newest_checkpoint, part};
use crate::{read, sight};

/// Up to so many entries behind the period are told for nothing but how far each event went.
const MOST_BEYOND: u64 = 1 << 18;

/// A population that is being written.
pub struct Export {
    plan: Plan,
    checkpoint: String,
    size: u64,
    is_finished: bool,
}

/// Makes the population ready, which is on the record before anything of it is read.
///
/// # Errors
/// `not-eligible` for whoever is no auditor, `malformed` with the shorter period that one file holds,
/// `recorder-unavailable` when the store gives no answer or holds something else than was recorded, `clock-untrusted`.
pub async fn population(
    control: &Control,
    caller: &Caller,
    period: Period,
    only: Only,
) -> Result<Export, Refusal> {
    let catalog = control.catalog_for(caller);
    if !sight::has_role(&catalog, &caller.principal, &[Role::Auditor]) {
        return Err(Denial::NotEligible.because("auditors take the evidence of a whole period"));
    }
    let about = Stream::Principal(caller.principal.clone());
    control
        .read_evidence(caller, &about, &what(period, &only))
        .await?;
    let key = control.ledger_verifier().clone();
    let checkpoint = newest_checkpoint(control).await?;
    let signed = verify_checkpoint(&checkpoint, &key).map_err(unavailable)?;
    let size = signed.size();
    let bundle = first_bundle(control, size, period).await?;
    let draft = Draft::new(key, checkpoint.clone(), period, only, bundle).map_err(refused)?;
    let draft = filled(control, draft, &checkpoint, size).await?;
    Ok(Export {
        plan: draft.plan().map_err(refused)?,
        checkpoint,
        size,
        is_finished: false,
    })
}

impl Export {
    /// The next bytes of the archive; none behind its end.
    ///
    /// # Errors
    /// `recorder-unavailable` when the store gives no answer, or something was erased since it was made ready.
    pub async fn next(&mut self, control: &Control) -> Result<Option<Vec<u8>>, Refusal> {
        if self.is_finished {
            return Ok(None);
        }
        let bytes = match self.plan.next().cloned() {
            None => {
                self.is_finished = true;
                return self.plan.finish().map(Some).map_err(refused);
            }
            Some(Wanted::Made(bytes)) => bytes,
            Some(Wanted::Part(path)) => part(control, self.size, &path).await?,
            Some(Wanted::Pack(event)) => pack(control, &event, &self.checkpoint, self.size).await?,
        };
        self.plan.write(&bytes).map(Some).map_err(refused)
    }
}

/// Hears the range, the packs and the tiles.
async fn filled(
    control: &Control,
    mut draft: Draft,
    checkpoint: &str,
    size: u64,
) -> Result<Draft, Refusal> {
    while !draft.ends_late_enough() {
        take_bundle(control, &mut draft, size).await?;
    }
    let mut last = 0;
    let filings: Vec<Filing> = draft.filings().to_vec();
    for filing in &filings {
        let rows = rows_of(control, &filing.event, size).await?;
        last = last.max(rows.last().map_or(0, |row| row.position));
        let bytes = evidence::pack_of(control, rows, checkpoint).await?;
        draft.pack(filing, &bytes).map_err(refused)?;
    }
    // So far that the end of each event shows: to the end of the ledger, where that is not far.
    let end = if size.saturating_sub(draft.end()) <= MOST_BEYOND {
        size
    } else {
        last.saturating_add(1)
    };
    while draft.end() < end {
        take_bundle(control, &mut draft, size).await?;
    }
    for path in draft.tiles() {
        let bytes = part(control, size, &path).await?;
        draft.tile(path, &bytes);
    }
    Ok(draft)
}

async fn take_bundle(control: &Control, draft: &mut Draft, size: u64) -> Result<(), Refusal> {
    let path = draft.next_bundle();
    let path = path.ok_or_else(|| unavailable("the ledger ends before its checkpoint"))?;
    let bytes = part(control, size, &path).await?;
    draft.bundle(&bytes).map_err(refused)
}

/// The evidence pack of an event, for whoever may have it.
async fn pack(
    control: &Control,
    event: &EventId,
    checkpoint: &str,
    size: u64,
) -> Result<Vec<u8>, Refusal> {
    let rows = rows_of(control, event, size).await?;
    evidence::pack_of(control, rows, checkpoint).await
}

async fn rows_of(
    control: &Control,
    event: &EventId,
    size: u64,
) -> Result<Vec<crate::ports::LedgerRow>, Refusal> {
    let mut rows = read::history_of_event(control, event).await?;
    rows.retain(|row| row.position < size);
    Ok(rows)
}

/// The bundle to begin with: far enough before the period that every filing of it stands behind.
async fn first_bundle(control: &Control, size: u64, period: Period) -> Result<u64, Refusal> {
    let store = control.store();
    let early = |at: Timestamp| {
        let latest = at.saturating_add(FILING_LAG);
        latest.is_ok_and(|latest| latest < period.from())
    };
    // Times rise, but for what waited at the recorder: this comes near, and what follows makes sure.
    let (mut low, mut high) = (0, size);
    while low < high {
        let middle = low + (high - low) / 2;
        let entries = store.entries(middle, 1).await.map_err(unavailable)?;
        let entry = entries.first().and_then(|bytes| Entry::parse(bytes).ok());
        let entry = entry.ok_or_else(|| unavailable(format!("entry {middle} is missing")))?;
        if early(entry.at()) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let width = u64::from(FULL_WIDTH);
    let mut bundle = low / width;
    while bundle > 0 {
        let limit = u32::from(FULL_WIDTH);
        let entries = store.entries(bundle * width, limit).await;
        let is_early_filing = |bytes: &Vec<u8>| {
            let entry = Entry::parse(bytes).ok();
            entry.is_some_and(|it| {
                it.place().is_some_and(|place| place.nth() == 1) && early(it.at())
            })
        };
        if entries.map_err(unavailable)?.iter().any(is_early_filing) {
            break;
        }
        bundle -= 1;
    }
    Ok(bundle)
}

/// What is taken, as the record says it.
fn what(period: Period, only: &Only) -> String {
    let (from, to) = (
        instant::to_text(period.from()),
        instant::to_text(period.to()),
    );
    let limits = if only.is_everything() {
        "every access event".to_owned()
    } else {
        format!("the access events of {only}")
    };
    format!("the evidence packs of {limits} filed from {from} until before {to}")
}

fn refused(error: DraftError) -> Refusal {
    match error {
        DraftError::TooLarge { fits_until, .. } => Denial::Malformed
            .because(format!(
                "{error}: take a period that ends {} or earlier",
                instant::to_text(fits_until)
            ))
            .at("/to"),
        DraftError::Changed(_) => Denial::Conflict.because(error.to_string()),
        error => unavailable(error),
    }
}
