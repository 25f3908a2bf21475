//! How a founder proves to be the founder before there is any authenticator: a one-time link on the terminal.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use locum_domain::PrincipalId;
use secrecy::SecretString;

use crate::ports::Ports;
use crate::secret::SecretDigest;

/// How long a link is good for. A new start makes new ones, while the founding is not complete.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

const PURPOSE: &str = "locum-founding-code/v1";

struct Code {
    founder: PrincipalId,
    made_at: Timestamp,
}

/// The founders' codes. Whoever reads one off the terminal is that founder, once.
pub struct FoundingCodes {
    ports: Ports,
    open: Mutex<BTreeMap<SecretDigest, Code>>,
}

impl FoundingCodes {
    /// Nobody has one.
    pub fn new(ports: Ports) -> Self {
        Self {
            ports,
            open: Mutex::default(),
        }
    }

    /// Makes a founder's code, in place of the one they had. `None` without randomness.
    pub fn make(&self, founder: &PrincipalId) -> Option<SecretString> {
        let secret = self.ports.secret()?;
        let digest = self.ports.digest(PURPOSE, &secret);
        let code = Code {
            founder: founder.clone(),
            made_at: self.ports.now(),
        };
        let mut open = self.open();
        open.retain(|_, code| code.founder != *founder);
        open.insert(digest, code);
        Some(SecretString::from(secret))
    }

    /// Whose code this is, without using it: a link that something opens in advance must not be used up by that.
    pub fn founder(&self, code: &str) -> Option<PrincipalId> {
        let now = self.ports.now();
        let open = self.open();
        let code = open.get(&self.ports.digest(PURPOSE, code))?;
        let is_good = now.duration_since(code.made_at) < LONGEST;
        is_good.then(|| code.founder.clone())
    }

    /// Uses a code up and says whose it was.
    pub fn redeem(&self, code: &str) -> Option<PrincipalId> {
        let founder = self.founder(code)?;
        let digest = self.ports.digest(PURPOSE, code);
        // Of two who redeem it at once, one finds it.
        self.open().remove(&digest).map(|_| founder)
    }

    /// The founding is complete: no code opens anything any more.
    pub fn close(&self) {
        self.open().clear();
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<SecretDigest, Code>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
