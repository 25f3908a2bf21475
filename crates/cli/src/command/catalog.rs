//! Operations proposed from an OpenAPI document or from recordings of a browser.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use locum_catalog::Deployment;
use locum_catalog::propose::{
    LARGEST_DOCUMENT, LARGEST_RECORDING, Proposal, from_openapi, from_recordings, toml,
};
use locum_domain::catalog::Application;
use serde::Serialize;

use super::policy::lines;
use crate::args::{ImportOpenapiArgs, LearnArgs, ProposingArgs};
use crate::failure::Failure;
use crate::output::Output;

pub(crate) async fn import_openapi(
    args: ImportOpenapiArgs,
    output: &Output,
) -> Result<(), Failure> {
    propose(output, move || Ok((import(&args)?, args.proposing))).await
}

pub(crate) async fn learn(args: LearnArgs, output: &Output) -> Result<(), Failure> {
    propose(output, move || Ok((from_hars(&args)?, args.proposing))).await
}

/// Reads beside the runtime: a recording may have hundreds of megabytes.
async fn propose(
    output: &Output,
    read: impl FnOnce() -> Result<(Proposed, ProposingArgs), Failure> + Send + 'static,
) -> Result<(), Failure> {
    let work = tokio::task::spawn_blocking(read);
    let done = output.waiting("reading", work).await;
    let (proposed, args) =
        done.map_err(|broken| Failure::Usage(format!("reading broke off: {broken}")))??;
    answer(&proposed, &args, output)
}

/// What is proposed, with its tables.
#[derive(Serialize)]
struct Proposed {
    #[serde(flatten)]
    proposal: Proposal,
    /// The tables as they would be pasted.
    toml: String,
}

impl Proposed {
    fn new(proposal: Proposal, source: &str) -> Self {
        let toml = toml(&proposal, source);
        Self { proposal, toml }
    }
}

fn import(args: &ImportOpenapiArgs) -> Result<Proposed, Failure> {
    let known = application(&args.proposing)?;
    let document = read(&args.file, LARGEST_DOCUMENT)?;
    let proposal = from_openapi(&document, args.base.as_deref(), known.as_ref())
        .map_err(|error| Failure::Usage(format!("`{}`: {error}", args.file.display())))?;
    Ok(Proposed::new(proposal, &name(&args.file)))
}

fn from_hars(args: &LearnArgs) -> Result<Proposed, Failure> {
    let known = application(&args.proposing)?;
    let mut recordings = Vec::new();
    for file in &args.recordings {
        recordings.push(read(file, LARGEST_RECORDING)?);
    }
    let files: Vec<String> = args.recordings.iter().map(|file| name(file)).collect();
    let files = files.join(", ");
    let proposal = from_recordings(&recordings, &args.hosts, known.as_ref())
        .map_err(|error| Failure::Usage(format!("`{files}`: {error}")))?;
    Ok(Proposed::new(proposal, &files))
}

/// The file's name alone: where it lies is nobody's business in the catalog.
fn name(file: &Path) -> String {
    file.file_name()
        .map_or_else(|| "a file".into(), |name| name.to_string_lossy())
        .into_owned()
}

/// One byte more than may be is read at most, so that the reader can say that it is too large.
fn read(path: &Path, largest: usize) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| Failure::Usage(format!("`{}`: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    let most = u64::try_from(largest).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// The application whose routes are known, if one was named.
fn application(args: &ProposingArgs) -> Result<Option<Application>, Failure> {
    let Some(id) = &args.application else {
        return Ok(None);
    };
    let variables: BTreeMap<String, String> = std::env::vars().collect();
    let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
    let deployment = Deployment::read(&args.config, &variables, today)
        .map_err(|problems| Failure::Usage(lines(problems.iter())))?
        .value;
    let applications = deployment.catalog.applications;
    match applications.values().find(|it| it.id.as_str() == id) {
        Some(application) => Ok(Some(application.clone())),
        None => {
            let known: Vec<&str> = applications.keys().map(|id| id.as_str()).collect();
            let known = known.join(", ");
            Err(Failure::Usage(format!(
                "no application `{id}` in the catalog, which has: {known}"
            )))
        }
    }
}

fn answer(proposed: &Proposed, args: &ProposingArgs, output: &Output) -> Result<(), Failure> {
    if let Some(path) = &args.output {
        // Never over a file that is there: it might be the application's own.
        let written = std::fs::File::create_new(path)
            .and_then(|mut file| file.write_all(proposed.toml.as_bytes()));
        written.map_err(|error| Failure::Usage(format!("`{}`: {error}", path.display())))?;
    }
    let told = told(&proposed.proposal);
    match &args.output {
        Some(path) => output.answer(proposed, || {
            format!("{told}\nwritten to {}", path.display())
        }),
        None => {
            output.answer(proposed, || proposed.toml.clone())?;
            if !output.is_json() {
                output.remark(&told);
            }
            Ok(())
        }
    }
}

/// What there is to look at, in a few lines.
fn told(proposal: &Proposal) -> String {
    let closed = proposal
        .operations
        .iter()
        .filter(|it| it.closed.is_some())
        .count();
    let mut said = vec![format!(
        "{} operations with {} routes proposed, {closed} of them closed; each guess is marked REVIEW",
        proposal.operations.len(),
        proposal.routes()
    )];
    if !proposal.graphql_endpoints.is_empty() {
        said.push(format!(
            "GraphQL comes at {}",
            proposal.graphql_endpoints.join(", ")
        ));
    }
    for (operation, count) in &proposal.known {
        said.push(format!(
            "left out ({count}): classified by `{operation}` already"
        ));
    }
    for (reason, count) in &proposal.left_out {
        said.push(format!("left out ({count}): {reason}"));
    }
    said.extend(
        proposal
            .warnings
            .iter()
            .map(|warning| format!("warning: {warning}")),
    );
    said.join("\n")
}
