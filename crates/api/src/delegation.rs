//! Delegations on the wire: authority that an owner lends in writing.

use locum_domain::ApplicationId;
use locum_domain::catalog::Delegate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which delegation is to count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmDelegationBody {
    #[schema(min_length = 1)]
    pub application: String,
    /// To whom the caller lends.
    #[schema(min_length = 1)]
    pub person: String,
    /// Its last day, where the caller lends to this person more than once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2027-01-03")]
    pub until: Option<String>,
}

/// A delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DelegationView {
    pub application: String,
    /// Who is lent the authority.
    pub person: String,
    /// The first day; from its confirmation on when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-12-21")]
    pub from: Option<String>,
    /// The last day.
    #[schema(example = "2027-01-03")]
    pub until: String,
    /// Who lends it, and confirms it.
    pub by: String,
}

impl DelegationView {
    /// This application's delegation.
    pub fn of(application: &ApplicationId, delegation: &Delegate) -> Self {
        Self {
            application: application.to_string(),
            person: delegation.person.to_string(),
            from: delegation.from.map(|it| it.to_string()),
            until: delegation.until.to_string(),
            by: delegation.by.to_string(),
        }
    }
}
