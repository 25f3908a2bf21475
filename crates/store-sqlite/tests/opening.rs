//! Who may open a database, and what a copy of it is worth.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use locum_control::ports::{Commit, Proposal, Store, StoreError};
use locum_domain::Happened;
use locum_store_sqlite::{KEY_BYTES, OpenError, PayloadKey, SqliteOptions, SqliteStore};
use locum_testkit::TestSealer;
use locum_testkit::store_suite::sample::{
    admitted, review_opened, session_started, session_stream, strangers,
};
use rusqlite::Connection;
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("locum.db");
    (folder, path)
}

fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(
        path,
        SqliteOptions::sealing(PayloadKey::from_bytes([7; KEY_BYTES])),
    )
}

async fn commit(store: &SqliteStore, events: Vec<Happened>) -> u64 {
    let proposal = Proposal {
        events,
        ..Proposal::default()
    };
    let commit = Commit {
        proposals: vec![proposal],
        ..Commit::default()
    };
    let committed = store.commit(commit, TestSealer::new().boxed()).await;
    committed.unwrap().size
}

#[tokio::test]
async fn a_second_opening_is_refused_until_the_first_is_over_whatever_link_leads_there() {
    let (folder, path) = place();
    let link = folder.path().join("link.db");
    symlink(&path, &link).unwrap();
    let first = open(&path).unwrap();
    for way in [&path, &link] {
        let error = open(way).unwrap_err();
        assert!(matches!(error, OpenError::InUse { .. }), "{error}");
        let lock = folder.path().canonicalize().unwrap().join("locum.db.lock");
        let named = error.to_string().contains(&lock.display().to_string());
        assert!(named, "{error}");
    }
    drop(first);
    open(&link).unwrap();
}

#[tokio::test]
async fn r24_another_process_can_look_at_an_open_database_and_changes_nothing() {
    let (_folder, path) = place();
    let store = open(&path).unwrap();
    let size = commit(&store, vec![session_started(1)]).await;
    let seen = SqliteStore::snapshot(&path).unwrap();
    assert_eq!(seen.size().await.unwrap(), size);
    let next = commit(&store, vec![session_started(2)]).await;
    assert_eq!(seen.size().await.unwrap(), size);
    assert_eq!(store.size().await.unwrap(), next);
}

#[tokio::test]
async fn r26_the_files_are_their_owners_alone() {
    let (folder, path) = place();
    let store = open(&path).unwrap();
    commit(&store, vec![strangers(1)]).await;
    let mut seen = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} is {mode:o}", file.file_name());
        seen += 1;
    }
    assert!(seen >= 3, "database, log and lock");
}

#[tokio::test]
async fn a_newer_schema_a_changed_one_and_a_foreign_file_are_refused() {
    let alterations = [
        (
            "INSERT INTO schema_version VALUES (99, 'later', 'x')",
            "the database has schema 99, this program knows up to 6",
        ),
        (
            "UPDATE schema_version SET checksum = 'x' WHERE version = 2",
            "schema step 2 (`projections`) was changed after it made this database",
        ),
        (
            "DROP TABLE schema_version",
            "the database has the table `entry` and is not a store of ours",
        ),
    ];
    for (alteration, expected) in alterations {
        let (_folder, path) = place();
        drop(open(&path).unwrap());
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(alteration).unwrap();
        drop(connection);
        assert_eq!(open(&path).unwrap_err().to_string(), expected);
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_was() {
    let (_folder, path) = place();
    let text = "not a database at all, and longer than a header ".repeat(40);
    std::fs::write(&path, &text).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Sqlite(_)), "{error:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_copy_taken_while_commits_go_on_is_one_moment_of_the_store() {
    let (folder, path) = place();
    let store = open(&path).unwrap();
    let size = commit(&store, vec![session_started(1), review_opened(1, "bea")]).await;
    let copied = folder.path().join("copy.db");
    let writing = async {
        for number in 0..20 {
            commit(&store, vec![admitted(1, number), strangers(number)]).await;
        }
    };
    let (backed_up, ()) = tokio::join!(store.backup(&copied), writing);
    backed_up.unwrap();
    let copy = open(&copied).unwrap();
    let then = copy.size().await.unwrap();
    assert!(then >= size && then.is_multiple_of(2), "{then} entries");
    assert_eq!(
        copy.checkpoint().await.unwrap(),
        Some(TestSealer::checkpoint(then))
    );
    let rows = store.rows(0, u32::try_from(then).unwrap()).await.unwrap();
    assert_eq!(copy.rows(0, u32::MAX).await.unwrap(), rows);
    assert_eq!(copy.differences().await.unwrap(), Vec::<String>::new());
    commit(&copy, vec![strangers(1)]).await;
}

#[tokio::test]
async fn a_copy_never_replaces_a_file() {
    let (folder, path) = place();
    let store = open(&path).unwrap();
    let taken = folder.path().join("taken");
    std::fs::write(&taken, "something else").unwrap();
    let error = store.backup(&taken).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "something else");
}

#[tokio::test]
async fn r24_a_ledger_that_lost_a_row_or_a_payload_is_corrupt_and_not_shorter() {
    for loss in [
        "DELETE FROM payload WHERE position = 1",
        "DELETE FROM payload WHERE position = 1; DELETE FROM entry WHERE position = 1",
        "DELETE FROM payload WHERE position = 2; DELETE FROM entry WHERE position = 2",
        "UPDATE payload SET body = x'7b7d' WHERE position = 1",
        "UPDATE entry SET entry = x'7b7d' WHERE position = 1",
        "UPDATE entry SET stream_kind = 'nothing' WHERE position = 1",
    ] {
        let (_folder, path) = place();
        let store = open(&path).unwrap();
        commit(
            &store,
            vec![session_started(1), admitted(1, 1), strangers(1)],
        )
        .await;
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(loss).unwrap();
        for answer in [store.differences().await, store.rebuild().await] {
            assert!(
                matches!(answer, Err(StoreError::Corrupt(_))),
                "{loss}: {answer:?}"
            );
        }
        // The failed rebuild dropped nothing.
        assert_eq!(store.load(&session_stream(1)).await.unwrap().version, 1);
    }
}

#[tokio::test]
async fn r24_a_row_without_its_payload_is_no_answer_and_not_passed_over() {
    let (_folder, path) = place();
    let store = open(&path).unwrap();
    commit(&store, vec![session_started(1), admitted(1, 1)]).await;
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("DELETE FROM payload WHERE position = 1")
        .unwrap();
    for answer in [
        store.rows(0, 10).await,
        store.history(&session_stream(1)).await,
    ] {
        assert!(matches!(answer, Err(StoreError::Corrupt(_))), "{answer:?}");
    }
    // The entry alone is what proofs need.
    assert_eq!(store.entries(0, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn two_stores_in_memory_know_nothing_of_each_other() {
    let (one, other) = (
        SqliteStore::in_memory().unwrap(),
        SqliteStore::in_memory().unwrap(),
    );
    commit(&one, vec![strangers(1)]).await;
    assert_eq!(one.size().await.unwrap(), 1);
    assert_eq!(other.size().await.unwrap(), 0);
}
