//! The ledger as a Merkle log: leaf hashes, tiles, checkpoints and proofs. Bytes in, bytes out.
//!
//! Hashing and proofs are RFC 6962; tiles, paths and bundles are C2SP tlog-tiles; checkpoints are
//! C2SP tlog-checkpoint inside C2SP signed-note; single-entry proofs are C2SP tlog-proof. The
//! arithmetic comes from `tlog_tiles`, the note format from `signed_note`; this crate closes their
//! gaps: no input makes it panic, signatures are checked strictly, paths are the C2SP form.
//!
//! Nothing here reads a clock, a file or the network.
//!
//! **Whom we trust.** A holder of a [`LedgerKey`] can sign any history; two checkpoints of one
//! size with different roots, or without a consistency proof between them, are what convicts it.
//! A [`TileSource`] is not trusted at all: wrong tiles give proofs that do not verify.

mod bundle;
mod checkpoint;
mod consistency;
mod cosigner;
mod epoch;
mod hash;
mod key;
mod memory;
mod note_key;
mod path;
mod prove;
mod read;
mod tile;
mod tlog_proof;
mod tree;
mod trust;
mod verifier_key;
mod verify;

pub use bundle::{BundleError, decode_bundle, encode_bundle};
pub use checkpoint::{
    Checkpoint, CheckpointError, SignatureLine, UnverifiedCheckpoint, verify_checkpoint,
};
pub use consistency::{ConsistencyLinesError, encode_consistency, parse_consistency};
pub use cosigner::{Cosignature, CosignatureError, CosignerKey, WitnessKey};
pub use epoch::{epoch_of, epoch_origin};
pub use hash::{EMPTY_ROOT, HASH_BYTES, Hash, HashError, leaf_hash, node_hash};
pub use key::{LedgerKey, LedgerKeyError, generate_pem};
pub use memory::MemoryTiles;
pub use note_key::VerifierKeyError;
pub use path::{PathError, TilePath};
pub use prove::{ProveError, consistency_proof, inclusion_proof, leaf_hash_at, root_of};
pub use tile::{
    FULL_WIDTH, PartialTile, Tile, TileError, TileSource, full_tile_root, partial_width,
};
pub use tlog_proof::{TlogProof, TlogProofError};
pub use tree::Tree;
pub use trust::{
    TrustError, TrustPolicy, TrustPolicyError, TrustPolicyProblem, Trusted, Witness,
    WitnessVerifier, operator_of,
};
pub use verifier_key::VerifierKey;
pub use verify::{ProofError, verify_consistency, verify_inclusion};

/// The largest tree this crate reasons about. Positions in the flat numbering of all nodes are
/// about twice the size, so half of `u64` and a little air keep every sum from overflowing.
pub const MAX_SIZE: u64 = 1 << 62;
