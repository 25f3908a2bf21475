//! What was committed outlives the handle.

use locum_control::ports::{Commit, Guard, Idempotent, JournalMark, Proposal, Rejected, Store};

use super::sample::{
    at, review_opened, review_stream, session_started, session_stream, strangers, work,
};
use super::{DurableEngine, batch, commit, try_commit};

fn seen() -> Guard {
    Guard::Unseen {
        connector: "desk".to_owned(),
        delivery: "1".to_owned(),
    }
}

pub async fn r22_an_opened_store_has_everything_that_was_committed<E: DurableEngine>(engine: E) {
    let store = engine.open().await;
    let everything = Commit {
        journaled: (0..300).map(strangers).collect(),
        mark: Some(JournalMark {
            segment: 3,
            offset: 4_096,
        }),
        proposals: vec![Proposal {
            guards: vec![seen()],
            events: vec![session_started(1), review_opened(1, "bea")],
            outbox: vec![work("look-up-case", 0)],
        }],
    };
    try_commit(&store, everything).await.unwrap();
    store
        .begin_idempotent("amara", "key", "digest", at(0))
        .await
        .unwrap();
    let rows = store.rows(0, 1_000).await.unwrap();
    let session = store.load(&session_stream(1)).await.unwrap();
    let review = store.load(&review_stream(1)).await.unwrap();
    let checkpoint = store.checkpoint().await.unwrap();
    let mark = store.mark().await.unwrap();
    let tile = store.full_tile(0, 0).await.unwrap();
    assert!(tile.is_some() && checkpoint.is_some() && mark.is_some());
    drop(store);

    let store = engine.open().await;
    assert_eq!(store.rows(0, 1_000).await.unwrap(), rows);
    assert_eq!(store.load(&session_stream(1)).await.unwrap(), session);
    assert_eq!(store.load(&review_stream(1)).await.unwrap(), review);
    assert_eq!(store.checkpoint().await.unwrap(), checkpoint);
    assert_eq!(store.mark().await.unwrap(), mark);
    assert_eq!(store.full_tile(0, 0).await.unwrap(), tile);
    assert_eq!(store.claim(at(1), at(2), 10).await.unwrap().len(), 1);
    let known = store
        .begin_idempotent("amara", "key", "digest", at(1))
        .await;
    assert_eq!(known.unwrap(), Idempotent::Running);
    let again = Proposal {
        guards: vec![seen()],
        ..Proposal::default()
    };
    let committed = try_commit(&store, batch([again])).await.unwrap();
    assert_eq!(committed.outcomes, [Err(Rejected::Seen)]);
    assert_eq!(store.differences().await.unwrap(), Vec::<String>::new());
}

pub async fn r24_an_opened_store_goes_on_at_the_next_position<E: DurableEngine>(engine: E) {
    for size in 1..=3 {
        let store = engine.open().await;
        let committed = commit(&store, [strangers(size)]).await;
        assert_eq!(committed.size, size);
        assert_eq!(
            committed.outcomes[0].as_ref().unwrap()[0].position,
            size - 1
        );
    }
}
