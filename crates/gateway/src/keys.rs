//! The keys the gateway signs with, and those whose access tokens it believes.

use std::sync::Arc;

use locum_domain::catalog::SigningAlgorithm;
use locum_token::{Algorithm, JwkSet, SigningKey};

/// Keys for assertions and access tokens. Whoever holds the signing keys can be anybody in every application.
#[derive(Debug, Clone, Default)]
pub struct AssertionKeys {
    /// One key for each algorithm that some application asks for.
    pub signing: Vec<Arc<SigningKey>>,
    /// Who may have signed an access token shown here.
    pub access_tokens: JwkSet,
}

impl AssertionKeys {
    /// The key for an application's algorithm.
    pub fn for_algorithm(&self, algorithm: SigningAlgorithm) -> Option<&Arc<SigningKey>> {
        let wanted = match algorithm {
            SigningAlgorithm::EdDSA | SigningAlgorithm::Ed25519 => Algorithm::EdDsa,
            SigningAlgorithm::ES256 => Algorithm::Es256,
            SigningAlgorithm::RS256 => Algorithm::Rs256,
        };
        self.signing.iter().find(|key| key.algorithm() == wanted)
    }
}
