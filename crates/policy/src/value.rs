//! Rust values as Cedar's, and Cedar's dates.

use cedar_policy::{Context, EntityUid, RestrictedExpression};
use jiff::civil::Date;
use locum_domain::Refusal;

use crate::question::broken;

/// The attributes of an entity or a context, while they are gathered.
#[derive(Clone, Default)]
pub(crate) struct Attributes(Vec<(String, RestrictedExpression)>);

impl Attributes {
    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.with(name, RestrictedExpression::new_string(value.to_owned()))
    }
    pub(crate) fn truth(self, name: &str, value: bool) -> Self {
        self.with(name, RestrictedExpression::new_bool(value))
    }
    pub(crate) fn number(self, name: &str, value: impl Into<i64>) -> Self {
        self.with(name, RestrictedExpression::new_long(value.into()))
    }
    pub(crate) fn date(self, name: &str, value: Date) -> Self {
        self.number(name, date(value))
    }
    pub(crate) fn entity(self, name: &str, value: EntityUid) -> Self {
        self.with(name, RestrictedExpression::new_entity_uid(value))
    }
    pub(crate) fn entities(self, name: &str, values: impl IntoIterator<Item = EntityUid>) -> Self {
        let values = values.into_iter().map(RestrictedExpression::new_entity_uid);
        self.with(name, RestrictedExpression::new_set(values))
    }
    pub(crate) fn texts<'t>(self, name: &str, values: impl IntoIterator<Item = &'t str>) -> Self {
        let values = values
            .into_iter()
            .map(|value| RestrictedExpression::new_string(value.to_owned()));
        self.with(name, RestrictedExpression::new_set(values))
    }
    pub(crate) fn maybe_text(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }
    pub(crate) fn maybe_number(self, name: &str, value: Option<u32>) -> Self {
        match value {
            Some(value) => self.number(name, value),
            None => self,
        }
    }
    pub(crate) fn maybe_entity(self, name: &str, value: Option<EntityUid>) -> Self {
        match value {
            Some(value) => self.entity(name, value),
            None => self,
        }
    }
    pub(crate) fn with(mut self, name: &str, value: RestrictedExpression) -> Self {
        self.0.push((name.to_owned(), value));
        self
    }
    /// As the context of a question.
    pub(crate) fn context(self) -> Result<Context, Refusal> {
        Context::from_pairs(self.0).map_err(broken)
    }
    pub(crate) fn pairs(self) -> Vec<(String, RestrictedExpression)> {
        self.0
    }
}

/// 31 December 2026 is 20261231: dates as numbers that compare.
pub(crate) fn date(date: Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

impl Attributes {
    /// The time as policy sees it.
    pub(crate) fn circumstances(self, circumstances: crate::filing::Circumstances) -> Self {
        self.date("today", circumstances.today)
            .number("local_hour", circumstances.local_hour)
    }
}
