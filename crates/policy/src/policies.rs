//! The compiled set: built-in guardrails and the operator's own policies.

use std::collections::BTreeMap;
use std::sync::Arc;

use cedar_policy::{PolicySet, Schema};

use crate::load;
use crate::problem::LoadProblem;
use crate::relevant::Relevant;
use crate::trace::Trace;

/// Every policy in force, keyed by its `@id`, and the schema it was validated against.
#[derive(Clone)]
pub struct Policies {
    /// The compiled set, by what is asked.
    pub(crate) relevant: Arc<Relevant>,
    schema: Schema,
    /// The operator's texts by file name, for whoever is told where a policy stands.
    operator: BTreeMap<String, String>,
    /// Where every question that is put goes, for whoever explains; nobody else pays for it.
    pub(crate) trace: Option<Trace>,
}

impl Policies {
    /// Compiles the operator's policies (file name to text) together with the guardrails.
    ///
    /// # Errors
    /// Every problem of every file at once.
    pub fn load(operator: &BTreeMap<String, String>) -> Result<Self, Vec<LoadProblem>> {
        load::compile(operator).map(|(set, schema)| Self {
            relevant: Arc::new(Relevant::of(set)),
            schema,
            operator: operator.clone(),
            trace: None,
        })
    }

    /// The schema in Cedar's own syntax, for editors.
    pub fn schema_text() -> &'static str {
        include_str!("../../../policies/locum.cedarschema")
    }

    /// Every rule in force by its `@id`, in Cedar's own formatting: what `plan` compares.
    pub fn rules(&self) -> BTreeMap<String, String> {
        self.set()
            .policies()
            .map(|policy| (policy.id().to_string(), policy.to_string()))
            .collect()
    }

    /// The files in which policies stand, Locum's own first.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let operators = self.operator.iter();
        let operators = operators.map(|(file, text)| (file.as_str(), text.as_str()));
        load::BUILT_IN.into_iter().chain(operators)
    }

    /// Another set by the same schema, for whoever asks what one rule more or less would change.
    pub(crate) fn with_set(&self, set: PolicySet) -> Self {
        Self {
            relevant: Arc::new(Relevant::of(set)),
            ..self.clone()
        }
    }

    /// The compiled set, for proofs over it.
    pub fn set(&self) -> &PolicySet {
        self.relevant.whole()
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
