//! The attestation object (§6.5.4). None is asked for, so none is believed: whatever an authenticator sends about
//! its maker must have its form, and proves nothing here.

use ciborium::Value;
use sha2::{Digest as _, Sha256};

use super::authenticator_data::AttestedCredential;
use super::cbor;

/// Why an attestation object is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
    #[error("the attestation object is not one CBOR map of `fmt`, `authData` and `attStmt`")]
    Form,
    #[error("`{0}` is no registered attestation format")]
    Format(String),
    #[error("the attestation statement does not have the form of its format")]
    Statement,
    #[error("the credential does not vouch for itself: its attestation's signature is not its own")]
    SelfSignature,
}

/// The formats of the registry beside `none` and `packed` (§8, "WebAuthn Attestation Statement Format Identifiers").
const OTHER_FORMATS: [&str; 6] = [
    "tpm",
    "android-key",
    "android-safetynet",
    "fido-u2f",
    "apple",
    "compound",
];

/// The object's three members.
pub(super) struct AttestationObject {
    format: String,
    pub(super) authenticator_data: Vec<u8>,
    statement: Value,
}

impl AttestationObject {
    /// Step 13 of §7.1.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, AttestationError> {
        let members = cbor::text_map(bytes).ok_or(AttestationError::Form)?;
        let (mut format, mut data, mut statement) = (None, None, None);
        for (name, value) in members {
            match name.as_str() {
                "fmt" => format = value.into_text().ok(),
                "authData" => data = value.into_bytes().ok(),
                "attStmt" => statement = Some(value),
                _ => return Err(AttestationError::Form),
            }
        }
        Ok(Self {
            format: format.ok_or(AttestationError::Form)?,
            authenticator_data: data.ok_or(AttestationError::Form)?,
            statement: statement.ok_or(AttestationError::Form)?,
        })
    }

    /// Steps 21 and 22 of §7.1, for a relying party that trusts no attester: `none` has nothing to say, a credential
    /// that attests itself (`packed` without certificates) must have signed, every other statement is a map.
    pub(super) fn check(
        self,
        credential: &AttestedCredential,
        client_data_json: &[u8],
    ) -> Result<(), AttestationError> {
        if self.format == "compound" {
            // A list of statements, each a map (§8.9).
            let list = self.statement.into_array();
            let list = list.map_err(|_| AttestationError::Statement)?;
            let is_formed = list.len() >= 2 && list.iter().all(Value::is_map);
            return formed(is_formed);
        }
        let statement = cbor::members(self.statement).ok_or(AttestationError::Statement)?;
        match self.format.as_str() {
            "none" => formed(statement.is_empty()),
            "packed" => {
                let member = |name: &str| {
                    let found = statement.iter().find(|(it, _)| it == name);
                    found.map(|(_, value)| value)
                };
                let signature = member("sig").and_then(Value::as_bytes);
                let is_algorithm_named = member("alg").is_some_and(Value::is_integer);
                let (Some(signature), true) = (signature, is_algorithm_named) else {
                    return Err(AttestationError::Statement);
                };
                if let Some(certificates) = member("x5c") {
                    let chain = certificates.as_array();
                    let is_chain =
                        |chain: &Vec<Value>| !chain.is_empty() && chain.iter().all(Value::is_bytes);
                    return formed(chain.is_some_and(is_chain));
                }
                let hash = Sha256::digest(client_data_json);
                let message = [self.authenticator_data.as_slice(), &hash].concat();
                if credential.key.verifies(&message, signature) {
                    Ok(())
                } else {
                    Err(AttestationError::SelfSignature)
                }
            }
            format if OTHER_FORMATS.contains(&format) => formed(!statement.is_empty()),
            format => Err(AttestationError::Format(format.chars().take(80).collect())),
        }
    }
}

fn formed(is_formed: bool) -> Result<(), AttestationError> {
    if is_formed {
        Ok(())
    } else {
        Err(AttestationError::Statement)
    }
}
