//! A request as its form says it, before anything of it is judged.

use std::collections::{BTreeMap, BTreeSet};

use locum_control::Asked;
use locum_domain::{ApplicationId, Denial, Minutes, OperationId, PrincipalId, Refusal};

use crate::posted::Fields;

/// A box's name is this and the application; its value is the operation.
pub(crate) const IN: &str = "in:";
const DEFAULT_MINUTES: u32 = 30;

/// What the form holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) case: String,
    pub(crate) reason: String,
    pub(crate) minutes: u32,
    pub(crate) scope: BTreeMap<ApplicationId, BTreeSet<OperationId>>,
    pub(crate) break_glass: bool,
    pub(crate) actor: Option<PrincipalId>,
}

impl Draft {
    pub(crate) fn of(fields: &Fields) -> Self {
        let minutes = fields.one("minutes").and_then(|text| text.parse().ok());
        Self {
            case: fields.words("case").to_owned(),
            reason: fields.words("reason").to_owned(),
            minutes: minutes.unwrap_or(DEFAULT_MINUTES),
            scope: scope(fields),
            break_glass: fields.is_ticked("break_glass"),
            actor: fields.one("actor").and_then(|id| id.parse().ok()),
        }
    }

    /// Whether this operation is asked for.
    pub(crate) fn has(&self, application: &ApplicationId, operation: &OperationId) -> bool {
        self.scope
            .get(application)
            .is_some_and(|operations| operations.contains(operation))
    }

    /// The request as the verbs take it.
    ///
    /// # Errors
    /// When the case is not written as one.
    pub(crate) fn asked(&self) -> Result<Asked, Refusal> {
        let case = self.case.parse().map_err(|_| {
            let detail = "a case is written `CONNECTOR:NUMBER`, as `desk:12`";
            Denial::Malformed.because(detail).at("/case")
        })?;
        let applications = self.scope.iter();
        Ok(Asked {
            case,
            reason: self.reason.clone(),
            subject: None,
            applications: applications
                .map(|(application, operations)| {
                    (application.clone(), operations.iter().cloned().collect())
                })
                .collect(),
            duration: Minutes(self.minutes),
            break_glass: self.break_glass,
            actor: self.actor.clone(),
        })
    }
}

/// The ticked operations of a form.
pub(crate) fn scope(fields: &Fields) -> BTreeMap<ApplicationId, BTreeSet<OperationId>> {
    let mut scope: BTreeMap<ApplicationId, BTreeSet<OperationId>> = BTreeMap::new();
    for (name, value) in &fields.0 {
        let application = name.strip_prefix(IN).and_then(|id| id.parse().ok());
        if let (Some(application), Ok(operation)) = (application, value.parse()) {
            scope.entry(application).or_default().insert(operation);
        }
    }
    scope
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let pairs = pairs.iter();
        Fields(
            pairs
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
        )
    }

    #[test]
    fn r01_boxes_name_applications_and_operations_one_by_one() {
        let draft = Draft::of(&fields(&[
            ("case", "desk:7"),
            ("in:billing", "invoice.read"),
            ("in:billing", "invoice.resend"),
            ("in:crm", "*"),
        ]));
        let asked = draft.asked().unwrap();
        assert_eq!(asked.applications.len(), 1);
        assert_eq!(asked.applications[0].1.len(), 2);
        assert!(!draft.break_glass);
    }

    #[test]
    fn r02_a_case_with_path_tricks_is_refused_at_its_place() {
        let refusal = Draft::of(&fields(&[("case", "desk:../1")]))
            .asked()
            .unwrap_err();
        assert_eq!(refusal.pointer.as_deref(), Some("/case"));
    }
}
