//! Two texts, line by line: what goes, what comes, and a few lines around it.

use maud::{Markup, html};

/// How many lines that stay are shown around those that do not.
const AROUND: usize = 2;
/// The most lines on a side that are compared one by one; longer stretches go and come as a whole.
const MOST_COMPARED: usize = 600;

/// One line of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line<'t> {
    Stays(&'t str),
    Goes(&'t str),
    Comes(&'t str),
}

/// The comparison; a sign stands beside every line, and nothing is told by colour.
pub(super) fn lines(before: &str, after: &str) -> Markup {
    let compared = compared(before, after);
    html! {
        pre.policy {
            @for (place, line) in compared.iter().enumerate() {
                @if is_near(&compared, place) {
                    @match line {
                        Line::Stays(text) => { "  " (text) "\n" }
                        Line::Goes(text) => { del { "− " (text) } "\n" }
                        Line::Comes(text) => { ins { "+ " (text) } "\n" }
                    }
                } @else if place > 0 && is_near(&compared, place - 1) { "  …\n" }
            }
        }
    }
}

fn is_near(compared: &[Line<'_>], place: usize) -> bool {
    let from = place.saturating_sub(AROUND);
    let near = compared.iter().skip(from).take(place - from + AROUND + 1);
    near.into_iter().any(|it| !matches!(it, Line::Stays(_)))
}

fn compared<'t>(before: &'t str, after: &'t str) -> Vec<Line<'t>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let alike = |(a, b): &(&&str, &&str)| a == b;
    let first = old.iter().zip(&new).take_while(alike).count();
    let rest = old.len().min(new.len()) - first;
    let last = old.iter().rev().zip(new.iter().rev()).take(rest);
    let last = last.take_while(alike).count();
    let inner = |lines: &[&'t str]| -> Vec<&'t str> {
        let length = lines.len() - first - last;
        lines.iter().skip(first).take(length).copied().collect()
    };
    let mut all: Vec<Line<'t>> = old.iter().take(first).map(|it| Line::Stays(it)).collect();
    all.extend(middle(&inner(&old), &inner(&new)));
    let tail = old.iter().skip(old.len() - last);
    all.extend(tail.map(|it| Line::Stays(it)));
    all
}

/// By the longest common subsequence, where it is small enough to look for.
fn middle<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    let goes = old.iter().map(|it| Line::Goes(it));
    if old.len() > MOST_COMPARED || new.len() > MOST_COMPARED {
        return goes.chain(new.iter().map(|it| Line::Comes(it))).collect();
    }
    // How many lines of each two tails are common; one row and column more than there are lines.
    let width = new.len() + 1;
    let mut common = vec![0_u16; (old.len() + 1) * width];
    let at = |table: &[u16], i: usize, j: usize| table.get(i * width + j).copied().unwrap_or(0);
    for (i, old_line) in old.iter().enumerate().rev() {
        for (j, new_line) in new.iter().enumerate().rev() {
            let longest = match old_line == new_line {
                true => at(&common, i + 1, j + 1) + 1,
                false => at(&common, i + 1, j).max(at(&common, i, j + 1)),
            };
            if let Some(cell) = common.get_mut(i * width + j) {
                *cell = longest;
            }
        }
    }
    let (mut i, mut j, mut all) = (0, 0, Vec::new());
    loop {
        match (old.get(i), new.get(j)) {
            (Some(one), Some(other)) if one == other => {
                all.push(Line::Stays(one));
                (i, j) = (i + 1, j + 1);
            }
            (Some(line), other)
                if other.is_none() || at(&common, i + 1, j) >= at(&common, i, j + 1) =>
            {
                all.push(Line::Goes(line));
                i += 1;
            }
            (_, Some(line)) => {
                all.push(Line::Comes(line));
                j += 1;
            }
            _ => return all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_stay_stand_between_those_that_go_and_come() {
        let (before, after) = ("a\nb\nc\nd\n", "a\nx\nc\nd\ne\n");
        let expected = [
            Line::Stays("a"),
            Line::Goes("b"),
            Line::Comes("x"),
            Line::Stays("c"),
            Line::Stays("d"),
            Line::Comes("e"),
        ];
        assert_eq!(compared(before, after), expected);
        assert_eq!(compared("", "a"), [Line::Comes("a")]);
        assert_eq!(compared("a", ""), [Line::Goes("a")]);
        assert_eq!(compared("a\na", "a"), [Line::Stays("a"), Line::Goes("a")]);
    }

    #[test]
    fn what_is_far_from_any_difference_is_left_out() {
        let before: String = (0..20).map(|it| format!("{it}\n")).collect();
        let after = before.replace("\n10\n", "\nten\n");
        let shown = lines(&before, &after).into_string();
        assert!(shown.contains("<del>− 10</del>\n<ins>+ ten</ins>\n  11\n  12\n  …"));
        assert!(!shown.contains("  5\n") && !shown.contains("  15\n"));
    }

    #[test]
    fn a_stretch_too_long_to_compare_goes_and_comes_whole() {
        let old: Vec<String> = (0..=MOST_COMPARED).map(|it| format!("old {it}")).collect();
        let new: Vec<String> = (0..=MOST_COMPARED).map(|it| format!("new {it}")).collect();
        let (old, new) = (old.join("\n"), new.join("\n"));
        assert_eq!(compared(&old, &new).len(), 2 * (MOST_COMPARED + 1));
    }
}
