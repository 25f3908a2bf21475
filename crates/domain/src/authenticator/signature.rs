//! One person's signature, as it is sent, recorded and checked.

use serde::{Deserialize, Serialize};

use crate::ids::AuthenticatorId;

/// A signature over a statement's digest. Binary members are base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Signature {
    /// A WebAuthn assertion (Level 3, section 6.3.3) whose challenge is the digest.
    Passkey {
        authenticator: AuthenticatorId,
        authenticator_data: String,
        client_data_json: String,
        signature: String,
    },
    /// Ed25519 over `locum-signature/v1`, a line feed and the digest.
    KeyFile {
        authenticator: AuthenticatorId,
        signature: String,
    },
}

impl Signature {
    /// Whose key it says it is by.
    pub fn authenticator(&self) -> &AuthenticatorId {
        match self {
            Signature::Passkey { authenticator, .. } | Signature::KeyFile { authenticator, .. } => {
                authenticator
            }
        }
    }
}
