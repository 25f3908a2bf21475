//! What GraphQL documents in a request ask for.

use std::collections::BTreeSet;

use locum_domain::access::RootField;

use crate::propose::graphql::root_fields;

#[derive(Default, Clone)]
pub(super) struct Documents {
    pub(super) fields: BTreeSet<RootField>,
    /// A document came of which only its hash was sent, or which could not be read.
    pub(super) has_unread: bool,
    /// What the application calls those of which only the hash was sent.
    pub(super) unread: BTreeSet<String>,
}

impl Documents {
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty() && !self.has_unread
    }

    /// Adds a document's root fields, if it is one.
    pub(super) fn read(&mut self, document: &str) {
        match root_fields(document) {
            Some(fields) => self.fields.extend(fields),
            None => self.has_unread |= is_like_one(document),
        }
    }

    /// Adds what a body that is no JSON asks for, if it is a document by itself (`application/graphql`).
    pub(super) fn read_alone(&mut self, text: &str) {
        let keywords = ["query", "mutation", "subscription", "fragment"];
        if keywords.iter().any(|it| text.trim_start().starts_with(it)) {
            self.read(text);
        }
    }

    /// Notes a document that is known by its hash.
    pub(super) fn unread(&mut self, name: Option<&str>) {
        self.has_unread = true;
        let is_name = |name: &&str| {
            name.len() <= 100 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        self.unread.extend(name.filter(is_name).map(str::to_owned));
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.fields.extend(other.fields);
        self.has_unread |= other.has_unread;
        self.unread.extend(other.unread);
    }
}

fn is_like_one(text: &str) -> bool {
    let text = text.trim_start();
    [
        "query ",
        "query(",
        "mutation ",
        "mutation(",
        "subscription ",
        "{",
    ]
    .iter()
    .any(|start| text.starts_with(start))
        && text.contains('{')
}
