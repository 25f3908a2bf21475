//! A text and where in it something stands.

use std::ops::Range;
use std::sync::Arc;

/// One file's text (or one environment variable's value) under the name people know it by.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Whether lines of this text may be shown around a problem. Not for files that hold tokens.
    pub(crate) may_be_shown: bool,
}

impl Source {
    pub(crate) fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            may_be_shown: true,
        })
    }

    pub(crate) fn confidential(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            may_be_shown: false,
        })
    }

    /// Line and column (both from 1; the column counts characters) of a byte offset.
    pub(crate) fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        (line, column)
    }
}

/// Where something stands.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) source: Arc<Source>,
    pub(crate) span: Range<usize>,
}

impl Place {
    /// The whole of a source; shown at its beginning.
    pub(crate) fn start_of(source: &Arc<Source>) -> Self {
        Self {
            source: Arc::clone(source),
            span: 0..0,
        }
    }
}

/// A value and where the operator wrote it.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

impl<T> At<T> {
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> At<U> {
        At {
            value: change(self.value),
            place: self.place,
        }
    }

    pub(crate) fn map_ref<U>(&self, change: impl FnOnce(&T) -> U) -> At<U> {
        At {
            value: change(&self.value),
            place: self.place.clone(),
        }
    }
}
