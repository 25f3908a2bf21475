//! Files that files of the catalog name. A relative path starts at the file it stands in, or else at the folder
//! of `locum.toml`.

use std::collections::{BTreeMap, BTreeSet};

use crate::problem::Problems;
use crate::read::{Fields, Value, document};
use crate::source::Source;

/// Every file named by a file of the catalog: who names it, and how.
pub(crate) fn named_files(files: &BTreeMap<String, String>) -> BTreeSet<(String, String)> {
    let mut named = BTreeSet::new();
    for (key, text) in files {
        let is_people = key == "catalog/people.toml";
        if !is_people && !key.starts_with("catalog/applications/") {
            continue;
        }
        // Whatever is wrong with these files is said when they are parsed.
        let ignored = Problems::default();
        let root = document(&Source::new(key.as_str(), text.as_str()), &ignored);
        if is_people {
            let people = Fields::open(&root, "people.toml", &[], &ignored);
            for agent in people.tables("agent", "[[agent]]", &[]) {
                let public_key = agent.get::<String>("public_key");
                if let Some(path) = public_key
                    .as_ref()
                    .and_then(|text| text.value.strip_prefix("file:"))
                {
                    named.insert((key.clone(), path.to_owned()));
                }
            }
        } else if let Value::Table(application) = &root.value
            && let Some(Value::Table(subjects)) =
                application.get("subjects").map(|node| &node.value)
            && let Some(Value::Text(path)) = subjects.get("file").map(|node| &node.value)
        {
            named.insert((key.clone(), path.clone()));
        }
    }
    named
}

/// The paths in the bundle that `path`, as written in the file `key`, can mean; the first that exists counts.
pub(crate) fn candidates(key: &str, path: &str) -> Vec<String> {
    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut candidates = vec![normal(&format!("{folder}/{path}")), normal(path)];
    if path.starts_with('/') {
        candidates.remove(0);
    }
    candidates.dedup();
    candidates
}

/// The file that `path`, as written in the file `key`, means.
pub(crate) fn find<'f>(
    files: &'f BTreeMap<String, String>,
    key: &str,
    path: &str,
) -> Option<(&'f str, &'f str)> {
    candidates(key, path)
        .iter()
        .find_map(|candidate| files.get_key_value(candidate))
        .map(|(key, text)| (key.as_str(), text.as_str()))
}

/// Resolves `.` and `..` by the text alone.
fn normal(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_starts_at_its_file_or_at_the_folder() {
        assert_eq!(
            candidates("catalog/people.toml", "keys/a"),
            ["catalog/keys/a", "keys/a"]
        );
        assert_eq!(
            candidates("catalog/people.toml", "../keys/a"),
            ["keys/a", "../keys/a"]
        );
        assert_eq!(candidates("catalog/people.toml", "/etc/a"), ["/etc/a"]);
    }
}
