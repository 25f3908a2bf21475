//! What loosens, for whoever must confirm it.

use std::collections::BTreeSet;

use locum_domain::{ApplicationId, PrincipalId};
use serde::{Deserialize, Serialize};

use crate::Plan;
use crate::field::FieldChange;
use locum_policy::plan::{AccessChange, DeciderChange, Named, Verdict};

/// One thing that a change loosens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loosening {
    /// What, in a sentence.
    pub says: String,
    /// Whose authority it concerns: this application's, or the whole house's where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationId>,
    /// Who gains by it, and so confirms nothing of it.
    pub gains: BTreeSet<PrincipalId>,
}

impl Plan {
    /// Everything that loosens: what was computed over everybody, every rule, every field. Empty means that it can be
    /// applied at once.
    pub fn loosens(&self) -> Vec<Loosening> {
        let access = self
            .access
            .iter()
            .filter(|it| it.verdict == Verdict::Loosens);
        let deciders = self
            .deciders
            .iter()
            .filter(|it| it.verdict == Verdict::Loosens);
        let rules = self
            .rules
            .iter()
            .filter(|it| it.verdict == Verdict::Loosens);
        let fields = self
            .fields
            .iter()
            .filter(|it| it.verdict == Verdict::Loosens);
        let rules = rules.map(|rule| Loosening {
            says: rule.says(),
            application: None,
            gains: BTreeSet::new(),
        });
        let troubles = self.troubles.iter().map(|trouble| Loosening {
            says: format!("policy cannot answer: {trouble}"),
            application: None,
            gains: BTreeSet::new(),
        });
        access
            .map(of_access)
            .chain(deciders.map(of_deciders))
            .chain(rules)
            .chain(fields.map(of_field))
            .chain(troubles)
            .collect()
    }

    /// Whoever gains by it: none of them confirms it.
    pub fn gainers(&self) -> BTreeSet<PrincipalId> {
        self.loosens().into_iter().flat_map(|it| it.gains).collect()
    }
}

fn ids(people: &[Named]) -> BTreeSet<PrincipalId> {
    people.iter().map(|it| it.id.clone()).collect()
}

fn of_access(change: &AccessChange) -> Loosening {
    Loosening {
        says: change.says.join("; "),
        application: Some(change.application.clone()),
        gains: ids(&change.who),
    }
}

fn of_deciders(change: &DeciderChange) -> Loosening {
    Loosening {
        says: change.says.join("; "),
        application: change.application.clone(),
        gains: ids(&change.joins),
    }
}

fn of_field(change: &FieldChange) -> Loosening {
    Loosening {
        says: change.says(),
        application: change.application.clone(),
        gains: change.gains.clone(),
    }
}
