//! The processes around the browser: Locum itself, and what it speaks to.

pub(crate) mod files;
pub(crate) mod http;
pub(crate) mod locum;
pub(crate) mod provider;
pub(crate) mod web;
pub(crate) mod world;

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// A loopback port nobody listens on, below those that outgoing connections get: it is still free when the
/// server that was told of it comes up, and when it comes up again.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(u64::from(std::process::id()) * 67 % 20_000).unwrap();
    for _ in 0..20_000 {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 10_000 + (start + step % 20_000) % 20_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}
