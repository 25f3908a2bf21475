//! GraphQL: one address carries everything an application can do, so that a call's document says which operation
//! it is (GraphQL specification, September 2025).
//!
//! What counts are *root fields*: `mutation resendInvoice` is what the schema offers at that place. The name of an
//! operation inside a document (`mutation ResendInvoice { … }`) is its author's, and its author is whoever sends
//! it: under any listed name they may write any text, so a name alone would open what the text says. Root fields
//! cannot be renamed, only called by an alias, and aliases and fragments are resolved before anything is compared.
//! Besides them a whole document can be listed by its SHA-256, which is exact, and needed where an application
//! takes documents by hash alone.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::redact::redacted_value;
use super::template::fill;
use crate::catalog::{Effect, Operation};

/// What an operation of a document does (§2.3). A subscription has no one answer; none is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GraphqlKind {
    Query,
    Mutation,
}

impl GraphqlKind {
    /// The kind as documents and the catalog write it.
    pub fn as_str(self) -> &'static str {
        match self {
            GraphqlKind::Query => "query",
            GraphqlKind::Mutation => "mutation",
        }
    }

    /// Whether an operation with this effect may be one: what only reads changes nothing, and an asset is part of
    /// every grant.
    pub fn fits(self, effect: Effect) -> bool {
        match effect {
            Effect::Asset => false,
            Effect::Read => self == GraphqlKind::Query,
            Effect::Write | Effect::Mint | Effect::Egress | Effect::Admin => true,
        }
    }
}

/// Why a line of `graphql` names no root field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RootFieldError {
    #[error("a GraphQL line is a kind and a root field, as `mutation resendInvoice`")]
    Shape,
    #[error("subscriptions are not carried yet, and refused as unclassified")]
    Subscription,
    #[error("`__typename` stands in every document and decides nothing")]
    Typename,
}

/// What the schema offers at its root, as `mutation resendInvoice`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RootField {
    pub kind: GraphqlKind,
    pub name: String,
}

impl RootField {
    /// Parses `query NAME` or `mutation NAME`.
    ///
    /// # Errors
    /// When the line has another shape, or what it names can never decide.
    pub fn parse(line: &str) -> Result<Self, RootFieldError> {
        let (kind, name) = line.split_once(' ').ok_or(RootFieldError::Shape)?;
        let kind = match kind {
            "query" => GraphqlKind::Query,
            "mutation" => GraphqlKind::Mutation,
            "subscription" => return Err(RootFieldError::Subscription),
            _ => return Err(RootFieldError::Shape),
        };
        if !is_graphql_name(name) {
            return Err(RootFieldError::Shape);
        }
        if name == TYPENAME {
            return Err(RootFieldError::Typename);
        }
        Ok(Self {
            kind,
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for RootField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.as_str(), self.name)
    }
}

/// The one field that every type has (§4.1); it says a type's name and reads nothing.
const TYPENAME: &str = "__typename";

/// `Name` (§2.1.9).
pub fn is_graphql_name(text: &str) -> bool {
    let is_start = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    text.bytes().next().is_some_and(is_start)
        && text.bytes().all(|b| is_start(b) || b.is_ascii_digit())
}

/// Whether this is a SHA-256 in lower-case hexadecimal digits, as a document is listed by.
pub fn is_document_hash(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// One call of a request, as it was read from its document: nothing in it is the client's own name for anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraphqlCall {
    /// Its text came.
    Document {
        kind: GraphqlKind,
        /// Every root field, once for each key of the answer.
        fields: Vec<SelectedField>,
        /// The text's SHA-256 in lower-case hexadecimal digits.
        sha256: String,
    },
    /// Only its hash came, and the application knows the text.
    Hash {
        sha256: String,
        /// Whether it came by a method that must not change anything (RFC 9110 §9.2.1).
        is_safe: bool,
    },
}

/// A root field as a document selects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedField {
    pub name: String,
    /// Its arguments that are plain values, for the operation's `object`.
    pub arguments: BTreeMap<String, String>,
}

/// What one call, or one root field of it, was found to be.
pub(super) struct Found {
    pub(super) operation: usize,
    /// The root field or the document's hash, as the catalog writes it.
    pub(super) template: Arc<str>,
    pub(super) object: Option<String>,
}

/// Why a call is no operation.
#[derive(Debug)]
pub(super) struct NotFound {
    /// What it asked for, as the catalog would write it.
    pub(super) asked: Option<String>,
    pub(super) detail: String,
}

/// One application's root fields and documents.
#[derive(Debug, Clone, Default)]
pub(super) struct GraphqlTable {
    queries: BTreeMap<String, usize>,
    mutations: BTreeMap<String, usize>,
    hashes: BTreeMap<String, usize>,
}

impl GraphqlTable {
    /// Compiles what the operations list. Of two that list the same, which a checked catalog has not, the closed
    /// one wins.
    ///
    /// # Errors
    /// When a line is no root field.
    pub(super) fn compile(operations: &[Operation]) -> Result<Self, RootFieldError> {
        let mut table = Self::default();
        let (closed, open): (Vec<_>, Vec<_>) = operations
            .iter()
            .enumerate()
            .partition(|(_, it)| it.closed.is_some());
        for (index, operation) in closed.into_iter().chain(open) {
            for line in &operation.graphql {
                let field = RootField::parse(line)?;
                table.of(field.kind).entry(field.name).or_insert(index);
            }
            for hash in &operation.graphql_hashes {
                table.hashes.entry(hash.clone()).or_insert(index);
            }
        }
        Ok(table)
    }

