//! Checkpoints that witnesses cosigned are kept beside the ledger.

use locum_control::ports::Store as _;

use super::{DurableEngine, Engine};

pub async fn r24_the_first_witnessed_checkpoint_over_enough_entries_is_found<E: Engine>(engine: E) {
    let store = engine.open().await;
    assert_eq!(store.witnessed_over(0).await, Ok(None));
    assert_eq!(store.newest_witnessed().await, Ok(None));
    for (size, note) in [(7, "seven"), (3, "three")] {
        store.keep_witnessed(size, note).await.unwrap();
    }
    let over = async |size| store.witnessed_over(size).await.unwrap();
    assert_eq!(over(0).await.as_deref(), Some("three"));
    assert_eq!(over(3).await.as_deref(), Some("three"));
    assert_eq!(over(4).await.as_deref(), Some("seven"));
    assert_eq!(over(8).await, None);
    let newest = store.newest_witnessed().await.unwrap();
    assert_eq!(newest.as_deref(), Some("seven"));
}

pub async fn r24_a_later_note_of_one_size_takes_the_place_of_the_earlier<E: Engine>(engine: E) {
    let store = engine.open().await;
    for note in ["one witness", "two witnesses"] {
        store.keep_witnessed(7, note).await.unwrap();
    }
    let kept = store.witnessed_over(0).await.unwrap();
    assert_eq!(kept.as_deref(), Some("two witnesses"));
}

pub async fn r24_witnessed_checkpoints_outlive_the_process<E: DurableEngine>(engine: E) {
    {
        let store = engine.open().await;
        store.keep_witnessed(7, "seven").await.unwrap();
    }
    let store = engine.open().await;
    let newest = store.newest_witnessed().await.unwrap();
    assert_eq!(newest.as_deref(), Some("seven"));
}
