//! A disk without room: nothing is lost, nothing is half there, and it goes on when there is room again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use locum_control::ports::{Commit, Proposal, Store, StoreError};
use locum_store_sqlite::{KEY_BYTES, PayloadKey, SqliteOptions, SqliteStore};
use locum_testkit::TestSealer;
use locum_testkit::store_suite::sample::{review_opened, strangers};
use tempfile::TempDir;

/// A file system of two megabytes, where this user may mount one.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(folder.path())
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self { folder }),
            _ => None,
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.folder.path()).status();
        if !unmounted.is_ok_and(|it| it.success()) {
            let _ = writeln!(std::io::stderr(), "{:?} stays mounted", self.folder.path());
        }
    }
}

/// Writes until nothing more fits.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    while file.write_all(&[0; 1_024]).is_ok() {}
}

async fn commit(store: &SqliteStore, number: u64) -> Result<u64, StoreError> {
    let mut events: Vec<_> = (0..50).map(strangers).collect();
    events.push(review_opened(number, "bea"));
    let proposal = Proposal {
        events,
        ..Proposal::default()
    };
    let commit = Commit {
        proposals: vec![proposal],
        ..Commit::default()
    };
    let committed = store.commit(commit, TestSealer::new().boxed()).await?;
    Ok(committed.size)
}

#[tokio::test]
async fn r22_a_full_disk_refuses_and_goes_on_when_there_is_room_again() {
    let Some(disk) = SmallDisk::mount() else {
        // Past the test runner's capture: a skipped test must be seen.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED full disk: no tmpfs can be mounted here"
        );
        return;
    };
    let path = disk.folder.path().join("locum.db");
    let filler = disk.folder.path().join("filler");
    let store = SqliteStore::open(
        &path,
        SqliteOptions::sealing(PayloadKey::from_bytes([7; KEY_BYTES])),
    )
    .unwrap();
    let mut size = commit(&store, 0).await.unwrap();
    for round in 1..=3_u64 {
        fill(&filler);
        let mut refused = None;
        for number in 0..1_000 {
            match commit(&store, round * 1_000 + number).await {
                Ok(now) => size = now,
                Err(error) => {
                    refused = Some(error);
                    break;
                }
            }
        }
        assert!(
            matches!(refused, Some(StoreError::Unavailable(_))),
            "round {round}: {refused:?}"
        );
        // What is there can be read, and is what was acknowledged.
        assert_eq!(store.size().await.unwrap(), size);
        assert_eq!(store.rows(0, u32::MAX).await.unwrap().len() as u64, size);
        assert_eq!(
            store.checkpoint().await.unwrap(),
            Some(TestSealer::checkpoint(size))
        );
        std::fs::remove_file(&filler).unwrap();
        let now = commit(&store, round * 1_000 + 999).await.unwrap();
        assert_eq!(now, size + 51, "round {round}");
        size = now;
    }
    drop(store);
    let store = SqliteStore::open(
        &path,
        SqliteOptions::sealing(PayloadKey::from_bytes([7; KEY_BYTES])),
    )
    .unwrap();
    assert_eq!(store.size().await.unwrap(), size);
    assert_eq!(store.differences().await.unwrap(), Vec::<String>::new());
}
