//! A clock that a test sets.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use locum_control::ports::{Clock, ClockUntrusted};

/// Stands still until it is set, and can be set back.
#[derive(Debug)]
pub struct FakeClock(Mutex<Faces>);

#[derive(Debug)]
struct Faces {
    says: Timestamp,
    last: Option<Timestamp>,
}

impl FakeClock {
    pub(super) fn at(says: Timestamp) -> Self {
        Self(Mutex::new(Faces { says, last: None }))
    }

    fn faces(&self) -> std::sync::MutexGuard<'_, Faces> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it says, believable or not.
    pub fn says(&self) -> Timestamp {
        self.faces().says
    }

    /// Sets it.
    pub fn set(&self, to: Timestamp) {
        self.faces().says = to;
    }

    /// Sets it forward.
    pub fn advance(&self, by: SignedDuration) {
        let mut faces = self.faces();
        faces.says = faces.says.checked_add(by).unwrap();
    }

    /// Sets it forward by whole minutes.
    pub fn advance_minutes(&self, minutes: i64) {
        self.advance(SignedDuration::from_mins(minutes));
    }

    /// Sets it back.
    pub fn step_back(&self, by: SignedDuration) {
        let mut faces = self.faces();
        faces.says = faces.says.checked_sub(by).unwrap();
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Result<Timestamp, ClockUntrusted> {
        let faces = self.faces();
        match faces.last {
            Some(last) if faces.says < last => Err(ClockUntrusted {
                says: faces.says,
                last,
            }),
            _ => Ok(faces.says),
        }
    }

    fn committed(&self, at: Timestamp) {
        let mut faces = self.faces();
        faces.last = faces.last.into_iter().chain([at]).max();
    }
}
