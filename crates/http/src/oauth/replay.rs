//! A client assertion is good for one use (RFC 7523, section 3).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use locum_domain::Timestamp;
use locum_token::ClientAssertion;
use sha2::{Digest as _, Sha256};

/// Most assertions of one client that are remembered. While all of them are valid, no further one of this client is
/// believed; the others do not notice.
const MOST_PER_CLIENT: usize = 1_000;

/// The assertions that were used and have not expired, by client. Kept in memory: after a restart an assertion can
/// be used once more, which its expiry bounds. Only clients that proved who they are get a place.
#[derive(Debug, Default)]
pub(crate) struct Replays(Mutex<BTreeMap<String, Used>>);

/// One client's, by id and in the order in which they expire.
#[derive(Debug, Default)]
struct Used {
    ids: BTreeSet<IdDigest>,
    by_expiry: BTreeSet<(Timestamp, IdDigest)>,
}

/// The SHA-256 of a `jti`: ids of any length take the same room.
type IdDigest = [u8; 32];

/// What became of the attempt to use an assertion.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Use {
    First,
    Again,
    /// Too many of this client are remembered to remember this one.
    Full,
}

impl Replays {
    /// Uses an assertion up.
    pub(crate) fn take(&self, assertion: &ClientAssertion, now: Timestamp) -> Use {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let used = clients.entry(assertion.client_id.clone()).or_default();
        used.forget_expired(now);
        let id: IdDigest = Sha256::digest(assertion.jti.as_bytes()).into();
        if used.ids.contains(&id) {
            return Use::Again;
        }
        if used.ids.len() >= MOST_PER_CLIENT {
            return Use::Full;
        }
        used.ids.insert(id);
        used.by_expiry.insert((assertion.expires_at, id));
        Use::First
    }
}

impl Used {
    fn forget_expired(&mut self, now: Timestamp) {
        while let Some((expires_at, id)) = self.by_expiry.first().copied()
            && expires_at <= now
        {
            self.by_expiry.pop_first();
            self.ids.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn assertion(client: &str, jti: &str, expires: i64) -> ClientAssertion {
        ClientAssertion {
            client_id: client.to_owned(),
            jti: jti.to_owned(),
            expires_at: at(expires),
        }
    }

    #[test]
    fn r20_an_assertion_is_used_once_until_it_expires() {
        let replays = Replays::default();
        let take = |client, now| replays.take(&assertion(client, "one", 100), at(now));
        assert_eq!(take("a", 1), Use::First);
        assert_eq!(take("a", 2), Use::Again);
        assert_eq!(take("b", 2), Use::First);
        assert_eq!(take("a", 99), Use::Again);
        assert_eq!(
            replays.take(&assertion("a", "one", 200), at(100)),
            Use::First
        );
        assert_eq!(take("a", 150), Use::Again);
    }

    #[test]
    fn r31_a_client_that_fills_its_own_room_stops_nobody_else() {
        let replays = Replays::default();
        for number in 0..MOST_PER_CLIENT {
            let expires = 100 + i64::try_from(number % 2).unwrap();
            let one = assertion("a", &number.to_string(), expires);
            assert_eq!(replays.take(&one, at(1)), Use::First);
        }
        assert_eq!(replays.take(&assertion("a", "more", 200), at(1)), Use::Full);
        assert_eq!(replays.take(&assertion("a", "7", 200), at(1)), Use::Again);
        assert_eq!(
            replays.take(&assertion("b", "more", 200), at(1)),
            Use::First
        );
        // Half of them have expired.
        assert_eq!(
            replays.take(&assertion("a", "more", 200), at(100)),
            Use::First
        );
        assert_eq!(replays.take(&assertion("a", "7", 200), at(100)), Use::Again);
    }
}
