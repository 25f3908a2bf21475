//! A client assertion is good for one use (RFC 7523, section 3).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use locum_domain::Timestamp;
use locum_token::ClientAssertion;

/// Most assertions remembered. When all of them are still valid, no further one is believed.
const MOST: usize = 100_000;

/// The assertions that were used and have not expired. Kept in memory: after a restart an assertion can be used
/// once more, which its expiry bounds.
#[derive(Debug, Default)]
pub(crate) struct Replays(Mutex<BTreeMap<(String, String), Timestamp>>);

/// What became of the attempt to use an assertion.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Use {
    First,
    Again,
    /// Too many are remembered to remember this one.
    Full,
}

impl Replays {
    /// Uses an assertion up.
    pub(crate) fn take(&self, assertion: &ClientAssertion, now: Timestamp) -> Use {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= MOST {
            used.retain(|_, expires_at| *expires_at > now);
        }
        if used.len() >= MOST {
            return Use::Full;
        }
        let name = (assertion.client_id.clone(), assertion.jti.clone());
        match used.insert(name, assertion.expires_at) {
            Some(before) if before > now => Use::Again,
            _ => Use::First,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r20_an_assertion_is_used_once_until_it_expires() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let assertion = |client: &str| ClientAssertion {
            client_id: client.to_owned(),
            jti: "one".to_owned(),
            expires_at: at(100),
        };
        let replays = Replays::default();
        assert_eq!(replays.take(&assertion("a"), at(1)), Use::First);
        assert_eq!(replays.take(&assertion("a"), at(2)), Use::Again);
        assert_eq!(replays.take(&assertion("b"), at(2)), Use::First);
        assert_eq!(replays.take(&assertion("a"), at(101)), Use::First);
    }
}
