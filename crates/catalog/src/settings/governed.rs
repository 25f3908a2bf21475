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
            budgets: self.budgets,
            connectors: connectors.collect(),
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
