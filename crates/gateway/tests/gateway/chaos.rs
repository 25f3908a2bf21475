//! Clients that behave badly at random: afterwards nothing is under way, and every admission has its completion.

use std::collections::HashSet;
use std::time::Duration;

use locum_domain::Event;
use locum_domain::session::EndedBecause;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::request;
use crate::world::{World, eventually};

/// A small generator, so that a failure can be played again (Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Sends a request, reads a while, goes away.
async fn behave_badly(world: &World, cookie: &str, mut dice: Dice) {
    let paths = [
        "/invoices/7",
        "/page",
        "/drip",
        "/wait",
        "/upload",
        "/payouts",
        "/chunked",
        "/gzip",
    ];
    let path = paths[dice.roll(8) as usize];
    let method = if path == "/upload" || path == "/payouts" {
        "POST"
    } else {
        "GET"
    };
    let body = "x".repeat(dice.roll(5000) as usize);
    let body = if method == "POST" { body.as_str() } else { "" };
    let text = request(
        method,
        path,
        &world.host("billing"),
        &[("Cookie", cookie)],
        body,
    );
    let mut bytes = text.as_bytes();
    if dice.roll(4) == 0 {
        bytes = &bytes[..dice.roll(bytes.len() as u64) as usize];
    }
    let mut socket = TcpStream::connect(world.door).await.unwrap();
    while !bytes.is_empty() {
        let count = (1 + dice.roll(400) as usize).min(bytes.len());
        if socket.write_all(&bytes[..count]).await.is_err() {
            return;
        }
        bytes = &bytes[count..];
    }
    let patience = Duration::from_millis(dice.roll(30));
    let mut some = vec![0; 1 + dice.roll(20_000) as usize];
    let _ = tokio::time::timeout(patience, socket.read_exact(&mut some)).await;
    // The orderly end of a client that could still be waiting looks like that of one that is; a killed one's is
    // a reset.
    if path == "/wait" {
        let linger = Some(Duration::ZERO);
        socket2::SockRef::from(&socket).set_linger(linger).unwrap();
    }
}

async fn everything_is_closed(world: &World) {
    eventually(|| {
        let mut open = HashSet::new();
        for happened in world.kept.records.lock().unwrap().iter() {
            match &happened.event {
                Event::AccessAdmitted(it) => assert!(open.insert(it.record.clone())),
                Event::AccessCompleted(it) => assert!(open.remove(&it.record)),
                _ => {}
            }
        }
        open.is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r22_every_admission_has_its_completion_however_clients_behave() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let all = (0..300).map(|seed| behave_badly(&world, &cookie, Dice(seed)));
    futures_util::future::join_all(all).await;
    eventually(|| world.gateway.live()[0].in_flight == 0).await;
    everything_is_closed(&world).await;
    // And it still serves.
    assert_eq!(world.get("/invoices", &cookie, &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_after_an_end_nothing_is_under_way_however_many_were_coming() {
    for seed in 0..10 {
        let world = World::new().await;
        let cookie = world.cookie("billing").await;
        let coming = (0..60).map(|it| behave_badly(&world, &cookie, Dice(seed * 1000 + it)));
        let ending = async {
            tokio::time::sleep(Duration::from_millis(seed)).await;
            world.end(EndedBecause::CaseClosed);
        };
        tokio::join!(futures_util::future::join_all(coming), ending);
        everything_is_closed(&world).await;
        assert_eq!(world.get("/invoices", &cookie, &[]).await.status, 401);
        let seen = world.application.seen();
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(world.application.seen(), seen);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r17_however_the_network_cuts_them_up_requests_are_the_same() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let host = world.host("billing");
    for seed in 0..20 {
        let mut dice = Dice(seed);
        let mut text = String::new();
        for number in 0..20 {
            let head =
                format!("POST /echo/{number} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n");
            let body = "b".repeat(dice.roll(300) as usize);
            text.push_str(&head);
            if dice.roll(2) == 0 {
                text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
            } else {
                let end = if body.is_empty() { "" } else { "0\r\n\r\n" };
                text.push_str("Transfer-Encoding: chunked\r\n\r\n");
                text.push_str(&format!("{:x}\r\n{body}\r\n{end}", body.len()));
            }
        }
        text.push_str(&request(
            "GET",
            "/invoices",
            &host,
            &[("Cookie", &cookie)],
            "",
        ));
        let mut socket = TcpStream::connect(world.door).await.unwrap();
        let (mut from, mut to) = socket.split();
        let writing = async {
            let mut bytes = text.as_bytes();
            while !bytes.is_empty() {
                let count = (1 + dice.roll(250) as usize).min(bytes.len());
                to.write_all(&bytes[..count]).await.unwrap();
                tokio::task::yield_now().await;
                bytes = &bytes[count..];
            }
        };
        let mut all = Vec::new();
        let (_, read) = tokio::join!(writing, from.read_to_end(&mut all));
        read.unwrap();
        let all = String::from_utf8_lossy(&all).into_owned();
        assert_eq!(
            all.matches("HTTP/1.1 200").count(),
            21,
            "seed {seed}: {all}"
        );
    }
}
