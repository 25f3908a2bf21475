//! Randomness that is the same in every run of a seed.

use std::sync::atomic::{AtomicU64, Ordering};

use locum_control::ports::Entropy;
use sha2::{Digest, Sha256};

/// SHA-256 over a seed and a counter.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededEntropy {
    /// Bytes of this seed.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            drawn: AtomicU64::new(0),
        }
    }

    /// A number below `bound`, which must not be 0.
    pub fn below(&self, bound: usize) -> usize {
        let [a, b, c, d, ..] = self.bytes();
        usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(0) % bound
    }

    /// One of these, which must not be empty.
    pub fn one_of<'o, T>(&self, options: &'o [T]) -> &'o T {
        &options[self.below(options.len())]
    }
}

impl Entropy for SeededEntropy {
    fn bytes(&self) -> [u8; 32] {
        let drawn = self.drawn.fetch_add(1, Ordering::SeqCst);
        Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(drawn.to_be_bytes())
            .finalize()
            .into()
    }
}
