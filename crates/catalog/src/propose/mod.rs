//! Operations proposed from what is known about an application: its OpenAPI document, or recordings of a browser.
//!
//! Both readers bring home [`route::Routes`]; what is guessed from there on knows neither of them: which class of
//! closed operation a route looks like ([`closed`]), what it does ([`effect`]), what it is about ([`object`]), and
//! which routes make one operation ([`group`]). Nothing is in force by being proposed: the operator pastes it into
//! the application's file, and every guess says why it was made.
//!
//! The documents are somebody else's and may be hostile; a recording holds the secrets of whoever made it. Sizes,
//! references and aliases are bounded, and of a recording nothing is kept but names (see [`har`]).

mod carrier;
mod closed;
mod effect;
mod envelope;
mod graphql;
mod group;
mod har;
mod known;
mod media;
mod object;
mod openapi;
mod path;
mod proposal;
mod route;
mod shadow;
mod signs;
mod verb;
mod words;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::access::RootField;
use locum_domain::catalog::Application;

pub use har::LARGEST_RECORDING;
pub use openapi::LARGEST_DOCUMENT;
pub use proposal::{Proposal, ProposedOperation};
pub use write::toml;

use self::route::{Clues, Route, Routes, Segment};

/// Routes of one proposal. A file of the catalog holds fewer.
const MOST_ROUTES: usize = 100_000;

/// Why nothing could be proposed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProposeError {
    #[error("larger than {mebibytes} MiB")]
    TooLarge { mebibytes: usize },
    #[error("not text in UTF-8")]
    NotText,
    #[error("not {what}: {detail}")]
    Syntax { what: &'static str, detail: String },
    #[error("OpenAPI 3.0 to 3.2 and Swagger 2.0 are read, and this says `{version}`")]
    Version { version: String },
    #[error("no OpenAPI document: it has neither `openapi` nor `swagger` at its root")]
    NotOpenApi,
    #[error("no recording (HAR 1.2): line {line}, column {column} is not what stands there in one")]
    NotARecording { line: usize, column: usize },
    #[error("the recording breaks off at line {line}: save it again, whole")]
    BrokenOff { line: usize },
    #[error("more than {MOST_ROUTES} routes")]
    TooManyRoutes,
}

/// Proposes the operations of an OpenAPI document (3.0 to 3.2 or Swagger 2.0, JSON or YAML). `base` is what stands before its paths,
/// where its `servers` do not say so; routes that `known` classifies already are left out.
///
/// # Errors
/// When it is no such document, or larger than one may be.
pub fn from_openapi(
    document: &[u8],
    base: Option<&str>,
    known: Option<&Application>,
) -> Result<Proposal, ProposeError> {
    openapi::routes(document, base).map(|gathered| gathered.settle(known))
}

/// Proposes the operations that recordings of a browser (HAR 1.2) show. `hosts` are the application's as the browser
/// knows them; without one, the host of the first page.
///
/// # Errors
/// When one is no recording, or larger than one may be. The error quotes nothing of it.
pub fn from_recordings(
    recordings: &[impl AsRef<[u8]>],
    hosts: &[String],
    known: Option<&Application>,
) -> Result<Proposal, ProposeError> {
    har::routes(recordings, hosts).map(|gathered| gathered.settle(known))
}

/// What a reader brings home.
#[derive(Debug, Default)]
struct Gathered {
    routes: Routes,
    graphql: Graphql,
    left_out: BTreeMap<String, usize>,
    warnings: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Graphql {
    endpoints: BTreeSet<Route>,
    fields: BTreeSet<RootField>,
    /// What the application calls documents of which only the hash was seen.
    unread: BTreeSet<String>,
}

impl Gathered {
    fn add(&mut self, route: Route, clues: Clues) -> Result<(), ProposeError> {
        self.routes.add(route, clues);
        if self.routes.0.len() > MOST_ROUTES {
            return Err(ProposeError::TooManyRoutes);
        }
        Ok(())
    }

    fn leave_out(&mut self, reason: &str) {
        *self.left_out.entry(reason.to_owned()).or_default() += 1;
    }

    fn warn(&mut self, warning: String) {
        self.warnings.insert(warning);
    }

    /// Notes where documents come. An endpoint is one address, reached by GET or POST.
    fn graphql_endpoint(&mut self, mut route: Route) {
        if route.segments.last() == Some(&Segment::Literal(String::new())) {
            route.segments.pop();
        }
        let is_one = route.segments.iter().all(|it| it.literal().is_some());
        if is_one && matches!(route.method.as_str(), "GET" | "POST") {
            self.graphql.endpoints.insert(route);
        } else {
            self.leave_out(
                "GraphQL at an address with an id in it, or by another method than GET and POST",
            );
        }
    }

    fn settle(mut self, known: Option<&Application>) -> Proposal {
        // What comes to an endpoint by GET or POST is classified by its document.
        let endpoints: BTreeSet<Vec<Segment>> = self
            .graphql
            .endpoints
            .iter()
            .map(|it| it.segments.clone())
            .collect();
        let is_elsewhere = |route: &Route| {
            let path = match route.segments.split_last() {
                Some((last, before)) if last.literal() == Some("") => before,
                _ => &route.segments,
            };
            !endpoints.contains(path) || !matches!(route.method.as_str(), "GET" | "POST")
        };
        self.routes.0.retain(|route, _| is_elsewhere(route));
        let warnings = &mut self.warnings;
        self.routes.0.retain(|route, clues| {
            let carries = carrier::carries_others(route, clues);
            if carries {
                warnings.insert(format!(
                    "`{route}` carries other requests in its body, which no route tells apart: it is not proposed, and \
                     refused while no operation lists it"
                ));
            }
            !carries
        });
        if !self.graphql.unread.is_empty() {
            /// Names that are told.
            const TOLD: usize = 20;
            let names: Vec<&str> = self.graphql.unread.iter().map(String::as_str).collect();
            let names = names.get(..TOLD).unwrap_or(&names).join(", ");
            self.warnings.insert(format!(
                "of these GraphQL documents only a hash was sent, so that their root fields are not proposed: {names}"
            ));
        }
        let mut proposal = Proposal {
            left_out: self.left_out,
            warnings: self.warnings.into_iter().collect(),
            ..Proposal::default()
        };
        if let Some(application) = known {
            known::leave_out(
                application,
                &mut self.routes,
                &mut self.graphql,
                &mut proposal,
            );
        }
        proposal.operations = group::operations(self.routes);
        proposal
            .operations
            .extend(graphql::operations(&self.graphql.fields));
        proposal.graphql_endpoints = self
            .graphql
            .endpoints
            .iter()
            .map(ToString::to_string)
            .collect();
        if let Some(application) = known {
            known::rename(application, &mut proposal.operations);
        }
        proposal
    }
}
