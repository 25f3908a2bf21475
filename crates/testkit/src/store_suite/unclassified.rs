//! What nobody classified is gathered from the ledger's own refusals, so much of it and no more.

use locum_control::ports::{MOST_UNCLASSIFIED, Store, Unclassified};
use locum_domain::access::RefusedInSession;
use locum_domain::{ApplicationId, Denial, Event, EventId, Happened, RecordId};

use super::sample::{at, bytes, principal, session_id, session_started, session_stream};
use super::{Engine, commit};

fn refused(number: u64, method: &str, path: &str, denial: Denial, second: i64) -> Happened {
    Happened {
        stream: session_stream(number),
        at: at(second),
        event: Event::AccessRefused(RefusedInSession {
            record: RecordId::from_bytes(bytes(number)),
            txn: EventId::from_bytes(bytes(number)),
            session: session_id(number),
            actor: principal("alice@corp.example"),
            subject: None,
            application: "billing".parse().unwrap(),
            operation: None,
            rule: None,
            method: method.to_owned(),
            template: None,
            path: path.to_owned(),
            asked: None,
            denial,
            at: at(second),
        }),
    }
}

fn unclassified(number: u64, path: &str, second: i64) -> Happened {
    refused(number, "GET", path, Denial::UnclassifiedRoute, second)
}

async fn rows(store: &impl Store) -> Vec<Unclassified> {
    let billing: ApplicationId = "billing".parse().unwrap();
    let page = store.unclassified(&billing, None, 200).await.unwrap();
    assert_eq!(page.next, None);
    page.rows
}

fn lines(rows: &[Unclassified]) -> Vec<(String, u64)> {
    let line = |it: &Unclassified| (it.route.to_string(), it.count);
    rows.iter().map(line).collect()
}

pub async fn r22_what_nobody_classified_is_folded_counted_and_told_by_application<E: Engine>(
    engine: E,
) {
    let store = engine.open().await;
    commit(&store, [session_started(1), session_started(2)]).await;
    let mut asked = unclassified(2, "/graphql", 44);
    if let Event::AccessRefused(it) = &mut asked.event {
        it.asked = Some("mutation deleteAll".to_owned());
    }
    let events = [
        unclassified(1, "/customers/7/notes", 40),
        unclassified(2, "/customers/kim@customer.example/notes?q=kim", 41),
        refused(1, "HEAD", "/export", Denial::UnclassifiedRoute, 42),
        refused(1, "GET", "/payouts", Denial::ClosedOperation, 43),
        asked,
    ];
    commit(&store, events).await;
    let found = rows(&store).await;
    let line = |route: &str, count| (route.to_owned(), count);
    let expected = [
        line("GET /graphql", 1),
        line("GET /export", 1),
        line("GET /customers/*/notes", 2),
    ];
    assert_eq!(lines(&found), expected);
    assert_eq!(found[0].asked.as_deref(), Some("mutation deleteAll"));
    assert_eq!((found[2].first_at, found[2].last_at), (at(40), at(41)));
    assert_eq!(found[2].last_session, session_id(2));
    let elsewhere = "wiki".parse().unwrap();
    let none = store.unclassified(&elsewhere, None, 200).await.unwrap();
    assert!(none.rows.is_empty());
    let billing = "billing".parse().unwrap();
    let first = store.unclassified(&billing, None, 2).await.unwrap();
    let rest = store.unclassified(&billing, first.next, 2).await.unwrap();
    assert_eq!((first.rows.len(), rest.rows.len(), rest.next), (2, 1, None));
    assert_eq!(store.differences().await.unwrap(), Vec::<String>::new());
    assert_eq!(store.rebuild().await.unwrap(), Vec::<String>::new());
    assert_eq!(rows(&store).await, found);
}

pub async fn r22_whoever_tries_many_addresses_fills_no_list<E: Engine>(engine: E) {
    let store = engine.open().await;
    commit(&store, [session_started(1)]).await;
    commit(
        &store,
        [unclassified(1, "/real", 40), unclassified(1, "/real", 41)],
    )
    .await;
    let word = |number: usize| {
        let letter = |it: usize| char::from(b'g' + u8::try_from(it % 16).unwrap());
        [number / 256, number / 16, number]
            .map(letter)
            .iter()
            .collect::<String>()
    };
    for start in (0..MOST_UNCLASSIFIED + 50).step_by(50) {
        let events = (start..start + 50).map(|it| unclassified(1, &format!("/{}", word(it)), 42));
        commit(&store, events).await;
    }
    let billing: ApplicationId = "billing".parse().unwrap();
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = store.unclassified(&billing, before, 200).await.unwrap();
        all.extend(page.rows);
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(all.len(), MOST_UNCLASSIFIED);
    assert_eq!(lines(&all).last().unwrap(), &("GET /real".to_owned(), 2));
    assert_eq!(store.differences().await.unwrap(), Vec::<String>::new());
}
