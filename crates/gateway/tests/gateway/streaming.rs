//! Streaming: nothing is held that has not left yet.

use std::sync::atomic::Ordering;

use locum_domain::access::Outcome;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::application::LARGE;
use crate::client::request;
use crate::world::World;

/// Kibibytes of memory in use, as the kernel counts them.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

/// Applications and client are in this process too, and everything of all of them must stay small.
const MOST_KIB: u64 = 48 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_stays_flat_for_200_mb_down_and_up() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let before = resident_kib();
    let mut most = before;

    let mut socket = TcpStream::connect(world.door).await.unwrap();
    let text = request(
        "GET",
        "/large",
        &world.host("billing"),
        &[("Cookie", &cookie)],
        "",
    );
    socket.write_all(text.as_bytes()).await.unwrap();
    let mut buffer = vec![0; 256 * 1024];
    let mut count = 0;
    loop {
        let read = socket.read(&mut buffer).await.unwrap();
        if read == 0 {
            break;
        }
        count += read as u64;
        most = most.max(resident_kib());
    }
    assert!(count > LARGE && count < LARGE + 2000, "{count}");
    let down = most - before;
    assert_eq!(world.completed(1).await[0].bytes_out, LARGE);

    let mut socket = TcpStream::connect(world.door).await.unwrap();
    let head = format!(
        "POST /upload HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nContent-Length: {LARGE}\r\nConnection: close\r\n\r\n",
        world.host("billing")
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut left = LARGE;
    while left > 0 {
        let piece = left.min(buffer.len() as u64) as usize;
        socket.write_all(&buffer[..piece]).await.unwrap();
        left -= piece as u64;
        most = most.max(resident_kib());
    }
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(world.application.uploaded.load(Ordering::SeqCst), LARGE);
    let completed = world.completed(2).await;
    assert_eq!(
        (completed[1].bytes_in, completed[1].outcome),
        (LARGE, Outcome::Answered)
    );
    println!(
        "200 MiB down: {down} KiB more; up as well: {} KiB more",
        most - before
    );
    assert!(most - before < MOST_KIB, "{} KiB", most - before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_to_the_application_are_used_again() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    for path in ["/invoices", "/chunked", "/page"].repeat(10) {
        assert_eq!(world.get(path, &cookie, &[]).await.status, 200);
    }
    assert!(world.application.connections.load(Ordering::SeqCst) <= 2);
}
