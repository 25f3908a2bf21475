//! The tree of placed values.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

use crate::problem::Problems;
use crate::source::{At, Place, Source};

/// One value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    /// From an environment variable: the kind asked for decides how it is read.
    Loose(String),
    Integer(i64),
    Float,
    Boolean(bool),
    Moment(Datetime),
    List(Vec<Node>),
    Table(Table),
}

/// Names and values in the order of the names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table(pub(crate) Vec<(At<String>, Node)>);

impl Table {
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        self.0
            .iter()
            .find(|(known, _)| known.value == name)
            .map(|(_, node)| node)
    }
}

impl Value {
    /// The kind in words, for "expected …, found …".
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) | Value::Loose(_) => "text",
            Value::Integer(_) => "an integer",
            Value::Float => "a float",
            Value::Boolean(_) => "a boolean",
            Value::Moment(_) => "a date or time",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

/// Parses a whole TOML document. Syntax errors are reported, and what could be read is returned all the same.
pub(crate) fn document(source: &Arc<Source>, problems: &Problems) -> Node {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        // Quote what precedes the error only: an unquoted secret is a syntax error too.
        let start = floor(&source.text, span.start);
        let place = Place {
            source: Arc::clone(source),
            span: start..start,
        };
        problems.error_with(
            &place,
            format!("not TOML: {}", error.message()),
            "https://toml.io",
        );
    }
    let span = table.span();
    let mut node = place_table(source, table.into_inner(), span);
    node.place = Place::start_of(source);
    node
}

/// The nearest character boundary at or before an offset.
fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

fn place_table(source: &Arc<Source>, table: DeTable<'_>, span: std::ops::Range<usize>) -> Node {
    let entries = table
        .into_iter()
        .map(|(name, value)| {
            let place = Place {
                source: Arc::clone(source),
                span: name.span(),
            };
            (
                At {
                    value: name.into_inner().into_owned(),
                    place,
                },
                place_value(source, value),
            )
        })
        .collect();
    Node {
        value: Value::Table(Table(entries)),
        place: Place {
            source: Arc::clone(source),
            span,
        },
    }
}

fn place_value(source: &Arc<Source>, value: Spanned<DeValue<'_>>) -> Node {
    let span = value.span();
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Float, Value::Integer),
        DeValue::Float(_) => Value::Float,
        DeValue::Boolean(truth) => Value::Boolean(truth),
        DeValue::Datetime(moment) => Value::Moment(moment),
        DeValue::Array(items) => Value::List(
            items
                .into_iter()
                .map(|item| place_value(source, item))
                .collect(),
        ),
        DeValue::Table(table) => return place_table(source, table, span),
    };
    Node {
        value,
        place: Place {
            source: Arc::clone(source),
            span,
        },
    }
}
