//! What the recorder made durable goes before what is decided.

use locum_control::ports::{Commit, JournalMark, Store};

use super::sample::{
    admitted, completed, review_opened, session_started, session_stream, strangers,
};
use super::{Engine, commit, propose, try_commit};
use crate::sealer::TestSealer;

fn mark(segment: u64, offset: u64) -> Option<JournalMark> {
    Some(JournalMark { segment, offset })
}

pub async fn journaled_records_come_before_the_proposals<E: Engine>(engine: E) {
    let store = engine.open().await;
    commit(&store, [session_started(1)]).await;
    let committed = try_commit(
        &store,
        Commit {
            journaled: vec![admitted(1, 1), completed(1, 1)],
            mark: mark(1, 200),
            proposals: vec![propose([review_opened(1, "bea")])],
        },
    )
    .await
    .unwrap();
    let journaled: Vec<u64> = committed.journaled.iter().map(|it| it.position).collect();
    assert_eq!(journaled, [1, 2]);
    assert_eq!(committed.journaled[0].stream, session_stream(1));
    assert_eq!(committed.outcomes[0].as_ref().unwrap()[0].position, 3);
    assert_eq!(committed.size, 4);
}

pub async fn the_mark_moves_with_its_records<E: Engine>(engine: E) {
    let store = engine.open().await;
    assert_eq!(store.mark().await.unwrap(), None);
    let journaled = |mark| Commit {
        journaled: vec![strangers(1)],
        mark,
        proposals: Vec::new(),
    };
    try_commit(&store, journaled(mark(1, 100))).await.unwrap();
    assert_eq!(store.mark().await.unwrap(), mark(1, 100));
    commit(&store, [review_opened(1, "bea")]).await;
    assert_eq!(store.mark().await.unwrap(), mark(1, 100));
    try_commit(&store, journaled(mark(2, 40))).await.unwrap();
    assert_eq!(store.mark().await.unwrap(), mark(2, 40));
    // Also past something in the journal that was no record.
    let bare = Commit {
        mark: mark(2, 80),
        ..Commit::default()
    };
    try_commit(&store, bare).await.unwrap();
    assert_eq!(store.mark().await.unwrap(), mark(2, 80));
    assert_eq!(store.size().await.unwrap(), 3);
}

pub async fn the_mark_stays_when_the_commit_fails<E: Engine>(engine: E) {
    let store = engine.open().await;
    let journaled = |mark| Commit {
        journaled: vec![strangers(1)],
        mark,
        proposals: Vec::new(),
    };
    try_commit(&store, journaled(mark(1, 100))).await.unwrap();
    let refused = store
        .commit(journaled(mark(1, 200)), TestSealer::that_refuses().boxed())
        .await;
    assert!(refused.is_err());
    assert_eq!(store.mark().await.unwrap(), mark(1, 100));
    assert_eq!(store.size().await.unwrap(), 1);
}
