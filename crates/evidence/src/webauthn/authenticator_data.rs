//! The authenticator data: what the authenticator says about itself and its user (§6.1).

use sha2::{Digest as _, Sha256};

use super::cbor;
use super::cose::{self, CoseKeyError};
use super::key::VerifyingKey;

/// Why authenticator data is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticatorDataError {
    #[error("the authenticator data ends early")]
    Truncated,
    #[error("something stands behind the authenticator data")]
    Trailing,
    #[error("the authenticator data is of another relying party id")]
    RpId,
    #[error("the authenticator did not test that a user is present")]
    NoUserPresent,
    #[error("the authenticator did not verify its user")]
    NoUserVerified,
    #[error("the authenticator says its key is backed up and cannot be")]
    BackedUpWithoutEligibility,
    #[error("the authenticator data has no credential where one is registered")]
    NoCredential,
    #[error("the authenticator data has a credential where none belongs")]
    UnexpectedCredential,
    #[error("a credential id has 1 to 1,023 bytes, and this one {0}")]
    CredentialIdLength(usize),
    #[error("the credential's public key is not accepted")]
    Key(#[from] CoseKeyError),
    #[error("the extension data is no map of named outputs")]
    Extensions,
}

/// Longest credential id that §7.1 lets a relying party take, in bytes.
const LONGEST_CREDENTIAL_ID: usize = 1_023;

/// The flags of §6.1, bit by bit. Bits 1 and 5 are reserved and not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Flags(u8);

impl Flags {
    fn has(self, bit: u8) -> bool {
        self.0 & (1 << bit) != 0
    }
    fn is_user_present(self) -> bool {
        self.has(0)
    }
    fn is_user_verified(self) -> bool {
        self.has(2)
    }
    fn is_backup_eligible(self) -> bool {
        self.has(3)
    }
    fn is_backed_up(self) -> bool {
        self.has(4)
    }
    fn has_credential(self) -> bool {
        self.has(6)
    }
    fn has_extensions(self) -> bool {
        self.has(7)
    }
}

/// Authenticator data that was taken apart to its last byte.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AuthenticatorData {
    rp_id_hash: [u8; 32],
    flags: Flags,
    pub(super) sign_count: u32,
    credential: Option<AttestedCredential>,
}

/// The credential that a registration makes (§6.5.1).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AttestedCredential {
    pub(super) id: Vec<u8>,
    pub(super) key: VerifyingKey,
}

impl AuthenticatorData {
    /// Takes the bytes apart. Lengths are strict: nothing may be left over.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, AuthenticatorDataError> {
        let short = || AuthenticatorDataError::Truncated;
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>().ok_or_else(short)?;
        let (flags, rest) = rest.split_first().ok_or_else(short)?;
        let (sign_count, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
        let flags = Flags(*flags);
        let (credential, rest) = if flags.has_credential() {
            let (credential, rest) = attested(rest)?;
            (Some(credential), rest)
        } else {
            (None, rest)
        };
        let rest = if flags.has_extensions() {
            let (outputs, rest) = cbor::first(rest).ok_or(AuthenticatorDataError::Extensions)?;
            cbor::members(outputs).ok_or(AuthenticatorDataError::Extensions)?;
            rest
        } else {
            rest
        };
        if !rest.is_empty() {
            return Err(AuthenticatorDataError::Trailing);
        }
        Ok(Self {
            rp_id_hash: *rp_id_hash,
            flags,
            sign_count: u32::from_be_bytes(*sign_count),
            credential,
        })
    }

    /// Steps 14 to 17 of §7.1, and 15 to 18 of §7.2: whose credential it is, that a user was there and was
    /// verified, and that the backup flags do not contradict each other.
    pub(super) fn check(&self, rp_id: &str) -> Result<(), AuthenticatorDataError> {
        let expected: [u8; 32] = Sha256::digest(rp_id.as_bytes()).into();
        if self.rp_id_hash != expected {
            return Err(AuthenticatorDataError::RpId);
        }
        if !self.flags.is_user_present() {
            return Err(AuthenticatorDataError::NoUserPresent);
        }
        if !self.flags.is_user_verified() {
            return Err(AuthenticatorDataError::NoUserVerified);
        }
        if self.flags.is_backed_up() && !self.flags.is_backup_eligible() {
            return Err(AuthenticatorDataError::BackedUpWithoutEligibility);
        }
        Ok(())
    }

    /// Whether the key may live on more than one device. It is fixed at registration (§6.1.3).
    pub(super) fn is_synced(&self) -> bool {
        self.flags.is_backup_eligible()
    }

    /// The credential, which a registration must have.
    pub(super) fn into_credential(self) -> Result<AttestedCredential, AuthenticatorDataError> {
        self.credential.ok_or(AuthenticatorDataError::NoCredential)
    }

    /// No credential, as an assertion must have it.
    pub(super) fn without_credential(self) -> Result<Self, AuthenticatorDataError> {
        match self.credential {
            Some(_) => Err(AuthenticatorDataError::UnexpectedCredential),
            None => Ok(self),
        }
    }
}

/// Model (not looked at: nobody attested it), length of the id, id, key.
fn attested(bytes: &[u8]) -> Result<(AttestedCredential, &[u8]), AuthenticatorDataError> {
    let short = || AuthenticatorDataError::Truncated;
    let (_model, rest) = bytes.split_first_chunk::<16>().ok_or_else(short)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(short)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0 || length > LONGEST_CREDENTIAL_ID {
        return Err(AuthenticatorDataError::CredentialIdLength(length));
    }
    let (id, rest) = rest.split_at_checked(length).ok_or_else(short)?;
    let (key, rest) = cose::first(rest)?;
    let credential = AttestedCredential {
        id: id.to_vec(),
        key,
    };
    Ok((credential, rest))
}
