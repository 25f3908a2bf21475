//! What the tests of the running binary share: a deployment of one application and one case desk, both played
//! here, the process itself, and plain HTTP to it. A child process ends with the value that holds it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]
#![allow(dead_code, reason = "every test file uses another part of the harness")]

pub(crate) mod backups;
pub(crate) mod client;
pub(crate) mod deployment;
pub(crate) mod founder;
pub(crate) mod outside;
pub(crate) mod people;
pub(crate) mod process;
pub(crate) mod witness;

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

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

/// Waits until `holds` answers something; fails with `what` when it does not in `limit`.
pub(crate) fn wait_for<T>(what: &str, limit: Duration, mut holds: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = holds() {
            return found;
        }
        assert!(started.elapsed() < limit, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// [`wait_for`] a condition.
pub(crate) fn wait_until(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    wait_for(what, limit, || holds().then_some(()));
}

/// SplitMix64: what a seed reproduces as far as a scheduler lets it.
pub(crate) struct Chance(u64);

impl Chance {
    /// From `LOCUM_SEED`, else always the same.
    pub(crate) fn seeded() -> (u64, Self) {
        let seed = std::env::var("LOCUM_SEED").map_or(1, |it| it.parse().unwrap());
        (seed, Self(seed))
    }

    pub(crate) fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
