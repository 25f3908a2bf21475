//! What is wrong with an operator's file, and where.

use std::fmt;
use std::ops::Range;

/// One thing an operator must correct before a policy set counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoadProblem {
    /// The file, as it was named to the loader.
    pub file: String,
    /// Line of the fault, counted from 1.
    pub line: usize,
    /// Column of the fault in characters, counted from 1.
    pub column: usize,
    /// Where the fault begins in the text, in bytes.
    pub start: usize,
    /// Where it ends; the same as `start` where only a place is known.
    pub end: usize,
    pub message: String,
    pub hint: Option<String>,
}

impl LoadProblem {
    /// A problem at a byte offset of the file's text.
    pub(crate) fn at(file: &str, text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before
            .rfind('\n')
            .map_or(0, |newline| newline.saturating_add(1));
        let on_line = before.get(line_start..).unwrap_or_default();
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count().saturating_add(1),
            column: on_line.chars().count().saturating_add(1),
            start: offset.min(text.len()),
            end: offset.min(text.len()),
            message: message.into(),
            hint: None,
        }
    }

    /// A problem of a stretch of the file's text, in bytes.
    pub(crate) fn over(
        file: &str,
        text: &str,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        let problem = Self::at(file, text, span.start, message);
        Self {
            end: span.end.clamp(problem.start, text.len()),
            ..problem
        }
    }

    /// The same problem, with what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for LoadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
            hint,
            ..
        } = self;
        write!(f, "{file}:{line}:{column}: {message}")?;
        match hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}
