//! Links of one document to another: the file exists, and so does the heading.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::{Findings, Source};

pub(super) fn check(sources: &[Source], findings: &mut Findings) {
    let files: BTreeSet<&Path> = sources.iter().map(|source| source.path.as_path()).collect();
    let folders: BTreeSet<&Path> = files
        .iter()
        .flat_map(|file| file.ancestors().skip(1))
        .collect();
    let documents = || {
        sources
            .iter()
            .filter(|source| source.has_extension(&["md"]))
    };
    let anchors: BTreeMap<&Path, BTreeSet<String>> = documents()
        .map(|source| (source.path.as_path(), headings(&source.text)))
        .collect();

    for source in documents() {
        for (number, link) in links(&source.text) {
            let (file, anchor) = link
                .split_once('#')
                .map_or((link, None), |(file, anchor)| (file, Some(anchor)));
            let target = if file.is_empty() {
                source.path.clone()
            } else {
                resolved(&source.path, file)
            };
            if !files.contains(target.as_path()) && !folders.contains(target.as_path()) {
                findings.add(
                    source.at(number),
                    format_args!("`{link}` leads nowhere; mend the link or take it out"),
                );
                continue;
            }
            let known = anchors.get(target.as_path());
            if let Some((anchor, known)) = anchor
                .zip(known)
                .filter(|(anchor, known)| !known.contains(*anchor))
            {
                let near = known
                    .iter()
                    .find(|name| name.starts_with(anchor) || anchor.starts_with(name.as_str()));
                let hint = near.map_or_else(String::new, |name| format!("; there is `#{name}`"));
                findings.add(
                    source.at(number),
                    format_args!("`{link}`: no such heading{hint}"),
                );
            }
        }
    }
}

/// The relative targets of `[text](target)`, with their line, outside code.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut is_code = false;
    for (index, line) in text.lines().enumerate() {
        is_code ^= line.trim_start().starts_with("```");
        if is_code {
            continue;
        }
        let targets = line
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', ' ']).next());
        let relative = targets.filter(|target| !target.is_empty() && !target.contains(':'));
        found.extend(relative.map(|target| (index + 1, target)));
    }
    found
}

/// The anchors that a document's headings get.
fn headings(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix('#'));
    let titles = lines.map(|line| line.trim_start_matches('#').trim());
    let kept = |c: char| c.is_alphanumeric() || c == ' ' || c == '-' || c == '_';
    titles
        .map(|title| {
            title
                .to_lowercase()
                .chars()
                .filter(|c| kept(*c))
                .collect::<String>()
                .replace(' ', "-")
        })
        .collect()
}

fn resolved(document: &Path, link: &str) -> PathBuf {
    let mut path = document.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_code_and_to_other_sites_are_not_followed() {
        let text = "[a](docs/a.md) [b](https://b.example)\n```\n[c](c.md)\n```\n[d](#the-d)";
        assert_eq!(links(text), [(1, "docs/a.md"), (5, "#the-d")]);
    }

    #[test]
    fn a_heading_is_reached_by_its_words() {
        assert!(headings("## The `act` chain, told").contains("the-act-chain-told"));
        assert_eq!(
            resolved(Path::new("docs/a/b.md"), "../c.md"),
            Path::new("docs/c.md")
        );
    }
}
