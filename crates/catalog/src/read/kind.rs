//! The kinds of value a field can hold, and the words for "not that".

use std::net::SocketAddr;

use jiff::civil::Date;
use locum_domain::{ApplicationId, OperationId, PrincipalId, SubjectId, TenantId, VendorId};

use super::{Node, Value};

/// A kind of value that can stand in a file.
pub(crate) trait Kind: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong, as a message for people. It never quotes more than the node itself.
    fn read(node: &Node) -> Result<Self, String>;
}

fn text(node: &Node) -> Result<&str, String> {
    match &node.value {
        Value::Text(text) | Value::Loose(text) => Ok(text),
        other => Err(format!("expected text, found {}", other.kind())),
    }
}

impl Kind for String {
    fn read(node: &Node) -> Result<Self, String> {
        let text = text(node)?;
        if text.trim().is_empty() {
            Err("expected text, found nothing".into())
        } else {
            Ok(text.to_owned())
        }
    }
}

impl Kind for bool {
    fn read(node: &Node) -> Result<Self, String> {
        match &node.value {
            Value::Boolean(truth) => Ok(*truth),
            Value::Loose(text) => text
                .parse()
                .map_err(|_| "expected `true` or `false`".into()),
            other => Err(format!("expected a boolean, found {}", other.kind())),
        }
    }
}

impl Kind for u32 {
    fn read(node: &Node) -> Result<Self, String> {
        let number = match &node.value {
            Value::Integer(number) => *number,
            Value::Loose(text) => text.parse().map_err(|_| "expected an integer".to_owned())?,
            other => return Err(format!("expected an integer, found {}", other.kind())),
        };
        u32::try_from(number)
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| format!("expected an integer from 1 to {}, found {number}", u32::MAX))
    }
}

impl Kind for Date {
    fn read(node: &Node) -> Result<Self, String> {
        let expected = "expected a date as \"2027-02-15\"";
        match &node.value {
            Value::Text(text) | Value::Loose(text) => text.parse().map_err(|_| expected.to_owned()),
            Value::Moment(moment) => match (moment.date, moment.time) {
                (Some(date), None) => Date::new(
                    i16::try_from(date.year).unwrap_or(i16::MAX),
                    i8::try_from(date.month).unwrap_or(i8::MAX),
                    i8::try_from(date.day).unwrap_or(i8::MAX),
                )
                .map_err(|_| expected.to_owned()),
                _ => Err(expected.to_owned()),
            },
            other => Err(format!("{expected}, found {}", other.kind())),
        }
    }
}

impl Kind for SocketAddr {
    fn read(node: &Node) -> Result<Self, String> {
        let text = text(node)?;
        let numeric = text
            .strip_prefix("localhost:")
            .map(|port| format!("127.0.0.1:{port}"));
        numeric
            .as_deref()
            .unwrap_or(text)
            .parse()
            .map_err(|_| format!("`{text}` is not an address and port as `127.0.0.1:8470`"))
    }
}

impl<T: Kind> Kind for Vec<T> {
    fn read(node: &Node) -> Result<Self, String> {
        match &node.value {
            Value::List(items) => items.iter().map(T::read).collect(),
            Value::Loose(text) => loose_items(node, text).iter().map(T::read).collect(),
            other => Err(format!("expected a list, found {}", other.kind())),
        }
    }
}

/// The items of a list given in an environment variable: separated by commas.
pub(super) fn loose_items(node: &Node, text: &str) -> Vec<Node> {
    let plain = text.trim().trim_start_matches('[').trim_end_matches(']');
    plain
        .split(',')
        .map(|item| item.trim().trim_matches('"'))
        .filter(|item| !item.is_empty())
        .map(|item| Node {
            value: Value::Loose(item.to_owned()),
            place: node.place.clone(),
        })
        .collect()
}

macro_rules! named {
    ($($name:ty = $what:literal),+ $(,)?) => {$(
        impl Kind for $name {
            fn read(node: &Node) -> Result<Self, String> {
                let text = text(node)?;
                if text.contains('*') {
                    return Err(format!("`{text}` is a wildcard: {} is named one by one", $what));
                }
                text.parse().map_err(|_| format!("{text:?} is not the name of {}", $what))
            }
        }
    )+};
}

named!(
    PrincipalId = "a person or agent",
    ApplicationId = "an application",
    OperationId = "an operation",
    SubjectId = "a subject",
    VendorId = "a vendor",
    TenantId = "a tenant",
);
