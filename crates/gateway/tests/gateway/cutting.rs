//! Cutting: a reset at the next byte, whatever is under way.

use std::io::ErrorKind;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use locum_domain::access::Outcome;
use locum_domain::session::EndedBecause;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::client::{PATIENCE, request};
use crate::world::{World, eventually};

async fn begin(world: &World, path: &str) -> TcpStream {
    let cookie = world.cookie("billing").await;
    let socket = TcpSocket::new_v4().unwrap();
    let mut socket = socket.connect(world.door).await.unwrap();
    let text = request(
        "GET",
        path,
        &world.host("billing"),
        &[("Cookie", &cookie)],
        "",
    );
    socket.write_all(text.as_bytes()).await.unwrap();
    socket
}

/// Reads to the end, and says how it ended and how much came.
async fn rest(socket: &mut TcpStream) -> (usize, Result<(), ErrorKind>) {
    let mut buffer = vec![0; 64 * 1024];
    let mut count = 0;
    loop {
        let read = tokio::time::timeout(PATIENCE, socket.read(&mut buffer));
        match read.await.expect("nothing came and nothing ended") {
            Ok(0) => return (count, Ok(())),
            Ok(more) => count += more,
            Err(error) => return (count, Err(error.kind())),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_a_download_is_reset_in_the_middle_and_the_application_aborted() {
    let world = World::new().await;
    let mut socket = begin(&world, "/drip").await;
    let mut some = vec![0; 20_000];
    socket.read_exact(&mut some).await.unwrap();
    assert_eq!(world.gateway.live()[0].in_flight, 1);
    assert_eq!(world.end(EndedBecause::CaseClosed), 1);
    let (_, ended) = rest(&mut socket).await;
    assert_eq!(ended, Err(ErrorKind::ConnectionReset));
    eventually(|| world.application.aborted.load(Ordering::SeqCst) == 1).await;
    let completed = world.completed(1).await;
    assert_eq!(completed[0].outcome, Outcome::Cut);
    assert!(completed[0].bytes_out >= 16_384, "{completed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_a_request_still_waiting_for_its_answer_is_reset() {
    let world = World::new().await;
    let mut socket = begin(&world, "/wait").await;
    eventually(|| world.application.seen() == 1).await;
    assert_eq!(world.end(EndedBecause::Stopped), 1);
    assert_eq!(
        rest(&mut socket).await,
        (0, Err(ErrorKind::ConnectionReset))
    );
    eventually(|| world.application.aborted.load(Ordering::SeqCst) == 1).await;
    assert_eq!(world.outcome().await, Outcome::Cut);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_an_upload_is_reset_and_the_application_aborted() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let mut socket = TcpStream::connect(world.door).await.unwrap();
    let head = format!(
        "POST /upload HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nContent-Length: 1000000\r\n\r\n",
        world.host("billing")
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&[b'x'; 5000]).await.unwrap();
    eventually(|| world.application.uploaded.load(Ordering::SeqCst) == 5000).await;
    world.end(EndedBecause::CaseClosed);
    assert_eq!(
        rest(&mut socket).await,
        (0, Err(ErrorKind::ConnectionReset))
    );
    let completed = world.completed(1).await;
    assert_eq!(
        (completed[0].outcome, completed[0].bytes_in),
        (Outcome::Cut, 5000)
    );
}

/// A reader that stopped reading gets what its own kernel had already and nothing of what waits here. (How much
/// its kernel takes is the receiver's to say; this one says little.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_a_reader_that_stopped_reading_gets_at_most_64_kib_more() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut socket = socket.connect(world.door).await.unwrap();
    let text = request(
        "GET",
        "/flood",
        &world.host("billing"),
        &[("Cookie", &cookie)],
        "",
    );
    socket.write_all(text.as_bytes()).await.unwrap();
    let mut some = vec![0; 50_000];
    socket.read_exact(&mut some).await.unwrap();
    // Until nothing moves any more: every buffer on the way is full.
    let sent = || world.gateway.live()[0].in_flight;
    assert_eq!(sent(), 1);
    tokio::time::sleep(Duration::from_millis(300)).await;
    world.end(EndedBecause::CaseClosed);
    eventually(|| world.application.aborted.load(Ordering::SeqCst) == 1).await;
    let (more, ended) = rest(&mut socket).await;
    assert_eq!(ended, Err(ErrorKind::ConnectionReset));
    println!("a reader that stopped reading got {more} bytes more");
    assert!(more <= 64 * 1024, "{more} bytes came after the cut");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_every_stream_of_a_session_is_cut_and_no_other() {
    let world = World::new().await;
    let other = crate::world::session(2, &["billing"]);
    world.gateway.begin(&other);
    let url = world
        .gateway
        .ticket(
            &other.id,
            &crate::world::id("billing"),
            locum_gateway::Pass::Bearer,
        )
        .unwrap();
    let entered = crate::client::send(
        world.door,
        "GET",
        &crate::world::path_of(&url),
        &world.host("billing"),
        &[],
    )
    .await;
    let others = crate::world::cookie_of(&entered);
    let mut kept = TcpStream::connect(world.door).await.unwrap();
    let text = request(
        "GET",
        "/drip",
        &world.host("billing"),
        &[("Cookie", &others)],
        "",
    );
    kept.write_all(text.as_bytes()).await.unwrap();
    let mut sockets = Vec::new();
    for _ in 0..50 {
        let mut socket = begin(&world, "/drip").await;
        socket.read_exact(&mut [0; 1000]).await.unwrap();
        sockets.push(socket);
    }
    let start = Instant::now();
    assert_eq!(world.end(EndedBecause::CaseClosed), 50);
    let ordered = start.elapsed();
    for socket in &mut sockets {
        assert_eq!(rest(socket).await.1, Err(ErrorKind::ConnectionReset));
    }
    println!(
        "50 streams: ordered in {ordered:?}, last reset seen after {:?}",
        start.elapsed()
    );
    kept.read_exact(&mut [0; 50_000]).await.unwrap();
    assert_eq!(world.completed(50).await.len(), 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r16_a_session_expires_by_itself_on_the_clock_that_does_not_step() {
    let world = World::new().await;
    let mut socket = begin(&world, "/drip").await;
    socket.read_exact(&mut [0; 1000]).await.unwrap();
    world.clock.by_ms.store(30 * 60 * 1000, Ordering::SeqCst);
    assert_eq!(rest(&mut socket).await.1, Err(ErrorKind::ConnectionReset));
    eventually(|| !world.told.expired.lock().unwrap().is_empty()).await;
    assert_eq!(
        *world.told.expired.lock().unwrap(),
        std::slice::from_ref(&world.session.id)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_no_request_slips_through_between_its_check_and_the_end() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    world.kept.is_slow.store(true, Ordering::SeqCst);
    let mut socket = TcpStream::connect(world.door).await.unwrap();
    let text = request(
        "GET",
        "/invoices",
        &world.host("billing"),
        &[("Cookie", &cookie)],
        "",
    );
    socket.write_all(text.as_bytes()).await.unwrap();
    // Admitted, and its record is being made durable: the application must not see it any more.
    eventually(|| world.gateway.live()[0].in_flight == 1).await;
    world.end(EndedBecause::CaseClosed);
    assert_eq!(
        rest(&mut socket).await,
        (0, Err(ErrorKind::ConnectionReset))
    );
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.application.seen(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_a_client_that_closed_its_side_is_cut_by_a_reset_too() {
    for path in ["/wait", "/drip"] {
        let world = World::new().await;
        let mut socket = begin(&world, path).await;
        socket.shutdown().await.unwrap();
        eventually(|| world.application.seen() == 1).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(world.end(EndedBecause::CaseClosed), 1, "{path}");
        assert_eq!(rest(&mut socket).await.1, Err(ErrorKind::ConnectionReset));
        assert_eq!(world.outcome().await, Outcome::Cut);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r17_a_client_that_closed_its_side_gets_its_answer() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    world.kept.is_slow.store(true, Ordering::SeqCst);
    let host = world.host("billing");
    for text in [
        request("GET", "/invoices", &host, &[("Cookie", &cookie)], ""),
        request(
            "POST",
            "/upload",
            &host,
            &[("Cookie", &cookie)],
            "0123456789",
        ),
        // Without `Connection: close` the gateway finds out by itself that nothing follows.
        format!("GET /invoices HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n"),
    ] {
        let mut socket = TcpStream::connect(world.door).await.unwrap();
        socket.write_all(text.as_bytes()).await.unwrap();
        socket.shutdown().await.unwrap();
        let mut answer = String::new();
        let read = socket.read_to_string(&mut answer);
        tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let completed = world.completed(3).await;
    assert!(completed.iter().all(|it| it.outcome == Outcome::Answered));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r17_a_client_that_closed_its_side_and_then_died_is_noticed() {
    let world = World::new().await;
    let mut socket = begin(&world, "/wait").await;
    socket.shutdown().await.unwrap();
    eventually(|| world.application.seen() == 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(world.gateway.live()[0].in_flight, 1);
    socket2::SockRef::from(&socket)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
    drop(socket);
    assert_eq!(world.outcome().await, Outcome::Abandoned);
    eventually(|| world.application.aborted.load(Ordering::SeqCst) == 1).await;
}
