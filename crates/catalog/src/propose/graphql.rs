//! GraphQL: one address, and root fields that say what is done. The gateway decides by them; here they are only
//! gathered from documents that a browser sent, so that a reader of a few lines is enough: whatever it cannot read
//! is not proposed.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::access::{GraphqlKind, RootField};
use locum_domain::catalog::Effect;

use super::closed::Closed;
use super::proposal::ProposedOperation;
use super::route::{Clues, Route, Segment};
use super::words::{slug, words};

/// Characters of a document.
const LONGEST_DOCUMENT: usize = 256 * 1024;
/// Fragments spread in fragments.
const DEEPEST: usize = 16;

/// Whether documents come at an address that is called like this.
pub(super) fn is_called_so(route: &Route) -> bool {
    // `/graphql/query` and `/graphql/v2` are as usual as `/graphql`.
    let mut ends = route.segments.iter().rev().take(2);
    let is_called_so = |it: &Segment| {
        let name = it.literal().unwrap_or_default().to_ascii_lowercase();
        matches!(name.as_str(), "graphql" | "gql")
    };
    ends.any(is_called_so) && matches!(route.method.as_str(), "GET" | "POST")
}

/// The root fields of every operation of a document; `None` for what is no document, a subscription too.
pub(super) fn root_fields(document: &str) -> Option<BTreeSet<RootField>> {
    if document.len() > LONGEST_DOCUMENT {
        return None;
    }
    let mut reader = Reader(tokens(document)?.into_iter().peekable());
    let mut operations: Vec<(GraphqlKind, Vec<Item>)> = Vec::new();
    let mut fragments: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    while let Some(token) = reader.0.next() {
        let kind = match token.as_str() {
            "{" => {
                operations.push((GraphqlKind::Query, reader.selection(0)?));
                continue;
            }
            "query" => GraphqlKind::Query,
            "mutation" => GraphqlKind::Mutation,
            "fragment" => {
                let name = reader.0.next()?;
                reader.until_brace()?;
                fragments.insert(name, reader.selection(0)?);
                continue;
            }
            _ => return None,
        };
        reader.until_brace()?;
        operations.push((kind, reader.selection(0)?));
    }
    let mut fields = BTreeSet::new();
    for (kind, items) in &operations {
        gather(*kind, items, &fragments, 0, &mut fields);
    }
    Some(fields).filter(|fields| !fields.is_empty())
}

enum Item {
    Field(String),
    Spread(String),
}

fn gather(
    kind: GraphqlKind,
    items: &[Item],
    fragments: &BTreeMap<String, Vec<Item>>,
    depth: usize,
    fields: &mut BTreeSet<RootField>,
) {
    for item in items {
        match item {
            Item::Field(name) => {
                let line = format!("{} {name}", kind.as_str());
                fields.extend(RootField::parse(&line).ok());
            }
            Item::Spread(name) if depth < DEEPEST => {
                let items = fragments.get(name).map(Vec::as_slice).unwrap_or_default();
                gather(kind, items, fragments, depth + 1, fields);
            }
            Item::Spread(_) => {}
        }
    }
}

/// Names and signs of a document; texts, numbers and comments are left out (§2.1).
fn tokens(document: &str) -> Option<Vec<String>> {
    let mut tokens = Vec::new();
    let mut rest = document;
    while let Some(first) = rest.chars().next() {
        if first.is_ascii_alphabetic() || first == '_' {
            let end = rest
                .find(|it: char| !it.is_ascii_alphanumeric() && it != '_')
                .unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            tokens.push(name.to_owned());
            rest = after;
        } else if let Some(after) = rest.strip_prefix("\"\"\"") {
            rest = after.split_once("\"\"\"")?.1;
        } else if let Some(after) = rest.strip_prefix('"') {
            rest = end_of_text(after)?;
        } else if first == '#' {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(after) = rest.strip_prefix("...") {
            tokens.push("...".to_owned());
            rest = after;
        } else {
            if matches!(first, '{' | '}' | '(' | ')' | ':' | '@') {
                tokens.push(first.to_string());
            }
            rest = rest.get(first.len_utf8()..)?;
        }
    }
    Some(tokens)
}

fn end_of_text(text: &str) -> Option<&str> {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return text.get(at + 1..),
            _ => {}
        }
    }
    None
}

