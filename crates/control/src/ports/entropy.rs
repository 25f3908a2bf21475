//! Randomness, as a parameter of everything else.

/// Random bytes for ids, nonces and salts. Its holder could foresee nonces and open commitments.
pub trait Entropy: Send + Sync {
    /// 32 fresh random bytes.
    fn bytes(&self) -> [u8; 32];
}
