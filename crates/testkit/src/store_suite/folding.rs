//! States are what the ledger says, and nothing else.

use locum_control::ports::{Query, Store, Versioned};
use locum_domain::{Aggregate, Stream};

use super::sample::{
    admitted, completed, review_completed, review_opened, review_stream, session_ended,
    session_started, session_stream, strangers,
};
use super::{DurableEngine, Engine, Tampering, commit};

/// A ledger with states of two kinds, at several versions, and records that change none.
async fn live(store: &impl Store) {
    commit(store, [session_started(1), strangers(1), admitted(1, 1)]).await;
    commit(store, [review_opened(1, "bea"), review_opened(2, "carl")]).await;
    commit(store, [completed(1, 1), session_ended(1)]).await;
    commit(store, [review_completed(1, "bea"), session_started(2)]).await;
}

async fn states(store: &impl Store) -> Vec<Versioned> {
    let mut states = Vec::new();
    for number in 1..=3 {
        for stream in [session_stream(number), review_stream(number)] {
            states.push(store.load(&stream).await.unwrap());
        }
    }
    states
}

async fn open_reviews(store: &impl Store) -> Vec<Aggregate> {
    let query = Query {
        keys: vec![("state".to_owned(), "open".to_owned())],
        before: None,
        limit: 50,
    };
    store.list("review", query).await.unwrap().states
}

pub async fn r24_an_honest_store_shows_no_differences<E: Engine>(engine: E) {
    let store = engine.open().await;
    assert_eq!(store.differences().await.unwrap(), Vec::<String>::new());
    live(&store).await;
    assert_eq!(store.differences().await.unwrap(), Vec::<String>::new());
}

pub async fn r24_a_rebuilt_store_has_the_same_states<E: Engine>(engine: E) {
    let store = engine.open().await;
    live(&store).await;
    let before = (states(&store).await, open_reviews(&store).await);
    assert_eq!(store.rebuild().await.unwrap(), Vec::<String>::new());
    assert_eq!((states(&store).await, open_reviews(&store).await), before);
    assert_eq!(store.size().await.unwrap(), 9);
    // And it goes on from there.
    commit(&store, [session_ended(2)]).await;
    assert_eq!(store.load(&session_stream(2)).await.unwrap().version, 2);
}

/// Tampers, and expects `stream` to be named, to be named again while nothing is done, and to be mended.
async fn found_and_mended<E: DurableEngine>(engine: E, stream: Stream, tampering: Tampering) {
    let store = engine.open().await;
    live(&store).await;
    let before = (states(&store).await, open_reviews(&store).await);
    engine.tamper(tampering).await;
    let named = vec![stream.to_string()];
    assert_eq!(store.differences().await.unwrap(), named);
    assert_eq!(store.differences().await.unwrap(), named);
    assert_eq!(store.rebuild().await.unwrap(), named);
    assert_eq!(store.differences().await.unwrap(), Vec::<String>::new());
    assert_eq!((states(&store).await, open_reviews(&store).await), before);
}

pub async fn r24_an_altered_state_is_found_and_mended<E: DurableEngine>(engine: E) {
    let stream = session_stream(1);
    found_and_mended(engine, stream.clone(), Tampering::State(stream)).await;
}

pub async fn r24_an_altered_version_is_found_and_mended<E: DurableEngine>(engine: E) {
    let stream = review_stream(1);
    found_and_mended(engine, stream.clone(), Tampering::Version(stream)).await;
}

pub async fn r24_a_lost_key_is_found_and_mended<E: DurableEngine>(engine: E) {
    let stream = review_stream(2);
    found_and_mended(engine, stream.clone(), Tampering::Key(stream)).await;
}

pub async fn r24_a_lost_state_is_found_and_mended<E: DurableEngine>(engine: E) {
    let stream = review_stream(2);
    found_and_mended(engine, stream.clone(), Tampering::Loss(stream)).await;
}

pub async fn r24_an_invented_state_is_found_and_taken_away<E: DurableEngine>(engine: E) {
    let stream = session_stream(3);
    let tampering = Tampering::Invention(session_stream(2), stream.clone());
    found_and_mended(engine, stream, tampering).await;
}
