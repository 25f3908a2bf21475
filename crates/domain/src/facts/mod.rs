//! What a decision read beside the request: recorded with the decision, so that anybody can decide again.
//!
//! The catalog stands in as a [`Slice`] that holds what the decision's questions touch and nothing else: by it every
//! question is the same, and so is every answer. The request itself, its case as it was filed and the approvals before
//! are in entries of their own and not repeated.

mod slice;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::absence::Absence;
use crate::case::Case;
use crate::ids::{ApplicationId, OperationId, PrincipalId};
use crate::provisions::Provisions;

pub use slice::{
    AgentSliced, ApplicationSliced, EligibilitySliced, EmergencySliced, HolderSliced,
    OperationSliced, PersonSliced, ProtectedSliced, Slice,
};

/// Which decision read the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    Filing,
    Approval,
    /// The offer of a narrower version.
    Offer,
    /// The requester took the offer: may its maker still decide?
    Acceptance,
    Countersignature,
    Activation,
}

impl Decision {
    /// The decision as it is recorded.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Filing => "filing",
            Decision::Approval => "approval",
            Decision::Offer => "offer",
            Decision::Acceptance => "acceptance",
            Decision::Countersignature => "countersignature",
            Decision::Activation => "activation",
        }
    }
}

/// Everything that one decision read, and the rules that it was taken by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    pub decision: Decision,
    /// The digest of the [`RulesInForce`](crate::rules::RulesInForce).
    pub rules: String,
    /// The date where the operator works.
    pub today: Date,
    /// 0 to 23.
    pub local_hour: u8,
    pub catalog: Slice,
    #[serde(default, skip_serializing_if = "ProvisionsRead::is_nothing")]
    pub provisions: ProvisionsRead,
    /// The case as its system attested it for this decision; `None` when it said what it had said at the filing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Box<Case>>,
    /// What happened before, for a filing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past: Option<Past>,
}

/// What people put on the record beside the catalog, as far as the decision depended on it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProvisionsRead {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opened: Vec<OpenedOperation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absences: Vec<Absence>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub overdue_reviewers: BTreeSet<PrincipalId>,
}

/// A closed operation that an exception in force opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedOperation {
    pub application: ApplicationId,
    pub operation: OperationId,
    pub until: Timestamp,
}

/// What happened before a filing, as far as its route depended on it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Past {
    /// Other applications already asked for on this case, or for this subject in 24 hours by anybody.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub crossed: BTreeSet<ApplicationId>,
    /// Minutes already granted to this actor for this subject within 24 hours.
    pub minutes_in_24h: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_age_days: Option<u32>,
    /// Emergencies of this requester within 30 days, this one not counted.
    pub emergencies_in_30_days: u32,
    /// Who denied the same request within 24 hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier_decider: Option<PrincipalId>,
}

impl ProvisionsRead {
    /// Of all provisions those about these applications and the people of the slice.
    pub fn of(provisions: &Provisions, slice: &Slice) -> Self {
        let opened = provisions.opened.iter();
        let opened = opened.filter(|((application, operation), _)| {
            let known = slice.applications.get(application);
            known.is_some_and(|it| it.operations.contains_key(operation))
        });
        let absences = provisions.absences.iter();
        let is_known = |id: &PrincipalId| slice.people.contains_key(id);
        Self {
            opened: opened
                .map(|((application, operation), until)| OpenedOperation {
                    application: application.clone(),
                    operation: operation.clone(),
                    until: *until,
                })
                .collect(),
            absences: absences
                .filter(|(person, _)| is_known(person))
                .map(|(_, absence)| absence.clone())
                .collect(),
            overdue_reviewers: provisions
                .overdue_reviewers
                .iter()
                .filter(|id| is_known(id))
                .cloned()
                .collect(),
        }
    }

    /// The provisions that they say.
    pub fn provisions(&self) -> Provisions {
        let opened = self.opened.iter();
        let absences = self.absences.iter();
        Provisions {
            opened: opened
                .map(|it| ((it.application.clone(), it.operation.clone()), it.until))
                .collect(),
            absences: absences
                .map(|it| (it.person.clone(), it.clone()))
                .collect::<BTreeMap<_, _>>(),
            overdue_reviewers: self.overdue_reviewers.clone(),
        }
    }

    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}
