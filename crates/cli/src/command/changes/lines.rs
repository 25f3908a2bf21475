//! Two texts, line by line: what goes, what comes, and a few lines around it.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

/// How many lines that stay are shown around those that do not.
const AROUND: usize = 2;
/// How long the shortest comparison is looked for; what is left then goes and comes as a whole.
const PATIENCE: Duration = Duration::from_millis(200);

/// The comparison, with a sign before every line.
pub(super) fn lines(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let compared = TextDiff::configure()
        .timeout(PATIENCE)
        .diff_slices(&old, &new);
    let mut text = String::new();
    for group in compared.grouped_ops(AROUND) {
        if group.first().is_some_and(|op| op.old_range().start > 0) {
            text.push_str("  …\n");
        }
        for line in group.iter().flat_map(|op| compared.iter_changes(op)) {
            let sign = match line.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            let line = format!("{sign} {}", line.value());
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_stay_stand_between_those_that_go_and_come() {
        let (before, after) = ("a\nb\nc\nd\n", "a\nx\nc\nd\ne\n");
        assert_eq!(lines(before, after), "  a\n- b\n+ x\n  c\n  d\n+ e\n");
        assert_eq!(lines("", "a"), "+ a\n");
        assert_eq!(lines("a", ""), "- a\n");
    }

    #[test]
    fn what_is_far_from_any_difference_is_left_out() {
        let before: String = (0..20).map(|it| format!("{it}\n")).collect();
        let after = before.replace("\n10\n", "\nten\n");
        let expected = "  …\n  8\n  9\n- 10\n+ ten\n  11\n  12\n";
        assert_eq!(lines(&before, &after), expected);
    }
}
