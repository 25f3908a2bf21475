//! Routes: which operation a method and path are. The most specific route wins, and a closed one always.

use std::cmp::Ordering;
use std::sync::Arc;

use super::graphql::{GraphqlTable, RootFieldError};
use super::redact::{redacted_value, word_before};
use super::template::fill;
use crate::catalog::{Application, Effect, Operation};
use crate::ids::OperationId;

/// Why a line is no route.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    #[error("a route is a method and a path, as `GET /invoices/*`")]
    Shape,
    #[error("`{0}` is no method")]
    Method(String),
    #[error("a path begins with `/` and has no query, dot segment or empty segment")]
    Path,
    #[error("`*` and `**` stand alone between slashes")]
    Star,
    #[error("a GraphQL endpoint is one address, by POST or GET")]
    GraphqlEndpoint,
    #[error(transparent)]
    RootField(#[from] RootFieldError),
}

/// One segment of a pattern, in order of specificity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    One,
    Many,
}

/// One declared route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutePattern {
    method: String,
    segments: Vec<Segment>,
}

impl RoutePattern {
    /// Parses `METHOD /path`; `*` is one segment, `**` any number.
    ///
    /// # Errors
    /// When the line has another shape.
    pub fn parse(line: &str) -> Result<Self, RouteError> {
        let (method, path) = line.split_once(' ').ok_or(RouteError::Shape)?;
        let is_token = |b: u8| b.is_ascii_uppercase() || b == b'-';
        if method.is_empty() || !method.bytes().all(is_token) {
            return Err(RouteError::Method(method.to_owned()));
        }
        let rest = path.strip_prefix('/').ok_or(RouteError::Path)?;
        if rest.contains(['?', '#', ' ', '\\']) {
            return Err(RouteError::Path);
        }
        let mut segments = Vec::new();
        for segment in rest.split('/').filter(|_| !rest.is_empty()) {
            segments.push(match segment {
                "." | ".." => return Err(RouteError::Path),
                "*" => Segment::One,
                "**" => Segment::Many,
                text if text.contains('*') => return Err(RouteError::Star),
                text => Segment::Literal(text.to_owned()),
            });
        }
        Ok(Self {
            method: method.to_owned(),
            segments,
        })
    }

    /// The method as it was written.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Whether two patterns are one path, whatever their methods.
    pub fn is_same_path(&self, other: &Self) -> bool {
        self.segments == other.segments
    }

    /// Whether some web framework serves the pattern at this path: they differ about capitals and about a format at
    /// the end (`/graphql.json`). For patterns without stars.
    fn may_be_read_as(&self, path: &[&str]) -> bool {
        let last = path.len().saturating_sub(1);
        let is_read_as = |(at, (segment, part)): (usize, (&Segment, &&str))| match segment {
            Segment::Literal(text) => {
                let bare = part.split_once('.').map_or(*part, |(name, _)| name);
                text.eq_ignore_ascii_case(part) || (at == last && text.eq_ignore_ascii_case(bare))
            }
            Segment::One | Segment::Many => false,
        };
        self.segments.len() == path.len()
            && self.segments.iter().zip(path).enumerate().all(is_read_as)
    }

    /// How many `*` the pattern has: what an object template may name.
    pub fn stars(&self) -> usize {
        self.segments
            .iter()
            .filter(|segment| **segment == Segment::One)
            .count()
    }

    /// The path as it was written.
    fn path(&self) -> String {
        let mut path = String::new();
        for segment in &self.segments {
            path.push('/');
            path.push_str(match segment {
                Segment::Literal(text) => text,
                Segment::One => "*",
                Segment::Many => "**",
            });
        }
        if path.is_empty() { "/".into() } else { path }
    }

