//! The offline verifier: takes a pack apart, checks it, builds it again and compares every byte.

mod rules;
mod signatures;
mod witnesses;

use std::collections::BTreeMap;

use locum_domain::{EventId, PrincipalId};
use locum_tlog::{TrustError, TrustPolicy, VerifierKey};
use serde::Serialize;

use crate::archive;
use crate::chain::Founders;
use crate::pack::{MANIFEST, Manifest, Opened, Pack, PackError, digest, is_derived};
use crate::story::{AccessEvent, Finding};
pub use signatures::SignatureVerified;
use signatures::{Founded, Led};
pub use witnesses::{CosignatureVerified, WitnessesVerified};

/// What the verifier is told besides the pack.
#[derive(Debug, Clone, Default)]
pub struct VerifyOptions {
    /// The key of the ledger, from somewhere else than the pack. Without it the pack is only shown to be
    /// consistent with itself.
    pub trusted_key: Option<VerifierKey>,
    /// Whether findings are failures.
    pub strict: bool,
    /// The founders' fingerprints, from somewhere else than the pack. With them every approval must be signed, and
    /// every chain of signatures must end at these keys.
    pub founders: Option<Founders>,
    /// Which ledgers and witnesses are trusted, and how many of them make a checkpoint count. A ledger that it lists is
    /// trusted as one whose key was given.
    pub trust: Option<TrustPolicy>,
}

/// What a pack that verified says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verified {
    /// The answer in one plain sentence.
    pub sentence: String,
    /// The note verifier key that the checkpoint is signed by.
    pub vkey: String,
    pub is_key_trusted: bool,
    pub event: EventId,
    /// Entries in the ledger under the checkpoint.
    pub size: u64,
    /// Entries whose payloads are disclosed.
    pub disclosed: usize,
    /// What is open or missing, those of the checkpoint last.
    pub findings: Vec<Finding>,
    /// Each approval's and countersignature's signature, with the key's age.
    pub signatures: Vec<SignatureVerified>,
    /// Who beside the operator saw the history.
    pub witnesses: WitnessesVerified,
    /// Whether the founders' keys were compared with fingerprints from elsewhere.
    pub are_founders_checked: bool,
    pub access_event: AccessEvent,
}

/// What is wrong with a pack, as one plain sentence.
#[derive(Debug, thiserror::Error)]
pub enum VerifyFailure {
    #[error("the file is not an evidence pack in its one form: it differs at byte {0}")]
    Archive(usize),
    #[error("`manifest.json` is missing or is not the manifest of an evidence pack")]
    Manifest,
    #[error("`{0}` is altered: it does not have the digest that the manifest says")]
    Altered(String),
    #[error("`{0}` is missing: the pack is not whole without it")]
    Missing(String),
    #[error("`{0}` is added: nothing in the pack calls for it")]
    Added(String),
    #[error("`{0}` does not follow from the entries: it says something else than they do")]
    NotDerived(String),
    #[error(
        "the files do not stand in the manifest's order, or the manifest is not in canonical form"
    )]
    Order,
    #[error("the pack is signed by `{signed_by}` and not by the key you gave")]
    OtherKey { signed_by: String },
    #[error("the trust policy does not accept the checkpoint: {0}")]
    Untrusted(#[source] TrustError),
    #[error("the pack does not hold together: {}", chain(.0))]
    Pack(#[source] PackError),
    #[error("the keys that founded are not those you gave: the pack says {found}")]
    OtherFounders { found: String },
    #[error(
        "entry {position} is {what} that {by} did not sign: nothing leads from it to the founders' keys you gave"
    )]
    Unsigned {
        position: u64,
        /// `an approval` or `a countersignature`.
        what: &'static str,
        by: PrincipalId,
    },
    #[error("entry {position} breaks a rule: {rule}")]
    Rule { position: u64, rule: String },
    #[error("the pack verifies and has findings ({count}), the first: {first}")]
    Findings { count: usize, first: String },
}

/// The error and its causes, outermost first.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Checks a pack. Needs no server, no network and no configuration.
///
/// # Errors
/// [`VerifyFailure`], whose text says what is wrong.
pub fn verify(bytes: &[u8], options: &VerifyOptions) -> Result<Verified, VerifyFailure> {
    let files = archive::read(bytes).map_err(|error| match error {
        archive::ArchiveError::Form(place) => VerifyFailure::Archive(place),
        archive::ArchiveError::TooLarge => VerifyFailure::Archive(0),
    })?;
    let files = by_manifest(files)?;
    let pack = Pack::from_files(&files).map_err(failure)?;
    if let Some(trusted) = &options.trusted_key
        && *trusted != pack.key
    {
        return Err(VerifyFailure::OtherKey {
            signed_by: pack.key.to_string(),
        });
    }
    let opened = pack.open().map_err(failure)?;
    same(bytes, &files, &pack.archive(&opened).map_err(failure)?)?;
    rules::check(&opened.events, &opened.story)?;
    let led = signatures::check(&opened.events, pack.key.name(), options.founders.as_ref())?;
    let witnesses = witnesses::check(&pack.checkpoint, &pack.key, options.trust.as_ref())
        .map_err(VerifyFailure::Untrusted)?;
    let findings = findings(&opened, &witnesses);
    if let Some(first) = findings.first().filter(|_| options.strict) {
        return Err(VerifyFailure::Findings {
            count: findings.len(),
            first: first.sentence.clone(),
        });
    }
    let lists_the_key = |trust: &TrustPolicy| trust.logs().contains(&pack.key);
    let is_key_trusted =
        options.trusted_key.is_some() || options.trust.as_ref().is_some_and(lists_the_key);
    let vkey = pack.key.to_string();
    let sentence = sentence(
        &vkey,
        is_key_trusted,
        &witnesses,
        &led,
        options.founders.is_some(),
    );
    Ok(Verified {
        sentence,
        vkey,
        is_key_trusted,
        event: opened.story.id.clone(),
        size: opened.checkpoint.size(),
        disclosed: opened.events.len(),
        findings,
        witnesses,
        are_founders_checked: led.founded == Founded::Checked,
        signatures: led.signatures,
        access_event: opened.story,
    })
}

