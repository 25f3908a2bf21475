//! What falls due by itself, on the clock that never steps: ends, and forgetting why something ended.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use locum_domain::SessionId;

/// What falls due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// The session's time is over.
    Expire(SessionId),
    /// Nobody is told any more why it ended.
    Forget(SessionId),
}

/// Everything that falls due, by boot milliseconds. Not on the path of a request.
#[derive(Default)]
pub(crate) struct Timetable {
    due: Mutex<BTreeSet<(u64, Due)>>,
    pub(crate) changed: tokio::sync::Notify,
}

impl Timetable {
    pub(crate) fn add(&self, at_ms: u64, due: Due) {
        self.due
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((at_ms, due));
        self.changed.notify_one();
    }

    /// Takes what is due, and says when the next thing is.
    pub(crate) fn take(&self, now_ms: u64) -> (Vec<Due>, Option<u64>) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = Vec::new();
        while due.first().is_some_and(|(at, _)| *at <= now_ms) {
            taken.extend(due.pop_first().map(|(_, it)| it));
        }
        (taken, due.first().map(|(at, _)| *at))
    }
}
