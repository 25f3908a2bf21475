//! `cargo xtask tidy`: the house rules, each failing with what to do instead.

mod coverage;
mod crates;
mod floor_plan;
mod length;
mod licence;
mod links;
mod words;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::process::Outcome;
use crate::workspace::Workspace;

/// Everything that is wrong, all of it at once.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn add(&mut self, place: impl fmt::Display, what: impl fmt::Display) {
        self.0.push(format!("{place}: {what}"));
    }
}

/// A committed file that is text.
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    fn has_extension(&self, wanted: &[&str]) -> bool {
        self.path
            .extension()
            .is_some_and(|extension| wanted.iter().any(|name| extension == *name))
    }

    /// Lines with their number, counted from one.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }

    fn is_under(&self, folder: impl AsRef<Path>) -> bool {
        self.path.starts_with(folder)
    }
}

/// # Errors
/// Every finding, one a line.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let sources: Vec<Source> = workspace
        .files()?
        .into_iter()
        .filter_map(|path| workspace.text(&path).map(|text| Source { path, text }))
        .collect();
    let graph = workspace.graph()?;
    let mut findings = Findings::default();
    floor_plan::check(workspace, &graph, &mut findings)?;
    crates::check(workspace, &graph, &mut findings)?;
    licence::check(workspace, &graph, &mut findings)?;
    words::check(&sources, &mut findings);
    length::check(&sources, &mut findings);
    links::check(&sources, &mut findings);
    coverage::check(&sources, &mut findings);
    if findings.0.is_empty() {
        println!(
            "tidy: {} files, {} crates",
            sources.len(),
            graph.ours().count()
        );
        return Ok(());
    }
    let count = findings.0.len();
    Err(format!("tidy: {count} findings\n{}", findings.0.join("\n")))
}

/// Reads one of the root's TOML files.
fn toml<T: serde::de::DeserializeOwned>(workspace: &Workspace, file: &str) -> Outcome<T> {
    let text = workspace
        .text(Path::new(file))
        .ok_or_else(|| format!("{file}: cannot be read"))?;
    ::toml::from_str(&text).map_err(|error| format!("{file}: {error}"))
}
