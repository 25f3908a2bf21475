//! The ledger: gap-free, in order, as it was sealed.

use std::sync::Arc;

use locum_control::ports::{Sealer, Store};

use super::sample::{
    admitted, review_opened, session_ended, session_started, session_stream, strangers,
};
use super::{Engine, batch, commit, propose, try_commit};
use crate::sealer::TestSealer;

pub async fn r24_positions_are_gap_free_under_concurrent_commits<E: Engine>(engine: E) {
    let store = Arc::new(engine.open().await);
    let writers: Vec<_> = (0..8_u64)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mut positions = Vec::new();
                for step in 0..5 {
                    let events = (0..=step % 3).map(|_| strangers(writer));
                    let committed = commit(&*store, events).await;
                    let recorded = committed.outcomes[0].as_ref().unwrap();
                    positions.extend(recorded.iter().map(|it| it.position));
                }
                assert!(positions.is_sorted(), "later commits stand later");
                positions
            })
        })
        .collect();
    let mut positions = Vec::new();
    for writer in writers {
        positions.extend(writer.await.unwrap());
    }
    positions.sort_unstable();
    let size = store.size().await.unwrap();
    assert_eq!(positions, (0..size).collect::<Vec<_>>());
    let rows = store.rows(0, 1_000).await.unwrap();
    let kept: Vec<u64> = rows.iter().map(|it| it.position).collect();
    assert_eq!(kept, positions);
}

pub async fn r24_a_row_reads_back_as_it_was_sealed<E: Engine>(engine: E) {
    let store = engine.open().await;
    let events = [session_started(1), strangers(3), admitted(1, 1)];
    commit(&store, events.clone()).await;
    let sealed = TestSealer::new().seal(0, &events).unwrap();
    assert_eq!(store.rows(0, 10).await.unwrap(), sealed.rows);
    let entries: Vec<Vec<u8>> = sealed.rows.into_iter().map(|it| it.entry).collect();
    assert_eq!(store.entries(0, 10).await.unwrap(), entries);
}

pub async fn r24_the_checkpoint_is_over_the_newest_size<E: Engine>(engine: E) {
    let store = engine.open().await;
    assert_eq!(store.checkpoint().await.unwrap(), None);
    for size in 1..4 {
        commit(&store, [strangers(size)]).await;
        assert_eq!(
            store.checkpoint().await.unwrap(),
            Some(TestSealer::checkpoint(size))
        );
    }
}

pub async fn rows_and_entries_begin_where_asked_and_end_at_the_limit<E: Engine>(engine: E) {
    let store = engine.open().await;
    commit(&store, (0..10).map(strangers)).await;
    for (from, limit, expected) in [
        (0, 3, vec![0, 1, 2]),
        (8, 5, vec![8, 9]),
        (10, 5, vec![]),
        (3, 0, vec![]),
    ] {
        let rows = store.rows(from, limit).await.unwrap();
        let positions: Vec<u64> = rows.iter().map(|it| it.position).collect();
        assert_eq!(positions, expected, "from {from}, at most {limit}");
        let entries: Vec<Vec<u8>> = rows.into_iter().map(|it| it.entry).collect();
        assert_eq!(store.entries(from, limit).await.unwrap(), entries);
    }
}

pub async fn a_full_tile_is_there_once_it_is_complete<E: Engine>(engine: E) {
    let store = engine.open().await;
    commit(&store, (0..255).map(strangers)).await;
    assert_eq!(store.full_tile(0, 0).await.unwrap(), None);
    commit(&store, [strangers(1), strangers(2)]).await;
    let tile = store.full_tile(0, 0).await.unwrap();
    assert_eq!(tile.map(|it| it.len()), Some(8_192));
    assert_eq!(store.full_tile(0, 1).await.unwrap(), None);
    assert_eq!(store.full_tile(1, 0).await.unwrap(), None);
}

pub async fn r23_a_history_is_one_stream_in_order<E: Engine>(engine: E) {
    let store = engine.open().await;
    try_commit(
        &store,
        batch([
            propose([session_started(1), session_started(2)]),
            propose([admitted(1, 1), review_opened(1, "bea"), session_ended(2)]),
            propose([session_ended(1)]),
        ]),
    )
    .await
    .unwrap();
    let history = store.history(&session_stream(1)).await.unwrap();
    let positions: Vec<u64> = history.iter().map(|it| it.position).collect();
    assert_eq!(positions, [0, 2, 5]);
    assert!(history.iter().all(|it| it.stream == session_stream(1)));
    assert_eq!(store.history(&session_stream(3)).await.unwrap(), []);
}
