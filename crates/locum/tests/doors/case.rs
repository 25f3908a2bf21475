//! The lines of the table.

use std::path::Path;

use serde::Deserialize;

use crate::door::{Door, Outcome};

/// A state, and what is attempted in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// What is different about the house from the start.
    #[serde(default)]
    pub(crate) house: Vec<String>,
    /// What came before.
    #[serde(default)]
    pub(crate) given: Vec<String>,
    /// What came after somebody was let into the applications, where the table is about calls.
    #[serde(default)]
    pub(crate) after: Vec<String>,
    pub(crate) cases: Vec<Case>,
}

/// One line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What it is about.
    pub(crate) case: String,
    pub(crate) rows: Vec<String>,
    pub(crate) attempt: String,
    /// `done`, or a reason code.
    pub(crate) expect: String,
}

impl Case {
    pub(crate) fn is_done(&self) -> bool {
        self.expect == "done"
    }
}

/// What came of one line at one door.
#[derive(Debug, Clone)]
pub(crate) struct Played {
    pub(crate) door: Door,
    pub(crate) outcome: Outcome,
    /// How the world stands afterwards, in a line.
    pub(crate) world: String,
}

/// The states of a file of `scenarios/doors/`.
pub(crate) fn read(name: &str) -> Vec<State> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        state: Vec<State>,
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/doors");
    let text = std::fs::read_to_string(path.join(name)).unwrap();
    let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    for case in file.state.iter().flat_map(|it| &it.cases) {
        assert!(
            case.rows.iter().all(|row| row.starts_with('R')) && !case.rows.is_empty(),
            "{case:?}"
        );
    }
    file.state
}
