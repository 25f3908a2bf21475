//! The compiled set: built-in guardrails and the operator's own policies.

use std::collections::BTreeMap;

use cedar_policy::{PolicySet, Schema};

use crate::load;
use crate::problem::LoadProblem;

/// Every policy in force, keyed by its `@id`, and the schema it was validated against.
pub struct Policies {
    set: PolicySet,
    schema: Schema,
}

impl Policies {
    /// Compiles the operator's policies (file name to text) together with the guardrails.
    ///
    /// # Errors
    /// Every problem of every file at once.
    pub fn load(operator: &BTreeMap<String, String>) -> Result<Self, Vec<LoadProblem>> {
        load::compile(operator).map(|(set, schema)| Self { set, schema })
    }

    /// The schema in Cedar's own syntax, for editors.
    pub fn schema_text() -> &'static str {
        include_str!("../../../policies/locum.cedarschema")
    }

    /// Every rule in force by its `@id`, in Cedar's own formatting: what `plan` compares.
    pub fn rules(&self) -> BTreeMap<String, String> {
        self.set
            .policies()
            .map(|policy| (policy.id().to_string(), policy.to_string()))
            .collect()
    }

    /// The compiled set, for proofs over it.
    pub fn set(&self) -> &PolicySet {
        &self.set
    }

    /// The compiled schema, for proofs over it.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }
}

impl std::fmt::Debug for Policies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.rules().keys()).finish()
    }
}
