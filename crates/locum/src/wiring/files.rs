//! How many files this process may have open, and how many connections follow from it.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Kept for the store, the recorder's segments, keys, case systems and applications' idle connections.
const RESERVE: u64 = 256;
/// A limit that nobody set: more than any listener wants.
const UNLIMITED: u64 = 1 << 20;
const MOST_CONNECTIONS: u64 = 10_000;

/// Raises the soft limit to the hard one and answers how many connections each side may hold: a gateway's
/// connection needs a second file towards its application, so a quarter of what is left for each listener.
pub(crate) fn connections() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(UNLIMITED);
    let connections = files.saturating_sub(RESERVE) / 4;
    usize::try_from(connections.clamp(64, MOST_CONNECTIONS)).unwrap_or(64)
}
