//! A disk without room: nobody gets in, everybody can be put out, and the door opens again by itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use common::client;
use common::deployment::{ASKER, Deployment};
use common::outside::Desk;
use common::people::text;
use common::{wait_for, wait_until};
use serde_json::{Value, json};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(20);

/// A small file system, where this user may mount one.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// `None`, and said so, where nothing can be mounted; in CI that is a failure.
    fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(folder.path())
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self { folder });
        }
        let is_ci = std::env::var("LOCUM_CI").is_ok_and(|it| it == "1");
        assert!(!is_ci, "no tmpfs can be mounted here");
        // Past the test runner's capture: a skipped test must be seen.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED full disk: no tmpfs can be mounted here"
        );
        None
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
    while file.write_all(&[0; 65_536]).is_ok() {}
    while file.write_all(&[0; 512]).is_ok() {}
}

#[test]
fn r22_a_full_disk_closes_the_door_and_room_opens_it() {
    let Some(disk) = SmallDisk::mount(48) else {
        return;
    };
    let deployment = Deployment::write(disk.folder.path());
    let locum = deployment.serve();
    let [closing, ending, staying] = [1, 2, 3].map(|case| deployment.session(case));
    let call = |bearer: &str| deployment.call(bearer, "/parcels/1").unwrap();
    let is_ready = || {
        let answer = client::send(deployment.server, "GET /readyz", &[], b"").unwrap();
        answer.status == 200
    };
    for session in [&closing, &ending, &staying] {
        call(&session.bearer).expect(200, "acting while there is room");
    }
    let mut stream = deployment.begin_call(&ending.bearer, "/stream/1");
    let mut some = [0; 512];
    wait_for("rows arrive", SOON, || stream.read(&mut some).ok());

    let filler = disk.folder.path().join("filler");
    fill(&filler);
    let mut filed = Vec::new();
    let refused = wait_for("filing is refused", SOON, || {
        let answer = deployment.file(10 + filed.len() as u64).unwrap();
        if answer.status != 201 {
            return Some(answer);
        }
        // What still fits is acknowledged, and stays.
        filed.push(text(&answer.json(), "id"));
        None
    });
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (503, "recorder-unavailable")
    );
    // A segment made beforehand has room for a moment; then the store takes nothing of it and the door closes.
    let called = wait_for("acting is refused", SOON, || {
        let called = call(&staying.bearer);
        (called.status != 200).then_some(called)
    });
    assert_eq!(
        (called.status, called.code().as_str()),
        (503, "recorder-unavailable")
    );
    assert!(!is_ready(), "the server says that it is ready");
    let seen = deployment.application.seen();
    call(&staying.bearer).expect(503, "acting without a record");
    assert_eq!(
        deployment.application.seen(),
        seen,
        "it went through all the same"
    );

    // Ending only destroys: it waits for no record.
    let ended = deployment.end(&ending.id).unwrap();
    assert!([200, 503].contains(&ended.status), "{}", ended.text());
    assert!(
        stream.read_to_end(&mut Vec::new()).is_err(),
        "the stream was not cut"
    );
    deployment.desk.close(closing.case);
    let told = Desk::tell_closed(deployment.server, closing.case).unwrap();
    assert!([200, 503].contains(&told.status), "{}", told.text());
    for session in [&ending, &closing] {
        assert_eq!(
            call(&session.bearer)
                .expect(401, "acting after the end")
                .code(),
            "session-ended"
        );
    }
    assert_eq!(deployment.application.seen(), seen);

    std::fs::remove_file(&filler).unwrap();
    wait_until("the server says that it is ready", SOON, is_ready);
    call(&staying.bearer).expect(200, "acting when there is room again");
    let fresh = deployment.session(20);
    call(&fresh.bearer).expect(200, "a new session");
    for session in [&ending, &closing] {
        call(&session.bearer).expect(401, "nothing revives");
        let path = format!("/api/v1/sessions/{}", session.id);
        wait_until("the end is on the record", SOON, || {
            text(&deployment.get(ASKER, &path).unwrap().json(), "state") == "ended"
        });
    }
    for request in filed {
        let path = format!("/api/v1/requests/{request}");
        deployment
            .get(ASKER, &path)
            .unwrap()
            .expect(200, "what was acknowledged");
    }
    wait_until(
        "every request that went through is on the record",
        SOON,
        || {
            let feed = deployment.feed(None);
            let admitted: Vec<String> = feed
                .iter()
                .filter(|it| it["kind"] == "access-admitted")
                .map(|it| text(&it["event"], "record"))
                .collect();
            deployment
                .application
                .seen()
                .iter()
                .all(|it| admitted.contains(it))
        },
    );
    locum.stop();
    let verified = deployment.verify(&["--rebuild"]);
    assert!(verified.status.success(), "{verified:?}");
    let found: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(found["rebuilt"], json!([]));
}

#[test]
fn r22_the_recorder_leaves_the_store_room_on_a_small_disk() {
    // One segment, and less than another.
    let Some(disk) = SmallDisk::mount(24) else {
        return;
    };
    let deployment = Deployment::write(disk.folder.path());
    let locum = deployment.serve();
    for case in 1..=5 {
        let session = deployment.session(case);
        let called = deployment.call(&session.bearer, "/parcels/1").unwrap();
        called.expect(200, "acting");
        deployment.end(&session.id).unwrap().expect(200, "ending");
    }
    locum.stop();
    let verified = deployment.verify(&[]);
    assert!(verified.status.success(), "{verified:?}");
}
