//! The task by which sessions end on time.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::gateway::Inner;

/// Cached tokens that are over are thrown out every so many rounds.
const ROUNDS: u32 = 240;

/// Keeps time for this gateway, once, for as long as anybody holds it.
pub(crate) fn watch(gateway: &Arc<Inner>) {
    if gateway.is_watched.swap(true, Ordering::AcqRel) {
        return;
    }
    let held = Arc::downgrade(gateway);
    tokio::spawn(async move {
        let mut round: u32 = 0;
        while let Some(gateway) = held.upgrade() {
            let next_ms = gateway.keep_time();
            round = round.wrapping_add(1);
            if round.is_multiple_of(ROUNDS) {
                let now = gateway.ports.clock.now().as_second();
                gateway.credentials.clear_old_tokens(now);
            }
            gateway.wait_until(next_ms).await;
        }
    });
}
