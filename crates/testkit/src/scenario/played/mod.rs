//! Scenarios over the control room itself, and the house they leave behind.

mod acts;
mod changes;
mod happens;
mod holds;
mod keys;

use std::collections::BTreeMap;

use locum_control::jobs::Jobs;
use locum_domain::authenticator::Enrolment;
use locum_domain::{ChangeId, HoldId, Refusal, Request, RequestId, Session, SessionId};

use super::{Stage, Step};
use crate::house::House;

/// A house with what the story is about at the moment.
pub struct Played {
    pub house: House,
    jobs: Jobs,
    request: Option<RequestId>,
    session: Option<SessionId>,
    /// What the newest request said before it was narrowed.
    shown_before: String,
    hold: Option<HoldId>,
    change: Option<ChangeId>,
    /// What waits to be signed, by who asked.
    enrolments: BTreeMap<String, Enrolment>,
    last: Result<(), Refusal>,
}

impl Played {
    /// In a house as it always is.
    pub async fn new() -> Self {
        Self::within(House::new().await)
    }

    /// In this house.
    pub fn within(house: House) -> Self {
        Self {
            house,
            jobs: Jobs::default(),
            request: None,
            session: None,
            shown_before: String::new(),
            hold: None,
            change: None,
            enrolments: BTreeMap::new(),
            last: Ok(()),
        }
    }

    /// The person's id, by their first name.
    pub fn id(&self, name: &str) -> String {
        let catalog = self.house.control.in_force().catalog.clone();
        let is_named = |id: &str| id == name || id.split('@').next() == Some(name);
        let mut known = catalog.people.keys().chain(catalog.agents.keys());
        let found = known.find(|id| is_named(id.as_str()));
        found.map_or_else(|| format!("{name}@corp.example"), ToString::to_string)
    }

    fn number(case: &str) -> &str {
        case.strip_prefix("desk:").expect("cases are the desk's")
    }

    /// The newest request.
    pub fn request(&self) -> RequestId {
        self.request.clone().expect("nobody asked yet")
    }

    /// The newest session.
    pub async fn session(&self) -> Session {
        let id = self.session.clone().expect("nobody activated yet");
        self.house.session(&id).await
    }

    fn note<T>(&mut self, outcome: Result<T, Refusal>) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.last = Ok(());
                Some(value)
            }
            Err(refusal) => {
                self.last = Err(refusal);
                None
            }
        }
    }

    /// What the newest request said before it was narrowed: its digest.
    pub fn shown_before(&self) -> &str {
        &self.shown_before
    }

    /// Somebody began this session at another door than the control room itself.
    pub fn began(&mut self, session: &SessionId) {
        self.session = Some(session.clone());
    }

    /// The newest hold.
    pub fn hold(&self) -> HoldId {
        self.hold.clone().expect("nobody stopped anything")
    }

    async fn now(&self) -> Request {
        self.house.request(&self.request()).await
    }
}

impl Stage for Played {
    async fn play(&mut self, step: Step) -> Result<(), String> {
        if self.happens(&step).await.is_some() {
            return Ok(());
        }
        if self.keys(&step).await.is_some() {
            return Ok(());
        }
        if self.changes(&step).await.is_some() {
            return Ok(());
        }
        if let Some(outcome) = self.change_holds(&step).await {
            return outcome;
        }
        if let Some(outcome) = self.holds(&step).await {
            return outcome;
        }
        match step {
            Step::Asks(asking) => self.asks(asking).await,
            step => self.act(step).await,
        }
        Ok(())
    }
}
