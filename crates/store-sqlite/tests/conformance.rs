//! The promises of every store, kept by this one on a disk and in memory.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use locum_domain::Stream;
use locum_store_sqlite::{KEY_BYTES, PayloadKey, SqliteOptions, SqliteStore};
use locum_testkit::store_suite::{DurableEngine, Engine, Tampering};
use rusqlite::Connection;
use tempfile::TempDir;

/// A database file in a folder of its own.
struct OnDisk {
    folder: TempDir,
}

impl OnDisk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }
}

impl Engine for OnDisk {
    type Store = SqliteStore;
    async fn open(&self) -> SqliteStore {
        let path = self.folder.path().join("locum.db");
        SqliteStore::open(
            &path,
            SqliteOptions::sealing(PayloadKey::from_bytes([7; KEY_BYTES])),
        )
        .unwrap()
    }
}

impl DurableEngine for OnDisk {
    async fn tamper(&self, tampering: Tampering) {
        let connection = Connection::open(self.folder.path().join("locum.db")).unwrap();
        let count = match tampering {
            Tampering::State(stream) => alter(
                &connection,
                "UPDATE projection SET state = replace(state, 'amara', 'mallory'),
                     sealed = CASE WHEN sealed IS NULL THEN NULL ELSE zeroblob(64) END
                 WHERE kind = ?1 AND id = ?2",
                &stream,
            ),
            Tampering::Version(stream) => alter(
                &connection,
                "UPDATE projection SET version = version + 1 WHERE kind = ?1 AND id = ?2",
                &stream,
            ),
            Tampering::Key(stream) => alter(
                &connection,
                "DELETE FROM projection_key WHERE kind = ?1 AND id = ?2 AND key = 'state'",
                &stream,
            ),
            Tampering::Loss(stream) => {
                alter(
                    &connection,
                    "DELETE FROM projection_key WHERE kind = ?1 AND id = ?2",
                    &stream,
                );
                alter(
                    &connection,
                    "DELETE FROM projection WHERE kind = ?1 AND id = ?2",
                    &stream,
                )
            }
            Tampering::Invention(from, to) => connection
                .execute(
                    "INSERT INTO projection (kind, id, version, state)
                     SELECT kind, ?3, version, state FROM projection
                     WHERE kind = ?1 AND id = ?2",
                    (from.kind(), from.id(), to.id()),
                )
                .unwrap(),
        };
        assert_eq!(count, 1, "nothing was tampered with");
    }
}

fn alter(connection: &Connection, sql: &str, stream: &Stream) -> usize {
    connection
        .execute(sql, (stream.kind(), stream.id()))
        .unwrap()
}

/// A database that nothing outlives.
struct InMemory;

impl Engine for InMemory {
    type Store = SqliteStore;
    async fn open(&self) -> SqliteStore {
        SqliteStore::in_memory().unwrap()
    }
}

mod on_disk {
    use super::OnDisk;
    locum_testkit::store_suite!(OnDisk::new());
    locum_testkit::durable_store_suite!(OnDisk::new());
}

mod in_memory {
    use super::InMemory;
    locum_testkit::store_suite!(InMemory);
}
