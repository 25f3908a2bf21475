//! GraphQL requests that two servers could read differently, that are too much, or that are none.

use serde_json::{Value, json};

use crate::client::{parse, raw};
use crate::documents::{ENDPOINT, House};

#[tokio::test]
async fn r17_a_document_with_two_readings_or_none_is_unclassified() {
    let house = House::new().await;
    let open = "query A { invoices }";
    let shut = "mutation B { deleteAll }";
    for text in [
        // No document at all.
        "",
        "{",
        "{ }",
        "nothing",
        "{ invoices } }",
        "{ invoices ",
        // Several operations, and nobody says which.
        &format!("{open} {shut}"),
        "{ invoices } query B { invoices }",
        "query A { invoices } query A { deleteAll }",
        "fragment A on Query { invoices }",
        // Definitions that are no part of a request.
        &format!("{open} type Query {{ a: Int }}"),
        "extend type Query { a: Int } query A { invoices }",
        // Fragments that are missing or doubled.
        "{ invoices ...Missing }",
        "{ ...A } fragment A on Query { invoices } fragment A on Query { deleteAll }",
        // What lexers disagree about: the ends of comments, and block strings.
        "query A { invoices # \r deleteAll\n }",
        "query A { invoices # \u{2028} deleteAll\n }",
        "query A { invoices # \u{0} deleteAll\n }",
        "\u{feff}query A { invoices }",
        "query A { invoices(a: [\"\"\" \"] ) deleteAll(b: [\" \"\"\"]) }",
        // A kind that is not carried.
        "subscription A { invoices }",
        "query A { invoices } fragment on on Query { invoices }",
    ] {
        house
            .is_unclassified(&json!({ "query": text }).to_string())
            .await;
    }
    for text in [
        "query A {\r\n  invoices # one\r\n}",
        "query A($a: S = \"#\") { invoices(a: \"\\\"\") }",
    ] {
        assert_eq!(house.ask(text).await.status, 200, "{text}");
    }
}

#[tokio::test]
async fn r17_the_operation_that_is_named_decides_and_no_other() {
    let house = House::new().await;
    let text =
        "query A { invoices } mutation B { deleteAll } query C { __schema { types { name } } }";
    let named = |name: Value| json!({ "query": text, "operationName": name }).to_string();
    assert_eq!(house.post(&named(json!("A"))).await.status, 200);
    for name in [
        json!("B"),
        json!("C"),
        json!("D"),
        json!("a"),
        json!(""),
        json!(null),
        json!(1),
    ] {
        house.is_unclassified(&named(name)).await;
    }
    // The only one has another name than the one that is asked for.
    let only = json!({ "query": "query A { invoices }", "operationName": "B" });
    house.is_unclassified(&only.to_string()).await;
}

