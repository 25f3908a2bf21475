//! Writes `sdk/vectors/*.json` anew: `cargo run -p locum-sdk --example write_vectors`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a generator may stop at the first surprise"
)]

use std::path::Path;

#[path = "../tests/vectors/mod.rs"]
mod vectors;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/vectors");

fn main() {
    for vector in vectors::all() {
        let path = Path::new(FOLDER).join(format!("{}.json", vector.name));
        let text = serde_json::to_string_pretty(&vector.content).unwrap();
        std::fs::write(path, text + "\n").unwrap();
    }
}
