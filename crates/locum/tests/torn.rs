//! A server whose database was damaged by a disk, or by somebody's hand: it does not start on it, and says what to do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::fs;

use common::backups::{back_up, beside, restore};
use common::deployment::Deployment;
use common::process::Locum;
use rusqlite::Connection;

const PAGE: usize = 4_096;

/// Where the last leaf of a table or index begins.
fn leaf_of(deployment: &Deployment, name: &str) -> usize {
    let connection = Connection::open(deployment.database()).unwrap();
    let sql = "SELECT max(pageno) FROM dbstat WHERE name = ?1 AND pagetype = 'leaf'";
    let page: u32 = connection.query_row(sql, [name], |row| row.get(0)).unwrap();
    (page as usize - 1) * PAGE
}

fn is_refused(deployment: &Deployment, words: &str) -> String {
    let (status, said) = Locum::spawn(&deployment.config(), &[]).ended();
    assert_eq!(status.code(), Some(2), "{words}: {said}");
    assert!(said.contains(words), "{words}: {said}");
    said
}

#[test]
fn r24_a_torn_page_is_told_of_before_anything_is_built_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    for case in 1..4 {
        deployment.session(case);
    }
    locum.stop();
    let backup = back_up(&deployment, "sound.tar");
    let sound = fs::read(deployment.database()).unwrap();
    for name in [
        "entry",
        "payload",
        "projection",
        "entry_by_stream",
        "checkpoint",
        "tile",
    ] {
        let at = leaf_of(&deployment, name);
        let mut torn = sound.clone();
        torn[at..at + PAGE / 2].fill(0);
        fs::write(deployment.database(), &torn).unwrap();
        let said = is_refused(&deployment, "is damaged");
        assert!(said.contains("locum restore"), "{name}: {said}");
        assert!(said.contains("torn or overwritten"), "{name}: {said}");
        let checked = deployment.verify(&[]);
        assert!(!checked.status.success(), "{name}: {checked:?}");
        assert_eq!(
            fs::read(deployment.database()).unwrap(),
            torn,
            "{name}: it was written to"
        );
    }
    fs::write(deployment.database(), &sound[..PAGE * 3]).unwrap();
    is_refused(&deployment, "is damaged");
    fs::write(
        deployment.database(),
        b"something else entirely, and longer than a header",
    )
    .unwrap();
    is_refused(&deployment, "is damaged");
    // As it says.
    let restored = restore(&deployment, &backup, &[]);
    assert!(restored.status.success(), "{restored:?}");
    deployment.serve().stop();
    assert!(deployment.verify(&[]).status.success());
}

#[test]
fn r24_a_byte_that_changed_inside_a_row_is_found_by_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    deployment.session(1);
    locum.stop();
    let sound = fs::read(deployment.database()).unwrap();
    assert!(!beside(&deployment, "-wal").exists());
    let flipped = |within: usize, needle: &[u8]| {
        let page = &sound[within..within + PAGE];
        let place = page.windows(needle.len()).rposition(|it| it == needle);
        let mut bytes = sound.clone();
        bytes[within + place.unwrap() + needle.len() - 1] ^= 1;
        fs::write(deployment.database(), bytes).unwrap();
    };
    // Every entry is read at every start.
    flipped(leaf_of(&deployment, "entry"), b"\"commitment\":\"");
    is_refused(&deployment, "the ledger cannot be taken up");
    // Payloads are what `locum ledger verify` reads.
    flipped(leaf_of(&deployment, "payload"), b"\"type\":\"");
    let checked = deployment.verify(&[]);
    assert_eq!(checked.status.code(), Some(4), "{checked:?}");
    fs::write(deployment.database(), &sound).unwrap();
    assert!(deployment.verify(&[]).status.success());
}
