//! `[connectors.NAME]`: the case systems, each with what decides whether a case is open.

mod generic;
mod roundup;
mod webhook;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

pub use generic::{CaseMap, GenericSettings, IdPattern, Live};
pub use roundup::{RoundupFields, RoundupSettings};
pub use webhook::{Webhook, WebhookSignature};

use crate::problem::Problems;
use crate::read::{Fields, choose};
use crate::source::At;

/// One case system.
#[derive(Debug, Clone)]
pub enum Connector {
    /// Declared: one GET and JSON Pointers.
    Generic(GenericSettings),
    /// The Roundup issue tracker's REST API.
    Roundup(RoundupSettings),
}

impl Connector {
    /// What every kind of connector has.
    pub fn common(&self) -> &Common {
        match self {
            Connector::Generic(generic) => &generic.common,
            Connector::Roundup(roundup) => &roundup.common,
        }
    }
}

/// What every kind of connector has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Common {
    /// How the case system tells us of changes, if it does.
    pub webhook: Option<Webhook>,
    pub poll_seconds: u32,
    /// After this long without an answer, sessions of the case end.
    pub grace_seconds: u32,
}

const POLL_SECONDS: u32 = 15;
const GRACE_SECONDS: u32 = 60;

/// The names every kind of connector understands.
const COMMON: [&str; 9] = [
    "kind",
    "url",
    "map",
    "webhook_secret",
    "signature",
    "webhook_id",
    "webhook_state",
    "poll_seconds",
    "grace_seconds",
];

#[derive(Clone, Copy)]
enum ConnectorKind {
    Generic,
    Roundup,
}

pub(super) fn connectors(root: &Fields<'_>, folder: &Path) -> BTreeMap<String, Connector> {
    let entries = root.entries("connectors");
    let read = entries.into_iter().filter_map(|(name, node)| {
        let kind = kind(node, root.problems);
        let name = connector_name(name, root.problems);
        let connector = match kind? {
            ConnectorKind::Generic => {
                generic::generic(node, folder, root.problems).map(Connector::Generic)
            }
            ConnectorKind::Roundup => {
                roundup::roundup(node, folder, root.problems).map(Connector::Roundup)
            }
        };
        Some((name?, connector?))
    });
    read.collect()
}

/// The kind decides which names are known, so it is read before anything else is judged.
fn kind(node: &crate::read::Node, problems: &Problems) -> Option<ConnectorKind> {
    let crate::read::Value::Table(table) = &node.value else {
        problems.error(&node.place, "[connectors.NAME]: expected a table");
        return None;
    };
    let Some(kind) = table.get("kind") else {
        problems.error_with(
            &node.place,
            "[connectors.NAME] needs `kind`",
            "\"generic\" or \"roundup\"",
        );
        return None;
    };
    let text = match <String as crate::read::Kind>::read(kind) {
        Ok(value) => At {
            value,
            place: kind.place.clone(),
        },
        Err(message) => {
            problems.error(&kind.place, format!("`kind`: {message}"));
            return None;
        }
    };
    let words = [
        ("generic", ConnectorKind::Generic),
        ("roundup", ConnectorKind::Roundup),
    ];
    choose(text, "kind", &words, problems).map(|kind| kind.value)
}

/// A connector's name stands before the colon of every case.
fn connector_name(name: &At<String>, problems: &Problems) -> Option<String> {
    let fits = name.value.len() <= 64
        && !name.value.is_empty()
        && name
            .value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !fits {
        let message = format!("{:?} cannot name a connector", name.value);
        problems.error_with(
            &name.place,
            message,
            "letters, digits, `-` and `_`: cases are written NAME:NUMBER",
        );
    }
    fits.then(|| name.value.clone())
}

fn common(fields: &Fields<'_>, folder: &Path) -> Option<Common> {
    let webhook = webhook::webhook(fields, folder);
    let seconds = |name: &str, default: u32| {
        let stated = fields.get::<u32>(name);
        if let Some(stated) = stated.as_ref().filter(|stated| stated.value > 3_600) {
            fields
                .problems
                .error(&stated.place, format!("`{name}` is at most 3600"));
        }
        stated.map_or(default, |stated| stated.value)
    };
    let poll_seconds = seconds("poll_seconds", POLL_SECONDS);
    let grace_seconds = seconds("grace_seconds", GRACE_SECONDS);
    webhook.map(|webhook| Common {
        webhook,
        poll_seconds,
        grace_seconds,
    })
}

/// A JSON Pointer (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pointer(pub(crate) String);

impl crate::read::Kind for Pointer {
    fn read(node: &crate::read::Node) -> Result<Self, String> {
        let text = String::read(node)?;
        let escapes = text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with(['0', '1']));
        if text.starts_with('/') && escapes {
            Ok(Self(text))
        } else {
            Err(format!("`{text}` is not a JSON Pointer as `/customer/id`"))
        }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
