//! The compiled set: built-in guardrails and the operator's own policies.

use std::collections::BTreeMap;
use std::sync::Arc;

use cedar_policy::{PolicySet, Schema};
use locum_domain::rules::SCHEMA;

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
    /// Locum's own texts by name, in their order.
    built_in: Arc<[(String, String)]>,
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
        let own = load::BUILT_IN.into_iter();
        let own = own.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Self::of(Self::schema_text(), own.collect(), operator)
    }

    /// Compiles a set that was recorded, by its own schema and guardrails and not by those of this version.
    ///
    /// # Errors
    /// Every problem of every text at once; a record without a schema has one.
    pub fn recorded(
        built_in: &BTreeMap<String, String>,
        operator: &BTreeMap<String, String>,
    ) -> Result<Self, Vec<LoadProblem>> {
        let schema = built_in.get(SCHEMA).map_or("", String::as_str);
        let policies = built_in.iter().filter(|(name, _)| *name != SCHEMA);
        let policies = policies.map(|(name, text)| (name.clone(), text.clone()));
        Self::of(schema, policies.collect(), operator)
    }

    fn of(
        schema: &str,
        built_in: Vec<(String, String)>,
        operator: &BTreeMap<String, String>,
    ) -> Result<Self, Vec<LoadProblem>> {
        load::compile(schema, &built_in, operator).map(|(set, schema)| Self {
            relevant: Arc::new(Relevant::of(set).sorted()),
            schema,
            built_in: built_in.into(),
            operator: operator.clone(),
            trace: None,
        })
    }

    /// The schema and the guardrails of this version, by name.
    pub fn built_in() -> BTreeMap<String, String> {
        let schema = (SCHEMA, Self::schema_text());
        let texts = load::BUILT_IN.into_iter().chain([schema]);
        texts
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect()
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
        let built_in = self.built_in.iter();
        let built_in = built_in.map(|(file, text)| (file.as_str(), text.as_str()));
        built_in.chain(operators)
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