/// The answer: checked with whose key, seen by whom, whose keys the signatures lead to, and what nobody signed.
fn sentence(
    vkey: &str,
    is_key_trusted: bool,
    witnesses: &WitnessesVerified,
    led: &Led,
    are_given: bool,
) -> String {
    let whole = if is_key_trusted {
        format!("verified: whole, unaltered and signed by {vkey}, the key you gave")
    } else {
        format!("consistent, signed by {vkey}, not checked against a key you trust")
    };
    let chain = match led.founded {
        Founded::NothingSigned if !are_given => "",
        Founded::NothingSigned => {
            "; nobody approved anything in it, so no founder's key was checked"
        }
        Founded::Unchecked => "; the founders' keys were not checked against fingerprints you hold",
        Founded::Checked => "; every signature leads to the founders' keys you gave",
    };
    let approvals = unsigned("approval", led.unsigned);
    let afterwards = unsigned("countersignature", led.unsigned_afterwards);
    let seen = witnesses.sentence();
    format!("{whole}{seen}{chain}{approvals}{afterwards}")
}

fn unsigned(what: &str, count: usize) -> String {
    match count {
        0 => String::new(),
        1 => format!("; 1 {what} is not signed"),
        more => format!("; {more} {what}s are not signed"),
    }
}

fn failure(error: PackError) -> VerifyFailure {
    match error {
        PackError::Missing(name) => VerifyFailure::Missing(name),
        error => VerifyFailure::Pack(error),
    }
}

/// The files by name, each with the digest that the manifest says, none missing and none added.
fn by_manifest<'b>(
    files: Vec<(&'b str, &'b [u8])>,
) -> Result<BTreeMap<&'b str, &'b [u8]>, VerifyFailure> {
    let mut by_name = BTreeMap::new();
    for (name, bytes) in files {
        if by_name.insert(name, bytes).is_some() {
            return Err(VerifyFailure::Added(name.to_owned()));
        }
    }
    let manifest = by_name
        .remove(MANIFEST)
        .and_then(Manifest::parse)
        .ok_or(VerifyFailure::Manifest)?;
    for (name, expected) in &manifest.files {
        let bytes = by_name
            .get(name.as_str())
            .ok_or_else(|| VerifyFailure::Missing(name.clone()))?;
        if digest(bytes) != *expected {
            return Err(VerifyFailure::Altered(name.clone()));
        }
    }
    match by_name
        .keys()
        .find(|name| !manifest.files.contains_key(**name))
    {
        Some(added) => Err(VerifyFailure::Added((*added).to_owned())),
        None => Ok(by_name),
    }
}

/// Compares with the pack built again: every byte, and if they differ file by file, to name what is wrong.
fn same(bytes: &[u8], files: &BTreeMap<&str, &[u8]>, again: &[u8]) -> Result<(), VerifyFailure> {
    if again == bytes {
        return Ok(());
    }
    let ours = archive::read(again).map_err(|_| VerifyFailure::Order)?;
    let ours: BTreeMap<&str, &[u8]> = ours
        .into_iter()
        .filter(|(name, _)| *name != MANIFEST)
        .collect();
    if let Some(added) = files.keys().find(|name| !ours.contains_key(**name)) {
        return Err(VerifyFailure::Added((*added).to_owned()));
    }
    for (name, expected) in ours {
        match files.get(name) {
            None => return Err(VerifyFailure::Missing(name.to_owned())),
            Some(bytes) if *bytes == expected => {}
            Some(_) if is_derived(name) => return Err(VerifyFailure::NotDerived(name.to_owned())),
            Some(_) => return Err(VerifyFailure::Altered(name.to_owned())),
        }
    }
    Err(VerifyFailure::Order)
}

/// The story's findings, and R25's of the checkpoint: a session across applications should stand under one
/// that witnesses signed. A signature line that nobody checked is no witness: anybody can write one.
fn findings(opened: &Opened, witnesses: &WitnessesVerified) -> Vec<Finding> {
    let mut findings = opened.story.findings.clone();
    if opened.story.applications.len() > 1 && witnesses.outside == 0 {
        findings.push(Finding {
            code: "checkpoint-unwitnessed".to_owned(),
            sentence: "The session crosses applications, and no witness's signature on the checkpoint was checked."
                .to_owned(),
            position: None,
        });
    }
    findings
}
