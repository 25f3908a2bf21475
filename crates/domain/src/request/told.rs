//! Telling: whom Locum told what about a request, and what is still to be told.
//!
//! That somebody was told gives them no authority. It is on the record, so that nobody can say later that they were not.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Request;
use crate::event::Event;
use crate::ids::PrincipalId;

/// What people were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// Security, that an emergency was filed.
    Emergency,
    /// Those whom an emergency skipped, that it was used and that they sign afterwards.
    Countersign,
    /// The same, when half of their time is over.
    CountersignReminder,
    /// The same and the escalation person, that the time is over.
    CountersignOverdue,
}

/// What those whom an emergency skipped were told, and until when they sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    pub asked_at: Timestamp,
    /// The end of one working day.
    pub due: Timestamp,
    /// The last that they were told.
    pub last: Told,
}

impl Request {
    /// What is to be told now of the signatures that an emergency still lacks. `due` is until when they are asked for if
    /// nobody was asked yet.
    pub fn remind(&self, due: Timestamp, at: Timestamp) -> Option<Event> {
        self.session()?;
        let mut to: BTreeSet<&PrincipalId> = self
            .unsigned_afterwards()
            .filter_map(|index| self.route.afterwards.get(index))
            .flat_map(|step| &step.approvers)
            .collect();
        self.unsigned_afterwards().next()?;
        let (told, due) = match &self.owed {
            None => (Told::Countersign, due),
            Some(owed) if at >= owed.due && owed.last != Told::CountersignOverdue => {
                to.extend(&self.route.escalation);
                (Told::CountersignOverdue, owed.due)
            }
            Some(owed) if owed.last == Told::Countersign && owed.is_half_over(at) => {
                (Told::CountersignReminder, owed.due)
            }
            Some(_) => return None,
        };
        Some(Event::RequestTold {
            request: self.id.clone(),
            told,
            to: to.into_iter().cloned().collect(),
            due: Some(due),
            at,
        })
    }

    /// Until when what an emergency skipped is to be signed, while somebody has not.
    pub fn countersign_by(&self) -> Option<Timestamp> {
        self.unsigned_afterwards().next()?;
        self.owed.as_ref().map(|owed| owed.due)
    }

    /// Whether this is the escalation person, who was told that what an emergency skipped is not signed in time.
    pub fn is_overdue_with(&self, person: &PrincipalId) -> bool {
        let last = self.owed.as_ref().map(|owed| owed.last);
        last == Some(Told::CountersignOverdue) && self.route.escalation.as_ref() == Some(person)
    }

    /// Takes over what people were told.
    pub(super) fn take_told(
        &mut self,
        told: Told,
        to: &[PrincipalId],
        due: Option<Timestamp>,
        at: Timestamp,
    ) {
        match (told, &mut self.owed) {
            (Told::Emergency, _) => self.security_told = to.to_vec(),
            (last, Some(owed)) => owed.last = last,
            (last, None) => {
                self.owed = due.map(|due| Owed {
                    asked_at: at,
                    due,
                    last,
                });
            }
        }
    }
}

impl Owed {
    fn is_half_over(&self, at: Timestamp) -> bool {
        let whole = self.due.duration_since(self.asked_at);
        self.due.duration_since(at) <= whole / 2
    }
}
