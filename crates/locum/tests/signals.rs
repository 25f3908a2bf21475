//! How the process ends when it is asked to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::fs;
use std::io::Read as _;
use std::net::TcpStream;
use std::time::Duration;

use common::deployment::Deployment;
use common::process::Locum;
use common::{wait_for, wait_until};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(20);

#[test]
fn sigterm_finishes_what_is_under_way_takes_nothing_new_and_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    let session = deployment.session(1);
    let seen = deployment.application.seen().len();
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| deployment.call(&session.bearer, "/slow/1"));
        wait_until("the slow call is under way", SOON, || {
            deployment.application.seen().len() > seen
        });
        locum.signal("TERM");
        for port in [deployment.server, deployment.gateway, deployment.address] {
            wait_until("a listener closes", SOON, || {
                TcpStream::connect(("127.0.0.1", port)).is_err()
            });
        }
        let answer = slow.join().unwrap().unwrap();
        answer.expect(200, "what was under way");
    });
    let (status, said) = locum.ended();
    assert!(status.success(), "{said}");
    let verified = deployment.verify(&["--rebuild"]);
    assert!(verified.status.success(), "{verified:?}");
    let found: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(found["rebuilt"], json!([]));

    // What the gateway wrote last found its place: an admission without its completion would be a finding.
    let locum = deployment.serve();
    let feed = deployment.feed(None);
    let of = |kind: &str| feed.iter().filter(|it| it["kind"] == kind).count();
    assert_eq!(of("access-admitted"), deployment.application.seen().len());
    assert_eq!(of("access-completed"), of("access-admitted"));
    locum.stop();
}

#[test]
fn sigterm_waits_for_nobody_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    let session = deployment.session(1);
    let mut stream = deployment.begin_call(&session.bearer, "/stream/1");
    let mut some = [0; 512];
    wait_for("rows arrive", SOON, || stream.read(&mut some).ok());
    locum.stop();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(!rest.ends_with(b"0\r\n\r\n"), "half a stream looks whole");
}

#[test]
fn the_demo_leaves_nothing_behind() {
    for signal in ["INT", "TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let variables = [("TMPDIR", folder.path().display().to_string())];
        let demo = Locum::spawn_with(&["demo"], &variables);
        wait_until("the demo is up", Duration::from_secs(60), || {
            demo.said().contains("Ctrl-C ends it")
        });
        let kept = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(kept, 1, "the demo's folder is somewhere else");
        demo.signal(signal);
        let (status, said) = demo.ended();
        assert!(status.success(), "SIG{signal}: {said}");
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert!(left.is_empty(), "SIG{signal}: {left:?}");
    }
}

#[test]
fn a_demo_that_is_stopped_half_way_leaves_nothing_behind_and_does_not_count_as_told() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("TMPDIR", folder.path().display().to_string())];
    let is_made = || fs::read_dir(folder.path()).unwrap().count() > 0;
    for is_under_way in ["Alice", ""] {
        let demo = Locum::spawn_with(&["demo", "--once"], &variables);
        wait_until("the story begins", Duration::from_secs(60), || {
            is_made() && demo.said().contains(is_under_way)
        });
        demo.signal("INT");
        let (status, said) = demo.ended();
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(!is_made(), "{said}");
    }
}
