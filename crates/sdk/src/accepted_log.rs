//! What this application accepted, in its own words: the other half of `locum reconcile`.

use std::collections::{HashSet, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::impersonation::Impersonation;

/// Assertions live a minute, so this is what a thousand sessions a second bring in one.
const MOST_REMEMBERED: usize = 65_536;

/// Appends one line for every assertion that was accepted, and none for its second use.
///
/// The file is JSON lines: `{"at":"2026-11-25T18:40:00Z","application":"billing",
/// "iss":"https://locum.example","sid":"ses_…","txn":"evt_…","jti":"…"}`. `at` is the time of this
/// application's clock. An assertion is good for a minute of one session, so that a session which
/// lasts an hour leaves about sixty lines and no more, however many requests it makes.
///
/// Every line is one `write` to a file that is opened anew for it: `logrotate` may move the file
/// away at any time and needs tell nobody, and several processes may append to one file. Nothing
/// is buffered; [`Self::synced`] also waits for the disk.
///
/// Whoever can write to the file can hide what was accepted; whoever minted an assertion cannot.
/// Keep it where Locum's operator has no access.
#[derive(Debug)]
pub struct AcceptedLog {
    path: PathBuf,
    application: String,
    is_synced: bool,
    remembered: Mutex<Remembered>,
}

/// The newest assertions that have their line.
#[derive(Debug, Default)]
struct Remembered {
    known: HashSet<Assertion>,
    oldest_first: VecDeque<Assertion>,
}

/// Somebody who holds the issuer's key may sign another one under an id that was used: it expires
/// at another time, or says nothing new.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Assertion {
    session: String,
    id: String,
    expires_at: Timestamp,
}

#[derive(Serialize)]
struct Line<'a> {
    at: Timestamp,
    application: &'a str,
    iss: &'a str,
    sid: &'a str,
    txn: &'a str,
    jti: &'a str,
}

impl AcceptedLog {
    /// A log at `path` of the application that Locum's catalog calls `application`. The file is
    /// made with its first line.
    pub fn new(path: impl Into<PathBuf>, application: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            application: application.into(),
            is_synced: false,
            remembered: Mutex::default(),
        }
    }

    /// The same, waiting for the disk after each line: nothing that was accepted is lost when the
    /// machine loses its power.
    #[must_use]
    pub fn synced(mut self) -> Self {
        self.is_synced = true;
        self
    }

    /// Writes the line of this assertion, unless it has one. The layer calls this before the
    /// request goes on.
    ///
    /// # Errors
    /// When the file cannot be written; the next call tries again.
    pub fn accepted(&self, it: &Impersonation, at: Timestamp) -> io::Result<()> {
        let assertion = Assertion {
            session: it.session.clone(),
            id: it.assertion.clone(),
            expires_at: it.expires_at,
        };
        // Held while the line is written: of two requests with one assertion, none goes on before
        // the line is there.
        let mut remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if remembered.known.contains(&assertion) {
            return Ok(());
        }
        let line = Line {
            at,
            application: &self.application,
            iss: &it.issuer,
            sid: &it.session,
            txn: &it.access_event,
            jti: &it.assertion,
        };
        let mut text = serde_json::to_string(&line).map_err(io::Error::other)?;
        text.push('\n');
        self.append(text)?;
        remembered.add(assertion);
        Ok(())
    }

    fn append(&self, mut text: String) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .append(true)
            .create(true)
            .open(&self.path)?;
        if ends_within_a_line(&mut file)? {
            text.insert(0, '\n');
        }
        file.write_all(text.as_bytes())?;
        match self.is_synced {
            true => file.sync_data(),
            false => Ok(()),
        }
    }
}

/// Whether an earlier write broke off, as on a full disk: that line stays torn and costs no other.
fn ends_within_a_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

impl Remembered {
    fn add(&mut self, assertion: Assertion) {
        if self.oldest_first.len() >= MOST_REMEMBERED
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.oldest_first.push_back(assertion.clone());
        self.known.insert(assertion);
    }
}
