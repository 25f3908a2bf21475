//! What can be asked for, and by whom, on the wire.

use locum_domain::catalog::{Application, Operation, Principal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An application, as far as a request has to name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationView {
    pub id: String,
    pub name: String,
    /// `low`, `standard` or `regulated`.
    pub tier: String,
    /// `finance`, `hr`, `health`, `personal`.
    pub data: Vec<String>,
    pub owner: String,
    /// What the application asks a reason for; the prompt itself is no reason.
    pub reason_prompt: Option<String>,
    pub operations: Vec<OperationView>,
}

/// An operation of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperationView {
    pub id: String,
    /// `asset`, `read`, `write`, `mint`, `egress` or `admin`.
    pub effect: String,
    /// The closed class, if no approval opens this operation.
    pub closed: Option<String>,
}

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeView {
    pub id: String,
    pub name: String,
    /// `user`, `service` or `ai_agent`.
    pub profile: String,
    /// What the catalog gives; what this login does not carry of it is withheld.
    pub roles: Vec<String>,
    /// Roles that this login does not carry: the identity provider did not confirm their group.
    pub roles_withheld: Vec<String>,
    /// `stepped-up`, `ordinary` or `device`.
    pub assurance: String,
    /// How the caller signed in: `oidc`, `passkey`, `device`, `program`, `founding-link`, `picked` or
    /// `development-token`.
    pub how: String,
}

impl From<&Application> for ApplicationView {
    fn from(application: &Application) -> Self {
        Self {
            id: application.id.to_string(),
            name: application.name.clone(),
            tier: application.tier.as_str().to_owned(),
            data: application
                .data
                .iter()
                .map(|class| class.as_str().to_owned())
                .collect(),
            owner: application.owner.to_string(),
            reason_prompt: application.reason_prompt.clone(),
            operations: application
                .operations
                .values()
                .map(OperationView::from)
                .collect(),
        }
    }
}

impl From<&Operation> for OperationView {
    fn from(operation: &Operation) -> Self {
        Self {
            id: operation.id.to_string(),
            effect: operation.effect.as_str().to_owned(),
            closed: operation.closed.clone(),
        }
    }
}

impl MeView {
    /// A principal, and what their login makes of them.
    pub fn of(
        principal: Principal<'_>,
        assurance: &str,
        how: &str,
        roles_withheld: Vec<String>,
    ) -> Self {
        let roles = match principal {
            Principal::Person(person) => person
                .roles
                .iter()
                .map(|role| role.as_str().to_owned())
                .collect(),
            Principal::Agent(_) => Vec::new(),
        };
        Self {
            id: principal.id().to_string(),
            name: principal.name().to_owned(),
            profile: principal.profile().to_owned(),
            roles,
            roles_withheld,
            assurance: assurance.to_owned(),
            how: how.to_owned(),
        }
    }
}
