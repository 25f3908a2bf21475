//! Leaf hashing, tiles, checkpoints and proofs over a well-kept crate: bytes in, bytes out.