struct Reader(std::iter::Peekable<std::vec::IntoIter<String>>);

impl Reader {
    fn is_next(&mut self, sign: &str) -> bool {
        self.0.peek().is_some_and(|next| next == sign)
    }

    /// Past everything before the next `{`, arguments included.
    fn until_brace(&mut self) -> Option<()> {
        loop {
            match self.0.next()?.as_str() {
                "{" => return Some(()),
                "(" => self.past("(", ")")?,
                "}" | ")" => return None,
                _ => {}
            }
        }
    }

    /// Past what an opened sign closes.
    fn past(&mut self, open: &str, close: &str) -> Option<()> {
        let mut depth = 1_usize;
        while depth > 0 {
            let token = self.0.next()?;
            if token == open {
                depth += 1;
            } else if token == close {
                depth -= 1;
            }
        }
        Some(())
    }

    /// What is selected up to the closing brace; not what is selected inside of it.
    fn selection(&mut self, depth: usize) -> Option<Vec<Item>> {
        let mut items = Vec::new();
        loop {
            let token = self.0.next()?;
            match token.as_str() {
                "}" => return Some(items),
                "..." => {
                    let has_name = self
                        .0
                        .peek()
                        .is_some_and(|it| !matches!(it.as_str(), "on" | "@" | "{"));
                    if has_name {
                        items.push(Item::Spread(self.0.next()?));
                    } else {
                        self.until_brace()?;
                        items.extend((depth < DEEPEST).then(|| self.selection(depth + 1))??);
                    }
                }
                "@" => {
                    self.0.next()?;
                }
                "(" => self.past("(", ")")?,
                "{" => self.past("{", "}")?,
                ":" | ")" => return None,
                name => {
                    // `alias: field`
                    let field = if self.is_next(":") {
                        self.0.next()?;
                        self.0.next()?
                    } else {
                        name.to_owned()
                    };
                    items.push(Item::Field(field));
                }
            }
        }
    }
}

/// One operation for each kind and class, so that none holds two effects.
pub(super) fn operations(fields: &BTreeSet<RootField>) -> Vec<ProposedOperation> {
    let mut operations: BTreeMap<String, ProposedOperation> = BTreeMap::new();
    for field in fields {
        let (closed, mut effect) = judged(field);
        if closed
            .as_ref()
            .is_some_and(|closed| closed.class == "bulk-export")
        {
            effect = Effect::Egress;
        }
        // What is read may share one name; what changes something has its own.
        let id = match (field.kind, &closed) {
            (GraphqlKind::Query, None) => "query.read".to_owned(),
            (GraphqlKind::Query, Some(closed)) => format!("query.{}", closed.class),
            (GraphqlKind::Mutation, _) => format!("mutation.{}", slug(&field.name)),
        };
        let operation = operations
            .entry(id.clone())
            .or_insert_with(|| ProposedOperation {
                id,
                effect,
                closed: closed.as_ref().map(|closed| closed.class),
                object: None,
                routes: Vec::new(),
                graphql: Vec::new(),
                because: vec![format!(
                    "effect `{}`: a {}",
                    effect.as_str(),
                    field.kind.as_str()
                )],
                notes: Vec::new(),
            });
        operation.graphql.push(field.to_string());
        if let Some(closed) = closed {
            let because = format!("closed `{}`: {}", closed.class, closed.because);
            if !operation.because.contains(&because) {
                operation.because.push(because);
            }
        }
    }
    operations.into_values().collect()
}

/// A root field is judged as the path would be that is called like it.
fn judged(field: &RootField) -> (Option<Closed>, Effect) {
    let (method, effect) = match field.kind {
        GraphqlKind::Query => ("GET", Effect::Read),
        GraphqlKind::Mutation => ("POST", Effect::Write),
    };
    let segments = vec![Segment::Literal(words(&field.name).join("-"))];
    let closed = Route::new(method, segments)
        .ok()
        .and_then(|route| super::closed::closed(&route, &Clues::default()))
        .map(|closed| Closed {
            because: closed.because.replace("its path", "its name"),
            ..closed
        });
    (closed, effect)
}
