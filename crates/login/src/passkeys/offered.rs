//! The challenge of somebody who is not signed in. Nothing is kept of it before it has signed somebody in, so that
//! strangers who ask for many take nobody's place.

use jiff::Timestamp;

use super::challenges::LONGEST;
use crate::ports::Ports;

/// What stands before the browser's secret where a challenge is made of it.
const PURPOSE: &str = "locum-passkey-sign-in/v1";

/// A challenge that was offered to one browser.
pub(super) struct Offered {
    pub(super) challenge: [u8; 32],
    /// When nobody signs in by it any more.
    pub(super) expires_at: Timestamp,
}

/// What a browser keeps as its cookie, and its challenge. `None` without randomness.
pub(super) fn offer(ports: &Ports) -> Option<(String, [u8; 32])> {
    let secret = ports.secret()?;
    let kept = format!("{secret}.{}", ports.now().as_second());
    let challenge = ports.tag(PURPOSE, &kept);
    Some((kept, challenge))
}

/// The challenge of the browser that kept this, while it is good. It is derived from all of it under our key: with
/// another time it is another challenge, which nobody was asked to sign.
pub(super) fn offered(kept: &str, ports: &Ports) -> Option<Offered> {
    let (_, second) = kept.rsplit_once('.')?;
    let made_at = Timestamp::from_second(second.parse().ok()?).ok()?;
    let expires_at = made_at.checked_add(LONGEST).ok()?;
    (ports.now() < expires_at).then(|| Offered {
        challenge: ports.tag(PURPOSE, kept),
        expires_at,
    })
}
