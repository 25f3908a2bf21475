//! Conditions hold inside the transaction, or the proposal is rejected.

use std::sync::Arc;

use locum_control::ports::{Committed, Guard, Proposal, Rejected, Store};
use locum_domain::Happened;

use super::sample::{
    admitted, completed, review_completed, review_opened, review_stream, session_ended,
    session_started, session_stream, strangers,
};
use super::{Engine, batch, commit, try_commit};

fn guarded(guard: Guard, event: Happened) -> Proposal {
    Proposal {
        guards: vec![guard],
        events: vec![event],
        outbox: Vec::new(),
    }
}

fn at_version(number: u64, version: u64) -> Guard {
    Guard::Version {
        stream: session_stream(number),
        version,
    }
}

fn at_most(most: u64) -> Guard {
    Guard::AtMost {
        kind: "review",
        key: "reviewer-state",
        value: "bea/open".to_owned(),
        most,
    }
}

fn too_many(most: u64) -> Rejected {
    Rejected::TooMany {
        kind: "review",
        key: "reviewer-state",
        value: "bea/open".to_owned(),
        most,
    }
}

async fn one(store: &impl Store, proposal: Proposal) -> Result<usize, Rejected> {
    let mut committed = try_commit(store, batch([proposal])).await.unwrap();
    let outcome = committed.outcomes.remove(0);
    outcome.map(|recorded| recorded.len())
}

fn winners(committed: &Committed) -> usize {
    committed.outcomes.iter().filter(|it| it.is_ok()).count()
}

pub async fn a_version_guard_holds_for_exactly_that_version<E: Engine>(engine: E) {
    let store = engine.open().await;
    let changed = Err(Rejected::Changed(session_stream(1).to_string()));
    assert_eq!(
        one(&store, guarded(at_version(1, 1), session_started(1))).await,
        changed
    );
    assert_eq!(
        one(&store, guarded(at_version(1, 0), session_started(1))).await,
        Ok(1)
    );
    assert_eq!(
        one(&store, guarded(at_version(1, 0), session_ended(1))).await,
        changed
    );
    assert_eq!(
        one(&store, guarded(at_version(1, 2), session_ended(1))).await,
        changed
    );
    assert_eq!(
        one(&store, guarded(at_version(1, 1), session_ended(1))).await,
        Ok(1)
    );
    assert_eq!(store.load(&session_stream(1)).await.unwrap().version, 2);
}

pub async fn r22_an_access_record_is_kept_and_changes_no_version<E: Engine>(engine: E) {
    let store = engine.open().await;
    commit(&store, [session_started(1)]).await;
    let before = store.load(&session_stream(1)).await.unwrap();
    commit(&store, [admitted(1, 1), completed(1, 1)]).await;
    assert_eq!(store.load(&session_stream(1)).await.unwrap(), before);
    assert_eq!(store.history(&session_stream(1)).await.unwrap().len(), 3);
    // So whoever decides on the session is not disturbed by its use.
    assert_eq!(
        one(&store, guarded(at_version(1, 1), session_ended(1))).await,
        Ok(1)
    );
}

pub async fn at_most_counts_what_was_there_before_the_proposal<E: Engine>(engine: E) {
    let store = engine.open().await;
    assert_eq!(
        one(&store, guarded(at_most(0), review_opened(1, "bea"))).await,
        Ok(1)
    );
    assert_eq!(
        one(&store, guarded(at_most(0), review_opened(2, "bea"))).await,
        Err(too_many(0))
    );
    assert_eq!(
        one(&store, guarded(at_most(1), review_opened(2, "bea"))).await,
        Ok(1)
    );
    // Another value, and a state that left the key, do not count.
    commit(&store, [review_opened(3, "carl")]).await;
    commit(&store, [review_completed(1, "bea")]).await;
    assert_eq!(
        one(&store, guarded(at_most(1), review_opened(4, "bea"))).await,
        Ok(1)
    );
}

pub async fn a_delivery_is_seen_once<E: Engine>(engine: E) {
    let store = engine.open().await;
    let unseen = |connector: &str, delivery: &str| Guard::Unseen {
        connector: connector.to_owned(),
        delivery: delivery.to_owned(),
    };
    assert_eq!(
        one(&store, guarded(unseen("desk", "1"), strangers(1))).await,
        Ok(1)
    );
    assert_eq!(
        one(&store, guarded(unseen("desk", "1"), strangers(2))).await,
        Err(Rejected::Seen)
    );
    for (connector, delivery) in [("desk", "2"), ("chat", "1")] {
        assert_eq!(
            one(&store, guarded(unseen(connector, delivery), strangers(3))).await,
            Ok(1)
        );
    }
    let twice = batch([
        guarded(unseen("desk", "3"), strangers(4)),
        guarded(unseen("desk", "3"), strangers(5)),
    ]);
    let committed = try_commit(&store, twice).await.unwrap();
    assert!(committed.outcomes[0].is_ok());
    assert_eq!(committed.outcomes[1], Err(Rejected::Seen));
}

pub async fn guards_see_what_earlier_proposals_of_the_batch_did<E: Engine>(engine: E) {
    let store = engine.open().await;
    let committed = try_commit(
        &store,
        batch([
            guarded(at_most(0), review_opened(1, "bea")),
            guarded(at_most(0), review_opened(2, "bea")),
            guarded(at_version(1, 0), session_started(1)),
            guarded(at_version(1, 1), session_ended(1)),
        ]),
    )
    .await
    .unwrap();
    assert!(committed.outcomes[0].is_ok());
    assert_eq!(committed.outcomes[1], Err(too_many(0)));
    assert!(committed.outcomes[2].is_ok());
    assert!(committed.outcomes[3].is_ok(), "{:?}", committed.outcomes);
    assert_eq!(store.load(&review_stream(2)).await.unwrap().version, 0);
}

pub async fn r18_of_two_competing_proposals_in_one_batch_one_wins<E: Engine>(engine: E) {
    let store = engine.open().await;
    commit(&store, [session_started(1)]).await;
    let end = || guarded(at_version(1, 1), session_ended(1));
    let committed = try_commit(&store, batch([end(), end()])).await.unwrap();
    assert_eq!(winners(&committed), 1);
    assert!(committed.outcomes[0].is_ok(), "the earlier one wins");
    assert_eq!(store.size().await.unwrap(), 2);
}

pub async fn r18_of_two_competing_commits_at_once_one_wins<E: Engine>(engine: E) {
    let store = Arc::new(engine.open().await);
    for number in 0..8 {
        commit(&*store, [session_started(number)]).await;
        let end = || {
            let store = Arc::clone(&store);
            let proposal = guarded(at_version(number, 1), session_ended(number));
            tokio::spawn(async move { try_commit(&*store, batch([proposal])).await.unwrap() })
        };
        let (left, right) = (end(), end());
        let (left, right) = (left.await.unwrap(), right.await.unwrap());
        assert_eq!(winners(&left) + winners(&right), 1, "session {number}");
    }
    assert_eq!(store.size().await.unwrap(), 16);
}
