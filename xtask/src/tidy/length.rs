//! A file over 600 lines is a room that wants a wall.

use super::{Findings, Source};

const LONGEST_LINES: usize = 600;
const HAND_WRITTEN: [&str; 7] = ["rs", "py", "js", "mjs", "css", "sql", "md"];

pub(super) fn check(sources: &[Source], findings: &mut Findings) {
    for source in sources
        .iter()
        .filter(|source| source.has_extension(&HAND_WRITTEN))
    {
        let lines = source.text.lines().count();
        // Written by `cargo xtask gen`.
        if lines > LONGEST_LINES && !source.is_under("docs/reference") {
            let what = format!(
                "{lines} lines; split it by noun or verb (at most {LONGEST_LINES}, better 250)"
            );
            findings.add(source.path.display(), what);
        }
    }
}
