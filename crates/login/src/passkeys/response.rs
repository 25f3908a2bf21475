//! What a browser hands back, as it writes it in JSON (WebAuthn Level 3, §5.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::refused::PasskeyRefused;

/// More than any authenticator sends, an attestation's certificates included.
const LONGEST: usize = 64 * 1024;

#[derive(Deserialize)]
struct Credential<R> {
    id: String,
    #[serde(rename = "rawId")]
    raw_id: String,
    #[serde(rename = "type")]
    kind: String,
    response: R,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asserted {
    #[serde(rename = "clientDataJSON")]
    client_data_json: String,
    authenticator_data: String,
    signature: String,
    #[serde(default)]
    user_handle: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attested {
    #[serde(rename = "clientDataJSON")]
    client_data_json: String,
    attestation_object: String,
}

/// An `AuthenticationResponseJSON`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationResponse {
    /// base64url, as the authenticator's record has it.
    pub credential_id: String,
    pub client_data_json: Vec<u8>,
    pub authenticator_data: Vec<u8>,
    pub signature: Vec<u8>,
    /// Whose credential the authenticator says it is.
    pub user_handle: Option<Vec<u8>>,
}

/// A `RegistrationResponseJSON`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationResponse {
    pub credential_id: String,
    pub client_data_json: Vec<u8>,
    pub attestation_object: Vec<u8>,
}

impl AuthenticationResponse {
    /// Reads it.
    ///
    /// # Errors
    /// When it is not one public-key credential in its JSON form.
    pub fn read(json: &[u8]) -> Result<Self, PasskeyRefused> {
        let (credential_id, response) = credential::<Asserted>(json)?;
        Ok(Self {
            credential_id,
            client_data_json: bytes(&response.client_data_json)?,
            authenticator_data: bytes(&response.authenticator_data)?,
            signature: bytes(&response.signature)?,
            user_handle: response.user_handle.as_deref().map(bytes).transpose()?,
        })
    }
}

impl RegistrationResponse {
    /// Reads it.
    ///
    /// # Errors
    /// When it is not one public-key credential in its JSON form.
    pub fn read(json: &[u8]) -> Result<Self, PasskeyRefused> {
        let (credential_id, response) = credential::<Attested>(json)?;
        Ok(Self {
            credential_id,
            client_data_json: bytes(&response.client_data_json)?,
            attestation_object: bytes(&response.attestation_object)?,
        })
    }
}

fn credential<R: for<'de> Deserialize<'de>>(json: &[u8]) -> Result<(String, R), PasskeyRefused> {
    if json.len() > LONGEST {
        return Err(PasskeyRefused::Malformed);
    }
    let credential: Credential<R> =
        serde_json::from_slice(json).map_err(|_| PasskeyRefused::Malformed)?;
    if credential.kind != "public-key" || credential.id != credential.raw_id {
        return Err(PasskeyRefused::Malformed);
    }
    bytes(&credential.id)?;
    Ok((credential.id, credential.response))
}

fn bytes(text: &str) -> Result<Vec<u8>, PasskeyRefused> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| PasskeyRefused::Malformed)
}
