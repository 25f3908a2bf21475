//! How often somebody may try: brute force is slowed down without locking its victim out.
//!
//! Whoever tries is known by their address. An account has no limit of its own, only together with the address: what a
//! stranger tries from elsewhere never stops the person whose account it is. And what strangers try from the same address
//! stops nobody either who is right: only what failed is counted, so that the limit is for those who guess.

mod network;
mod wall_clock;

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::ports::Now;
use network::coarse;
pub(crate) use network::network;
use wall_clock::{Moment, WallClock};

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// A code of a device: the short one, which somebody types who is signed in, or the one it shows itself.
    DeviceCode,
    FoundingCode,
    InvitationCode,
    Passkey,
    BearerToken,
    ClientAssertion,
}

/// Too often, from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; try again in {retry_after_seconds} s")]
pub struct TooMany {
    /// The value of `Retry-After`.
    pub retry_after_seconds: u32,
}

/// From one network: a whole office signs in behind one address in the morning.
const PER_NETWORK: Allowance = Allowance {
    at_once: 60,
    one_more_every: Duration::from_secs(2),
};
/// From one network on one account.
const PER_ACCOUNT: Allowance = Allowance {
    at_once: 10,
    one_more_every: Duration::from_secs(30),
};
/// More networks than this at once: somebody has very many addresses, and is counted by coarser networks.
const CROWD: usize = 100_000;

struct Allowance {
    at_once: u32,
    one_more_every: Duration,
}

type Limiter<K> = RateLimiter<K, HashMapStateStore<K>, WallClock, NoOpMiddleware<Moment>>;

/// Counts attempts. What it remembers of an address is gone when its allowance is full again, minutes later.
pub struct Attempts {
    clock: WallClock,
    networks: Limiter<(Attempt, IpAddr)>,
    accounts: Limiter<(Attempt, IpAddr, String)>,
}

impl Attempts {
    /// Nobody has tried anything.
    pub fn new(now: Now) -> Self {
        let clock = WallClock(now);
        Self {
            networks: RateLimiter::hashmap_with_clock(PER_NETWORK.quota(), clock.clone()),
            accounts: RateLimiter::hashmap_with_clock(PER_ACCOUNT.quota(), clock.clone()),
            clock,
        }
    }

    /// Counts one attempt that failed, from an address, on an account when it names one: the credential, the client.
    /// What is right is not counted and not refused, however many others failed: a signature, or a secret of 256 bits,
    /// is not found by trying.
    ///
    /// # Errors
    /// When it is one too many.
    pub fn count(
        &self,
        attempt: Attempt,
        from: IpAddr,
        account: Option<&str>,
    ) -> Result<(), TooMany> {
        self.forget();
        let network = match self.networks.len() < CROWD {
            true => network(from),
            false => coarse(from),
        };
        let now = self.clock.now();
        self.networks
            .check_key(&(attempt, network))
            .map_err(|until| too_many(until.wait_time_from(now)))?;
        match account {
            Some(account) => self.on_account(attempt, network, account),
            None => Ok(()),
        }
    }

    /// Counts one attempt of somebody who is signed in, wherever they are, before it is judged: what they try can be
    /// found by trying. It is their own allowance, which nobody else uses up.
    ///
    /// # Errors
    /// When it is one too many; it must then not be judged at all.
    pub fn count_own(&self, attempt: Attempt, account: &str) -> Result<(), TooMany> {
        self.forget();
        self.on_account(attempt, IpAddr::V6(Ipv6Addr::UNSPECIFIED), account)
    }

    fn on_account(&self, attempt: Attempt, from: IpAddr, account: &str) -> Result<(), TooMany> {
        let account: String = account.chars().take(256).collect();
        let until = self.accounts.check_key(&(attempt, from, account));
        until.map_err(|until| too_many(until.wait_time_from(self.clock.now())))
    }

    /// Forgets whose allowance is full again, once there are many to forget.
    fn forget(&self) {
        if self.networks.len() >= CROWD / 2 {
            self.networks.retain_recent();
        }
        if self.accounts.len() >= CROWD / 2 {
            self.accounts.retain_recent();
        }
    }
}

fn too_many(wait: Duration) -> TooMany {
    TooMany {
        retry_after_seconds: u32::try_from(wait.as_secs())
            .unwrap_or(u32::MAX)
            .saturating_add(1),
    }
}

impl Allowance {
    fn quota(&self) -> Quota {
        let at_once = NonZeroU32::new(self.at_once).unwrap_or(NonZeroU32::MIN);
        Quota::with_period(self.one_more_every)
            .unwrap_or(Quota::per_minute(NonZeroU32::MIN))
            .allow_burst(at_once)
    }
}
