//! The kill switch on the wire.

use locum_domain::hold::{Hold, StopScope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to stop: exactly one member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopBody {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1)]
    pub application: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1)]
    pub actor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1)]
    pub case: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1)]
    pub subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1)]
    pub tenant: Option<String>,
}

/// What a stop did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StopView {
    pub hold: HoldView,
    /// The sessions that were cut.
    pub ended: Vec<String>,
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HoldView {
    pub id: String,
    /// `all`, or `application`, `actor`, `case`, `subject`, `tenant` with `value`.
    pub scope: String,
    pub value: Option<String>,
    pub by: String,
    pub at: String,
    pub lifted_by: Option<String>,
    pub lifted_at: Option<String>,
}

impl From<&Hold> for HoldView {
    fn from(hold: &Hold) -> Self {
        let (scope, value) = match &hold.scope {
            StopScope::All => ("all", None),
            StopScope::Application(id) => ("application", Some(id.to_string())),
            StopScope::Actor(id) => ("actor", Some(id.to_string())),
            StopScope::Case(id) => ("case", Some(id.to_string())),
            StopScope::Subject(id) => ("subject", Some(id.to_string())),
            StopScope::Tenant(id) => ("tenant", Some(id.to_string())),
        };
        Self {
            id: hold.id.to_string(),
            scope: scope.to_owned(),
            value,
            by: hold.by.to_string(),
            at: hold.at.to_string(),
            lifted_by: hold.lifted.as_ref().map(|lift| lift.by.to_string()),
            lifted_at: hold.lifted.as_ref().map(|lift| lift.at.to_string()),
        }
    }
}
