//! How far an exchange is with its record, so that an end which comes at any moment leaves no admission without
//! its completion and no completion without its admission, in that order.

use std::sync::atomic::{AtomicU8, Ordering};

/// Nothing is recorded yet.
const ARRIVED: u8 = 0;
/// Its admission is being queued, right now, by the request's own task.
const QUEUEING: u8 = 1;
/// Its admission is queued; a completion follows it.
const ADMITTED: u8 = 2;
/// Somebody ended it while its admission was being queued; that task writes the completion.
const CUT_WHILE_QUEUEING: u8 = 3;
const CLOSED: u8 = 4;

/// What closing means for the one who tries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    /// It was closed before.
    Already,
    /// It never got as far as a record.
    Unrecorded,
    /// The request's own task will write the completion, now.
    Deferred,
    /// The caller writes the completion.
    Completes,
}

#[derive(Debug, Default)]
pub(super) struct Progress(AtomicU8);

impl Progress {
    fn step(&self, from: u8, to: u8) -> bool {
        self.0
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// Before the admission is queued; `false` when it must not be.
    pub(super) fn begin_queueing(&self) -> bool {
        self.step(ARRIVED, QUEUEING)
    }

    /// After it is queued; `false` when it was ended meanwhile and the caller writes the completion.
    pub(super) fn end_queueing(&self) -> bool {
        self.step(QUEUEING, ADMITTED) || !self.step(CUT_WHILE_QUEUEING, CLOSED)
    }

    /// Closes it.
    pub(super) fn close(&self) -> Closing {
        loop {
            if self.step(ADMITTED, CLOSED) {
                return Closing::Completes;
            }
            if self.step(ARRIVED, CLOSED) {
                return Closing::Unrecorded;
            }
            if self.step(QUEUEING, CUT_WHILE_QUEUEING) {
                return Closing::Deferred;
            }
            if matches!(self.0.load(Ordering::Acquire), CLOSED | CUT_WHILE_QUEUEING) {
                return Closing::Already;
            }
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        matches!(self.0.load(Ordering::Acquire), CLOSED | CUT_WHILE_QUEUEING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r22_whenever_the_end_comes_one_side_writes_the_completion_or_nothing_was_admitted() {
        let before = Progress::default();
        assert_eq!(before.close(), Closing::Unrecorded);
        assert!(!before.begin_queueing());

        let during = Progress::default();
        assert!(during.begin_queueing());
        assert_eq!(during.close(), Closing::Deferred);
        assert_eq!(during.close(), Closing::Already);
        assert!(!during.end_queueing());

        let after = Progress::default();
        assert!(after.begin_queueing() && after.end_queueing());
        assert_eq!(after.close(), Closing::Completes);
        assert_eq!(after.close(), Closing::Already);
    }
}
