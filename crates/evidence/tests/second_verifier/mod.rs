//! The second verifier, in Python.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "test harness"
)]

use std::path::Path;
use std::process::Command;

/// What the peer says: the sentence of its answer, or of its refusal. `None` where there is no Python.
pub fn peer_says(folder: &Path, bytes: &[u8], more: &[&str]) -> Option<Result<String, String>> {
    let pack = folder.join("pack.zip");
    std::fs::write(&pack, bytes).unwrap();
    let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/evidence/verify_pack.py");
    let output = Command::new("python3")
        .arg("-B")
        .arg(peer)
        .arg(&pack)
        .args(more)
        .output()
        .ok()?;
    match output.status.code() {
        Some(0) => {
            let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            Some(Ok(answer["sentence"].as_str().unwrap().to_owned()))
        }
        Some(4) => Some(Err(String::from_utf8(output.stderr).unwrap())),
        _ => panic!(
            "the peer broke: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}