#[tokio::test]
async fn r17_an_envelope_with_two_readings_is_unclassified() {
    let house = House::new().await;
    let open = r#""query":"{ invoices }""#;
    let hash = "a".repeat(64);
    for body in [
        // One member twice, at any depth.
        format!(r#"{{{open},"query":"mutation {{ deleteAll }}"}}"#),
        format!(r#"{{{open},"\u0071uery":"mutation {{ deleteAll }}"}}"#),
        format!(r#"{{{open},"variables":{{"id":1,"id":2}}}}"#),
        format!(r#"{{{open},"operationName":null,"operationName":"B"}}"#),
        // Members that some servers prefer to those that are known.
        format!(r#"{{{open},"Query":"mutation {{ deleteAll }}"}}"#),
        format!(r#"{{{open},"id":"7"}}"#),
        format!(r#"{{{open},"doc_id":"7"}}"#),
        format!(r#"{{{open},"documentId":"sha256:{hash}"}}"#),
        format!(
            r#"{{{open},"extensions":{{"persistedQuery":{{"version":1,"sha256Hash":"{hash}"}}}}}}"#
        ),
        format!(r#"{{"extensions":{{"persistedQuery":{{"version":2,"sha256Hash":"{hash}"}}}}}}"#),
        format!(r#"{{{open},"extensions":{{"other":1}}}}"#),
        format!(r#"{{{open},"extensions":7}}"#),
        // Not what an envelope is.
        r#"{"query":["{ invoices }"]}"#.to_owned(),
        r#"{"query":null}"#.to_owned(),
        r#"{"variables":{}}"#.to_owned(),
        format!(r#"{{{open},"variables":[1]}}"#),
        r#""{ invoices }""#.to_owned(),
        r#"[["{ invoices }",null,null,null]]"#.to_owned(),
        "[]".to_owned(),
        "[{}]".to_owned(),
        "{ invoices }".to_owned(),
        String::new(),
        format!("{{{open}}} {{}}"),
        format!("\u{feff}{{{open}}}"),
        format!("{{{open},}}"),
        format!("{{{open}}} // x"),
    ] {
        house.is_unclassified(&body).await;
    }
    let known = format!(r#"{{{open},"extensions":{{"clientLibrary":{{"name":"a"}}}}}}"#);
    assert_eq!(house.post(&known).await.status, 200);
}

#[tokio::test]
async fn r17_a_head_that_makes_the_body_ambiguous_is_unclassified() {
    let house = House::new().await;
    let body = json!({ "query": "{ invoices }" }).to_string();
    let json = ("Content-Type", "application/json");
    for headers in [
        &[][..],
        &[("Content-Type", "text/plain")],
        &[("Content-Type", "application/graphql")],
        &[("Content-Type", "application/x-www-form-urlencoded")],
        &[("Content-Type", "multipart/form-data; boundary=x")],
        &[("Content-Type", "application/json; charset=utf-7")],
        &[("Content-Type", "application/json; charset=utf-16")],
        &[json, ("Content-Type", "application/graphql")],
        &[json, ("Content-Encoding", "gzip")],
        &[json, ("Content-Encoding", "identity")],
        &[json, ("Connection", "upgrade"), ("Upgrade", "websocket")],
    ] {
        let reply = house.send("POST", ENDPOINT, headers, &body).await;
        assert_eq!(
            House::verdict(&reply).1,
            "unclassified-route",
            "{headers:?}"
        );
    }
    for path in [
        "?query=mutation%7BdeleteAll%7D",
        "?QUERY=x",
        "?%71uery=x",
        "?op=A&query=x",
        "?op=A;query=x",
        "?operationName=B",
        "?extensions=x",
        "?id=7",
    ] {
        let reply = house
            .send("POST", &format!("{ENDPOINT}{path}"), &[json], &body)
            .await;
        assert_eq!(House::verdict(&reply).1, "unclassified-route", "{path}");
    }
    assert_eq!(house.world.application.seen(), 0);
    for (path, kind) in [
        ("?op=A", "application/json"),
        ("", "application/json; Charset=UTF-8"),
    ] {
        let path = format!("{ENDPOINT}{path}");
        let reply = house
            .send("POST", &path, &[("Content-Type", kind)], &body)
            .await;
        assert_eq!(reply.status, 200, "{path} {kind}");
    }
}

#[tokio::test]
async fn r17_no_way_round_leads_to_the_endpoint() {
    let house = House::new().await;
    let body = json!({ "query": "mutation { deleteAll }" }).to_string();
    let json = [("Content-Type", "application/json")];
    for path in ["", "/", ";x", ";x=1", "/;x", ".json", ".JSON/"] {
        let path = format!("{ENDPOINT}{path}");
        let reply = house.send("POST", &path, &json, &body).await;
        assert_eq!(House::verdict(&reply).1, "unclassified-route", "{path}");
    }
    // Some frameworks take these for the endpoint as well, whatever route stands there.
    for path in ["/echo/GraphQL", "/echo/%47raphql"] {
        let reply = house.send("POST", path, &json, &body).await;
        assert_eq!(House::verdict(&reply).1, "unclassified-route", "{path}");
    }
    for path in [
        "/echo/%67raphql",
        "/echo/./graphql",
        "//echo/graphql",
        "/echo/graphql%2f",
    ] {
        let reply = house.send("POST", path, &json, &body).await;
        assert_ne!(reply.status, 200, "{path}");
    }
    // By another method a route decides, as everywhere; `Destination` leads nowhere from a document.
    assert_eq!(house.send("MOVE", ENDPOINT, &[], "").await.status, 200);
    let open = json!({ "query": "{ invoices }" }).to_string();
    let to = [json[0], ("Destination", "/echo/x")];
    assert_eq!(house.send("POST", ENDPOINT, &to, &open).await.status, 403);
    let foreign = [json[0], ("Sec-Fetch-Site", "cross-site")];
    let reply = house.send("POST", ENDPOINT, &foreign, &open).await;
    assert_eq!(House::verdict(&reply).1, "wrong-application");
}

#[tokio::test]
async fn r17_too_much_is_unclassified_and_costs_little() {
    let house = House::new().await;
    let ask = |text: String| json!({ "query": text }).to_string();
    // Under 64 KiB it is read, above not even that.
    let padded = |bytes: usize| {
        let body = ask("{ invoices }".to_owned());
        format!("{}{}", body, " ".repeat(bytes - body.len()))
    };
    assert_eq!(house.post(&padded(64 * 1024)).await.status, 200);
    let seen = house.world.application.seen();
    house.is_unclassified(&padded(64 * 1024 + 1)).await;
    // Deep: selections, lists, objects, types, JSON, fragments in fragments.
    let deep = 10_000;
    house
        .is_unclassified(&ask("{ a ".repeat(deep) + &"}".repeat(deep)))
        .await;
    house.is_unclassified(&ask("{ ... ".repeat(deep / 2))).await;
    house
        .is_unclassified(&ask(format!("{{ invoices(a: {}) }}", "[".repeat(deep))))
        .await;
    house
        .is_unclassified(&ask(format!("{{ invoices(a: {}) }}", "{a:".repeat(deep))))
        .await;
    house
        .is_unclassified(&ask(format!(
            "query($a: {}) {{ invoices }}",
            "[".repeat(deep)
        )))
        .await;
    house
        .is_unclassified(&format!("{}1{}", "[".repeat(deep), "]".repeat(deep)))
        .await;
    house.is_unclassified(&"{\"a\":".repeat(deep)).await;
    let chain: String = (0..1_000)
        .map(|it| format!("fragment f{it} on Q {{ ...f{} }} ", it + 1))
        .collect();
    house
        .is_unclassified(&ask(format!(
            "{{ ...f0 }} {chain} fragment f1000 on Q {{ deleteAll }}"
        )))
        .await;
    // Many: root fields, calls, tokens.
    let fields: String = (0..65).map(|it| format!("a{it}: invoices ")).collect();
    house.is_unclassified(&ask(format!("{{ {fields} }}"))).await;
    let batch: Vec<Value> = (0..17)
        .map(|_| json!({ "query": "{ invoices }" }))
        .collect();
    house.is_unclassified(&Value::from(batch).to_string()).await;
    house
        .is_unclassified(&ask(format!("{{ invoices {} }}", ",".repeat(20_000))))
        .await;
    assert_eq!(house.world.application.seen(), seen);
    // What goes round in a circle ends here as well.
    let circle = "{ ...A } fragment A on Q { invoices ...B } fragment B on Q { ...A }";
    assert_eq!(house.ask(circle).await.status, 200);
}

#[tokio::test]
async fn r17_a_chunked_body_is_the_same_body() {
    let house = House::new().await;
    let send = async |chunks: &[&str]| {
        let host = house.world.host("billing");
        let mut text = format!(
            "POST {ENDPOINT} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nCookie: {}\r\n\
             Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
            house.cookie
        );
        for chunk in chunks {
            text.push_str(&format!("{:x}\r\n{chunk}\r\n", chunk.len()));
        }
        text.push_str("0\r\n\r\n");
        parse(&raw(house.world.door, text.as_bytes()).await.unwrap())
    };
    let open = send(&["{\"query\":\"{ inv", "oices }\"}"]).await;
    assert_eq!(open.status, 200);
    assert_eq!(
        crate::documents::body_of(&open),
        "{\"query\":\"{ invoices }\"}"
    );
    let shut = send(&["{\"query\":\"{ invoices } ", "mutation A { deleteAll }\"}"]).await;
    assert_eq!(House::verdict(&shut).1, "unclassified-route");
    let space = " ".repeat(40_000);
    let large = send(&["{\"query\":\"{ invoices }\"}", &space, &space]).await;
    assert_eq!(House::verdict(&large).1, "unclassified-route");
}
