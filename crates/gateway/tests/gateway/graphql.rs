//! GraphQL: a request at an endpoint is what its document asks for, and every part of it is judged and recorded.

use serde_json::json;

use crate::documents::{ENDPOINT, House, LISTED, body_of, sha256};

#[tokio::test]
async fn r17_a_document_passes_by_its_root_fields_and_goes_on_byte_for_byte() {
    let house = House::new().await;
    let body = "{ \"query\" : \"query Any($id: ID!) {\\n  one: invoice(id: $id) { total }\\n}\",\n\
                \"variables\":{\"id\":\"INV-7\"}, \"operationName\":\"Any\" }\r\n";
    let reply = house.post(body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(body_of(&reply), body);
    let admitted = house.admitted();
    assert_eq!(admitted.len(), 1);
    assert_eq!(admitted[0].operation.as_str(), "bill.read");
    assert_eq!(admitted[0].path, ENDPOINT);
    assert_eq!(admitted[0].object.as_deref(), Some("invoice:INV-7"));
    let completed = house.world.completed(1).await;
    assert_eq!(completed[0].bytes_in, body.len() as u64);
}

#[tokio::test]
async fn r17_a_client_chooses_names_and_aliases_and_neither_counts() {
    let house = House::new().await;
    // A granted operation's every word, around a field that is not granted.
    for text in [
        "query invoices { resendInvoice }",
        "mutation addNote { addNote: resendInvoice(id: 7) }",
        "mutation addNote { addNote resendInvoice }",
        "mutation addNote { addNote ...on Mutation { resendInvoice } }",
        "mutation addNote { ...addNote } fragment addNote on Mutation { x: resendInvoice }",
        "mutation addNote { addNote resendInvoice @skip(if: true) }",
        "mutation addNote @include(if: false) { ... @include(if: false) { resendInvoice } addNote }",
    ] {
        let reply = house.ask(text).await;
        assert_eq!(reply.status, 403, "{text}");
        assert_eq!(house.world.application.seen(), 0, "{text}");
    }
    let codes: Vec<&str> = house.refused().iter().map(|it| it.denial.code()).collect();
    assert_eq!(
        codes[0], "unclassified-route",
        "no `query resendInvoice` is listed"
    );
    assert!(
        codes[1..].iter().all(|it| *it == "out-of-scope"),
        "{codes:?}"
    );
    let refused = house.refused();
    assert_eq!(refused[0].asked.as_deref(), Some("query resendInvoice"));
    assert_eq!(refused[1].asked.as_deref(), Some("mutation resendInvoice"));
    assert_eq!(
        refused[1].operation.as_ref().unwrap().as_str(),
        "bill.resend"
    );
    for text in ["{ x: invoices { id } }", "query resendInvoice { invoices }"] {
        assert_eq!(house.ask(text).await.status, 200, "{text}");
    }
}

#[tokio::test]
async fn r21_what_is_closed_is_refused_whatever_stands_beside_it() {
    let house = House::new().await;
    for text in [
        "mutation { createPayout }",
        "mutation { addNote pay: createPayout }",
        "mutation { resendInvoice createPayout }",
    ] {
        let verdict = House::verdict(&house.ask(text).await);
        assert_eq!(verdict, (403, "closed-operation".to_owned()), "{text}");
    }
    let both = house.ask("mutation { createPayout deleteAll }").await;
    assert_eq!(House::verdict(&both).1, "unclassified-route");
    assert_eq!(house.world.application.seen(), 0);
}

#[tokio::test]
async fn r21_introspection_is_nobodys_operation() {
    let house = House::new().await;
    for text in [
        "{ __schema { types { name } } }",
        "{ invoices __type(name: \"Invoice\") { name } }",
        "{ __typename }",
    ] {
        house
            .is_unclassified(&json!({ "query": text }).to_string())
            .await;
    }
    assert_eq!(
        house
            .ask("{ __typename invoices { __typename } }")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn r22_everything_that_one_request_asks_for_is_on_the_record() {
    let house = House::new().await;
    let batch = json!([
        { "query": "{ a: invoice(id: 1) { id } b: invoice(id: 2) { id } }" },
        { "query": "mutation { addNote }" },
    ]);
    let reply = house.post(&batch.to_string()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let done: Vec<(String, Option<String>)> = house
        .admitted()
        .into_iter()
        .map(|it| (it.operation.to_string(), it.object))
        .collect();
    let matched: Vec<String> = house
        .admitted()
        .iter()
        .map(|it| it.template.to_string())
        .collect();
    assert_eq!(
        matched,
        ["query invoice", "query invoice", "mutation addNote"]
    );
    let object = |it: &str| Some(it.to_owned());
    assert_eq!(
        done,
        [
            ("bill.read".to_owned(), object("invoice:1")),
            ("bill.read".to_owned(), object("invoice:2")),
            ("note.add".to_owned(), None),
        ]
    );
    let completed = house.world.completed(3).await;
    assert_eq!(completed.iter().filter(|it| it.bytes_in > 0).count(), 1);
    let records: std::collections::BTreeSet<_> =
        completed.iter().map(|it| it.record.to_string()).collect();
    let admitted = house.admitted().into_iter().map(|it| it.record.to_string());
    assert_eq!(records, admitted.collect());
    // All of them were durable before the application saw anything.
    let log = house.world.log.lock().unwrap().clone();
    let place = |what: &str| log.iter().rposition(|it| it.starts_with(what)).unwrap();
    assert!(
        place("record access-admitted") < place("application"),
        "{log:?}"
    );
}

#[tokio::test]
async fn r17_a_batch_passes_whole_or_not_at_all() {
    let house = House::new().await;
    let batch = json!([{ "query": "{ invoices }" }, { "query": "mutation { resendInvoice }" }]);
    let verdict = House::verdict(&house.post(&batch.to_string()).await);
    assert_eq!(verdict, (403, "out-of-scope".to_owned()));
    assert_eq!(house.world.application.seen(), 0);
    assert!(house.admitted().is_empty());
}

#[tokio::test]
async fn r17_an_alias_is_a_use_like_any_other() {
    let house = House::new().await;
    let three = house.ask("{ a: capped b: capped c: capped }").await;
    assert_eq!(three.status, 429, "{}", three.text());
    assert_eq!(
        house.ask("{ a: capped a: capped b: capped }").await.status,
        200
    );
    assert_eq!(house.ask("{ capped }").await.status, 429);
}

#[tokio::test]
async fn r17_by_get_only_a_query_is_asked_for() {
    let house = House::new().await;
    for (query, status) in [
        ("query=%7B+invoices+%7D", 200),
        (
            "query=%7B%20invoice(id%3A%20%22INV-7%22)%20%7D&variables=%7B%7D&operationName=",
            403,
        ),
        ("query=query+A%7Binvoices%7D&operationName=A", 200),
        ("query=mutation%7BaddNote%7D", 403),
        ("query=%7Binvoices%7D&query=mutation%7BaddNote%7D", 403),
        ("query=%7Binvoices%7D;query=x", 403),
        ("query=%7Binvoices%7D&Query=%7B__schema%7D", 403),
        ("query[]=%7Binvoices%7D", 403),
        ("query=%7Binvoices%7D&id=7", 403),
        ("query=%ff", 403),
        ("", 403),
    ] {
        for method in ["GET", "HEAD"] {
            let path = format!("{ENDPOINT}?{query}");
            let reply = house.send(method, &path, &[], "").await;
            assert_eq!(reply.status, status, "{method} {query}");
        }
    }
    let with_body = house
        .send(
            "GET",
            &format!("{ENDPOINT}?query=%7Binvoices%7D"),
            &[],
            "{}",
        )
        .await;
    assert_eq!(House::verdict(&with_body).1, "unclassified-route");
}

#[tokio::test]
async fn r21_a_document_without_text_passes_by_its_listed_hash() {
    let house = House::new().await;
    let by_hash = |text: &str| {
        let hash = sha256(text);
        json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } })
    };
    assert_eq!(house.post(&by_hash(LISTED).to_string()).await.status, 200);
    assert_eq!(house.admitted()[0].operation.as_str(), "index.rebuild");
    house
        .is_unclassified(&by_hash("{ invoices }").to_string())
        .await;
    let asked = house.refused()[0].asked.clone().unwrap();
    assert_eq!(asked, format!("document {}", sha256("{ invoices }")));
    // With its text, a listed document is what it is; one that only claims the hash is nothing.
    let mut whole = by_hash(LISTED);
    whole["query"] = json!(LISTED);
    assert_eq!(house.post(&whole.to_string()).await.status, 200);
    let mut poisoned = by_hash(LISTED);
    poisoned["query"] = json!("{ invoices }");
    house.is_unclassified(&poisoned.to_string()).await;
    // A mutation that was listed under what only reads is refused where its text can be seen.
    assert_eq!(house.ask("{ secretReport }").await.status, 200);
    house
        .is_unclassified(&json!({ "query": "mutation { wipe }" }).to_string())
        .await;
    // And nothing that may change something is asked for by GET.
    let get = |text: &str| {
        let extensions = by_hash(text)["extensions"].to_string();
        let extensions: String =
            percent_encoding::utf8_percent_encode(&extensions, percent_encoding::NON_ALPHANUMERIC)
                .collect();
        format!("{ENDPOINT}?extensions={extensions}")
    };
    assert_eq!(
        house
            .send("GET", &get("{ secretReport }"), &[], "")
            .await
            .status,
        200
    );
    assert_eq!(house.send("GET", &get(LISTED), &[], "").await.status, 403);
}

#[tokio::test]
async fn r17_an_access_ends_before_a_late_body_is_judged() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let house = House::new().await;
    let body = json!({ "query": "{ invoices }" }).to_string();
    let head = crate::client::request(
        "POST",
        ENDPOINT,
        &house.world.host("billing"),
        &[
            ("Cookie", &house.cookie),
            ("Content-Type", "application/json"),
        ],
        &body,
    );
    let (head, rest) = head.split_at(head.len() - 5);
    let mut socket = tokio::net::TcpStream::connect(house.world.door)
        .await
        .unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    house
        .world
        .end(locum_domain::session::EndedBecause::CaseClosed);
    socket.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    assert_eq!(crate::client::parse(&answer).status, 401);
    assert_eq!(house.world.application.seen(), 0);
    assert!(house.admitted().is_empty());
}

