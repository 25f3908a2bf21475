//! The keys the gateway signs with, and those whose access tokens it believes.

use std::collections::BTreeMap;
use std::sync::Arc;

use locum_domain::ApplicationId;
use locum_domain::catalog::{Application, SigningAlgorithm};
use locum_token::{Algorithm, JwkSet, SigningKey};

/// Keys for assertions and access tokens. Whoever holds the signing keys can be anybody in the applications they are
/// for: a gateway is handed those of the applications it serves, and no key that signs access tokens or grants.
#[derive(Debug, Clone, Default)]
pub struct AssertionKeys {
    pub signing: BTreeMap<ApplicationId, Arc<SigningKey>>,
    /// Who may have signed an access token shown here: public halves.
    pub access_tokens: JwkSet,
}

impl AssertionKeys {
    /// The application's own key, if it is of the algorithm that the application asks for.
    pub(crate) fn of(&self, application: &Application) -> Option<&Arc<SigningKey>> {
        let wanted = match application.identity.algorithm {
            SigningAlgorithm::EdDSA | SigningAlgorithm::Ed25519 => Algorithm::EdDsa,
            SigningAlgorithm::ES256 => Algorithm::Es256,
            SigningAlgorithm::RS256 => Algorithm::Rs256,
        };
        let own = self.signing.get(&application.id);
        own.filter(|key| key.algorithm() == wanted)
    }
}
