//! One batch, one transaction: everything of it or nothing.
//!
//! Order inside: the journal's records, then each proposal (its guards against what the earlier ones of the
//! batch left behind, then its events folded at their positions), then one seal over all accepted events, then
//! rows, tiles, checkpoint and mark. Nothing is visible or durable before the last statement returns, so a crash
//! at any point before it leaves the batch undone and one after it leaves it done.

mod guard;
mod states;

use std::path::Path;

use locum_control::ports::{Commit, Committed, Sealed, Sealer};
use locum_domain::{Happened, Recorded};
use rusqlite::{Connection, TransactionBehavior};

use crate::fault::Fault;
use crate::vault::Vault;
use crate::{erase, ledger, outbox};
use states::{Accepted, States};

/// Commits the batch.
pub(crate) fn commit(
    connection: &mut Connection,
    vault: Option<&Vault>,
    commit: Commit,
    sealer: &mut dyn Sealer,
    beside: Option<&Path>,
) -> Result<Committed, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let from = ledger::size(&transaction)?;
    let mut states = States::new(&transaction, vault, from);
    let journaled = states.take(commit.journaled)?;
    let mut counts = Vec::with_capacity(commit.proposals.len());
    for proposal in commit.proposals {
        // Guards only read until all of them hold: a rejected proposal leaves no trace.
        if let Err(rejected) = guard::hold(&mut states, &proposal.guards)? {
            counts.push(Err(rejected));
            continue;
        }
        guard::see_deliveries(&transaction, &proposal.guards)?;
        for item in &proposal.outbox {
            outbox::owe(&transaction, item)?;
        }
        counts.push(Ok(states.take(proposal.events)?));
    }
    let Accepted {
        events,
        owners,
        mut keys,
        erased,
    } = states.into_accepted();
    let happened: Vec<Happened> = events.into_iter().map(unplaced).collect();
    let added = u64::try_from(happened.len())
        .map_err(|_| Fault::Unwritable("the batch is too long".to_owned()))?;
    let size = from.saturating_add(added);
    if !happened.is_empty() {
        let sealed = sealer.seal(from, &happened).map_err(Fault::Unwritable)?;
        check(&sealed, from, &happened)?;
        ledger::append(&transaction, &mut keys, &sealed, &owners, size)?;
    }
    if let Some(mark) = commit.mark {
        ledger::set_mark(&transaction, mark)?;
    }
    for subject in &erased {
        erase::erase(&transaction, vault, subject)?;
    }
    transaction.commit()?;
    if !erased.is_empty()
        && let Err(fault) = erase::finish(connection, beside)
    {
        // The erasure stands; what is left of it the next start does.
        tracing::error!(%fault, "an erasure could not be finished");
    }
    let mut recorded = (from..)
        .zip(happened)
        .map(|(position, happened)| happened.at_position(position));
    Ok(Committed {
        journaled: recorded.by_ref().take(journaled).collect(),
        outcomes: counts
            .into_iter()
            .map(|count| count.map(|count| recorded.by_ref().take(count).collect()))
            .collect(),
        size,
    })
}

/// The event without its place: what the sealer is given.
fn unplaced(recorded: Recorded) -> Happened {
    Happened {
        stream: recorded.stream,
        at: recorded.at,
        event: recorded.event,
    }
}

/// What is written must be what was accepted, at the places it was folded at.
fn check(sealed: &Sealed, from: u64, happened: &[Happened]) -> Result<(), Fault> {
    let fits = sealed.rows.len() == happened.len()
        && (from..)
            .zip(&sealed.rows)
            .zip(happened)
            .all(|((position, row), event)| row.position == position && row.stream == event.stream);
    if fits {
        Ok(())
    } else {
        Err(Fault::Unwritable(format!(
            "the sealed rows are not the {} events from position {from}",
            happened.len()
        )))
    }
}
