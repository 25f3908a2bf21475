//! Back-ups, going back to one, and a store that somebody wound back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use common::backups::{back_up, beside, command, lose_store, refused};
use common::deployment::Deployment;
use common::process::Locum;
use serde_json::Value;

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn r24_a_backup_of_a_running_server_is_one_private_file_without_a_key_and_restores_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    deployment.session(1);
    let file = back_up(&deployment, "copy.tar");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = fs::read(&file).unwrap();
    refused(&command("backup", &deployment, &file, &[]), 2, "left alone");
    assert_eq!(
        fs::read(&file).unwrap(),
        before,
        "a back-up was overwritten"
    );
    // Nothing of how it was made is left beside it.
    let left = fs::read_dir(folder.path()).unwrap();
    let left: Vec<String> = left
        .map(|it| it.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".locum"))
        .collect();
    assert_eq!(left, Vec::<String>::new());

    let mut keys = Vec::new();
    files_below(&folder.path().join("keys"), &mut keys);
    let mut searched = 0;
    for key in &keys {
        let text = fs::read_to_string(key).unwrap();
        if !text.contains("PRIVATE KEY") {
            continue;
        }
        searched += 1;
        for line in text.lines().filter(|line| !line.starts_with("-----")) {
            assert!(
                !holds(&before, line.as_bytes()),
                "{} is in it",
                key.display()
            );
        }
        let pem = text.lines().filter(|line| !line.starts_with("-----"));
        use base64::Engine as _;
        let der = base64::engine::general_purpose::STANDARD
            .decode(pem.collect::<String>())
            .unwrap();
        // The private number itself, without what every key of its kind begins with.
        let secret = &der[der.len() - 32..];
        assert!(!holds(&before, secret), "{} is in it", key.display());
        let hex: String = secret.iter().map(|it| format!("{it:02x}")).collect();
        assert!(
            !holds(&before, hex.as_bytes()),
            "{} is in it",
            key.display()
        );
    }
    assert!(searched > 0, "no key was looked for: {keys:?}");
    assert!(!holds(&before, b"PRIVATE KEY"));

    refused(
        &command("restore", &deployment, &file, &[]),
        2,
        "a server runs",
    );
    locum.stop();
    // Another machine remembers nothing.
    lose_store(&deployment);
    fs::remove_file(beside(&deployment, ".remembered")).unwrap();
    let restored = command("restore", &deployment, &file, &["--json"]);
    assert!(restored.status.success(), "{restored:?}");
    let manifest: Value = serde_json::from_slice(&restored.stdout).unwrap();
    assert!(manifest["size"].as_u64().unwrap() > 5, "{manifest}");
    let verified = deployment.verify(&[]);
    assert!(verified.status.success(), "{verified:?}");
    let locum = deployment.serve();
    deployment.file(2).unwrap().expect(201, "it goes on");
    locum.stop();
}

#[test]
fn r24_a_restore_moves_what_is_there_aside_and_deletes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    deployment.session(1);
    locum.stop();
    let file = back_up(&deployment, "copy.tar");
    let old = fs::read(deployment.database()).unwrap();
    let refusal = command("restore", &deployment, &file, &[]);
    refused(&refusal, 2, "is not overwritten");
    let aside = folder.path().join("before");
    let named = aside.display().to_string();
    let restored = command("restore", &deployment, &file, &["--aside", &named]);
    assert!(restored.status.success(), "{restored:?}");
    assert_eq!(fs::read(aside.join("harbour.db")).unwrap(), old);
    assert!(aside.join("harbour.db.records").is_dir());
    let again = command("restore", &deployment, &file, &["--aside", &named]);
    refused(&again, 2, "names a new folder");
    assert!(deployment.verify(&[]).status.success());
    deployment.serve().stop();
}

#[test]
fn r24_a_backup_older_than_what_is_remembered_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    deployment.session(1);
    let file = back_up(&deployment, "older.tar");
    deployment.session(2);
    locum.stop();
    let aside = folder.path().join("before").display().to_string();
    let old = fs::read(deployment.database()).unwrap();
    let refusal = command("restore", &deployment, &file, &["--aside", &aside]);
    refused(&refusal, 1, "entries would be lost");
    assert_eq!(fs::read(deployment.database()).unwrap(), old);
    assert!(!Path::new(&aside).exists(), "something was moved");

    // The store itself remembers where its file beside it is gone.
    fs::remove_file(beside(&deployment, ".remembered")).unwrap();
    let refusal = command("restore", &deployment, &file, &["--aside", &aside]);
    refused(&refusal, 1, "the store that is there remembers");
    // And the file where the store is gone.
    deployment.serve().stop();
    lose_store(&deployment);
    let refusal = command("restore", &deployment, &file, &[]);
    refused(&refusal, 1, "the file beside the store remembers");
    assert!(!deployment.database().exists());
}

#[test]
fn r24_a_store_that_was_wound_back_or_lost_is_told_of_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    deployment.session(1);
    let file = back_up(&deployment, "older.tar");
    deployment.session(2);
    // Killed: what was acknowledged a moment ago is remembered all the same.
    std::thread::sleep(std::time::Duration::from_secs(3));
    locum.kill();
    let newest = back_up(&deployment, "newest.tar");
    let remembered = fs::read(beside(&deployment, ".remembered")).unwrap();
    lose_store(&deployment);
    // Somebody puts the older copy in place by hand.
    fs::remove_file(beside(&deployment, ".remembered")).unwrap();
    let restored = command("restore", &deployment, &file, &[]);
    assert!(restored.status.success(), "{restored:?}");
    fs::write(beside(&deployment, ".remembered"), &remembered).unwrap();
    for store_is_gone in [false, true] {
        if store_is_gone {
            lose_store(&deployment);
        }
        let (status, said) = Locum::spawn(&deployment.config(), &[]).ended();
        assert_eq!(status.code(), Some(2), "{said}");
        assert!(said.contains("the store was wound back"), "{said}");
        assert!(said.contains("are lost"), "{said}");
        assert!(said.contains("locum restore"), "{said}");
    }
    // As it says: a copy that reaches far enough puts it right.
    let aside = folder.path().join("before").display().to_string();
    let restored = command("restore", &deployment, &newest, &["--aside", &aside]);
    assert!(restored.status.success(), "{restored:?}");
    deployment.serve().stop();
}

#[test]
fn r24_no_byte_of_a_backup_changes_unseen() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    deployment.session(1);
    locum.stop();
    let file = back_up(&deployment, "copy.tar");
    let sound = fs::read(&file).unwrap();
    let aside = folder.path().join("before").display().to_string();
    let try_it = |what: &str, bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        let refusal = command("restore", &deployment, &file, &["--aside", &aside]);
        assert_eq!(refusal.status.code(), Some(4), "{what}: {refusal:?}");
        assert!(!Path::new(&aside).exists(), "{what}: something was moved");
    };
    for place in [
        0,
        130,
        600,
        4_000,
        100_000,
        sound.len() / 2,
        sound.len() - 1,
    ] {
        let mut bytes = sound.clone();
        bytes[place] ^= 1;
        try_it(&format!("byte {place}"), &bytes);
    }
    try_it("cut", &sound[..sound.len() - 1024]);
    try_it("longer", &[&sound[..], b"more"].concat());
    try_it("empty", b"");
    fs::write(&file, &sound).unwrap();
    let restored = command("restore", &deployment, &file, &["--aside", &aside]);
    assert!(restored.status.success(), "{restored:?}");
}
