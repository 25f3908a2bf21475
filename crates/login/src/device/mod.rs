//! Letting a device in: the device authorization grant (RFC 8628).
//!
//! The device shows a short code; a person who is signed in types it into the console and says yes or no; the device
//! asks at the token endpoint until it hears. What it gets is a login of its own that approves nothing without
//! a signature of its person's own key, and nothing `regulated` at all.

mod parent;
mod user_code;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

pub use parent::{LettingIn, Parent, ProviderSession};
pub use user_code::UserCode;

use crate::attempts::network;
use crate::login::NewLogin;
use crate::ports::Ports;
use crate::secret::SecretDigest;
use crate::seen_from::SeenFrom;

/// How long a code is good for.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);
/// How long a device waits between two questions at first, and by how much longer after each that came too soon
/// (§3.5).
const INTERVAL: SignedDuration = SignedDuration::from_secs(5);
/// Most devices that wait; while there are that many, no further one is let in line.
const MOST: usize = 10_000;
/// Most of them at one address, so that nobody fills the line alone.
const MOST_AT_ADDRESS: usize = 20;

const PURPOSE: &str = "locum-device-code/v1";

/// What the device is told (§3.2). Where to type the code the caller adds.
#[derive(Debug, Clone)]
pub struct DeviceAuthorization {
    pub device_code: SecretString,
    pub user_code: UserCode,
    pub expires_in_seconds: u32,
    pub interval_seconds: u32,
}

/// A device that waits, as whoever lets it in sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingDevice {
    pub user_code: UserCode,
    /// What the device says it is: believed for nothing.
    pub client: String,
    pub seen_from: SeenFrom,
    pub asked_at: Timestamp,
}

/// Why a device gets no token, in the token endpoint's words (§3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeviceRefused {
    #[error("authorization_pending")]
    Pending,
    #[error("slow_down")]
    SlowDown,
    #[error("access_denied")]
    Denied,
    #[error("expired_token")]
    Expired,
    /// Nobody's code, or one that was exchanged already.
    #[error("invalid_grant")]
    Unknown,
}

enum Answer {
    None,
    Yes(LettingIn),
    No,
}

struct Waiting {
    user_code: UserCode,
    client: String,
    seen_from: SeenFrom,
    asked_at: Timestamp,
    next_question_at: Timestamp,
    interval: SignedDuration,
    answer: Answer,
}

impl Waiting {
    fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.asked_at) >= LONGEST
    }
}

/// The devices that wait to be let in.
pub struct Devices {
    ports: Ports,
    waiting: Mutex<BTreeMap<SecretDigest, Waiting>>,
}

impl Devices {
    /// None waits.
    pub fn new(ports: Ports) -> Self {
        Self {
            ports,
            waiting: Mutex::default(),
        }
    }

    /// Puts a device in line. `None` without randomness, or while too many wait, altogether or at its address.
    pub fn ask(&self, client: &str, seen_from: SeenFrom) -> Option<DeviceAuthorization> {
        let device_code = self.ports.secret()?;
        let user_code = UserCode::draw(&self.ports.random()?)?;
        let now = self.ports.now();
        let mut waiting = self.waiting();
        // A code that ran out stays for as long again, so that its device hears why.
        waiting.retain(|_, it| now.duration_since(it.asked_at) < LONGEST * 2);
        let is_taken = waiting.values().any(|it| it.user_code == user_code);
        let network_of = |it: &SeenFrom| it.address.map(network);
        let theirs = network_of(&seen_from);
        let is_neighbour = |it: &&Waiting| theirs.is_some() && network_of(&it.seen_from) == theirs;
        let neighbours = waiting.values().filter(is_neighbour).count();
        if waiting.len() >= MOST || neighbours >= MOST_AT_ADDRESS || is_taken {
            return None;
        }
        let device = Waiting {
            user_code: user_code.clone(),
            client: client.chars().take(80).collect(),
            seen_from,
            asked_at: now,
            next_question_at: now,
            interval: INTERVAL,
            answer: Answer::None,
        };
        waiting.insert(self.ports.digest(PURPOSE, &device_code), device);
        Some(DeviceAuthorization {
            device_code: SecretString::from(device_code),
            user_code,
            expires_in_seconds: seconds(LONGEST),
            interval_seconds: seconds(INTERVAL),
        })
    }

    /// The device that shows this code and that nobody has answered yet.
    pub fn waiting_with(&self, code: &UserCode) -> Option<WaitingDevice> {
        let now = self.ports.now();
        let waiting = self.waiting();
        let device = waiting.values().find(|it| is_open(it, code, now))?;
        Some(WaitingDevice {
            user_code: device.user_code.clone(),
            client: device.client.clone(),
            seen_from: device.seen_from.clone(),
            asked_at: device.asked_at,
        })
    }

    /// Lets the device in as this person. Answers whether it still waited: an answer is given once.
    pub fn let_in(&self, code: &UserCode, who: LettingIn) -> bool {
        self.answer(code, Answer::Yes(who))
    }

    /// Turns the device away. Answers whether it still waited.
    pub fn turn_away(&self, code: &UserCode) -> bool {
        self.answer(code, Answer::No)
    }

    fn answer(&self, code: &UserCode, answer: Answer) -> bool {
        let now = self.ports.now();
        let mut waiting = self.waiting();
        let device = waiting.values_mut().find(|it| is_open(it, code, now));
        device.map(|device| device.answer = answer).is_some()
    }

    /// The device's question at the token endpoint. A yes is exchanged once.
    ///
    /// # Errors
    /// In the words of RFC 8628, §3.5.
    pub fn redeem(&self, device_code: &str) -> Result<NewLogin, DeviceRefused> {
        let now = self.ports.now();
        let digest = self.ports.digest(PURPOSE, device_code);
        let mut waiting = self.waiting();
        let device = waiting.get_mut(&digest).ok_or(DeviceRefused::Unknown)?;
        if device.is_over(now) {
            waiting.remove(&digest);
            return Err(DeviceRefused::Expired);
        }
        if now < device.next_question_at {
            device.interval += INTERVAL;
            device.next_question_at = later(now, device.interval);
            return Err(DeviceRefused::SlowDown);
        }
        device.next_question_at = later(now, device.interval);
        match device.answer {
            Answer::None => Err(DeviceRefused::Pending),
            Answer::No => {
                waiting.remove(&digest);
                Err(DeviceRefused::Denied)
            }
            Answer::Yes(_) => match waiting.remove(&digest) {
                Some(Waiting {
                    answer: Answer::Yes(who),
                    seen_from,
                    ..
                }) => Ok(who.device(seen_from)),
                _ => Err(DeviceRefused::Unknown),
            },
        }
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<SecretDigest, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_open(device: &Waiting, code: &UserCode, now: Timestamp) -> bool {
    device.user_code == *code && !device.is_over(now) && matches!(device.answer, Answer::None)
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn seconds(duration: SignedDuration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}
