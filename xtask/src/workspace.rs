//! What cargo and git say about this workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::process::{Call, Outcome};

/// The platform whose dependency graph is judged.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// The repository's folder, and what is in it.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// # Errors
    /// When cargo cannot read the workspace.
    pub(crate) fn load() -> Outcome<Self> {
        #[derive(Deserialize)]
        struct Places {
            workspace_root: PathBuf,
            target_directory: PathBuf,
        }
        let text = Call::new("cargo", ["metadata", "--format-version=1", "--no-deps"]).output()?;
        let places: Places =
            serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
        Ok(Self {
            root: places.workspace_root,
            target: places.target_directory,
        })
    }

    /// The built binary of a profile's folder (`debug`, `release`).
    pub(crate) fn binary(&self, folder: &str) -> PathBuf {
        self.target.join(folder).join("locum")
    }

    /// A call that runs in the repository's folder.
    pub(crate) fn call<I, S>(&self, program: impl Into<PathBuf>, arguments: I) -> Call
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        Call::new(program, arguments).within(&self.root)
    }

    /// Every file that is or could be committed, relative to the root and in order.
    ///
    /// # Errors
    /// Outside a git checkout.
    pub(crate) fn files(&self) -> Outcome<Vec<PathBuf>> {
        let listing = self.call(
            "git",
            [
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
                "--deduplicate",
            ],
        );
        let text = listing.output()?;
        let mut files: Vec<PathBuf> = text
            .split('\0')
            .filter(|name| !name.is_empty())
            .map(PathBuf::from)
            .collect();
        files.retain(|file| self.root.join(file).is_file());
        files.sort();
        Ok(files)
    }

    /// A file's text, or none when it is not text.
    pub(crate) fn text(&self, file: &Path) -> Option<String> {
        fs::read_to_string(self.root.join(file)).ok()
    }

    /// The packages and how they depend on each other, for one platform.
    ///
    /// # Errors
    /// When cargo cannot resolve them.
    pub(crate) fn graph(&self) -> Outcome<Graph> {
        let text = self
            .call(
                "cargo",
                [
                    "metadata",
                    "--format-version=1",
                    "--filter-platform",
                    PLATFORM,
                ],
            )
            .output()?;
        serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))
    }

    /// What is built for one platform, without rooms that nobody ships. `cargo metadata` also names optional crates that nobody switched on;
    /// `cargo tree` names exactly what is compiled.
    ///
    /// # Errors
    /// When cargo cannot resolve them.
    pub(crate) fn shipped(&self, never: &BTreeSet<String>) -> Outcome<BTreeSet<Shipped>> {
        let arguments = [
            "tree",
            "--workspace",
            "-e",
            "no-dev",
            "--prefix",
            "none",
            "--target",
            PLATFORM,
        ];
        let without = never.iter().flat_map(|room| ["--exclude", room.as_str()]);
        let text = self
            .call(
                "cargo",
                arguments
                    .into_iter()
                    .chain(without)
                    .chain(["--format", "{p}|{l}"]),
            )
            .output()?;
        Ok(text.lines().filter_map(shipped).collect())
    }
}

/// Reads `name v1.2.3 (where it lies)|licence (*)`.
fn shipped(line: &str) -> Option<Shipped> {
    let (package, licence) = line.split_once('|')?;
    let mut words = package.split_whitespace();
    let name = words.next()?.to_owned();
    let version = words.next()?.trim_start_matches('v').to_owned();
    Some(Shipped {
        name,
        version,
        licence: licence.trim_end_matches("(*)").trim().to_owned(),
    })
}

/// A crate that is built into the product or needed to build it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shipped {
    pub(crate) name: String,
    pub(crate) version: String,
    /// An SPDX expression, or nothing.
    pub(crate) licence: String,
}

/// The part of `cargo metadata` that the rules read.
#[derive(Deserialize)]
pub(crate) struct Graph {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    /// None for our own.
    source: Option<String>,
    pub(crate) manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

/// One package naming another in its manifest.
pub(crate) struct Edge<'g> {
    pub(crate) from: &'g Package,
    pub(crate) to: &'g Package,
    /// Only for tests.
    pub(crate) is_dev: bool,
}

impl Package {
    pub(crate) fn is_ours(&self) -> bool {
        self.source.is_none()
    }
}

impl Graph {
    /// The workspace's own crates.
    pub(crate) fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_ours())
    }

    /// Every edge of the graph.
    pub(crate) fn edges(&self) -> Vec<Edge<'_>> {
        let by_id = self.by_id();
        let mut edges = Vec::new();
        for node in &self.resolve.nodes {
            for dependency in &node.deps {
                let ends = by_id
                    .get(node.id.as_str())
                    .zip(by_id.get(dependency.pkg.as_str()));
                let is_dev = dependency
                    .dep_kinds
                    .iter()
                    .all(|kind| kind.kind.as_deref() == Some("dev"));
                edges.extend(ends.map(|(from, to)| Edge { from, to, is_dev }));
            }
        }
        edges
    }

    fn by_id(&self) -> BTreeMap<&str, &Package> {
        self.packages
            .iter()
            .map(|package| (package.id.as_str(), package))
            .collect()
    }
}
