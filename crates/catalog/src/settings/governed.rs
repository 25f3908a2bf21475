//! The settings that decide about access. They count as recorded, like the catalog; an address does not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Budgets, Connector, Environment, Settings, SignatureRule};

/// What of `locum.toml` is recorded at the founding and changed only by `apply`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Governed {
    pub environment: Environment,
    /// The ledger's origin.
    pub origin: String,
    pub time_zone: String,
    pub approvals_signature: SignatureRule,
    pub budgets: Budgets,
    /// For each connector, what decides whether a case is open and how long it may stay unreachable.
    pub connectors: BTreeMap<String, GovernedConnector>,
}

/// What of a connector decides about access.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GovernedConnector {
    pub kind: String,
    pub url: String,
    pub open: Vec<String>,
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
            budgets: self.budgets,
            connectors: connectors.collect(),
        }
    }
}

impl Connector {
    fn governed(&self) -> GovernedConnector {
        let (kind, url, open) = match self {
            Connector::Generic(generic) => ("generic", &generic.url, &generic.map.open),
            Connector::Roundup(roundup) => ("roundup", &roundup.url, &roundup.fields.open),
        };
        GovernedConnector {
            kind: kind.to_owned(),
            url: url.clone(),
            open: open.iter().cloned().collect(),
            grace_seconds: self.common().grace_seconds,
        }
    }
}
