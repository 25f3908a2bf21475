//! Pages of a real database file that a disk tore or somebody wrote over.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use locum_control::ports::{Commit, Proposal, Store, StoreError};
use locum_store_sqlite::{KEY_BYTES, Look, PayloadKey, SqliteOptions, SqliteStore};
use locum_testkit::TestSealer;
use locum_testkit::store_suite::sample::{admitted, session_started};
use rusqlite::Connection;
use tempfile::TempDir;

const PAGE: usize = 4_096;

async fn filled() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("locum.db");
    let options = SqliteOptions::sealing(PayloadKey::from_bytes([7; KEY_BYTES]));
    let store = SqliteStore::open(&path, options).unwrap();
    let mut events = vec![session_started(1)];
    events.extend((0..1_500).map(|number| admitted(1, number)));
    let commit = Commit {
        proposals: vec![Proposal {
            events,
            ..Proposal::default()
        }],
        ..Commit::default()
    };
    store
        .commit(commit, TestSealer::new().boxed())
        .await
        .unwrap();
    assert_eq!(store.damage(Look::Whole).await, Ok(Vec::new()));
    drop(store);
    assert!(
        !folder.path().join("locum.db-wal").exists(),
        "the log is not folded into the file"
    );
    // Pages that something once stood on.
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE gone (a BLOB);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
             INSERT INTO gone SELECT randomblob(3000) FROM n;
             DROP TABLE gone; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;",
        )
        .unwrap();
    (folder, path)
}

/// A page of each kind of each table and index, by what it is.
fn pages(path: &Path) -> BTreeMap<String, usize> {
    let connection = Connection::open(path).unwrap();
    let sql = "SELECT name || ' ' || pagetype, max(pageno) FROM dbstat WHERE ncell > 1 GROUP BY 1";
    let mut statement = connection.prepare(sql).unwrap();
    let found = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, u32>(1)? as usize)));
    let mut pages: BTreeMap<String, usize> = found.unwrap().map(Result::unwrap).collect();
    let header = fs::read(path).unwrap();
    let trunk = u32::from_be_bytes(header[32..36].try_into().unwrap());
    assert!(trunk > 0, "no page is free");
    pages.insert("the list of free pages".to_owned(), trunk as usize);
    pages
}

/// Whether it is seen: said, or met as something that cannot be read.
fn is_seen(path: &Path, look: Look) -> bool {
    match SqliteStore::damage_of(path, look) {
        Ok(found) => !found.is_empty(),
        Err(StoreError::Corrupt(_)) => true,
        Err(StoreError::Unavailable(why)) => panic!("{why}"),
    }
}

#[tokio::test]
async fn r24_a_page_that_was_torn_in_the_middle_is_seen_wherever_it_is() {
    let (_folder, path) = filled().await;
    let sound = fs::read(&path).unwrap();
    let pages = pages(&path);
    for kind in [
        "entry leaf",
        "entry internal",
        "entry_by_stream leaf",
        "payload leaf",
    ] {
        assert!(pages.contains_key(kind), "{kind}: {pages:?}");
    }
    for (what, page) in &pages {
        let at = (page - 1) * PAGE;
        for half in [0, PAGE / 2] {
            // What stood in the list of free pages behind its entries is nothing any more.
            if what.starts_with("the list") && half > 0 {
                continue;
            }
            let mut torn = sound.clone();
            torn[at + half..at + half + PAGE / 2].fill(0);
            if torn == sound {
                continue;
            }
            fs::write(&path, &torn).unwrap();
            assert!(
                is_seen(&path, Look::Whole),
                "{what}, page {page}, byte {half}"
            );
        }
    }
    fs::write(&path, &sound).unwrap();
    assert!(!is_seen(&path, Look::Whole));
}

#[tokio::test]
async fn r24_a_page_that_another_one_was_written_over_is_seen_by_the_quick_look_too() {
    let (_folder, path) = filled().await;
    let sound = fs::read(&path).unwrap();
    let pages = pages(&path);
    for (one, other) in [
        ("entry leaf", "payload leaf"),
        ("payload leaf", "entry_by_stream leaf"),
        ("entry_by_stream leaf", "entry leaf"),
        ("the list of free pages", "entry leaf"),
    ] {
        let at = |what: &str| (pages[what] - 1) * PAGE;
        let mut written = sound.clone();
        written.copy_within(at(other)..at(other) + PAGE, at(one));
        fs::write(&path, &written).unwrap();
        assert!(is_seen(&path, Look::Pages), "{other} over {one}");
    }
    for cut in [PAGE, sound.len() / PAGE / 2 * PAGE, sound.len() - PAGE] {
        fs::write(&path, &sound[..cut]).unwrap();
        assert!(is_seen(&path, Look::Pages), "cut to {cut} bytes");
    }
}
