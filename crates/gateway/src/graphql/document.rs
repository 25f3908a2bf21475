//! A document's text: which of its operations is asked for, and that operation's root fields.

use std::collections::{BTreeMap, BTreeSet};

use apollo_parser::Parser;
use apollo_parser::cst::{
    Argument, CstNode as _, Definition, Document, Field, FragmentDefinition, OperationDefinition,
    Selection, SelectionSet, Value as Literal,
};
use locum_domain::access::{GraphqlCall, GraphqlKind, SelectedField};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Envelope, Unread};

/// Deeper than any page asks, and far from what the parser's stack bears.
const DEEPEST: usize = 64;

/// Tokens, with those in between them. A body that is full of the shortest ones has more.
const MOST_TOKENS: usize = 16 * 1024;

/// A longer argument names no object.
const LONGEST_ARGUMENT: usize = 200;

/// The call that a text and the name beside it are.
pub(super) fn call(text: &str, envelope: &Envelope) -> Result<GraphqlCall, Unread> {
    if has_two_readings(text) {
        return Err(Unread::TwoReadings);
    }
    let tree = Parser::new(text)
        .recursion_limit(DEEPEST)
        .token_limit(MOST_TOKENS)
        .parse();
    if tree.errors().len() > 0 {
        return Err(Unread::Document);
    }
    let read = Read::of(&tree.document())?;
    let operation = read.asked(envelope.operation_name.as_deref())?;
    let kind = match operation.operation_type() {
        None => GraphqlKind::Query,
        Some(it) if it.query_token().is_some() => GraphqlKind::Query,
        Some(it) if it.mutation_token().is_some() => GraphqlKind::Mutation,
        Some(_) => return Err(Unread::Subscription),
    };
    let root = operation.selection_set().ok_or(Unread::Document)?;
    Ok(GraphqlCall::Document {
        kind,
        fields: roots(root, &read, &envelope.variables)?,
        sha256: hex(&Sha256::digest(text.as_bytes())),
    })
}

/// Line ends that not every lexer takes for one end a comment in one server and go on in the other; block strings
/// are two strings and more to parsers from before 2018; and nothing else that is invisible belongs in a document.
fn has_two_readings(text: &str) -> bool {
    let is_strange = |c: char| {
        (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
            || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
    };
    text.contains("\"\"\"")
        || text.contains(is_strange)
        || text.replace("\r\n", "\n").contains('\r')
}

/// A document's definitions.
struct Read {
    operations: Vec<(Option<String>, OperationDefinition)>,
    fragments: BTreeMap<String, FragmentDefinition>,
}

impl Read {
    fn of(document: &Document) -> Result<Self, Unread> {
        let mut read = Self {
            operations: Vec::new(),
            fragments: BTreeMap::new(),
        };
        for definition in document.definitions() {
            let name = definition.name().map(|it| it.text().to_string());
            match definition {
                Definition::OperationDefinition(operation) => {
                    let is_taken = read.operations.iter().any(|(it, _)| *it == name);
                    if is_taken {
                        return Err(Unread::Ambiguous);
                    }
                    read.operations.push((name, operation));
                }
                Definition::FragmentDefinition(fragment) => {
                    let name = name.ok_or(Unread::Document)?;
                    if read.fragments.insert(name, fragment).is_some() {
                        return Err(Unread::Ambiguous);
                    }
                }
                _ => return Err(Unread::Definitions),
            }
        }
        let is_anonymous = |(name, _): &(Option<String>, _)| name.is_none();
        if read.operations.len() > 1 && read.operations.iter().any(is_anonymous) {
            return Err(Unread::Ambiguous);
        }
        Ok(read)
    }

    /// The operation that is named, or the only one (§6.1).
    fn asked(&self, name: Option<&str>) -> Result<&OperationDefinition, Unread> {
        let found = match (name, self.operations.as_slice()) {
            (Some(name), all) => all.iter().find(|(it, _)| it.as_deref() == Some(name)),
            (None, [only]) => Some(only),
            (None, []) => return Err(Unread::NoDocument),
            (None, _) => return Err(Unread::Ambiguous),
        };
        found
            .map(|(_, operation)| operation)
            .ok_or(Unread::NoSuchOperation)
    }
}

/// Root fields, through fragments and under aliases; what has one key in the answer is asked for once (§6.3.2).
/// Directives and types decide nothing here: what might be selected counts as selected. Without recursion, since
/// fragments may follow each other further than a stack reaches.
fn roots(
    root: SelectionSet,
    read: &Read,
    variables: &BTreeMap<String, Value>,
) -> Result<Vec<SelectedField>, Unread> {
    let mut found = BTreeMap::new();
    let mut gone_into = BTreeSet::new();
    let mut open = vec![root];
    while let Some(set) = open.pop() {
        for selection in set.selections() {
            let inner = match selection {
                Selection::Field(field) => {
                    let (key, field) = selected(&field, variables)?;
                    found.insert((key, field.name.clone()), field);
                    continue;
                }
                Selection::InlineFragment(fragment) => fragment.selection_set(),
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name().and_then(|it| it.name());
                    let name = name.ok_or(Unread::Document)?.text().to_string();
                    let fragment = read.fragments.get(&name).ok_or(Unread::Fragments)?;
                    if !gone_into.insert(name) {
                        continue;
                    }
                    fragment.selection_set()
                }
            };
            open.push(inner.ok_or(Unread::Document)?);
        }
    }
    Ok(found.into_values().collect())
}

/// A field with the key that it has in the answer.
fn selected(
    field: &Field,
    variables: &BTreeMap<String, Value>,
) -> Result<(String, SelectedField), Unread> {
    let name = field.name().ok_or(Unread::Document)?.text().to_string();
    let alias = field.alias().and_then(|it| it.name());
    let key = alias.map_or_else(|| name.clone(), |it| it.text().to_string());
    let arguments = field.arguments().into_iter().flat_map(|it| it.arguments());
    let arguments = arguments.filter_map(|it| plain(&it, variables)).collect();
    Ok((key, SelectedField { name, arguments }))
}

/// An argument that is a plain value, written here or given beside the document.
fn plain(argument: &Argument, variables: &BTreeMap<String, Value>) -> Option<(String, String)> {
    let name = argument.name()?.text().to_string();
    let value = match argument.value()? {
        // Escapes are JSON's, but for the newer `\u{…}`, which then names nothing.
        Literal::StringValue(it) => serde_json::from_str(it.source_string().trim()).ok()?,
        Literal::IntValue(it) => it.source_string().trim().to_owned(),
        Literal::EnumValue(it) => it.name()?.text().to_string(),
        Literal::Variable(it) => match variables.get(it.name()?.text().as_str())? {
            Value::String(text) => text.clone(),
            Value::Number(number) if !number.is_f64() => number.to_string(),
            _ => return None,
        },
        _ => return None,
    };
    let is_short = value.len() <= LONGEST_ARGUMENT && !value.chars().any(char::is_control);
    is_short.then_some((name, value))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
