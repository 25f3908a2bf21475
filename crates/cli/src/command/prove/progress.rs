//! How far it is, on a terminal, for what takes longer.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Output;

/// What takes longer shows how far it is.
const PATIENCE: Duration = Duration::from_secs(1);

pub(crate) struct Bar {
    bar: ProgressBar,
    began: Instant,
}

impl Bar {
    pub(crate) fn of(output: &Output, template: &str) -> Self {
        let is_shown = !output.is_json() && std::io::stderr().is_terminal();
        let bar = match ProgressStyle::with_template(template) {
            Ok(style) if is_shown => ProgressBar::no_length().with_style(style),
            _ => ProgressBar::hidden(),
        };
        Self {
            bar,
            began: Instant::now(),
        }
    }

    /// Bars are drawn when they move; until it takes long there is nothing to see.
    pub(crate) fn at(&self, done: usize, of: usize) {
        if self.began.elapsed() >= PATIENCE {
            self.bar.set_length(of as u64);
            self.bar.set_position(done as u64);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// One bar for several things that are done at once, each of which knows of itself how far it is.
pub(super) struct Shared {
    bar: Bar,
    parts: Mutex<Vec<(usize, usize)>>,
}

impl Shared {
    pub(super) fn of(output: &Output, parts: usize) -> Self {
        Self {
            bar: Bar::of(output, "proving {wide_bar} {pos} of {len} questions"),
            parts: Mutex::new(vec![(0, 0); parts]),
        }
    }

    pub(super) fn at(&self, part: usize, done: usize, of: usize) {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = parts.get_mut(part) {
            *known = (done, of);
        }
        let done = parts.iter().map(|(done, _)| done).sum();
        let of = parts.iter().map(|(_, of)| of).sum();
        self.bar.at(done, of);
    }
}
