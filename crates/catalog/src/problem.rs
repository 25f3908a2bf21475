//! What is wrong with the operator's files, said so that it can be put right at once.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

use serde::Serialize;

use crate::excerpt::Excerpt;
use crate::source::{Place, Source};

/// Whether a problem keeps the server from starting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nothing starts and nothing is applied.
    Error,
    /// Worth a look; everything starts.
    Warning,
}

/// One thing wrong in one place.
#[derive(Clone, Serialize)]
pub struct Problem {
    pub severity: Severity,
    /// The file relative to the folder of `locum.toml`, or `$NAME` for an environment variable.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// Of what is marked on that line, in characters; 0 where only a place is known, or the text may be a secret.
    pub length: usize,
    pub message: String,
    /// What to do instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    #[serde(skip)]
    excerpt: Option<Excerpt>,
}

impl Problem {
    fn new(severity: Severity, place: &Place, message: String) -> Self {
        let source = place.source.as_ref();
        let (line, column) = source.line_and_column(place.span.start);
        let marked = source.text.get(place.span.clone()).unwrap_or_default();
        let marked = marked.lines().next().unwrap_or_default();
        Self {
            severity,
            file: source.name.clone(),
            line,
            column,
            length: match source.may_be_shown {
                true => marked.chars().count(),
                false => 0,
            },
            message,
            hint: None,
            excerpt: Excerpt::of(place),
        }
    }

    /// A problem of a file as a whole: it is missing, or cannot be read.
    pub fn of_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        let (file, message) = (file.into(), message.into());
        Self {
            severity: Severity::Error,
            file,
            line: 1,
            column: 1,
            length: 0,
            message,
            hint: None,
            excerpt: None,
        }
    }

    /// An error in a text that may be shown, at `span` in bytes.
    pub fn in_text(
        file: impl Into<String>,
        text: impl Into<String>,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        let source = Source::new(file, text);
        Self::new(Severity::Error, &Place { source, span }, message.into())
    }

    /// The same problem with a remedy.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same as something worth a look only.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The same without quoting the text: it may be a secret.
    #[must_use]
    pub(crate) fn without_excerpt(mut self) -> Self {
        self.excerpt = None;
        self.length = 0;
        self
    }

    /// Whether this keeps the server from starting.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// As a compiler would show it: message, place, the line itself with a mark, help.
    pub fn render(&self, with_colour: bool) -> String {
        let shown = self
            .excerpt
            .as_ref()
            .and_then(|excerpt| excerpt.render(self, with_colour));
        shown.unwrap_or_else(|| format!("{self}\n"))
    }

    fn order(&self, other: &Self) -> Ordering {
        (
            &self.file,
            self.line,
            self.column,
            self.severity,
            &self.message,
        )
            .cmp(&(
                &other.file,
                other.line,
                other.column,
                other.severity,
                &other.message,
            ))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Problem {
    fn eq(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Equal && self.hint == other.hint
    }
}

impl std::error::Error for Problem {}

/// What was read, and what is worth a look about it. Errors never get this far.
#[derive(Debug, Clone)]
pub struct Checked<T> {
    pub value: T,
    pub warnings: Vec<Problem>,
}

/// Everything found so far. Shared by reference, so that no reader has to stop to report.
#[derive(Default)]
pub(crate) struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    pub(crate) fn error(&self, place: &Place, message: impl Into<String>) {
        self.push(Problem::new(Severity::Error, place, message.into()));
    }

    pub(crate) fn error_with(
        &self,
        place: &Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Problem::new(Severity::Error, place, message.into()).with_hint(hint));
    }

    pub(crate) fn warning(
        &self,
        place: &Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Problem::new(Severity::Warning, place, message.into()).with_hint(hint));
    }

    /// About a text that may be a secret and is never quoted.
    pub(crate) fn unquoted(
        &self,
        place: &Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(
            Problem::new(Severity::Error, place, message.into())
                .with_hint(hint)
                .without_excerpt(),
        );
    }

    pub(crate) fn push(&self, problem: Problem) {
        self.0.borrow_mut().push(problem);
    }

    /// All of them in reading order: by file, line and column.
    pub(crate) fn into_sorted(self) -> Vec<Problem> {
        let mut all = self.0.into_inner();
        all.sort_by(Problem::order);
        all.dedup();
        all
    }

    /// The value with its warnings, or every problem.
    ///
    /// # Errors
    /// When one of them is an error, or when no value came of it.
    pub(crate) fn settle<T>(self, value: Option<T>) -> Result<Checked<T>, Vec<Problem>> {
        let all = self.into_sorted();
        match value {
            Some(value) if !all.iter().any(Problem::is_error) => Ok(Checked {
                value,
                warnings: all,
            }),
            _ => Err(all),
        }
    }
}
