//! States are found by stream, by kind and by key.

use locum_control::ports::{Query, Store, Versioned};
use locum_domain::{Aggregate, Session, Stream};

use super::sample::{
    principal, review_completed, review_opened, review_stream, session_ended, session_started,
    session_stream, strangers,
};
use super::{Engine, commit};

/// Pairs of key and value.
type Keys<'a> = &'a [(&'a str, &'a str)];

fn query(keys: Keys<'_>, limit: u32) -> Query {
    Query {
        keys: keys
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        before: None,
        limit,
    }
}

/// The streams of listed reviews.
fn reviews(states: &[Aggregate]) -> Vec<Stream> {
    states
        .iter()
        .map(|state| match state {
            Aggregate::Review(review) => Stream::Review(review.id.clone()),
            other => panic!("asked for reviews, got {other:?}"),
        })
        .collect()
}

async fn found(store: &impl Store, keys: Keys<'_>) -> Vec<Stream> {
    let page = store.list("review", query(keys, 50)).await.unwrap();
    assert_eq!(page.next, None);
    reviews(&page.states)
}

async fn session(store: &impl Store, number: u64) -> Session {
    match store.load(&session_stream(number)).await.unwrap().state {
        Some(Aggregate::Session(session)) => *session,
        other => panic!("no session {number}: {other:?}"),
    }
}

pub async fn a_stream_that_nothing_happened_in_has_version_zero<E: Engine>(engine: E) {
    let store = engine.open().await;
    commit(&store, [strangers(1)]).await;
    let nothing = Versioned {
        version: 0,
        state: None,
    };
    for stream in [
        review_stream(1),
        Stream::Governance,
        Stream::Doors,
        Stream::Principal(principal("amara")),
    ] {
        assert_eq!(store.load(&stream).await.unwrap(), nothing, "{stream}");
    }
}

pub async fn r16_a_session_knows_the_position_of_its_activation<E: Engine>(engine: E) {
    let store = engine.open().await;
    commit(&store, [strangers(1), strangers(2), session_started(1)]).await;
    commit(&store, [session_started(2), session_ended(1)]).await;
    assert_eq!(session(&store, 1).await.activation, 2);
    assert_eq!(session(&store, 2).await.activation, 3);
    assert!(!session(&store, 1).await.is_live());
}

pub async fn a_list_is_newest_first_and_goes_on_where_it_stopped<E: Engine>(engine: E) {
    let store = engine.open().await;
    // Not committed in the order of their ids: the id tells the age.
    commit(&store, [3, 1, 5, 2, 4].map(|it| review_opened(it, "bea"))).await;
    for keys in [
        &[][..],
        &[("state", "open")],
        &[("reviewer", "bea"), ("state", "open")],
    ] {
        let mut asked = query(keys, 2);
        let mut pages = Vec::new();
        loop {
            let page = store.list("review", asked.clone()).await.unwrap();
            pages.push(reviews(&page.states));
            match page.next {
                Some(next) => asked.before = Some(next),
                None => break,
            }
        }
        let expected = [vec![5, 4], vec![3, 2], vec![1]];
        let expected = expected.map(|it| it.into_iter().map(review_stream).collect::<Vec<_>>());
        assert_eq!(pages, expected, "by {keys:?}");
    }
    let exactly = store.list("review", query(&[], 5)).await.unwrap();
    assert_eq!((exactly.states.len(), exactly.next), (5, None));
}

pub async fn a_list_wants_every_key_asked_for<E: Engine>(engine: E) {
    let store = engine.open().await;
    commit(&store, [review_opened(1, "bea"), review_opened(2, "carl")]).await;
    commit(
        &store,
        [review_opened(3, "bea"), review_completed(3, "bea")],
    )
    .await;
    let rows: [(Keys<'_>, &[u64]); 6] = [
        (&[("reviewer", "bea")], &[3, 1]),
        (&[("state", "open")], &[2, 1]),
        (&[("reviewer", "bea"), ("state", "open")], &[1]),
        (&[("state", "completed"), ("reviewer", "bea")], &[3]),
        (&[("reviewer", "bea"), ("reviewer", "carl")], &[]),
        (&[("reviewer", "dora")], &[]),
    ];
    for (keys, expected) in rows {
        let expected: Vec<Stream> = expected.iter().copied().map(review_stream).collect();
        assert_eq!(found(&store, keys).await, expected, "by {keys:?}");
    }
}

pub async fn keys_follow_the_state<E: Engine>(engine: E) {
    let store = engine.open().await;
    commit(&store, [review_opened(1, "bea")]).await;
    assert_eq!(
        found(&store, &[("state", "open")]).await,
        [review_stream(1)]
    );
    commit(&store, [review_completed(1, "bea")]).await;
    assert_eq!(found(&store, &[("state", "open")]).await, []);
    assert_eq!(
        found(&store, &[("state", "completed")]).await,
        [review_stream(1)]
    );
}

pub async fn kinds_are_listed_apart<E: Engine>(engine: E) {
    let store = engine.open().await;
    commit(&store, [review_opened(1, "bea"), session_started(1)]).await;
    assert_eq!(found(&store, &[]).await, [review_stream(1)]);
    let sessions = store.list("session", query(&[], 50)).await.unwrap();
    assert!(matches!(sessions.states[..], [Aggregate::Session(_)]));
    let requests = store.list("request", query(&[], 50)).await.unwrap();
    assert!(requests.states.is_empty());
}
