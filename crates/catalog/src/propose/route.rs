//! What both readers bring home: a method and a pattern, and what is known about them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use locum_domain::access::RoutePattern;

use super::words::{is_plural, is_technical, words};

/// A path with more segments is nobody's.
const MOST_SEGMENTS: usize = 64;
/// Bytes of one segment; longer ones are no names.
const LONGEST_SEGMENT: usize = 200;
/// More `**` than the catalog takes in one route.
const MOST_OPEN_ENDS: usize = 2;

/// One segment of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    Literal(String),
    One,
    Many,
}

impl Segment {
    pub(super) fn literal(&self) -> Option<&str> {
        match self {
            Segment::Literal(text) => Some(text),
            Segment::One | Segment::Many => None,
        }
    }
}

/// A method and a path as the catalog writes them. One of these is one line of `routes`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Route {
    pub(super) segments: Vec<Segment>,
    pub(super) method: String,
}

/// Why something cannot be a route of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NoRoute {
    Method,
    TooLong,
    Letters,
    OpenEnds,
}

impl NoRoute {
    pub(super) fn reason(self) -> &'static str {
        match self {
            NoRoute::Method => {
                "methods that are never forwarded or never named (OPTIONS, TRACE, CONNECT)"
            }
            NoRoute::TooLong => "paths longer than any route",
            NoRoute::Letters => {
                "paths with what no route may have: a space, a backslash, a dot segment, a star of their own"
            }
            NoRoute::OpenEnds => "paths with more than two parts that may hold slashes",
        }
    }
}

impl Route {
    /// The route, if the catalog would take it. HEAD counts as GET there.
    pub(super) fn new(method: &str, segments: Vec<Segment>) -> Result<Self, NoRoute> {
        let method = match method.to_ascii_uppercase().as_str() {
            "HEAD" => "GET".to_owned(),
            "OPTIONS" | "TRACE" | "CONNECT" => return Err(NoRoute::Method),
            other => other.to_owned(),
        };
        let is_too_long = |it: &Segment| {
            it.literal()
                .is_some_and(|text| text.len() > LONGEST_SEGMENT)
        };
        if segments.len() > MOST_SEGMENTS || segments.iter().any(is_too_long) {
            return Err(NoRoute::TooLong);
        }
        let open_ends = segments.iter().filter(|it| **it == Segment::Many).count();
        if open_ends > MOST_OPEN_ENDS {
            return Err(NoRoute::OpenEnds);
        }
        // Empty at the end is `/invoices/`, which is another path than `/invoices`.
        let inner = segments.split_last().map_or(&[][..], |(_, inner)| inner);
        let is_strange = |it: &Segment| {
            it.literal().is_some_and(|text| {
                text.contains(['%', '/', '*']) || text.chars().any(char::is_control)
            })
        };
        if inner.contains(&Segment::Literal(String::new())) || segments.iter().any(is_strange) {
            return Err(NoRoute::Letters);
        }
        let route = Self { segments, method };
        match RoutePattern::parse(&route.to_string()) {
            Ok(_) => Ok(route),
            Err(locum_domain::access::RouteError::Method(_)) => Err(NoRoute::Method),
            Err(_) => Err(NoRoute::Letters),
        }
    }

    /// Whether its method promises to change nothing (RFC 9110 §9.2.1).
    pub(super) fn is_safe(&self) -> bool {
        self.method == "GET"
    }

    /// The literals that say what it is about: without `api` and `v1` at the beginning, where anything else is left.
    pub(super) fn meaning(&self) -> &[Segment] {
        let is_prefix = |it: &&Segment| it.literal().is_some_and(is_technical);
        let prefix = self.segments.iter().take_while(is_prefix).count();
        let rest = self.segments.get(prefix..).unwrap_or_default();
        if rest
            .iter()
            .any(|it| it.literal().is_some_and(|text| !text.is_empty()))
        {
            rest
        } else {
            &self.segments
        }
    }

    /// The words of the path; an empty one stands wherever the path leaves something open, so that `/api/*/key` does
    /// not say `api key`.
    pub(super) fn words(&self) -> Vec<String> {
        let mut found = Vec::new();
        for segment in self.meaning() {
            match segment {
                Segment::Literal(text) => found.extend(words(text)),
                Segment::One | Segment::Many => found.push(String::new()),
            }
        }
        found
    }

