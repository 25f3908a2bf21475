//! What every store promises, whatever its engine: one suite, run by each, without an `if` for any of them.
//!
//! An engine implements [`Engine`] and instantiates [`store_suite!`](crate::store_suite); one whose rows can be
//! altered behind its back and which outlives its handle also implements [`DurableEngine`] and instantiates
//! [`durable_store_suite!`](crate::durable_store_suite).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "assertions of tests"
)]

mod atomicity;
mod folding;
mod guards;
mod idempotency;
mod journal;
mod ledger;
mod outbox;
mod reopening;
pub mod sample;
mod states;
mod unclassified;
mod witnessed;

pub use atomicity::*;
pub use folding::*;
pub use guards::*;
pub use idempotency::*;
pub use journal::*;
pub use ledger::*;
pub use outbox::*;
pub use reopening::*;
pub use states::*;
pub use unclassified::*;
pub use witnessed::*;

use locum_control::ports::{Commit, Committed, Proposal, Store, StoreError};
use locum_domain::{Happened, Stream};

use crate::sealer::TestSealer;

/// A place for one store, empty at first.
pub trait Engine: Send + Sync {
    type Store: Store + 'static;
    /// Opens the store there. Called again only after the former handle was dropped.
    fn open(&self) -> impl Future<Output = Self::Store> + Send;
}

/// Something done to the states behind the store's back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tampering {
    /// The document says another thing.
    State(Stream),
    /// The version is one more.
    Version(Stream),
    /// One key less.
    Key(Stream),
    /// The document is gone, with its keys.
    Loss(Stream),
    /// A copy of the first one's document stands under the second one's name.
    Invention(Stream, Stream),
}

/// An engine whose store outlives its handle, and whose rows the suite can reach by another way.
pub trait DurableEngine: Engine {
    /// Alters rows while the store is open or closed.
    fn tamper(&self, tampering: Tampering) -> impl Future<Output = ()> + Send;
}

/// A proposal without conditions.
fn propose(events: impl IntoIterator<Item = Happened>) -> Proposal {
    Proposal {
        events: events.into_iter().collect(),
        ..Proposal::default()
    }
}

/// A batch of proposals alone.
fn batch(proposals: impl IntoIterator<Item = Proposal>) -> Commit {
    Commit {
        proposals: proposals.into_iter().collect(),
        ..Commit::default()
    }
}

/// Commits with a plain sealer.
async fn try_commit(store: &impl Store, commit: Commit) -> Result<Committed, StoreError> {
    store.commit(commit, TestSealer::new().boxed()).await
}

/// Commits what must be taken as a whole.
async fn commit(store: &impl Store, events: impl IntoIterator<Item = Happened>) -> Committed {
    let committed = try_commit(store, batch([propose(events)])).await.unwrap();
    assert!(committed.outcomes[0].is_ok(), "{:?}", committed.outcomes);
    committed
}

/// Instantiates the suite for an engine: every promise as a test of its own.
#[macro_export]
macro_rules! store_suite {
    ($engine:expr) => {
        $crate::store_suite_tests! { $engine;
            r22_one_commit_writes_rows_states_outbox_and_checkpoint,
            r22_a_commit_that_cannot_be_sealed_leaves_nothing,
            r22_a_seal_that_is_not_the_events_leaves_nothing,
            r22_a_rejected_proposal_leaves_no_trace_and_the_others_stand,
            a_batch_in_which_nothing_was_taken_is_not_sealed,
            a_proposal_without_events_still_owes_its_outbox_rows,
            the_sealer_is_called_once_with_the_final_order,
            a_version_guard_holds_for_exactly_that_version,
            r22_an_access_record_is_kept_and_changes_no_version,
            at_most_counts_what_was_there_before_the_proposal,
            a_delivery_is_seen_once,
            guards_see_what_earlier_proposals_of_the_batch_did,
            r18_of_two_competing_proposals_in_one_batch_one_wins,
            r18_of_two_competing_commits_at_once_one_wins,
            journaled_records_come_before_the_proposals,
            the_mark_moves_with_its_records,
            the_mark_stays_when_the_commit_fails,
            r24_positions_are_gap_free_under_concurrent_commits,
            r24_a_row_reads_back_as_it_was_sealed,
            r24_the_checkpoint_is_over_the_newest_size,
            rows_and_entries_begin_where_asked_and_end_at_the_limit,
            a_full_tile_is_there_once_it_is_complete,
            r23_a_history_is_one_stream_in_order,
            a_stream_that_nothing_happened_in_has_version_zero,
            r16_a_session_knows_the_position_of_its_activation,
            a_list_is_newest_first_and_goes_on_where_it_stopped,
            a_list_wants_every_key_asked_for,
            keys_follow_the_state,
            kinds_are_listed_apart,
            outbox_rows_are_claimed_when_due_and_once,
            a_claim_that_runs_out_is_claimed_again,
            a_completed_row_is_gone,
            a_postponed_row_comes_back_when_it_said,
            longest_due_rows_come_first,
            a_keyed_request_runs_once_and_is_answered_alike,
            the_same_key_with_another_body_is_told_apart,
            a_key_without_an_answer_is_forgotten,
            keys_belong_to_their_principal,
            a_key_is_forgotten_after_a_day,
            r24_an_honest_store_shows_no_differences,
            r24_a_rebuilt_store_has_the_same_states,
            r22_what_nobody_classified_is_folded_counted_and_told_by_application,
            r22_whoever_tries_many_addresses_fills_no_list,
            r24_the_first_witnessed_checkpoint_over_enough_entries_is_found,
            r24_a_later_note_of_one_size_takes_the_place_of_the_earlier,
        }
    };
}

/// Instantiates what only a store that outlives its handle can promise.
#[macro_export]
macro_rules! durable_store_suite {
    ($engine:expr) => {
        $crate::store_suite_tests! { $engine;
            r22_an_opened_store_has_everything_that_was_committed,
            r24_an_opened_store_goes_on_at_the_next_position,
            r24_an_altered_state_is_found_and_mended,
            r24_an_altered_version_is_found_and_mended,
            r24_a_lost_key_is_found_and_mended,
            r24_a_lost_state_is_found_and_mended,
            r24_an_invented_state_is_found_and_taken_away,
            r24_witnessed_checkpoints_outlive_the_process,
        }
    };
}

/// One test for each name: what both suites are made of.
#[doc(hidden)]
#[macro_export]
macro_rules! store_suite_tests {
    ($engine:expr; $($name:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::store_suite::$name($engine).await;
            }
        )*
    };
}
