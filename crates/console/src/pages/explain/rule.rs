//! Questions with their rules: each rule with its sentence, what it read, what would have to change, and its text.

use locum_control::explain::{ExplainedRule, Fact, Judged, Rule, Verdict};
use locum_domain::Read;
use maud::{Markup, html};

use crate::shown::{Mood, sentence, state, told};
use crate::view::View;

/// Every question with its answer.
pub(super) fn questions(view: &View, questions: &[Judged]) -> Markup {
    html! {
        @for question in questions {
            div.card {
                p { (verdict(question.verdict)) " " (told(view, &question.about)) }
                @for rule in &question.explained.rules { (explained(view, rule)) }
                @if !question.explained.silent.is_empty() {
                    details {
                        summary { (silent(question.explained.silent.len())) }
                        dl.facts {
                            @for rule in &question.explained.silent {
                                dt { code { (rule.rule.id) } }
                                dd { (facts(view, &rule.facts)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn silent(count: usize) -> String {
    match count {
        1 => "One rule could have objected and did not".to_owned(),
        count => format!("{count} rules could have objected and did not"),
    }
}

fn verdict(verdict: Verdict) -> Markup {
    match verdict {
        Verdict::Allowed => state(Mood::Good, "allowed"),
        Verdict::Refused => state(Mood::Bad, "refused"),
        Verdict::Demanded => state(Mood::Waiting, "demanded"),
        Verdict::Broken => state(Mood::Bad, "policy error"),
    }
}

/// A rule with what it had to do with the answer.
fn explained(view: &View, explained: &ExplainedRule) -> Markup {
    html! {
        (by_itself(view, &explained.rule))
        @if let Some(error) = &explained.error { p.warning { "It cannot be evaluated: " (error) "." } }
        @if !explained.facts.is_empty() {
            p { "It read: " (facts(view, &explained.facts)) }
        }
        @if !explained.changes.is_empty() {
            p { "It would not object, if any one of these were so:" }
            ul { @for change in &explained.changes { li { (told(view, &by_id(change))) } } }
        }
    }
}

/// What a rule says, without anything that was asked.
pub(super) fn by_itself(view: &View, rule: &Rule) -> Markup {
    html! {
        p {
            code { (rule.id) } ": " (sentence(view, &rule.because))
            span.quiet {
                @if let Some(row) = &rule.row { " " (row) " ·" }
                @if rule.is_locums { " Locum's own" } @else { " your own" }
                ", " code { (rule.file) ":" (rule.line) }
            }
        }
        details {
            summary { "The policy's text" }
            pre.policy { (rule.text) }
        }
    }
}

fn facts(view: &View, facts: &[Fact]) -> Markup {
    said(
        view,
        facts.iter().map(|it| (it.of.as_str(), it.is.as_str())),
    )
}

/// What a rule read when it refused.
pub(super) fn read(view: &View, read: &[Read]) -> Markup {
    said(view, read.iter().map(|it| (it.of.as_str(), it.is.as_str())))
}

fn said<'f>(view: &View, facts: impl ExactSizeIterator<Item = (&'f str, &'f str)>) -> Markup {
    html! {
        @if facts.len() == 0 { "nothing but whom and what it is about" }
        @for (place, (of, is)) in facts.enumerate() {
            @if place > 0 { "; " }
            span.quiet { (told(view, &by_id(of))) } " "
            strong { (told(view, &by_id(is))) }
        }
    }
}

/// People by their ids alone, which are shown as names.
fn by_id(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, quoted)) = rest.split_once("person \"") {
        let (id, after) = quoted.split_once('"').unwrap_or((quoted, ""));
        plain.push_str(before);
        plain.push_str(id);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_in_facts_go_by_their_ids() {
        let told = by_id("person \"ann@x\", person \"bea@x\" and role \"support\"");
        assert_eq!(told, "ann@x, bea@x and role \"support\"");
        assert_eq!(by_id("none"), "none");
    }
}
