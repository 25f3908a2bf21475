//! A case desk in memory, which closes, reassigns, rewrites, forgets and falls silent on demand.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use locum_control::ports::CaseSystem;
use locum_domain::case::CaseLookupError;
use locum_domain::{Case, CaseRef, Timestamp};

use super::Gate;

/// The connector's name.
pub(super) const NAME: &str = "desk";
const POLL_SECONDS: u32 = 15;
const GRACE_SECONDS: u32 = 60;

/// The desk `desk`: cases by number.
#[derive(Debug)]
pub struct FakeDesk {
    cases: Mutex<BTreeMap<String, Case>>,
    is_unreachable: AtomicBool,
    /// Every look-up passes here before it is answered. The case is read after the gate, as a slow desk would.
    pub look_ups: Gate,
    /// Every answer passes here on its way back: what it says may be old when it arrives.
    pub answers: Gate,
}

impl FakeDesk {
    /// The desk's first cases: `7` and `8` are Alice's, about Carla and Dora, and `9` is Arno's about Carla;
    /// `10` is Ann's and `11` is Aida's, both about Emil. Each was opened by its customer.
    pub(super) fn new() -> Self {
        let desk = Self {
            cases: Mutex::default(),
            is_unreachable: AtomicBool::new(false),
            look_ups: Gate::default(),
            answers: Gate::default(),
        };
        for (number, assignee, subject, tenant) in [
            ("7", "alice", "carla@acme.example", "acme"),
            ("8", "alice", "dora@acme.example", "acme"),
            ("9", "arno", "carla@acme.example", "acme"),
            ("10", "ann", "emil@globex.example", "globex"),
            ("11", "aida", "emil@globex.example", "globex"),
        ] {
            desk.open(number, assignee, subject, tenant);
        }
        desk
    }

    fn cases(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Case>> {
        self.cases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a case by its subject.
    pub fn open(&self, number: &str, assignee: &str, subject: &str, tenant: &str) {
        let case = Case {
            reference: format!("{NAME}:{number}").parse().unwrap(),
            is_open: true,
            state: "open".to_owned(),
            assignee: Some(assignee.to_owned()),
            subject: Some(subject.parse().unwrap()),
            tenant: Some(tenant.parse().unwrap()),
            title: Some("Cannot open an invoice".to_owned()),
            priority: Some("normal".to_owned()),
            queue: Some("first-line".to_owned()),
            opened_by: Some(subject.to_owned()),
            subject_set_by: None,
            opened_at: None,
            looked_up_at: Timestamp::UNIX_EPOCH,
        };
        self.cases().insert(number.to_owned(), case);
    }

    /// Changes a case in whatever way.
    pub fn edit(&self, number: &str, change: impl FnOnce(&mut Case)) {
        change(self.cases().get_mut(number).expect("no such case"));
    }

    /// Closes a case.
    pub fn close(&self, number: &str) {
        self.edit(number, |case| {
            case.is_open = false;
            case.state = "resolved".to_owned();
        });
    }

    /// Opens it again.
    pub fn reopen(&self, number: &str) {
        self.edit(number, |case| {
            case.is_open = true;
            case.state = "open".to_owned();
        });
    }

    /// Gives a case to another account.
    pub fn reassign(&self, number: &str, assignee: &str) {
        self.edit(number, |case| case.assignee = Some(assignee.to_owned()));
    }

    /// Forgets a case: the desk answers that there is none.
    pub fn forget(&self, number: &str) {
        self.cases().remove(number);
    }

    /// Whether look-ups get no answer.
    pub fn set_unreachable(&self, is_unreachable: bool) {
        self.is_unreachable.store(is_unreachable, Ordering::SeqCst);
    }
}

#[async_trait]
impl CaseSystem for FakeDesk {
    async fn look_up(&self, case: &CaseRef, now: Timestamp) -> Result<Case, CaseLookupError> {
        self.look_ups.pass().await;
        let answer = if self.is_unreachable.load(Ordering::SeqCst) {
            Err(CaseLookupError::Unreachable("the desk is down".to_owned()))
        } else {
            let found = self.cases().get(case.number()).cloned();
            found.ok_or(CaseLookupError::Unknown).map(|found| Case {
                looked_up_at: now,
                ..found
            })
        };
        self.answers.pass().await;
        answer
    }

    fn poll_seconds(&self) -> u32 {
        POLL_SECONDS
    }

    fn grace_seconds(&self) -> u32 {
        GRACE_SECONDS
    }
}
