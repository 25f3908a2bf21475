//! Work is owed from the commit until somebody has done it.

use locum_control::ports::{OutboxItem, OutboxTask, Proposal, Store};

use super::sample::{at, strangers, work};
use super::{Engine, batch, try_commit};

async fn owe(store: &impl Store, outbox: Vec<OutboxItem>) {
    let proposal = Proposal {
        events: vec![strangers(1)],
        outbox,
        ..Proposal::default()
    };
    try_commit(store, batch([proposal])).await.unwrap();
}

async fn claim(store: &impl Store, now: i64, until: i64) -> Vec<OutboxTask> {
    store.claim(at(now), at(until), 10).await.unwrap()
}

pub async fn outbox_rows_are_claimed_when_due_and_once<E: Engine>(engine: E) {
    let store = engine.open().await;
    let item = work("look-up-case", 10);
    owe(&store, vec![item.clone()]).await;
    assert_eq!(claim(&store, 9, 60).await, []);
    let claimed = claim(&store, 10, 60).await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].kind, item.kind);
    assert_eq!(claimed[0].body, item.body);
    assert_eq!(claimed[0].attempts, 1);
    assert_eq!(claim(&store, 11, 60).await, []);
}

pub async fn a_claim_that_runs_out_is_claimed_again<E: Engine>(engine: E) {
    let store = engine.open().await;
    owe(&store, vec![work("look-up-case", 0)]).await;
    let first = claim(&store, 1, 60).await;
    assert_eq!(claim(&store, 59, 120).await, []);
    let second = claim(&store, 60, 120).await;
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].id, first[0].id);
    assert_eq!(second[0].attempts, 2);
}

pub async fn a_completed_row_is_gone<E: Engine>(engine: E) {
    let store = engine.open().await;
    owe(&store, vec![work("one", 0), work("two", 0)]).await;
    let claimed = claim(&store, 1, 60).await;
    let one = claimed.iter().find(|it| it.kind == "one").unwrap();
    store.complete(one.id).await.unwrap();
    let left = claim(&store, 1_000, 2_000).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].kind, "two");
    // Completing it again, by a worker that was slow, harms nobody.
    store.complete(one.id).await.unwrap();
}

pub async fn a_postponed_row_comes_back_when_it_said<E: Engine>(engine: E) {
    let store = engine.open().await;
    owe(&store, vec![work("look-up-case", 0)]).await;
    let claimed = claim(&store, 1, 60).await;
    store.postpone(claimed[0].id, at(300)).await.unwrap();
    assert_eq!(claim(&store, 299, 400).await, []);
    let again = claim(&store, 300, 400).await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].attempts, 2);
}

pub async fn longest_due_rows_come_first<E: Engine>(engine: E) {
    let store = engine.open().await;
    owe(
        &store,
        vec![work("late", 30), work("early", 10), work("middle", 20)],
    )
    .await;
    let first = store.claim(at(40), at(100), 2).await.unwrap();
    let kinds: Vec<&str> = first.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(kinds, ["early", "middle"]);
    let rest = store.claim(at(40), at(100), 2).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].kind, "late");
}
