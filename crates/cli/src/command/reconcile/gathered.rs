//! Lines of one session taken together, until there are enough of them to ask about.

use std::collections::HashMap;

use jiff::Timestamp;
use locum_api::AcceptedSession;

use super::line::Accepted;

/// So many sessions of the longest ids and times are within what a server takes in one body.
const AT_ONCE: usize = 500;

/// Sessions with the first and last time that each was accepted, in the order in which they came.
#[derive(Default)]
pub(super) struct Gathered {
    places: HashMap<(String, Option<String>), usize>,
    sessions: Vec<Seen>,
}

pub(super) struct Seen {
    session: String,
    event: Option<String>,
    first: Option<Time>,
    last: Option<Time>,
    /// The line that named it first, from 1.
    line: u64,
}

#[derive(Clone, Copy)]
struct Time {
    at: Timestamp,
    line: u64,
}

impl Gathered {
    pub(super) fn add(&mut self, accepted: Accepted, line: u64) {
        let key = (accepted.session.clone(), accepted.event.clone());
        let time = accepted.at.map(|at| Time { at, line });
        let next = self.sessions.len();
        let place = *self.places.entry(key).or_insert(next);
        let Some(seen) = self.sessions.get_mut(place) else {
            self.sessions.push(Seen {
                session: accepted.session,
                event: accepted.event,
                first: time,
                last: time,
                line,
            });
            return;
        };
        if let Some(time) = time {
            seen.first = Some(seen.first.filter(|it| it.at <= time.at).unwrap_or(time));
            seen.last = Some(seen.last.filter(|it| it.at >= time.at).unwrap_or(time));
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.sessions.len() >= AT_ONCE
    }

    /// All of them, leaving none.
    pub(super) fn take(&mut self) -> Vec<Seen> {
        self.places.clear();
        std::mem::take(&mut self.sessions)
    }
}

impl Seen {
    pub(super) fn session(&self) -> &str {
        &self.session
    }

    /// As the comparison takes it.
    pub(super) fn asked(&self) -> AcceptedSession {
        let text = |time: Option<Time>| time.map(|it| it.at.to_string());
        AcceptedSession {
            session: self.session.clone(),
            event: self.event.clone(),
            first: text(self.first),
            last: text(self.last),
        }
    }

    /// The line that a finding of this kind is about.
    pub(super) fn line_of(&self, why: &str) -> u64 {
        let time = match why {
            "before-start" => self.first,
            "after-end" => self.last,
            _ => None,
        };
        time.map_or(self.line, |it| it.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_asked_about_once_with_its_first_and_last_time() {
        let mut gathered = Gathered::default();
        for (line, minute) in [(1, 30), (2, 10), (5, 50), (6, 20)] {
            let at = format!("2026-11-25T18:{minute}:00Z").parse().ok();
            let (session, event) = ("ses_1".to_owned(), Some("evt_1".to_owned()));
            gathered.add(Accepted { session, event, at }, line);
        }
        let other = Accepted {
            session: "ses_1".to_owned(),
            event: None,
            at: None,
        };
        gathered.add(other, 7);
        let seen = gathered.take();
        assert_eq!(seen.len(), 2);
        let asked = seen[0].asked();
        assert_eq!(asked.first.as_deref(), Some("2026-11-25T18:10:00Z"));
        assert_eq!(asked.last.as_deref(), Some("2026-11-25T18:50:00Z"));
        let lines = ["unknown-session", "before-start", "after-end"].map(|it| seen[0].line_of(it));
        assert_eq!(lines, [1, 2, 5]);
        assert!(gathered.take().is_empty());
    }
}
