//! Files beside those that count. Whoever put them there may think that they count, so that each is named.

use std::collections::BTreeMap;
use std::path::Path;

use crate::bundle::Disk;
use crate::catalog;
use crate::nearest::did_you_mean;
use crate::problem::{Problem, Problems};

/// Where files are read, and how their names end.
pub(crate) const FOLDERS: [(&str, &str); 4] = [
    ("catalog", ".toml"),
    ("catalog/applications", ".toml"),
    ("policies", ".cedar"),
    ("policies/tests", ".toml"),
];

/// What the catalog's own folder holds.
const CATALOG: [&str; 3] = ["people.toml", "chains.toml", "eligibility.toml"];

/// What nobody takes for something that counts; the schema is written there for editors.
const BESIDE: [&str; 7] = [
    ".md",
    ".txt",
    ".sample",
    ".example",
    "LICENSE",
    "README",
    "locum.cedarschema",
];

/// Takes out of `files` what no part of the catalog reads, and tells of it and of whatever else lies there.
pub(crate) fn leave_out(
    disk: &Disk<'_>,
    files: &mut BTreeMap<String, String>,
    problems: &Problems,
) {
    let tell = |key: &str, hint: String| {
        let problem = Problem::of_file(disk.shown(key), "is not read");
        problems.push(problem.with_hint(hint).as_warning());
    };
    let unread: Vec<String> = files
        .keys()
        .filter(|key| !catalog::is_read(key, files))
        .cloned()
        .collect();
    for key in unread {
        files.remove(&key);
        let name = key.rsplit('/').next().unwrap_or_default();
        let hint = match key.as_str() {
            "catalog/notify.toml" => "notices are not built yet".to_owned(),
            _ => did_you_mean(name, CATALOG).unwrap_or_else(|| {
                "the catalog is people.toml, chains.toml, eligibility.toml and applications/*.toml"
                    .to_owned()
            }),
        };
        tell(&key, hint);
    }
    for (folder, ending) in FOLDERS {
        for (name, is_folder) in names(&disk.path(folder)) {
            let key = format!("{folder}/{name}");
            if is_folder && !FOLDERS.iter().any(|(known, _)| *known == key) {
                for (inner, is_folder) in names(&disk.path(&key)) {
                    let inner = format!("{key}/{inner}");
                    let counts_elsewhere = [".toml", ".cedar"].iter().any(|it| inner.ends_with(it));
                    if !is_folder && counts_elsewhere && !files.contains_key(&inner) {
                        tell(&inner, of_folder(folder, ending, &name));
                    }
                }
            } else if !is_folder
                && !name.ends_with(ending)
                && !files.contains_key(&key)
                && !BESIDE.iter().any(|it| name.ends_with(it))
            {
                tell(&key, of_file(folder, ending, &name));
            }
        }
    }
}

/// The names in a folder, without hidden ones, and whether each is a folder. One that cannot be read was told already.
fn names(folder: &Path) -> Vec<(String, bool)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            // Not followed: a link may lead round in a circle.
            let is_folder = entry.file_type().is_ok_and(|it| it.is_dir());
            (!name.starts_with('.')).then_some((name, is_folder))
        })
        .collect()
}

/// What to do with a file whose name does not end as those that count.
fn of_file(folder: &str, ending: &str, name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let end = name.rfind('.').filter(|at| *at > 0).unwrap_or(name.len());
    let (stem, own) = name.split_at(end);
    let is_near = !own.is_empty() && did_you_mean(own, [ending]).is_some();
    match lower.rsplit('.').next().unwrap_or_default() {
        "cedar" if folder != "policies" => "policies are read from policies/*.cedar".to_owned(),
        "toml" if folder == "policies" => {
            "tests of policies are read from policies/tests/*.toml".to_owned()
        }
        "cedarschema" => "the schema is Locum's own".to_owned(),
        "yaml" | "yml" | "json" if ending == ".toml" => {
            format!("it is written in TOML: did you mean `{stem}.toml`?")
        }
        _ if lower.ends_with(ending) || is_near => format!("did you mean `{stem}{ending}`?"),
        _ => format!("what is read here ends in {ending}"),
    }
}

/// What to do with files in a folder that is not looked into.
fn of_folder(folder: &str, ending: &str, name: &str) -> String {
    let known: Vec<&str> = FOLDERS
        .iter()
        .filter_map(|(known, _)| known.strip_prefix(folder)?.strip_prefix('/'))
        .collect();
    did_you_mean(name, known)
        .unwrap_or_else(|| format!("{folder}/*{ending} is read, and no folder inside of it"))
}
