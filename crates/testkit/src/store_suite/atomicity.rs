//! A commit is all or nothing.

use locum_control::ports::{
    Commit, Guard, JournalMark, Proposal, Rejected, Store, StoreError, Versioned,
};

use super::sample::{
    at, review_completed, review_opened, review_stream, session_started, strangers, work,
};
use super::{Engine, batch, commit, propose, try_commit};
use crate::sealer::{Sealing, TestSealer};

fn delivery(number: u32) -> Guard {
    Guard::Unseen {
        connector: "desk".to_owned(),
        delivery: number.to_string(),
    }
}

/// A batch that touches everything a commit can touch.
fn everything() -> Commit {
    Commit {
        journaled: vec![strangers(1)],
        mark: Some(JournalMark {
            segment: 1,
            offset: 64,
        }),
        proposals: vec![Proposal {
            guards: vec![delivery(1)],
            events: vec![review_opened(1, "bea")],
            outbox: vec![work("look-up-case", 0)],
        }],
    }
}

async fn assert_untouched(store: &impl Store) {
    assert_eq!(store.size().await.unwrap(), 0);
    assert_eq!(store.rows(0, 10).await.unwrap(), []);
    assert_eq!(store.checkpoint().await.unwrap(), None);
    assert_eq!(store.mark().await.unwrap(), None);
    let nothing = Versioned {
        version: 0,
        state: None,
    };
    assert_eq!(store.load(&review_stream(1)).await.unwrap(), nothing);
    assert_eq!(store.claim(at(9), at(10), 10).await.unwrap(), []);
    // The delivery counts as unseen: the same batch is taken now.
    let committed = try_commit(store, everything()).await.unwrap();
    assert!(committed.outcomes[0].is_ok(), "{:?}", committed.outcomes);
}

pub async fn r22_one_commit_writes_rows_states_outbox_and_checkpoint<E: Engine>(engine: E) {
    let store = engine.open().await;
    let committed = try_commit(&store, everything()).await.unwrap();
    assert_eq!(committed.size, 2);
    assert_eq!(store.size().await.unwrap(), 2);
    assert_eq!(store.rows(0, 10).await.unwrap().len(), 2);
    assert_eq!(store.load(&review_stream(1)).await.unwrap().version, 1);
    assert_eq!(store.claim(at(1), at(2), 10).await.unwrap().len(), 1);
    assert_eq!(
        store.checkpoint().await.unwrap(),
        Some(TestSealer::checkpoint(2))
    );
    assert_eq!(store.mark().await.unwrap(), everything().mark);
}

pub async fn r22_a_commit_that_cannot_be_sealed_leaves_nothing<E: Engine>(engine: E) {
    let store = engine.open().await;
    let sealer = TestSealer::that_refuses();
    let error = store.commit(everything(), sealer.boxed()).await;
    assert!(
        matches!(error, Err(StoreError::Unavailable(_))),
        "{error:?}"
    );
    assert_eq!(sealer.sealings().len(), 1);
    assert_untouched(&store).await;
}

pub async fn r22_a_seal_that_is_not_the_events_leaves_nothing<E: Engine>(engine: E) {
    let store = engine.open().await;
    let sealer = TestSealer::that_loses_the_last();
    let error = store.commit(everything(), sealer.boxed()).await;
    assert!(
        matches!(error, Err(StoreError::Unavailable(_))),
        "{error:?}"
    );
    assert_untouched(&store).await;
}

pub async fn r22_a_rejected_proposal_leaves_no_trace_and_the_others_stand<E: Engine>(engine: E) {
    let store = engine.open().await;
    let rejected = Proposal {
        guards: vec![
            delivery(2),
            Guard::Version {
                stream: review_stream(1),
                version: 9,
            },
        ],
        events: vec![review_opened(2, "bea"), session_started(2)],
        outbox: vec![work("never", 0)],
    };
    let commit = batch([
        propose([review_opened(1, "bea")]),
        rejected.clone(),
        propose([review_opened(3, "bea")]),
    ]);
    let committed = try_commit(&store, commit).await.unwrap();
    assert_eq!(
        committed.outcomes[1],
        Err(Rejected::Changed(review_stream(1).to_string()))
    );
    let positions: Vec<u64> = [0, 2]
        .iter()
        .flat_map(|it: &usize| committed.outcomes[*it].as_ref().unwrap())
        .map(|recorded| recorded.position)
        .collect();
    assert_eq!(positions, [0, 1]);
    assert_eq!(committed.size, 2);
    assert_eq!(store.load(&review_stream(2)).await.unwrap().version, 0);
    assert_eq!(store.claim(at(1), at(2), 10).await.unwrap(), []);
    // Neither was its delivery seen.
    let again = Proposal {
        guards: vec![delivery(2)],
        ..rejected
    };
    let committed = try_commit(&store, batch([again])).await.unwrap();
    assert!(committed.outcomes[0].is_ok(), "{:?}", committed.outcomes);
}

pub async fn a_batch_in_which_nothing_was_taken_is_not_sealed<E: Engine>(engine: E) {
    let store = engine.open().await;
    let sealer = TestSealer::new();
    let rejected = Proposal {
        guards: vec![Guard::Version {
            stream: review_stream(1),
            version: 1,
        }],
        events: vec![review_completed(1, "bea")],
        outbox: Vec::new(),
    };
    let committed = store
        .commit(batch([rejected]), sealer.boxed())
        .await
        .unwrap();
    assert_eq!(committed.size, 0);
    assert_eq!(sealer.sealings(), []);
    assert_eq!(store.checkpoint().await.unwrap(), None);
}

pub async fn a_proposal_without_events_still_owes_its_outbox_rows<E: Engine>(engine: E) {
    let store = engine.open().await;
    let proposal = Proposal {
        outbox: vec![work("look-up-case", 0)],
        ..Proposal::default()
    };
    let committed = try_commit(&store, batch([proposal])).await.unwrap();
    assert_eq!(committed.outcomes, [Ok(Vec::new())]);
    assert_eq!(store.claim(at(1), at(2), 10).await.unwrap().len(), 1);
}

pub async fn the_sealer_is_called_once_with_the_final_order<E: Engine>(engine: E) {
    let store = engine.open().await;
    commit(&store, [strangers(1)]).await;
    let sealer = TestSealer::new();
    let batch = Commit {
        journaled: vec![strangers(2)],
        mark: None,
        proposals: vec![
            propose([review_opened(1, "bea"), review_completed(1, "bea")]),
            propose([session_started(1)]),
        ],
    };
    let committed = store.commit(batch, sealer.boxed()).await.unwrap();
    let sealing = Sealing {
        from: 1,
        kinds: vec![
            "strangers-refused",
            "review-opened",
            "review-completed",
            "session-started",
        ],
    };
    assert_eq!(sealer.sealings(), [sealing]);
    assert_eq!(committed.size, 5);
}