    /// The places of the segments that each `*` named, if the decoded path segments match.
    fn captures(&self, path: &[&str]) -> Option<Vec<usize>> {
        fn walk(pattern: &[Segment], path: &[&str], at: usize, named: &mut Vec<usize>) -> bool {
            match (pattern.split_first(), path.split_first()) {
                (None, None) => true,
                (Some((Segment::Literal(text), pattern)), Some((segment, path))) => {
                    text == segment && walk(pattern, path, at + 1, named)
                }
                (Some((Segment::One, pattern)), Some((segment, path))) => {
                    if segment.is_empty() {
                        return false;
                    }
                    named.push(at);
                    let found = walk(pattern, path, at + 1, named);
                    if !found {
                        named.pop();
                    }
                    found
                }
                (Some((Segment::Many, rest)), _) => (0..=path.len()).any(|skip| {
                    path.get(skip..)
                        .is_some_and(|path| walk(rest, path, at + skip, named))
                }),
                _ => false,
            }
        }
        let mut named = Vec::new();
        walk(&self.segments, path, 0, &mut named).then_some(named)
    }

    fn more_specific(&self, other: &Self) -> Ordering {
        self.segments.cmp(&other.segments)
    }
}

/// Operations of one application, as bits in the order of its table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OperationSet(Vec<u64>);

impl OperationSet {
    /// Adds the operation with this index.
    pub fn insert(&mut self, index: usize) {
        let word = index / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= 1 << (index % 64);
        }
    }

    /// Whether the operation with this index is in the set.
    pub fn contains(&self, index: usize) -> bool {
        self.0
            .get(index / 64)
            .is_some_and(|bits| bits & (1 << (index % 64)) != 0)
    }
}

/// What a request is, by an application's table.
#[derive(Debug, PartialEq)]
pub struct Matched<'t> {
    pub index: usize,
    pub operation: &'t Operation,
    /// The path of the route, as it was written.
    pub template: &'t Arc<str>,
    /// What was touched, by the operation's template, without what may be a credential.
    pub object: Option<String>,
}

#[derive(Debug, Clone)]
struct Row {
    pattern: RoutePattern,
    template: Arc<str>,
    operation: usize,
}

/// The compiled routes of one application.
#[derive(Debug, Clone)]
pub struct RouteTable {
    operations: Vec<Operation>,
    /// Closed rows first, then the more specific ones.
    rows: Vec<Row>,
    /// Where documents say what a request is; empty for most applications.
    endpoints: Vec<RoutePattern>,
    graphql: GraphqlTable,
}

/// What the application's GraphQL endpoints say of a method and path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// None of them.
    No,
    /// A document comes this way, and says what it is.
    Graphql,
    /// The path is an endpoint's, and the method is not one that it takes.
    OtherMethod,
}

impl RouteTable {
    /// Compiles an application's routes.
    ///
    /// # Errors
    /// When a line of the catalog is no route; a checked catalog has none.
    pub fn compile(application: &Application) -> Result<Self, RouteError> {
        let operations: Vec<Operation> = application.operations.values().cloned().collect();
        let mut rows = Vec::new();
        for (operation, it) in operations.iter().enumerate() {
            for line in &it.routes {
                let pattern = RoutePattern::parse(line)?;
                rows.push(Row {
                    template: pattern.path().into(),
                    pattern,
                    operation,
                });
            }
        }
        let is_closed = |row: &Row| {
            operations
                .get(row.operation)
                .is_some_and(|it| it.closed.is_some())
        };
        rows.sort_by(|a, b| {
            is_closed(b)
                .cmp(&is_closed(a))
                .then_with(|| a.pattern.more_specific(&b.pattern))
        });
        let mut endpoints = Vec::new();
        for line in &application.graphql_endpoints {
            let pattern = RoutePattern::parse(line)?;
            let is_literal = |it: &Segment| matches!(it, Segment::Literal(_));
            if !["GET", "POST"].contains(&pattern.method())
                || !pattern.segments.iter().all(is_literal)
            {
                return Err(RouteError::GraphqlEndpoint);
            }
            endpoints.push(pattern);
        }
        Ok(Self {
            graphql: GraphqlTable::compile(&operations)?,
            operations,
            rows,
            endpoints,
        })
    }

