//! Time as it is measured here: the thread's own on a processor, which neighbours do not lengthen, and the wall's.

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// How long things took, each in nanoseconds.
#[derive(Default)]
pub(crate) struct Times {
    processor: Vec<u64>,
    wall: Vec<u64>,
}

impl Times {
    /// Does something `many` times over and notes what one took.
    pub(crate) fn take<T>(&mut self, many: u64, mut what: impl FnMut() -> T) -> T {
        let began = (now(ClockId::ThreadCPUTime), now(ClockId::Monotonic));
        for _ in 1..many {
            std::hint::black_box(what());
        }
        let done = std::hint::black_box(what());
        let ended = (now(ClockId::ThreadCPUTime), now(ClockId::Monotonic));
        self.processor.push((ended.0 - began.0) / many);
        self.wall.push((ended.1 - began.1) / many);
        done
    }

    /// In microseconds; each sample's processor time in nanoseconds, in the order of the samples, which is the same in
    /// every round.
    pub(crate) fn json(mut self, name: &str) -> Value {
        let each = self.processor.clone();
        self.processor.sort_unstable();
        self.wall.sort_unstable();
        let at = |times: &[u64], permille: usize| {
            let place = (times.len() - 1) * permille / 1_000;
            times[place] as f64 / 1e3
        };
        json!({
            "name": name,
            "samples": self.processor.len(),
            "mean": self.processor.iter().sum::<u64>() as f64 / self.processor.len() as f64 / 1e3,
            "p50": at(&self.processor, 500),
            "p99": at(&self.processor, 990),
            "most": at(&self.processor, 1_000),
            "wall_p50": at(&self.wall, 500),
            "wall_p99": at(&self.wall, 990),
            "each": each,
        })
    }
}

fn now(clock: ClockId) -> u64 {
    let at = clock_gettime(clock);
    u64::try_from(at.tv_sec).unwrap_or_default() * 1_000_000_000
        + u64::try_from(at.tv_nsec).unwrap_or_default()
}
