//! The cases under `scenarios/`, played over the control room.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use std::collections::BTreeSet;
use std::path::Path;

use locum_testkit::scenario::{self, Played};

#[tokio::test]
async fn r01_r02_r05_r06_r07_r13_r16_r33_the_requirements_as_cases_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let scenarios = scenario::read(&folder);
    let mut rows = BTreeSet::new();
    let mut failures = Vec::new();
    for (file, scenario) in &scenarios {
        rows.extend(scenario.rows.clone());
        let mut stage = Played::new().await;
        if let Err(why) = scenario::play(&mut stage, scenario).await {
            failures.push(format!("{file}: {}\n    {why}", scenario.name));
        }
        stage.house.verify().await;
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    for row in ["R01", "R02", "R05", "R06", "R07", "R13", "R16", "R33"] {
        assert!(rows.contains(row), "no case is about {row}");
    }
}