    /// The last segment that says something, and whether an id stands before it.
    pub(super) fn ending(&self) -> Option<Ending<'_>> {
        let mut backwards = self
            .meaning()
            .iter()
            .rev()
            .skip_while(|it| it.literal() == Some(""));
        let literal = backwards.next()?.literal()?;
        let (_, name) = noun_and_verb(literal);
        let is_verb = literal.contains(':');
        Some(Ending {
            name,
            is_of_one: is_verb || matches!(backwards.next(), Some(Segment::One)),
            is_plural: !is_verb && is_plural(name),
        })
    }

    pub(super) fn stars(&self) -> usize {
        self.segments
            .iter()
            .filter(|it| **it == Segment::One)
            .count()
    }
}

/// What a literal is about, and what it says at its end: the form of an answer (`invoices.json`), a namespace
/// (`shop.v1.cancel`) and the thing before a verb (`users:batchGet`) say nothing of what is done.
pub(super) fn noun_and_verb(literal: &str) -> (&str, &str) {
    let bare = [".json", ".xml", ".html"]
        .iter()
        .find_map(|form| literal.strip_suffix(form))
        .filter(|bare| !bare.is_empty())
        .unwrap_or(literal);
    let (noun, verb) = match bare.rsplit_once(':') {
        Some((noun, verb)) if !noun.is_empty() && !verb.is_empty() => (noun, verb),
        _ => (bare, bare),
    };
    let is_namespaced = verb.matches('.').count() > 1 && !verb.ends_with('.');
    let own = verb.rsplit('.').next().unwrap_or(verb);
    (noun, if is_namespaced { own } else { verb })
}

/// How a path ends when it ends with a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending<'r> {
    pub(super) name: &'r str,
    /// `/invoices/*/resend`: the name stands behind an id.
    pub(super) is_of_one: bool,
    pub(super) is_plural: bool,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} /", self.method)?;
        for (at, segment) in self.segments.iter().enumerate() {
            if at > 0 {
                f.write_str("/")?;
            }
            f.write_str(match segment {
                Segment::Literal(text) => text,
                Segment::One => "*",
                Segment::Many => "**",
            })?;
        }
        Ok(())
    }
}

/// What is known about a route besides its name. Nothing in it is anybody's value: names, kinds and counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Clues {
    /// What the document files it under.
    pub(super) tag: Option<String>,
    /// What the document calls it.
    pub(super) names: BTreeSet<String>,
    /// In one line what it does.
    pub(super) summaries: BTreeSet<String>,
    /// The names of what is sent with it; `None` when it was not seen.
    pub(super) body_fields: Option<BTreeSet<String>>,
    /// It takes files.
    pub(super) is_upload: bool,
    /// It answers with a file of this media type.
    pub(super) answers_file: Option<&'static str>,
    /// It is a script, a style, a font or a picture of the application itself.
    pub(super) is_asset: bool,
    /// What the reviewer should know.
    pub(super) notes: BTreeSet<String>,
}

impl Clues {
    fn absorb(&mut self, other: Clues) {
        self.tag = self.tag.take().or(other.tag);
        self.names.extend(other.names);
        self.summaries.extend(other.summaries);
        if let Some(fields) = other.body_fields {
            self.body_fields.get_or_insert_default().extend(fields);
        }
        self.is_upload |= other.is_upload;
        self.answers_file = self.answers_file.or(other.answers_file);
        // Whatever is not an asset every time is none.
        self.is_asset &= other.is_asset;
        self.notes.extend(other.notes);
    }
}

/// All routes of a source, each once.
#[derive(Debug, Clone, Default)]
pub(super) struct Routes(pub(super) BTreeMap<Route, Clues>);

impl Routes {
    /// Adds what is known about a route. Two paths that the catalog cannot tell apart are one, with what is known
    /// about either.
    pub(super) fn add(&mut self, route: Route, clues: Clues) {
        match self.0.entry(route) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(clues);
            }
            std::collections::btree_map::Entry::Occupied(mut known) => {
                known.get_mut().absorb(clues)
            }
        }
    }
}
