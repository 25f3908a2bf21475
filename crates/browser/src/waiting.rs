//! Waiting for a condition: never for a time.

use std::future::Future;
use std::time::{Duration, Instant};

/// The longest that a test waits for anything. A debug build on a busy machine takes its time.
pub const DEADLINE: Duration = Duration::from_secs(30);

const BETWEEN_LOOKS: Duration = Duration::from_millis(25);

/// Looks again and again until `look` answers `Ok`.
///
/// # Panics
/// After [`DEADLINE`], with `what` and what was seen last.
pub async fn wait_for<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    let started = Instant::now();
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) => assert!(
                started.elapsed() < DEADLINE,
                "not within {} s: {what}\n{seen}",
                DEADLINE.as_secs()
            ),
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
