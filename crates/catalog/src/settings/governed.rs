//! The settings that decide about access. They count as recorded, like the catalog; an address does not.

use std::collections::BTreeMap;

use locum_domain::PrincipalId;
use locum_domain::catalog::Role;
use serde::{Deserialize, Serialize};

use super::{
    Budgets, Connector, Environment, Login, OverdueReviews, Server, Settings, SignatureRule,
    Witnesses,
};

/// What of `locum.toml` is recorded at the founding and changed only by `apply`. A setting that is not here is an error and
/// not left out: whoever wrote it would think that it counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Governed {
    pub environment: Environment,
    /// The ledger's origin.
    pub origin: String,
    pub time_zone: String,
    pub approvals_signature: SignatureRule,
    /// Left out where a ledger recorded none: what was recorded keeps its digest.
    #[serde(default, skip_serializing_if = "OverdueReviews::is_block")]
    pub overdue_reviews: OverdueReviews,
    pub budgets: Budgets,
    /// For each connector, what decides whether a case is open and how long it may stay unreachable.
    pub connectors: BTreeMap<String, GovernedConnector>,
    /// Who cosigns the ledger. Left out where a ledger recorded none: what was recorded keeps its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witnesses: Option<Witnesses>,
    /// Who may sign in and how. Left out where a ledger recorded none: what was recorded keeps its digest.
    #[serde(default, skip_serializing_if = "GovernedLogin::is_unsaid")]
    pub login: GovernedLogin,
}

/// What of `[login]` decides about access.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GovernedLogin {
    /// Nobody, or the two people who enrol the first authenticators.
    pub founders: Vec<PrincipalId>,
    /// WebAuthn's relying party id; empty in a ledger from before passkeys.
    pub rp_id: String,
    /// The origin of `[server] public_url`: where passkeys sign, and where the identity provider sends people back to.
    /// `None` in a ledger from before it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_origin: Option<String>,
    pub oidc: Option<GovernedOidc>,
}

impl GovernedLogin {
    fn is_unsaid(&self) -> bool {
        *self == Self::default()
    }
}

/// What of the identity provider decides about access: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GovernedOidc {
    pub issuer: String,
    pub client_id: String,
    pub account_claim: String,
    /// The `system` of the accounts in people.toml that are the provider's.
    pub system: String,
    pub groups_claim: String,
    /// Which role a group lets count; it narrows and never grants.
    pub roles: BTreeMap<String, Role>,
    pub stepped_up_acr: Vec<String>,
    pub scopes: Vec<String>,
}

/// What of a connector decides about access.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GovernedConnector {
    pub kind: String,
    pub url: String,
    /// Where the answer says what: whoever moves `subject` moves whom everybody acts as.
    pub map: serde_json::Value,
    pub grace_seconds: u32,
}

impl Settings {
    /// The settings that decide about access.
    pub fn governed(&self) -> Governed {
        let connectors = self
            .connectors
            .iter()
            .map(|(name, connector)| (name.clone(), connector.governed()));
        Governed {
            environment: self.environment,
            origin: self.ledger.origin.clone(),
            time_zone: self.policies.time_zone.clone(),
            approvals_signature: self.approvals_signature,
            overdue_reviews: self.overdue_reviews,
            budgets: self.budgets,
            connectors: connectors.collect(),
            witnesses: self.ledger.witnesses.clone(),
            login: self.login.governed(&self.server),
        }
    }
}

impl Login {
    fn governed(&self, server: &Server) -> GovernedLogin {
        let oidc = self.oidc.as_ref().map(|oidc| GovernedOidc {
            issuer: oidc.issuer.clone(),
            client_id: oidc.client_id.clone(),
            account_claim: oidc.account_claim.clone(),
            system: oidc.system.clone(),
            groups_claim: oidc.groups_claim.clone(),
            roles: oidc.roles.clone(),
            stepped_up_acr: oidc.stepped_up_acr.clone(),
            scopes: oidc.scopes.clone(),
        });
        GovernedLogin {
            founders: self.founders.clone(),
            rp_id: self.rp_id.clone(),
            // It has neither path nor query: an origin is all that it is.
            public_origin: Some(server.public_url.clone()),
            oidc,
        }
    }
}

impl Connector {
    fn governed(&self) -> GovernedConnector {
        // Structs of texts always have a JSON form.
        let (kind, url, map) = match self {
            Connector::Generic(it) => ("generic", &it.url, serde_json::to_value(&it.map)),
            Connector::Roundup(it) => ("roundup", &it.url, serde_json::to_value(&it.fields)),
        };
        GovernedConnector {
            kind: kind.to_owned(),
            url: url.clone(),
            map: map.unwrap_or_default(),
            grace_seconds: self.common().grace_seconds,
        }
    }
}