    fn of(&mut self, kind: GraphqlKind) -> &mut BTreeMap<String, usize> {
        match kind {
            GraphqlKind::Query => &mut self.queries,
            GraphqlKind::Mutation => &mut self.mutations,
        }
    }

    fn field(&self, kind: GraphqlKind, name: &str) -> Option<usize> {
        match kind {
            GraphqlKind::Query => self.queries.get(name).copied(),
            GraphqlKind::Mutation => self.mutations.get(name).copied(),
        }
    }

    /// The operations of one call, one for each root field; a listed document is one by itself, unless a field of
    /// it is closed.
    pub(super) fn find(
        &self,
        operations: &[Operation],
        call: &GraphqlCall,
    ) -> Result<Vec<Found>, NotFound> {
        match call {
            GraphqlCall::Hash { sha256, is_safe } => {
                let found = self.hash(operations, sha256)?;
                let effect = operations.get(found.operation).map(|it| it.effect);
                if *is_safe && effect != Some(Effect::Read) {
                    return Err(NotFound {
                        asked: None,
                        detail: "only what reads is asked for by GET".to_owned(),
                    });
                }
                Ok(vec![found])
            }
            GraphqlCall::Document {
                kind,
                fields,
                sha256,
            } => {
                let is_closed = |name: &str| {
                    let index = self.field(*kind, name);
                    index
                        .and_then(|index| operations.get(index))
                        .is_some_and(|it| it.closed.is_some())
                };
                if self.hashes.contains_key(sha256) && !fields.iter().any(|it| is_closed(&it.name))
                {
                    let found = self.hash(operations, sha256)?;
                    return self
                        .fitting(operations, *kind, found, sha256)
                        .map(|it| vec![it]);
                }
                self.fields(operations, *kind, fields)
            }
        }
    }

    fn hash(&self, operations: &[Operation], sha256: &str) -> Result<Found, NotFound> {
        let unknown = || NotFound {
            asked: Some(format!("document {sha256}")),
            detail: "no operation lists a document with this hash".to_owned(),
        };
        let operation = *self.hashes.get(sha256).ok_or_else(unknown)?;
        let template = operations
            .get(operation)
            .and_then(|it| it.object.as_deref());
        Ok(Found {
            operation,
            template: format!("document {sha256}").into(),
            object: template.and_then(|template| fill(template, |_| None)),
        })
    }

    fn fields(
        &self,
        operations: &[Operation],
        kind: GraphqlKind,
        fields: &[SelectedField],
    ) -> Result<Vec<Found>, NotFound> {
        let is_only_typename = fields.iter().all(|it| it.name == TYPENAME);
        let mut found = Vec::new();
        for field in fields
            .iter()
            .filter(|it| it.name != TYPENAME || is_only_typename)
        {
            let asked = format!("{} {}", kind.as_str(), field.name);
            let Some(operation) = self.field(kind, &field.name) else {
                return Err(NotFound {
                    detail: format!("no operation lists `{asked}`"),
                    asked: Some(asked),
                });
            };
            let template = operations
                .get(operation)
                .and_then(|it| it.object.as_deref());
            let argument = |name: &str| {
                let value = field.arguments.get(name)?;
                Some(redacted_value(value, Some(name)))
            };
            let it = Found {
                operation,
                template: asked.as_str().into(),
                object: template.and_then(|template| fill(template, argument)),
            };
            found.push(self.fitting(operations, kind, it, &asked)?);
        }
        Ok(found)
    }

    /// A mutation in what only reads is none, however it came to be listed there.
    fn fitting(
        &self,
        operations: &[Operation],
        kind: GraphqlKind,
        found: Found,
        asked: &str,
    ) -> Result<Found, NotFound> {
        match operations.get(found.operation) {
            Some(operation) if kind.fits(operation.effect) => Ok(found),
            _ => Err(NotFound {
                detail: format!("a {} is no part of what only reads", kind.as_str()),
                asked: Some(asked.to_owned()),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r21_a_line_names_a_kind_and_a_root_field() {
        let field = RootField::parse("mutation resendInvoice").unwrap();
        assert_eq!(field.kind, GraphqlKind::Mutation);
        assert_eq!(field.to_string(), "mutation resendInvoice");
        assert!(RootField::parse("query __schema").is_ok());
        for (line, error) in [
            ("resendInvoice", RootFieldError::Shape),
            ("Query invoices", RootFieldError::Shape),
            ("query 7", RootFieldError::Shape),
            ("query a b", RootFieldError::Shape),
            ("query ", RootFieldError::Shape),
            ("query invoïces", RootFieldError::Shape),
            ("subscription invoices", RootFieldError::Subscription),
            ("query __typename", RootFieldError::Typename),
        ] {
            assert_eq!(RootField::parse(line), Err(error), "{line}");
        }
    }

    #[test]
    fn r21_a_mutation_is_nothing_that_only_reads() {
        assert!(GraphqlKind::Query.fits(Effect::Read));
        assert!(!GraphqlKind::Mutation.fits(Effect::Read));
        for kind in [GraphqlKind::Query, GraphqlKind::Mutation] {
            assert!(!kind.fits(Effect::Asset));
            assert!(kind.fits(Effect::Write));
        }
    }
}
