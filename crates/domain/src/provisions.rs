//! What people put on the record beside the catalog, as far as a decision depends on it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::absence::Absence;
use crate::ids::{ApplicationId, OperationId, PrincipalId};

/// What holds at the moment of one decision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provisions {
    /// The closed operations that an exception in force opens.
    pub opened: BTreeSet<(ApplicationId, OperationId)>,
    pub absences: BTreeMap<PrincipalId, Absence>,
    /// Whoever owes a review that is overdue, where that keeps them from asking.
    pub overdue_reviewers: BTreeSet<PrincipalId>,
}

impl Provisions {
    /// That nothing is on the record beside the catalog.
    pub const NONE: &'static Provisions = &Provisions {
        opened: BTreeSet::new(),
        absences: BTreeMap::new(),
        overdue_reviewers: BTreeSet::new(),
    };

    /// The operations of this application that exceptions open.
    pub fn opened_in<'a>(
        &'a self,
        application: &'a ApplicationId,
    ) -> impl Iterator<Item = &'a OperationId> {
        let of_it = self.opened.iter().filter(move |(id, _)| id == application);
        of_it.map(|(_, operation)| operation)
    }

    /// The absence of this person on this day.
    pub fn absence(&self, person: &PrincipalId, day: Date) -> Option<&Absence> {
        self.absences.get(person).filter(|it| it.is_on(day))
    }
}
