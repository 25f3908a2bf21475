//! Locum's own signing keys, one for each purpose, as the use cases see them.

use std::fmt;
use std::sync::Arc;

use locum_domain::{ApplicationId, PrincipalId, Timestamp};
use locum_token::{JwkSet, SigningKey, VerifyingKey};

/// What a signing key is for. The ledger's key is none of them: it cannot give way to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyPurpose {
    /// Assertions to one application.
    Assertion(ApplicationId),
    /// Grants.
    Grant,
    /// Access tokens.
    AccessToken,
}

/// The words for them.
const WORDS: [&str; 3] = ["assertion", "grant", "access-token"];

impl KeyPurpose {
    /// The purpose by its word and, for assertions, the application.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub fn parse(word: &str, application: Option<ApplicationId>) -> Result<Self, String> {
        match (word, application) {
            ("assertion", Some(application)) => Ok(Self::Assertion(application)),
            ("assertion", None) => {
                Err("assertions have a key for each application: name one".to_owned())
            }
            ("grant", None) => Ok(Self::Grant),
            ("access-token", None) => Ok(Self::AccessToken),
            ("grant" | "access-token", Some(_)) => {
                Err(format!("the key for `{word}` is no application's"))
            }
            ("ledger", _) => {
                Err("the ledger's key is its name for ever and cannot be rotated".to_owned())
            }
            _ => Err(format!("a key is for one of {}", WORDS.join(", "))),
        }
    }

    /// The word in records and answers.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Assertion(_) => "assertion",
            Self::Grant => "grant",
            Self::AccessToken => "access-token",
        }
    }

    /// Whose assertions it signs.
    pub fn application(&self) -> Option<&ApplicationId> {
        match self {
            Self::Assertion(application) => Some(application),
            Self::Grant | Self::AccessToken => None,
        }
    }
}

impl fmt::Display for KeyPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assertion(application) => write!(f, "assertion {application}"),
            Self::Grant | Self::AccessToken => f.write_str(self.as_str()),
        }
    }
}

/// The public half of one key of the ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicHalf {
    pub purpose: KeyPurpose,
    pub key: VerifyingKey,
    /// Since when it signs nothing more; `None` for the key that signs.
    pub retired_at: Option<Timestamp>,
}

/// A new key that lies beside the old one and signs nothing yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextKey {
    pub purpose: KeyPurpose,
    /// Who had it made.
    pub by: PrincipalId,
    pub old: VerifyingKey,
    pub new: VerifyingKey,
}

/// Why a key cannot be made or put to use.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {
    #[error("there is no key for {0}")]
    NoSuchKey(KeyPurpose),
    /// An RSA key, which is brought and not made here.
    #[error("a new key of this kind is made with another tool and cannot be made here")]
    NotMadeHere,
    /// One that somebody else is rotating, or whose rotation broke off: a start settles it.
    #[error("a new key for {0} waits already; if nobody rotates it now, restart the server")]
    UnderWay(KeyPurpose),
    #[error("the key cannot be written or read")]
    File(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The key ring. Whoever holds it can sign a grant and be anybody in every application, but no ledger entry: access
/// that nobody recorded is refused at the gateway, and found.
pub trait KeyRing: Send + Sync {
    /// Every public half, the retired ones included: what outsiders verify with.
    fn public_halves(&self) -> Vec<PublicHalf>;
    /// What signs grants now.
    fn grant_key(&self) -> Arc<SigningKey>;
    /// What signs access tokens now; nothing older is believed.
    fn access_token_key(&self) -> Arc<SigningKey>;
    /// Makes a new key and leaves it, durably, beside the old one.
    ///
    /// # Errors
    /// When there is no such key, another new one waits, or it cannot be made or written.
    fn prepare(&self, purpose: &KeyPurpose, by: &PrincipalId) -> Result<NextKey, KeyRingError>;
    /// Puts a prepared key in the old one's place, whose public half is kept and whose private half is gone.
    /// Doing it again changes nothing.
    ///
    /// # Errors
    /// When the files cannot be moved; the old key then goes on signing.
    fn switch(&self, next: &NextKey, at: Timestamp) -> Result<(), KeyRingError>;
    /// Takes a prepared key away that nobody recorded.
    fn discard(&self, next: &NextKey);
    /// Keys that were prepared by a process that ended before it could switch or discard them.
    fn left_over(&self) -> Vec<NextKey>;
}

/// The keys by which a grant may be verified at `now`: the one that signs, and retired ones for as long as a grant
/// can live.
pub(crate) fn grant_verifiers(ring: &dyn KeyRing, now: Timestamp) -> JwkSet {
    let longest = locum_token::GrantToken::LONGEST_SECONDS;
    let still = |half: &PublicHalf| {
        half.retired_at
            .is_none_or(|at| now.as_second().saturating_sub(at.as_second()) < longest)
    };
    let halves = ring.public_halves().into_iter();
    let grants = halves.filter(|half| half.purpose == KeyPurpose::Grant && still(half));
    JwkSet::of(grants.map(|half| half.key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_is_read_from_its_word_and_the_ledgers_key_stays() {
        let billing: ApplicationId = "billing".parse().unwrap();
        assert_eq!(
            KeyPurpose::parse("assertion", Some(billing.clone())),
            Ok(KeyPurpose::Assertion(billing.clone()))
        );
        assert_eq!(KeyPurpose::parse("grant", None), Ok(KeyPurpose::Grant));
        for (word, application) in [
            ("assertion", None),
            ("grant", Some(billing)),
            ("ledger", None),
            ("cookies", None),
        ] {
            assert!(KeyPurpose::parse(word, application).is_err(), "{word}");
        }
    }
}
