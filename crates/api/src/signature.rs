//! Signatures and what they are over, on the wire.

use locum_domain::{Denial, Refusal, Signature};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A signature over a statement's digest. Binary members are base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SignatureBody {
    /// A WebAuthn assertion (Level 3, section 6.3.3) whose challenge is the digest.
    Passkey {
        /// The key's id, `aut_…`.
        authenticator: String,
        authenticator_data: String,
        client_data_json: String,
        signature: String,
    },
    /// Ed25519 over `locum-signature/v1`, a line feed and the 32 bytes of the digest.
    KeyFile {
        /// The key's id, `aut_…`.
        authenticator: String,
        signature: String,
    },
}

impl TryFrom<SignatureBody> for Signature {
    type Error = Refusal;
    fn try_from(body: SignatureBody) -> Result<Self, Refusal> {
        let id = |text: String| {
            text.parse().map_err(|_| {
                Denial::Malformed
                    .because("this is no authenticator's id")
                    .at("/signature/authenticator")
            })
        };
        Ok(match body {
            SignatureBody::Passkey {
                authenticator,
                authenticator_data,
                client_data_json,
                signature,
            } => Signature::Passkey {
                authenticator: id(authenticator)?,
                authenticator_data,
                client_data_json,
                signature,
            },
            SignatureBody::KeyFile {
                authenticator,
                signature,
            } => Signature::KeyFile {
                authenticator: id(authenticator)?,
                signature,
            },
        })
    }
}

/// What somebody would sign, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementView {
    /// Stands before the canonical bytes, so that no signature serves two ends.
    #[schema(example = "locum-approval/v1")]
    pub purpose: String,
    /// SHA-256 over the purpose, a line feed and the statement's canonical form (RFC 8785), in hexadecimal. It is
    /// the WebAuthn challenge.
    pub digest: String,
    #[schema(value_type = Object)]
    pub statement: serde_json::Value,
    /// The caller's passkeys that may sign this.
    pub credentials: Vec<CredentialView>,
    /// The caller's key files that may sign this, by the authenticator's id.
    pub key_files: Vec<String>,
    /// WebAuthn's relying party id.
    pub rp_id: String,
}

/// A passkey as a browser is asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CredentialView {
    /// The key's id, `aut_…`.
    pub authenticator: String,
    /// The WebAuthn credential id.
    pub credential_id: String,
}
