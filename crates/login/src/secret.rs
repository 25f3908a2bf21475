//! A secret that somebody shows again, and what is kept of it.

use std::fmt;

use ring::hmac;

/// The key of everything that is kept of a secret. Whoever reads the digests without it cannot even test a guess.
#[derive(Clone)]
pub struct SecretKey(hmac::Key);

impl SecretKey {
    /// From the key ring: 32 bytes that only this installation knows.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// What is kept of a secret that serves `purpose`: enough to recognise it, useless to whoever reads it.
    pub(crate) fn digest(&self, purpose: &str, secret: &str) -> SecretDigest {
        SecretDigest(self.tag(purpose, secret))
    }

    /// A text for another purpose, from which the secret cannot be had either.
    pub(crate) fn derived(&self, purpose: &str, secret: &str) -> String {
        hex::encode(self.tag(purpose, secret))
    }

    pub(crate) fn tag(&self, purpose: &str, secret: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(purpose.as_bytes());
        context.update(b"\n");
        context.update(secret.as_bytes());
        let mut tag = [0; 32];
        // The tag of HMAC-SHA-256 has 32 bytes.
        tag.iter_mut()
            .zip(context.sign().as_ref())
            .for_each(|(to, from)| *to = *from);
        tag
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey")
    }
}

/// The keyed digest of a secret. Finding a secret by it takes a time that tells nothing about the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SecretDigest([u8; 32]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r33_what_is_kept_of_a_secret_depends_on_the_key_and_on_the_purpose() {
        let (one, other) = (SecretKey::new(&[1; 32]), SecretKey::new(&[2; 32]));
        let kept = one.digest("a", "secret");
        assert_eq!(kept, one.digest("a", "secret"));
        assert_ne!(kept, one.digest("b", "secret"));
        assert_ne!(kept, one.digest("a", "secreu"));
        assert_ne!(kept, other.digest("a", "secret"));
        assert_eq!(format!("{one:?}"), "SecretKey");
    }
}
