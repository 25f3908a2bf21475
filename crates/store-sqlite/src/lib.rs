//! The store port on SQLite: own SQL, migrations, one writer thread, one process.
//!
//! Durability: write-ahead log with `synchronous = FULL`; a commit is answered after its sync. A commit that
//! failed may still be there after a crash, never in part. Concurrency: one thread owns the only connection
//! that writes; reads run beside it on connections that cannot write and see the last commit. A lock beside the
//! database file keeps a second process out, and a killed process lets go of it.
//!
//! Whoever can write the file can insert rows and alter states. Neither opens anything: activation checks what
//! it stands on against the signed tree, and [`locum_control::ports::Store::differences`] names altered states.

mod backup;
mod commit;
mod erase;
mod fault;
mod fold;
mod idempotency;
mod ledger;
mod lock;
mod migrate;
mod number;
mod open;
mod outbox;
mod projection;
mod readers;
mod refold;
mod sealed;
mod sound;
mod store;
mod unclassified;
mod vault;
mod witnessed;
mod writer;

pub use backup::Copied;
pub use lock::ProcessLock;
pub use open::{OpenError, SqliteOptions};
pub use sound::Look;
pub use store::SqliteStore;
pub use vault::{KEY_BYTES, PayloadKey};
