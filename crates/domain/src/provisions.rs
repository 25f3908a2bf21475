//! What people put on the record beside the catalog, as far as a decision depends on it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::absence::Absence;
use crate::ids::{ApplicationId, OperationId, PrincipalId};

/// What holds at the moment of one decision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provisions {
    /// The closed operations that an exception in force opens, and until when.
    pub opened: BTreeMap<(ApplicationId, OperationId), Timestamp>,
    pub absences: BTreeMap<PrincipalId, Absence>,
    /// Whoever owes a review that is overdue, where that keeps them from asking.
    pub overdue_reviewers: BTreeSet<PrincipalId>,
}

impl Provisions {
    /// That nothing is on the record beside the catalog.
    pub const NONE: &'static Provisions = &Provisions {
        opened: BTreeMap::new(),
        absences: BTreeMap::new(),
        overdue_reviewers: BTreeSet::new(),
    };

    /// The operations of this application that exceptions open.
    pub fn opened_in<'a>(
        &'a self,
        application: &'a ApplicationId,
    ) -> impl Iterator<Item = &'a OperationId> {
        let of_it = self.opened.keys().filter(move |(id, _)| id == application);
        of_it.map(|(_, operation)| operation)
    }

    /// Until when an exception opens this operation.
    pub fn opened_until(
        &self,
        application: &ApplicationId,
        operation: &OperationId,
    ) -> Option<Timestamp> {
        let key = (application.clone(), operation.clone());
        self.opened.get(&key).copied()
    }

    /// The absence of this person on this day.
    pub fn absence(&self, person: &PrincipalId, day: Date) -> Option<&Absence> {
        self.absences.get(person).filter(|it| it.is_on(day))
    }
}
