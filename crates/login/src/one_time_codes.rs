//! One-time codes: how somebody proves to be meant before they have any authenticator, by the link they were given.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use locum_domain::PrincipalId;
use secrecy::SecretString;

use crate::ports::Ports;
use crate::secret::SecretDigest;

/// How long a link is good for.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// What a code is for, so that none serves two ends.
pub trait Meant: Clone + Eq {
    /// Stands before every code where it is digested.
    const PURPOSE: &'static str;
}

/// Founders' codes, each from a file of its own. A new start makes new ones, while the founding is not complete.
impl Meant for PrincipalId {
    const PURPOSE: &'static str = "locum-founding-code/v1";
}

/// Who was invited to enrol, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub person: PrincipalId,
    pub by: PrincipalId,
}

impl Meant for Invitation {
    const PURPOSE: &'static str = "locum-invitation-code/v1";
}

/// Whoever reads a founder's code out of its file is that founder, once.
pub type FoundingCodes = OneTimeCodes<PrincipalId>;
/// Whoever holds an invitation's code may ask for an enrolment as the person it names, once.
pub type InvitationCodes = OneTimeCodes<Invitation>;

struct Code<T> {
    meant: T,
    made_at: Timestamp,
}

/// The codes that are open: one for each that is meant. Only their keyed digests are kept.
pub struct OneTimeCodes<T> {
    ports: Ports,
    open: Mutex<BTreeMap<SecretDigest, Code<T>>>,
}

impl<T: Meant> OneTimeCodes<T> {
    /// Nobody has one.
    pub fn new(ports: Ports) -> Self {
        Self {
            ports,
            open: Mutex::default(),
        }
    }

    /// Makes a code, in place of the one that was open for the same. `None` without randomness.
    pub fn make(&self, meant: &T) -> Option<SecretString> {
        let secret = self.ports.secret()?;
        let digest = self.ports.digest(T::PURPOSE, &secret);
        let now = self.ports.now();
        let code = Code {
            meant: meant.clone(),
            made_at: now,
        };
        let mut open = self.open();
        open.retain(|_, code| code.meant != *meant && now.duration_since(code.made_at) < LONGEST);
        open.insert(digest, code);
        Some(SecretString::from(secret))
    }

    /// What a code is for, without using it: a link that something opens in advance must not be used up by that.
    pub fn meant(&self, code: &str) -> Option<T> {
        let now = self.ports.now();
        let open = self.open();
        let code = open.get(&self.ports.digest(T::PURPOSE, code))?;
        let is_good = now.duration_since(code.made_at) < LONGEST;
        is_good.then(|| code.meant.clone())
    }

    /// Uses a code up and says what it was for.
    pub fn redeem(&self, code: &str) -> Option<T> {
        let meant = self.meant(code)?;
        let digest = self.ports.digest(T::PURPOSE, code);
        // Of two who redeem it at once, one finds it.
        self.open().remove(&digest).map(|_| meant)
    }

    /// No code opens anything any more.
    pub fn close(&self) {
        self.open().clear();
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<SecretDigest, Code<T>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