#[tokio::test]
async fn r16_a_page_that_polls_one_query_keeps_no_session_awake() {
    let house = House::new().await;
    let headers = [
        ("Content-Type", "application/json"),
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Mode", "cors"),
    ];
    let ask = async |text: &str, variable: u32| {
        let body = json!({ "query": text, "variables": { "id": variable } }).to_string();
        assert_eq!(
            house.send("POST", ENDPOINT, &headers, &body).await.status,
            200
        );
    };
    let minute = |minutes: i64| {
        let by_ms = &house.world.clock.by_ms;
        by_ms.fetch_add(minutes * 60_000, std::sync::atomic::Ordering::SeqCst);
        house
            .world
            .gateway
            .idle_sessions()
            .contains(&house.world.session.id)
    };
    let query = "query($id: ID!) { invoice(id: $id) { id } }";
    ask(query, 1).await;
    assert!(!minute(6));
    ask(query, 1).await;
    assert!(!minute(3), "not idle yet");
    ask(query, 2).await;
    assert!(!minute(9), "another question is use");
    ask(query, 2).await;
    assert!(minute(2), "the same question again is not");
    let writes = json!({ "query": "mutation { addNote }" }).to_string();
    for _ in 0..2 {
        assert_eq!(
            house.send("POST", ENDPOINT, &headers, &writes).await.status,
            200
        );
        assert!(!minute(9));
    }
}
