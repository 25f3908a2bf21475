//! A keyed request is done once.

use locum_control::ports::{Idempotent, Store};

use super::Engine;
use super::sample::at;

async fn begin(store: &impl Store, principal: &str, digest: &str, second: i64) -> Idempotent {
    store
        .begin_idempotent(principal, "key", digest, at(second))
        .await
        .unwrap()
}

async fn answer(store: &impl Store, principal: &str, answer: Option<(u16, String)>) {
    store
        .finish_idempotent(principal, "key", answer)
        .await
        .unwrap();
}

pub async fn a_keyed_request_runs_once_and_is_answered_alike<E: Engine>(engine: E) {
    let store = engine.open().await;
    assert_eq!(begin(&store, "amara", "d1", 0).await, Idempotent::Fresh);
    assert_eq!(begin(&store, "amara", "d1", 1).await, Idempotent::Running);
    let body = "{\"id\":1}".to_owned();
    answer(&store, "amara", Some((201, body.clone()))).await;
    for _ in 0..2 {
        assert_eq!(
            begin(&store, "amara", "d1", 2).await,
            Idempotent::Answered(201, body.clone())
        );
    }
}

pub async fn the_same_key_with_another_body_is_told_apart<E: Engine>(engine: E) {
    let store = engine.open().await;
    assert_eq!(begin(&store, "amara", "d1", 0).await, Idempotent::Fresh);
    assert_eq!(begin(&store, "amara", "d2", 0).await, Idempotent::OtherBody);
    answer(&store, "amara", Some((200, String::new()))).await;
    assert_eq!(begin(&store, "amara", "d2", 1).await, Idempotent::OtherBody);
    assert_eq!(
        begin(&store, "amara", "d1", 1).await,
        Idempotent::Answered(200, String::new())
    );
}

pub async fn a_key_without_an_answer_is_forgotten<E: Engine>(engine: E) {
    let store = engine.open().await;
    assert_eq!(begin(&store, "amara", "d1", 0).await, Idempotent::Fresh);
    answer(&store, "amara", None).await;
    assert_eq!(begin(&store, "amara", "d2", 1).await, Idempotent::Fresh);
}

pub async fn keys_belong_to_their_principal<E: Engine>(engine: E) {
    let store = engine.open().await;
    assert_eq!(begin(&store, "amara", "d1", 0).await, Idempotent::Fresh);
    assert_eq!(begin(&store, "bea", "d2", 0).await, Idempotent::Fresh);
    answer(&store, "bea", Some((200, "bea's".to_owned()))).await;
    assert_eq!(begin(&store, "amara", "d1", 1).await, Idempotent::Running);
}

pub async fn a_key_is_forgotten_after_a_day<E: Engine>(engine: E) {
    const DAY: i64 = 24 * 3_600;
    let store = engine.open().await;
    assert_eq!(begin(&store, "amara", "d1", 0).await, Idempotent::Fresh);
    answer(&store, "amara", Some((200, "kept".to_owned()))).await;
    assert_eq!(
        begin(&store, "amara", "d1", DAY - 1).await,
        Idempotent::Answered(200, "kept".to_owned())
    );
    assert_eq!(begin(&store, "amara", "d1", DAY).await, Idempotent::Fresh);
}
