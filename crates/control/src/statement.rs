//! What somebody is asked to sign, as it is handed to whoever holds the key: a browser, or a command line.

use locum_domain::authenticator::Statement;
use locum_domain::{Authenticator, AuthenticatorId, Denial, Refusal};
use serde::Serialize;
use serde_json::Value;

/// A statement with its digest and the caller's own keys that may sign it.
///
/// A passkey answers the 32 bytes of the digest as its challenge. Whoever signs with a key in a file hashes what they
/// were shown themselves: purpose, a line feed, and the canonical form (RFC 8785) of the statement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatementToSign {
    pub purpose: &'static str,
    pub statement: Value,
    /// SHA-256, 64 lower-case hexadecimal digits.
    pub digest: String,
    /// The caller's passkeys in use that may sign this.
    pub credentials: Vec<Credential>,
    /// The caller's key files in use that may sign this.
    pub key_files: Vec<AuthenticatorId>,
    /// WebAuthn's relying party id.
    pub rp_id: String,
}

/// A passkey, by the name that a browser knows and by ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Credential {
    pub authenticator: AuthenticatorId,
    /// base64url, as WebAuthn writes it.
    pub credential_id: String,
}

impl StatementToSign {
    /// This statement for these keys.
    pub(crate) fn of<'k, S: Statement>(
        statement: &S,
        rp_id: &str,
        keys: impl IntoIterator<Item = &'k Authenticator>,
    ) -> Result<Self, Refusal> {
        let value = serde_json::to_value(statement)
            .map_err(|error| Denial::Malformed.because(error.to_string()))?;
        let mut to_sign = Self {
            purpose: S::PURPOSE,
            statement: value,
            digest: hex::encode(statement.digest().0),
            credentials: Vec::new(),
            key_files: Vec::new(),
            rp_id: rp_id.to_owned(),
        };
        for key in keys {
            let authenticator = key.id.clone();
            match key.credential_id() {
                Some(credential_id) => to_sign.credentials.push(Credential {
                    authenticator,
                    credential_id: credential_id.to_owned(),
                }),
                None => to_sign.key_files.push(authenticator),
            }
        }
        Ok(to_sign)
    }
}
