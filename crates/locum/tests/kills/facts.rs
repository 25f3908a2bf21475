//! What the server acknowledged, and what it may have done without saying so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::common::people::Session;

/// The furthest state of a request that was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Acknowledged {
    Filed,
    Approved,
    Activated,
    Withdrawn,
}

impl Acknowledged {
    /// Whether a request that was acknowledged so far may be in `state`: further, but never back.
    pub(crate) fn allows(self, state: &str) -> bool {
        match self {
            Acknowledged::Filed => {
                ["pending", "approved", "activated", "ended", "withdrawn"].contains(&state)
            }
            Acknowledged::Approved => ["approved", "activated", "ended"].contains(&state),
            Acknowledged::Activated => ["activated", "ended"].contains(&state),
            Acknowledged::Withdrawn => state == "withdrawn",
        }
    }
}

#[derive(Default)]
pub(crate) struct Facts {
    number: AtomicU64,
    calls: AtomicU64,
    /// Those of which something was acknowledged since they were last looked at.
    requests: Mutex<BTreeMap<String, Acknowledged>>,
    sessions: Mutex<Vec<Session>>,
    /// Somebody asked for the end of these; whether it happened is not known.
    ending: Mutex<BTreeSet<String>>,
    /// The end of these was acknowledged.
    ended: Mutex<BTreeSet<String>>,
    surprises: Mutex<Vec<String>>,
}

impl Facts {
    /// The number of a case that nobody used yet.
    pub(crate) fn next_case(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn request(&self, id: &str, acknowledged: Acknowledged) {
        let mut requests = self.requests.lock().unwrap();
        requests.insert(id.to_owned(), acknowledged);
    }

    pub(crate) fn take_requests(&self) -> BTreeMap<String, Acknowledged> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    pub(crate) fn session(&self, session: &Session) {
        self.sessions.lock().unwrap().push(session.clone());
    }

    pub(crate) fn called(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn is_ending(&self, session: &Session) {
        self.ending.lock().unwrap().insert(session.id.clone());
    }

    pub(crate) fn is_over(&self, session: &Session) {
        self.ended.lock().unwrap().insert(session.id.clone());
    }

    pub(crate) fn sessions(&self) -> Vec<Session> {
        self.sessions.lock().unwrap().clone()
    }

    pub(crate) fn may_be_over(&self, session: &Session) -> bool {
        self.ending.lock().unwrap().contains(&session.id)
    }

    pub(crate) fn must_be_over(&self, session: &Session) -> bool {
        self.ended.lock().unwrap().contains(&session.id)
    }

    /// An answer that the story does not have.
    pub(crate) fn surprise(&self, what: String) {
        self.surprises.lock().unwrap().push(what);
    }

    pub(crate) fn assert_no_surprise(&self) {
        let surprises = self.surprises.lock().unwrap();
        assert!(surprises.is_empty(), "{surprises:#?}");
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            to,
            "{} cases, {} sessions of which {} ended, {} calls",
            self.number.load(Ordering::Relaxed),
            self.sessions.lock().unwrap().len(),
            self.ended.lock().unwrap().len(),
            self.calls.load(Ordering::Relaxed)
        )
    }
}
