//! The system's randomness.

use ring::rand::{SecureRandom as _, SystemRandom};

/// `getrandom(2)` through `ring`.
pub(crate) struct SystemEntropy(pub(crate) SystemRandom);

impl locum_control::ports::Entropy for SystemEntropy {
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        if self.0.fill(&mut bytes).is_err() {
            // Without randomness nothing may be signed, salted or named; there is no state to save either.
            tracing::error!("the system has no random bytes");
            std::process::abort();
        }
        bytes
    }
}
