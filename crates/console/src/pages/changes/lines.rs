//! Two texts, line by line: what goes, what comes, and a few lines around it.

use std::time::Duration;

use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

/// How many lines that stay are shown around those that do not.
const AROUND: usize = 2;
/// How long the shortest comparison is looked for; what is left then goes and comes as a whole.
const PATIENCE: Duration = Duration::from_millis(200);

/// The comparison; a sign stands beside every line, and nothing is told by colour.
pub(super) fn lines(before: &str, after: &str) -> Markup {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let compared = TextDiff::configure()
        .timeout(PATIENCE)
        .diff_slices(&old, &new);
    html! {
        pre.policy {
            @for group in compared.grouped_ops(AROUND) {
                @for line in group.iter().flat_map(|op| compared.iter_changes(op)) {
                    @match line.tag() {
                        ChangeTag::Equal => { "  " (line.value()) "\n" }
                        ChangeTag::Delete => { del { "− " (line.value()) } "\n" }
                        ChangeTag::Insert => { ins { "+ " (line.value()) } "\n" }
                    }
                }
                @if group.last().is_some_and(|op| op.old_range().end < old.len()) { "  …\n" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str) -> String {
        let shown = lines(before, after).into_string();
        let inner = shown.strip_prefix("<pre class=\"policy\">").unwrap();
        inner.strip_suffix("</pre>").unwrap().to_owned()
    }

    #[test]
    fn lines_that_stay_stand_between_those_that_go_and_come() {
        let (before, after) = ("a\nb\nc\nd\n", "a\nx\nc\nd\ne\n");
        assert_eq!(
            shown(before, after),
            "  a\n<del>− b</del>\n<ins>+ x</ins>\n  c\n  d\n<ins>+ e</ins>\n"
        );
        assert_eq!(shown("", "a"), "<ins>+ a</ins>\n");
        assert_eq!(shown("a", ""), "<del>− a</del>\n");
        assert_eq!(shown("a\na", "a"), "  a\n<del>− a</del>\n");
    }

    #[test]
    fn what_is_far_from_any_difference_is_left_out() {
        let before: String = (0..20).map(|it| format!("{it}\n")).collect();
        let after = before.replace("\n10\n", "\nten\n");
        assert_eq!(
            shown(&before, &after),
            "  8\n  9\n<del>− 10</del>\n<ins>+ ten</ins>\n  11\n  12\n  …\n"
        );
    }

    #[test]
    fn a_long_stretch_that_has_nothing_in_common_goes_and_comes_whole() {
        let old: Vec<String> = (0..=600).map(|it| format!("old {it}")).collect();
        let new: Vec<String> = (0..=600).map(|it| format!("new {it}")).collect();
        let shown = shown(&old.join("\n"), &new.join("\n"));
        assert_eq!(shown.matches("<del>").count(), old.len());
        assert_eq!(shown.matches("<ins>").count(), new.len());
    }
}
