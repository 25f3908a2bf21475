//! Which secrets a deployment needs.

use super::{Connector, Settings};
use crate::secret::SecretRef;

impl Settings {
    /// Every secret that `locum.toml` names or means, by the key that names it: `connectors.desk.auth_value`.
    pub fn secrets(&self) -> Vec<(String, &SecretRef)> {
        let mut secrets = vec![("ledger.key".to_owned(), &self.ledger.key)];
        let oidc = self.login.oidc.as_ref();
        let client_secret = oidc.and_then(|oidc| oidc.client_secret.as_ref());
        secrets.extend(client_secret.map(|secret| ("login.oidc.client_secret".to_owned(), secret)));
        for (name, connector) in &self.connectors {
            let own = match connector {
                Connector::Generic(it) => ("auth_value", it.auth.as_ref().map(|(_, value)| value)),
                Connector::Roundup(it) => ("password", Some(&it.password)),
            };
            let webhook = connector
                .common()
                .webhook
                .as_ref()
                .map(|webhook| &webhook.secret);
            for (key, secret) in [own, ("webhook_secret", webhook)] {
                secrets.extend(secret.map(|secret| (format!("connectors.{name}.{key}"), secret)));
            }
        }
        secrets
    }
}
