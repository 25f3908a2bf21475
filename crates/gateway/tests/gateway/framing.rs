//! Framing: a request that two parsers could read differently is 400, and its connection closes.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{parse, raw};
use crate::world::World;

#[tokio::test]
async fn r17_ambiguous_framing_is_400_and_closes_and_nobody_sees_it() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let head = format!(
        "POST /echo/x HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\n",
        world.host("billing")
    );
    for rest in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 3\r\nContent-Length: 5\r\n\r\nabc",
        "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "Content-Length: 3,3\r\n\r\nabc",
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n",
        "Content-Length : 0\r\n\r\n",
        "Host: crm.gw.localhost\r\n\r\n",
        "X-A: b\nContent-Length: 0\r\n\r\n",
        "X-A: b\rContent-Length: 0\r\n\r\n",
        "X-A: b\r\n\n",
        "X-A: \0\r\n\r\n",
    ] {
        let bytes = raw(world.door, format!("{head}{rest}").as_bytes())
            .await
            .unwrap();
        let reply = parse(&bytes);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "malformed"),
            "{rest:?}"
        );
        assert_eq!(reply.header("connection"), Some("close"), "{rest:?}");
    }
    for line in [
        "GET http://crm.gw.localhost/ HTTP/1.1",
        "GET /\tx HTTP/1.1",
        "GET / HTTP/3.0",
    ] {
        let text = format!("{line}\r\nHost: {}\r\n\r\n", world.host("billing"));
        let reply = parse(&raw(world.door, text.as_bytes()).await.unwrap());
        assert_eq!(reply.status, 400, "{line:?}");
    }
    assert_eq!(world.application.seen(), 0);
}

#[tokio::test]
async fn r17_a_smuggled_second_request_is_not_answered() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let host = world.host("billing");
    let good = format!("GET /echo/one HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
    let bad = format!("GET /echo/two HTTP/1.1\r\nHost: {host}\r\n Cookie: x\r\n\r\n");
    let hidden = format!("GET /echo/three HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
    let bytes = raw(world.door, format!("{good}{bad}{hidden}").as_bytes())
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert_eq!(text.matches("HTTP/1.").count(), 2, "{text}");
    assert!(text.contains("400 Bad Request"));
    assert_eq!(world.application.seen(), 1);
}

#[tokio::test]
async fn r17_a_malformed_head_waits_for_the_answer_before_it() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let host = world.host("billing");
    world
        .kept
        .is_slow
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let mut socket = TcpStream::connect(world.door).await.unwrap();
    let good = format!("GET /invoices HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
    socket.write_all(good.as_bytes()).await.unwrap();
    crate::world::eventually(|| world.gateway.live()[0].in_flight == 1).await;
    socket
        .write_all(b"GET / HTTP/1.1\nHost: x\n\n")
        .await
        .unwrap();
    let mut all = String::new();
    socket.read_to_string(&mut all).await.unwrap();
    assert!(all.starts_with("HTTP/1.1 200"), "{all}");
    assert!(all.contains("400 Bad Request"), "{all}");
}

#[tokio::test]
async fn r17_a_head_may_come_in_pieces_and_several_on_one_connection() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let host = world.host("billing");
    let mut socket = TcpStream::connect(world.door).await.unwrap();
    let body = "2\r\nhi\r\n0\r\n\r\n";
    let posted = format!(
        "POST /echo/x HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nTransfer-Encoding: chunked\r\n\r\n{body}"
    );
    for _ in 0..3 {
        for piece in posted.as_bytes().chunks(7) {
            socket.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
        }
    }
    let last = format!(
        "GET /invoices HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    );
    socket.write_all(last.as_bytes()).await.unwrap();
    let mut all = String::new();
    socket.read_to_string(&mut all).await.unwrap();
    assert_eq!(all.matches("HTTP/1.1 200").count(), 4, "{all}");
    assert_eq!(world.application.seen(), 4);
    // All over one kept connection to the application.
    assert_eq!(
        world
            .application
            .connections
            .load(std::sync::atomic::Ordering::SeqCst),
        1
    );
}

#[tokio::test]
async fn r17_a_malformed_chunk_breaks_the_request_off() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let host = world.host("billing");
    let text = format!(
        "POST /echo/x HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nTransfer-Encoding: chunked\r\n\r\n2\nhi\r\n0\r\n\r\n"
    );
    let bytes = raw(world.door, text.as_bytes()).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(
        text.is_empty() || text.starts_with("HTTP/1.1 400"),
        "{text}"
    );
}

#[tokio::test]
async fn r17_an_oversize_head_is_431_and_an_endless_one_is_closed() {
    let limits = locum_gateway::Limits {
        head_timeout: Duration::from_millis(300),
        ..Default::default()
    };
    let world = World::with(limits, locum_domain::catalog::RecordTiming::Before).await;
    let host = world.host("billing");
    let large = format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n\r\n",
        "a".repeat(40_000)
    );
    let reply = parse(&raw(world.door, large.as_bytes()).await.unwrap());
    assert_eq!((reply.status, reply.code().as_str()), (431, "malformed"));
    let slow = raw(world.door, b"GET / HTTP/1.1\r\nHost:").await;
    let slow = slow.unwrap_or_default();
    assert!(
        slow.is_empty() || slow.starts_with(b"HTTP/1.1 4"),
        "{slow:?}"
    );
}

#[tokio::test]
async fn r17_a_refused_upload_gets_to_read_why() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let host = world.host("billing");
    let head = format!(
        "POST /payouts HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nContent-Length: 400000\r\n\r\n"
    );
    let mut socket = TcpStream::connect(world.door).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    // The rest follows after the refusal; the client may not notice until it has sent it all.
    let body = vec![b'x'; 400_000];
    let _ = socket.write_all(&body).await;
    let mut all = Vec::new();
    socket.read_to_end(&mut all).await.unwrap();
    assert_eq!(parse(&all).status, 403);
}

#[tokio::test]
async fn r17_the_client_is_told_to_go_on_only_once_it_is_admitted() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let host = world.host("billing");
    for (path, first) in [
        ("/upload", "HTTP/1.1 100 Continue"),
        ("/payouts", "HTTP/1.1 403"),
    ] {
        let mut socket = TcpStream::connect(world.door).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut some = vec![0; first.len()];
        socket.read_exact(&mut some).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&some), first);
    }
}
