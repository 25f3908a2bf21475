//! Words that may not be committed, each with what to write instead.

use super::{Findings, Source};

/// Text that may stand in no file. Written in two halves, so that this file does not find itself.
const EVERYWHERE: [(&str, &str, &str); 10] = [
    (
        "/ho",
        "me/",
        "a path of one machine; make it relative or take it from the environment",
    ),
    (
        "/ro",
        "ot/",
        "a path of one machine; make it relative or take it from the environment",
    ),
    (
        "/wo",
        "rk/",
        "a path of one machine; make it relative or take it from the environment",
    ),
    (
        "/bash",
        "_jobs",
        "a path of one machine; make it relative or take it from the environment",
    ),
    (
        "index.crates",
        ".io",
        "a registry's address; name the package only",
    ),
    (
        "static.crates",
        ".io",
        "a registry's address; name the package only",
    ),
    (
        "pypi.org/",
        "simple",
        "a registry's address; name the package only",
    ),
    (
        "files.python",
        "hosted.org",
        "a registry's address; name the package only",
    ),
    (
        "registry.npm",
        "js.org",
        "a registry's address; name the package only",
    ),
    (
        "deb.deb",
        "ian.org",
        "a registry's address; name the package only",
    ),
];

/// Text that may stand in no Rust file.
const IN_RUST: [(&str, &str, &str); 6] = [
    (
        "todo",
        "!(",
        "an unfinished path; finish it or leave the feature out",
    ),
    (
        "unimplemented",
        "!(",
        "an unfinished path; finish it or leave the feature out",
    ),
    (
        "dbg",
        "!(",
        "a trace of debugging; use `tracing` or take it out",
    ),
    (
        "#[ign",
        "ore",
        "a test that does not run; mend it, or give it a short form and `LOCUM_LONG`",
    ),
    (
        "FIX",
        "ME",
        "an unfinished thought; mend it or write down why it stays",
    ),
    (
        "XX",
        "X",
        "an unfinished thought; mend it or write down why it stays",
    ),
];

/// Rooms where only the glossary's words are spoken.
const INNER: [&str; 2] = ["crates/domain/src", "crates/policy/src"];

/// Words that the glossary avoids, as part of an identifier in the inner rooms.
const AVOIDED: [(&str, &str); 3] = [
    ("helper", "name what it does"),
    ("util", "name what it does"),
    ("permission", "the glossary says `scope`"),
];

/// File names that collect what has no place of its own.
const DRAWERS: [&str; 6] = ["util", "utils", "helper", "helpers", "misc", "common"];

pub(super) fn check(sources: &[Source], findings: &mut Findings) {
    for source in sources
        .iter()
        .filter(|source| !source.has_extension(&["lock"]))
    {
        let is_rust = source.has_extension(&["rs"]);
        let is_inner = is_rust && INNER.iter().any(|room| source.is_under(room));
        let in_rust = IN_RUST.iter().filter(|_| is_rust);
        let banned: Vec<(String, &str)> = EVERYWHERE
            .iter()
            .chain(in_rust)
            .map(|(start, end, instead)| (format!("{start}{end}"), *instead))
            .collect();
        for (number, line) in source.lines() {
            for (word, instead) in &banned {
                if stands_alone(line, word) {
                    findings.add(source.at(number), format_args!("`{word}`: {instead}"));
                }
            }
            if is_inner {
                avoided(source, number, line, findings);
            }
        }
        drawer(source, findings);
    }
}

/// Whether a word occurs without being the end of a longer one, as in an address (`https://example/path`).
fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(char::is_alphanumeric)
    })
}

fn avoided(source: &Source, number: usize, line: &str, findings: &mut Findings) {
    // Only code: a comment may speak about the outside world, and text may be shown to it.
    let code = line.split("//").next().unwrap_or_default();
    let outside_text = code
        .split('"')
        .step_by(2)
        .collect::<String>()
        .to_lowercase();
    let words = outside_text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect::<Vec<_>>();
    for (word, instead) in AVOIDED {
        if words.iter().any(|name| name.contains(word)) {
            findings.add(
                source.at(number),
                format_args!("`{word}` in a name: {instead}"),
            );
        }
    }
}

fn drawer(source: &Source, findings: &mut Findings) {
    let is_product = source.is_under("crates")
        && source
            .path
            .components()
            .any(|part| part.as_os_str() == "src");
    let stem = source
        .path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    if is_product && source.has_extension(&["rs"]) && DRAWERS.contains(&stem) {
        findings.add(
            source.path.display(),
            "a drawer; put each thing beside the noun or verb it belongs to",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_where_it_starts_and_not_inside_an_address() {
        let word = ["/wo", "rk/"].concat();
        assert!(stands_alone(&format!("cd {word}main"), &word));
        assert!(!stands_alone(&format!("https://example{word}main"), &word));
    }
}
