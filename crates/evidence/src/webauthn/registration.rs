//! A registration: an authenticator makes a credential for this relying party (§7.1).

use locum_domain::authenticator::PublicKey;

use super::Ceremony;
use super::attestation::{AttestationError, AttestationObject};
use super::authenticator_data::{AttestedCredential, AuthenticatorData, AuthenticatorDataError};
use super::client_data::{self, ClientDataError, Kind};

/// What the browser hands back, as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registration<'a> {
    pub client_data_json: &'a [u8],
    pub attestation_object: &'a [u8],
}

/// A credential that was made just now, by an authenticator that verified its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCredential {
    /// 1 to 1,023 bytes. Whether somebody registered it before is the caller's to look up (step 26).
    pub credential_id: Vec<u8>,
    pub public_key: PublicKey,
    /// How often the authenticator signed, or 0 if it does not count.
    pub sign_count: u32,
    /// Whether the key may live on more than one device.
    pub is_synced: bool,
}

/// Why a registration is refused.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    #[error(transparent)]
    ClientData(#[from] ClientDataError),
    #[error(transparent)]
    Attestation(#[from] AttestationError),
    #[error(transparent)]
    AuthenticatorData(#[from] AuthenticatorDataError),
}

/// Steps 5 to 25 of §7.1. That the algorithm is one of [`super::ALGORITHMS`] (step 20) is the key's own form.
///
/// # Errors
/// [`RegistrationError`] naming what was wrong.
pub fn verify_registration(
    registration: &Registration<'_>,
    ceremony: &Ceremony<'_>,
) -> Result<NewCredential, RegistrationError> {
    client_data::check(registration.client_data_json, Kind::Create, ceremony)?;
    let object = AttestationObject::parse(registration.attestation_object)?;
    let data = AuthenticatorData::parse(&object.authenticator_data)?;
    data.check(ceremony.rp_id)?;
    let (sign_count, is_synced) = (data.sign_count, data.is_synced());
    let credential = data.into_credential()?;
    object.check(&credential, registration.client_data_json)?;
    let AttestedCredential { id, key } = credential;
    Ok(NewCredential {
        credential_id: id,
        public_key: key.to_public_key(),
        sign_count,
        is_synced,
    })
}
