//! Rust values as Cedar's, and Cedar's dates.
//!
//! Made as values and not as expressions, which Cedar would have to evaluate for every question: there is nothing in
//! them to evaluate.

use std::sync::{Arc, LazyLock};

use cedar_policy::EntityUid;
use cedar_policy_core::ast::{Context, EntityUID, Literal, PartialValue, Value};
use jiff::civil::Date;

use crate::filing::Circumstances;

/// Most sets of a question have nobody in them.
static NOTHING: LazyLock<Value> = LazyLock::new(|| Value::empty_set(None));

/// The attributes of an entity or a context, while they are gathered.
pub(crate) struct Attributes(Vec<(&'static str, Value)>);

/// As many as any question or entity has.
const MANY: usize = 20;

impl Default for Attributes {
    fn default() -> Self {
        Self(Vec::with_capacity(MANY))
    }
}

impl Attributes {
    pub(crate) fn text(self, name: &'static str, value: &str) -> Self {
        self.with(name, text(value))
    }
    pub(crate) fn truth(self, name: &'static str, value: bool) -> Self {
        self.with(name, Value::from(value))
    }
    pub(crate) fn number(self, name: &'static str, value: impl Into<i64>) -> Self {
        self.with(name, number(value.into()))
    }
    pub(crate) fn date(self, name: &'static str, value: Date) -> Self {
        self.number(name, date(value))
    }
    pub(crate) fn entity(self, name: &'static str, value: EntityUid) -> Self {
        self.with(name, Value::from(EntityUID::from(value)))
    }
    pub(crate) fn entities(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = EntityUid>,
    ) -> Self {
        let values = values.into_iter().map(EntityUID::from);
        self.with(name, set(values.map(Literal::from)))
    }
    pub(crate) fn texts<'t>(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = &'t str>,
    ) -> Self {
        self.with(name, set(values.into_iter().map(Literal::from)))
    }
    pub(crate) fn maybe_text(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }
    pub(crate) fn maybe_number(self, name: &'static str, value: Option<u32>) -> Self {
        match value {
            Some(value) => self.number(name, value),
            None => self,
        }
    }
    pub(crate) fn maybe_entity(self, name: &'static str, value: Option<EntityUid>) -> Self {
        match value {
            Some(value) => self.entity(name, value),
            None => self,
        }
    }
    pub(crate) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.0.push((name, value));
        self
    }
    /// The time as policy sees it.
    pub(crate) fn circumstances(self, circumstances: Circumstances) -> Self {
        self.date("today", circumstances.today)
            .number("local_hour", circumstances.local_hour)
    }
    /// As the context of a question.
    pub(crate) fn context(self) -> Context {
        let named = self.0.into_iter().map(|(name, value)| (name.into(), value));
        Context::Value(Arc::new(named.collect()))
    }
    /// As they stand in an entity.
    pub(crate) fn of_entity<N: From<&'static str> + Ord>(
        self,
    ) -> impl Iterator<Item = (N, PartialValue)> {
        let named = self.0.into_iter();
        named.map(|(name, value)| (name.into(), PartialValue::Value(value)))
    }
}

/// The same context with one entity more.
pub(crate) fn with_entity(context: &Context, name: &'static str, value: EntityUid) -> Context {
    let mut context = context.clone();
    if let Context::Value(members) = &mut context {
        Arc::make_mut(members).insert(name.into(), Value::from(EntityUID::from(value)));
    }
    context
}

pub(crate) fn text(value: &str) -> Value {
    Value::from(value)
}

pub(crate) fn number(value: i64) -> Value {
    Value::from(Literal::Long(value))
}

fn set(values: impl Iterator<Item = Literal>) -> Value {
    let mut values = values.peekable();
    match values.peek() {
        Some(_) => Value::set_of_lits(values, None),
        None => NOTHING.clone(),
    }
}

pub(crate) fn records(records: impl IntoIterator<Item = Value>) -> Value {
    Value::set(records, None)
}

pub(crate) fn record<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    Value::record(members, None)
}

/// 31 December 2026 is 20261231: dates as numbers that compare.
pub(crate) fn date(date: Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}