    /// Whether any document can come: what need not be asked for most applications.
    pub fn has_endpoints(&self) -> bool {
        !self.endpoints.is_empty()
    }

    /// Whether the decoded segments of `path` are a GraphQL endpoint's, in any spelling that some web framework takes
    /// for it. Whatever an application serves there by GET, HEAD or POST may read a document, so that no route
    /// stands beside it for these methods; HEAD counts as GET.
    pub fn endpoint(&self, method: &str, path: &[&str]) -> Endpoint {
        let method = if method == "HEAD" { "GET" } else { method };
        if method != "GET" && method != "POST" {
            return Endpoint::No;
        }
        let path = match path.split_last() {
            Some((&"", before)) => before,
            _ => path,
        };
        let mut here = self.endpoints.iter().filter(|it| it.may_be_read_as(path));
        match here.next() {
            None => Endpoint::No,
            Some(first) if first.method == method => Endpoint::Graphql,
            Some(_) if here.any(|it| it.method == method) => Endpoint::Graphql,
            Some(_) => Endpoint::OtherMethod,
        }
    }

    /// The operation that `method` and the decoded segments of `path` are; `None` is unclassified. HEAD counts
    /// as GET.
    pub fn find(&self, method: &str, path: &[&str]) -> Option<Matched<'_>> {
        let method = if method == "HEAD" { "GET" } else { method };
        self.rows
            .iter()
            .filter(|row| row.pattern.method == method)
            .find_map(|row| {
                let named = row.pattern.captures(path)?;
                let operation = self.operations.get(row.operation)?;
                let object = operation
                    .object
                    .as_ref()
                    .and_then(|template| fill(template, |place| star(path, &named, place)));
                Some(Matched {
                    index: row.operation,
                    operation,
                    template: &row.template,
                    object,
                })
            })
    }

    /// The granted operations as a set; assets are part of every grant. What of it is closed passes only where an
    /// exception opened it: [`LiveScope::opened`](super::LiveScope::opened) says so, and no grant alone.
    pub fn scope<'i>(&self, granted: impl IntoIterator<Item = &'i OperationId>) -> OperationSet {
        let granted: std::collections::BTreeSet<&OperationId> = granted.into_iter().collect();
        let mut set = OperationSet::default();
        for (index, operation) in self.operations.iter().enumerate() {
            let is_given = operation.effect == Effect::Asset || granted.contains(&operation.id);
            if is_given {
                set.insert(index);
            }
        }
        set
    }

    /// The operations, in the order of their indexes.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    pub(super) fn graphql(&self) -> &GraphqlTable {
        &self.graphql
    }
}

/// What the n-th `*` named, without what may be a credential.
fn star<'p>(path: &[&'p str], named: &[usize], place: &str) -> Option<&'p str> {
    let number: usize = place.parse().ok()?;
    let at = *named.get(number.checked_sub(1)?)?;
    let earlier = |back| path.get(at.checked_sub(back)?).copied();
    let before = word_before(earlier(1), earlier(2));
    path.get(at).map(|segment| redacted_value(segment, before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r21_a_captured_path_matches_by_segments_and_the_more_specific_route_comes_first() {
        let pattern = |line: &str| RoutePattern::parse(line).unwrap();
        assert!(
            pattern("GET /contacts/**")
                .captures(&["contacts"])
                .is_some()
        );
        assert!(
            pattern("GET /contacts/**")
                .captures(&["contacts", "7", "notes"])
                .is_some()
        );
        assert!(
            pattern("GET /contacts/*")
                .captures(&["contacts", "7", "notes"])
                .is_none()
        );
        assert!(pattern("GET /**").captures(&[]).is_some());
        assert_eq!(
            pattern("GET /a/*/c").captures(&["a", "b", "c"]).as_deref(),
            Some(&[1][..])
        );
        let (literal, star) = (pattern("GET /invoices/new"), pattern("GET /invoices/*"));
        assert_eq!(literal.more_specific(&star), Ordering::Less);
    }
}
