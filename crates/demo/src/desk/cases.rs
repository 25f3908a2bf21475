//! The cases. Most of them are there to be refused: closed, somebody else's, opened by whoever
//! works on it, nobody's yet, or about somebody whom nobody may act as.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Customer {
    /// Attested by the desk's own sign-in, never typed into a case.
    pub(crate) id: &'static str,
    pub(crate) tenant: &'static str,
}

/// Serialised, it is what `GET /cases/{id}` answers.
#[derive(Serialize)]
pub(crate) struct Case {
    pub(crate) id: &'static str,
    pub(crate) state: &'static str,
    pub(crate) assignee: Option<&'static str>,
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) opened_by: &'static str,
    pub(crate) opened_at: Timestamp,
    pub(crate) priority: &'static str,
    pub(crate) queue: &'static str,
    pub(crate) customer: Customer,
    #[serde(skip)]
    pub(crate) history: Vec<Note>,
}

pub(crate) struct Note {
    pub(crate) at: Timestamp,
    pub(crate) text: String,
}

pub(crate) struct Cases {
    cases: Vec<Case>,
}

/// The desk's accounts of the people (and the one agent) who work on cases.
pub(crate) const COLLEAGUES: &[&str] = &["alice", "ann", "olga", "aida"];

pub(crate) fn colleague(account: &str) -> Option<&'static str> {
    COLLEAGUES.iter().find(|known| **known == account).copied()
}

struct Row {
    id: &'static str,
    state: &'static str,
    assignee: Option<&'static str>,
    title: &'static str,
    text: &'static str,
    opened_by: &'static str,
    hours_ago: i64,
    priority: &'static str,
    queue: &'static str,
    customer: (&'static str, &'static str),
}

const CAROL: (&str, &str) = ("carol", "initech");
const KEN: (&str, &str) = ("ken", "larkfield");
const LUCIA: (&str, &str) = ("lucia", "tessel");

const ROWS: &[Row] = &[
    Row {
        id: "7",
        state: "open",
        assignee: Some("alice"),
        title: "Setup fee is on INV-2041 twice",
        text: "Our second site was set up once, but invoice INV-2041 charges for it twice. Please \
               check what we ordered and send us the invoice again.",
        opened_by: "carol",
        hours_ago: 26,
        priority: "normal",
        queue: "billing-questions",
        customer: CAROL,
    },
    Row {
        id: "8",
        state: "resolved",
        assignee: Some("alice"),
        title: "Cannot find last year's invoices",
        text: "Where do I see the invoices from before January?",
        opened_by: "carol",
        hours_ago: 400,
        priority: "low",
        queue: "billing-questions",
        customer: CAROL,
    },
    Row {
        id: "9",
        state: "resolved",
        assignee: Some("ann"),
        title: "Purchase order number is missing",
        text: "We cannot book an invoice without our order number.",
        opened_by: "ken",
        hours_ago: 300,
        priority: "normal",
        queue: "billing-questions",
        customer: KEN,
    },
    Row {
        id: "10",
        state: "open",
        assignee: Some("ann"),
        title: "Usage does not match our own count",
        text: "We counted 60,000 pages in the first week. The invoice says 88,000.",
        opened_by: "ken",
        hours_ago: 5,
        priority: "normal",
        queue: "first-line",
        customer: KEN,
    },
    Row {
        id: "11",
        state: "open",
        assignee: Some("alice"),
        title: "Recognition is slow since Monday",
        text: "Noticed while looking at something else; opened for the customer.",
        opened_by: "alice",
        hours_ago: 3,
        priority: "normal",
        queue: "first-line",
        customer: KEN,
    },
    Row {
        id: "12",
        state: "open",
        assignee: Some("alice"),
        title: "Archive cannot be opened at all",
        text: "Forty people are standing still. Nothing opens since nine.",
        opened_by: "lucia",
        hours_ago: 1,
        priority: "urgent",
        queue: "first-line",
        customer: LUCIA,
    },
    Row {
        id: "13",
        state: "open",
        assignee: None,
        title: "How do I share a folder?",
        text: "I would like a colleague to see my prepress folder.",
        opened_by: "henk",
        hours_ago: 8,
        priority: "low",
        queue: "first-line",
        customer: ("henk", "tessel"),
    },
    Row {
        id: "14",
        state: "open",
        assignee: Some("alice"),
        title: "Add a second administrator",
        text: "Please make Milan an administrator beside me.",
        opened_by: "dora",
        hours_ago: 20,
        priority: "normal",
        queue: "first-line",
        customer: ("dora", "initech"),
    },
    Row {
        id: "15",
        state: "pending",
        assignee: Some("aida"),
        title: "Is our phone number right?",
        text: "We have a new telephone system. Which number do you have for me?",
        opened_by: "lucia",
        hours_ago: 2,
        priority: "low",
        queue: "first-line",
        customer: LUCIA,
    },
];

impl Cases {
    pub(crate) fn open(now: Timestamp) -> Self {
        let cases = ROWS.iter().map(|row| Case::from(row, now)).collect();
        Self { cases }
    }

    pub(crate) fn all(&self) -> &[Case] {
        &self.cases
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Case> {
        self.cases.iter_mut().find(|case| case.id == id)
    }
}

impl Case {
    fn from(row: &Row, now: Timestamp) -> Self {
        let opened_at = now - SignedDuration::from_hours(row.hours_ago);
        let (id, tenant) = row.customer;
        Self {
            id: row.id,
            state: row.state,
            assignee: row.assignee,
            title: row.title,
            text: row.text,
            opened_by: row.opened_by,
            opened_at,
            priority: row.priority,
            queue: row.queue,
            customer: Customer { id, tenant },
            history: vec![Note {
                at: opened_at,
                text: format!("Opened by {}", row.opened_by),
            }],
        }
    }

    pub(crate) fn note(&mut self, at: Timestamp, text: String) {
        self.history.push(Note { at, text });
    }
}
