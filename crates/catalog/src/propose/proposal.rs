//! What is proposed, and what is not.

use std::collections::BTreeMap;

use locum_domain::catalog::Effect;
use serde::Serialize;

/// One operation for somebody to look at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProposedOperation {
    pub id: String,
    #[serde(serialize_with = "as_written")]
    pub effect: Effect,
    /// The class of closed operation that it looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// As the catalog writes them.
    pub routes: Vec<String>,
    /// Root fields of GraphQL documents, as the catalog writes them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub graphql: Vec<String>,
    /// Why each guess was made.
    pub because: Vec<String>,
    /// What else its reviewer should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

fn as_written<S: serde::Serializer>(effect: &Effect, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(effect.as_str())
}

/// Everything that came of a document or of recordings.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Proposal {
    pub operations: Vec<ProposedOperation>,
    /// Addresses at which GraphQL documents come, as `[graphql]` lists them.
    pub graphql_endpoints: Vec<String>,
    /// How many of what was left out, by the reason.
    pub left_out: BTreeMap<String, usize>,
    /// Routes that the application classifies already, counted by its operation.
    pub known: BTreeMap<String, usize>,
    /// What somebody should look at before anything else.
    pub warnings: Vec<String>,
}

impl Proposal {
    /// How many routes are proposed.
    pub fn routes(&self) -> usize {
        self.operations
            .iter()
            .map(|operation| operation.routes.len())
            .sum()
    }
}
