//! An assertion: the authenticator signs a challenge (§7.2).

use locum_domain::authenticator::{Authenticator, Means};
use sha2::{Digest as _, Sha256};

use super::Ceremony;
use super::authenticator_data::{AuthenticatorData, AuthenticatorDataError};
use super::client_data::{self, ClientDataError, Kind};
use super::key::{KeyError, VerifyingKey};

/// What the browser hands back, as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assertion<'a> {
    pub authenticator_data: &'a [u8],
    pub client_data_json: &'a [u8],
    pub signature: &'a [u8],
}

/// What an assertion that verified says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asserted {
    /// How often the authenticator signed, or 0 if it does not count.
    pub sign_count: u32,
    /// Whether the key may live on more than one device.
    pub is_synced: bool,
}

/// Why an assertion is refused.
#[derive(Debug, thiserror::Error)]
pub enum AssertionError {
    #[error("the authenticator is no passkey")]
    NoPasskey,
    #[error("the recorded public key is not accepted")]
    Key(#[from] KeyError),
    #[error(transparent)]
    ClientData(#[from] ClientDataError),
    #[error(transparent)]
    AuthenticatorData(#[from] AuthenticatorDataError),
    #[error("the key's backup eligibility is not the one it was registered with")]
    BackupEligibility,
    #[error("the signature is not the registered key's over these bytes")]
    Signature,
    #[error(
        "the authenticator counts {found} signatures after {last}: the key may have been copied"
    )]
    Counter { found: u32, last: u32 },
}

/// Steps 8 to 22 of §7.2, for an authenticator that was looked up by the credential id (steps 5 to 7). `last_count`
/// is the highest count this authenticator was seen with, if any. The signature is checked before the counter: a
/// counter is only believed when the key vouched for it.
///
/// # Errors
/// [`AssertionError`] naming what was wrong.
pub fn verify_assertion(
    assertion: &Assertion<'_>,
    authenticator: &Authenticator,
    ceremony: &Ceremony<'_>,
    last_count: Option<u32>,
) -> Result<Asserted, AssertionError> {
    let Means::Passkey { is_synced, .. } = &authenticator.means else {
        return Err(AssertionError::NoPasskey);
    };
    let key = VerifyingKey::of(&authenticator.public_key)?;
    client_data::check(assertion.client_data_json, Kind::Get, ceremony)?;
    let data = AuthenticatorData::parse(assertion.authenticator_data)?.without_credential()?;
    data.check(ceremony.rp_id)?;
    if data.is_synced() != *is_synced {
        return Err(AssertionError::BackupEligibility);
    }
    let hash = Sha256::digest(assertion.client_data_json);
    let message = [assertion.authenticator_data, hash.as_slice()].concat();
    if !key.verifies(&message, assertion.signature) {
        return Err(AssertionError::Signature);
    }
    let (found, last) = (data.sign_count, last_count.unwrap_or(0));
    if (found != 0 || last != 0) && found <= last {
        return Err(AssertionError::Counter { found, last });
    }
    Ok(Asserted {
        sign_count: found,
        is_synced: *is_synced,
    })
}
