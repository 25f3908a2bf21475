//! The line that a problem is about, up to the end of the mark: what follows on it may be a secret.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use crate::problem::{Problem, Severity};
use crate::source::Place;

/// Columns after which what is said is folded; a terminal narrower than this is nobody's. The line itself never is.
const WIDTH: usize = 80;

/// One line of a file, cut after what is marked.
#[derive(Clone)]
pub(crate) struct Excerpt {
    file: String,
    text: String,
    /// From 0.
    line: usize,
    /// Bytes of the line before the mark.
    start: usize,
}

impl Excerpt {
    /// What may be shown of a place. A place of several lines shows its first.
    pub(crate) fn of(place: &Place) -> Option<Self> {
        let source = place.source.as_ref();
        if !source.may_be_shown {
            return None;
        }
        let before = source.text.get(..place.span.start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let marked = source.text.get(line_start..place.span.end)?;
        let mut text = marked.lines().next().unwrap_or_default().to_owned();
        // A parser may know no more than where it stopped. What stands there may be a secret without its quotes: the
        // caret gets something else to stand under.
        if line_start + text.len() <= place.span.start {
            let is_end = source
                .text
                .get(place.span.start..)
                .is_none_or(|rest| rest.is_empty() || rest.starts_with(['\n', '\r']));
            text.push(if is_end { ' ' } else { '…' });
        }
        Some(Self {
            file: source.name.clone(),
            text,
            line: before.matches('\n').count(),
            start: place.span.start - line_start,
        })
    }

    /// The problem as a compiler would show it; nothing when there is nothing to mark.
    pub(crate) fn render(&self, problem: &Problem, with_colour: bool) -> Option<String> {
        let theme = match with_colour {
            true => GraphicalTheme::unicode(),
            false => GraphicalTheme::unicode_nocolor(),
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .with_context_lines(1)
            .without_syntax_highlighting()
            .with_width(WIDTH);
        let mut rendered = String::new();
        handler
            .render_report(
                &mut rendered,
                &Shown {
                    problem,
                    excerpt: self,
                },
            )
            .ok()?;
        Some(rendered)
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        _lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Asked for no context, the renderer wants to know where the mark begins; else it wants the line.
        let before = self.text.get(..span.offset()).filter(|_| lines_before == 0);
        let column = before.map_or(0, |before| before.chars().count());
        let whole = SourceSpan::new(0.into(), self.text.len());
        Ok(Box::new(MietteSpanContents::new_named(
            self.file.clone(),
            self.text.as_bytes(),
            whole,
            self.line,
            column,
            1,
        )))
    }
}

/// A problem beside its line: the place is said by the frame, not by the message.
struct Shown<'a> {
    problem: &'a Problem,
    excerpt: &'a Excerpt,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.problem.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let hint = self.problem.hint.as_ref()?;
        Some(Box::new(hint))
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.excerpt)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let length = self.excerpt.text.len().saturating_sub(self.excerpt.start);
        let mark = LabeledSpan::underline((self.excerpt.start, length));
        Some(Box::new(std::iter::once(mark)))
    }
}
