//! Requirements as readable cases: files of sentences, and what each sentence means.
//!
//! A scenario names the rows it is about and says in plain words what is given, what happens and what must then
//! be so. The words are few (see [`Step`]); a sentence outside them is an error, so that nobody reads more into a
//! case than is run. Whoever runs one implements [`Stage`]: over the control room, or over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod asking;
mod pattern;
mod played;
mod step;

use std::path::Path;

use serde::Deserialize;

pub use asking::Asking;
pub use played::Played;
pub use step::Step;

/// One case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What must hold, in a sentence.
    pub name: String,
    /// The requirements it is about.
    pub rows: Vec<String>,
    #[serde(default)]
    pub given: Vec<String>,
    #[serde(default)]
    pub when: Vec<String>,
    pub then: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Scenario>,
}

/// Every scenario of a folder, each with the name of its file, in order.
pub fn read(folder: &Path) -> Vec<(String, Scenario)> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "toml"))
        .collect();
    paths.sort();
    let mut scenarios = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        scenarios.extend(file.scenario.into_iter().map(|it| (name.clone(), it)));
    }
    scenarios
}

/// Where a scenario is played.
pub trait Stage {
    /// Does what the step says, or asserts it.
    ///
    /// # Errors
    /// What is not as the step says, in a sentence.
    fn play(&mut self, step: Step) -> impl Future<Output = Result<(), String>>;
}

/// Plays one scenario from its first sentence to its last.
///
/// # Errors
/// The sentence that did not hold or has no meaning, and why.
pub async fn play(stage: &mut impl Stage, scenario: &Scenario) -> Result<(), String> {
    let sentences = [&scenario.given, &scenario.when, &scenario.then];
    for sentence in sentences.into_iter().flatten() {
        let step = Step::of(sentence)
            .ok_or_else(|| format!("`{sentence}` is no sentence that a scenario knows"))?;
        let outcome = stage.play(step).await;
        outcome.map_err(|why| format!("`{sentence}`: {why}"))?;
    }
    Ok(())
}
