//! The offline verifier: takes a pack apart, checks it, builds it again and compares every byte.

mod crossing;
mod held;
mod rules;
mod signatures;
pub(crate) mod witnesses;

use std::io::{Cursor, Read, Seek};

use locum_domain::{EventId, PrincipalId};
use locum_tlog::{TrustError, TrustPolicy, VerifierKey, epoch_of};
use serde::Serialize;

use crate::again::{DecidedAgain, decide_again};
use crate::archive::{self, ArchiveError};
use crate::chain::Founders;
use crate::epochs::{self, EpochFault};
use crate::pack::{FORMAT, MANIFEST, Manifest, NotWhole, Opened, PackError, open};
use crate::story::{AccessEvent, Finding};
pub(crate) use held::Held;
pub use signatures::{EnrolledUnder, SignatureVerified, Signs};
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
    /// Whether every decision must be decided again, by guardrails that are this verifier's own.
    pub must_decide_again: bool,
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
    /// How many of them are this event's alone: its first so many, none left out.
    pub own_entries: u64,
    /// What is open or missing, those of the checkpoint last.
    pub findings: Vec<Finding>,
    /// Each approval's, countersignature's and finding's signature, with the key's age.
    pub signatures: Vec<SignatureVerified>,
    /// What came of deciding again what the entries decided.
    pub decided_again: DecidedAgain,
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
    Archive(u64),
    #[error("the file cannot be read to its end: {0}")]
    Unread(#[source] ArchiveError),
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
    #[error("the pack stands under another checkpoint than what it is part of")]
    OtherCheckpoint,
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
        /// `an approval`, `a countersignature` or `a finding`.
        what: &'static str,
        by: PrincipalId,
    },
    #[error("the story is not whole: {0}")]
    NotWhole(#[from] NotWhole),
    #[error(transparent)]
    Epoch(#[from] EpochFault),
    #[error("entry {position} breaks a rule: {rule}")]
    Rule { position: u64, rule: String },
    #[error(
        "entry {position} was decided otherwise than the rules in force demanded: {difference}{}",
        more(*count)
    )]
    Otherwise {
        position: u64,
        difference: String,
        /// How many decisions came out otherwise.
        count: usize,
    },
    #[error("the pack verifies, and not by deciding again: {0}")]
    NotDecidedAgain(String),
    #[error("the pack verifies and has findings ({count}), the first: {first}")]
    Findings { count: usize, first: String },
}

fn more(differences: usize) -> String {
    match differences.saturating_sub(1) {
        0 => String::new(),
        1 => " (and 1 more decision)".to_owned(),
        more => format!(" (and {more} more decisions)"),
    }
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

/// Checks a pack that is at hand as a whole. Needs no server, no network and no configuration.
///
/// # Errors
/// [`VerifyFailure`], whose text says what is wrong.
pub fn verify(bytes: &[u8], options: &VerifyOptions) -> Result<Verified, VerifyFailure> {
    verify_from(Cursor::new(bytes), options)
}

/// Checks a pack where it lies. It is read from front to end twice, and no more than 64 bundles of 256 entries are held
/// at a time, besides what the story itself comes to.
///
/// # Errors
/// [`VerifyFailure`], whose text says what is wrong.
pub fn verify_from(
    pack: impl Read + Seek,
    options: &VerifyOptions,
) -> Result<Verified, VerifyFailure> {
    verify_of(pack, None, options)
}

/// Checks a pack that must stand under this very checkpoint.
pub(crate) fn verify_under(
    note: &str,
    pack: impl Read + Seek,
    options: &VerifyOptions,
) -> Result<Verified, VerifyFailure> {
    verify_of(pack, Some(note), options)
}

/// What an archive says that it is, by its manifest.
pub(crate) fn format_of(mut file: impl Read + Seek) -> Option<String> {
    let manifest = archive::first(&mut file, MANIFEST)?;
    Some(Manifest::parse(&manifest)?.format().to_owned())
}

fn verify_of(
    pack: impl Read + Seek,
    note: Option<&str>,
    options: &VerifyOptions,
) -> Result<Verified, VerifyFailure> {
    let mut held = Held::open(pack, FORMAT)?;
    let (key, checkpoint) = held.key_and_checkpoint()?;
    if note.is_some_and(|note| note != checkpoint) {
        return Err(VerifyFailure::OtherCheckpoint);
    }
    if let Some(trusted) = &options.trusted_key
        && *trusted != key
    {
        return Err(VerifyFailure::OtherKey {
            signed_by: key.to_string(),
        });
    }
    let opened = open(&mut held, &key, &checkpoint).map_err(failure)?;
    held.fits(&opened)?;
    let Opened {
        checkpoint: signed,
        told,
        disclosed,
        whole,
        examined,
        beginnings,
        ..
    } = opened;
    let own_entries = whole.counted(&told.story.id)?;
    epochs::check(&told.events, key.name())?;
    rules::check(&told.events, &told.story, disclosed.last_erased)?;
    let decided_again = decide_again(&told.events);
    if let Some(first) = decided_again.differences.first() {
        return Err(VerifyFailure::Otherwise {
            position: first.position,
            difference: first.sentence.clone(),
            count: decided_again.differences.len(),
        });
    }
    if let Some(why) = decided_again.lacks().filter(|_| options.must_decide_again) {
        return Err(VerifyFailure::NotDecidedAgain(why));
    }
    let founders = options.founders.as_ref();
    let mut led = signatures::check(&told.events, examined, epoch_of(key.name()).0, founders)?;
    let witnesses = witnesses::check(&checkpoint, &key, options.trust.as_ref())
        .map_err(VerifyFailure::Untrusted)?;
    let beginnings = crossing::beginnings(&beginnings.witnessed, &key, options.trust.as_ref());
    led.enrolled_under(crossing::seen(&beginnings, signed.size(), &witnesses));
    let mut findings = told.story.findings.clone();
    findings.extend(crossing::findings(&told.story, &beginnings, &witnesses));
    if let Some(first) = findings.first().filter(|_| options.strict) {
        return Err(VerifyFailure::Findings {
            count: findings.len(),
            first: first.sentence.clone(),
        });
    }
    let lists_the_key = |trust: &TrustPolicy| trust.logs().contains(&key);
    let is_key_trusted =
        options.trusted_key.is_some() || options.trust.as_ref().is_some_and(lists_the_key);
    let vkey = key.to_string();
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
        event: told.story.id.clone(),
        size: signed.size(),
        disclosed: disclosed.count,
        own_entries,
        findings,
        witnesses,
        decided_again,
        are_founders_checked: led.founded == Founded::Checked,
        signatures: led.signatures,
        access_event: told.story,
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
        Founded::Erased => "",
        Founded::NothingSigned => {
            "; nobody approved anything in it, so no founder's key was checked"
        }
        Founded::Unchecked => "; the founders' keys were not checked against fingerprints you hold",
        Founded::Checked => "; every signature leads to the founders' keys you gave",
    };
    let approvals = unsigned("approval", led.unsigned);
    let afterwards = unsigned("countersignature", led.unsigned_afterwards);
    let found = unsigned("finding", led.unsigned_findings);
    let seen = witnesses.sentence();
    let erased = match led.unrebuilt {
        0 => String::new(),
        1 => "; 1 signature is over what was erased and cannot be checked".to_owned(),
        more => format!("; {more} signatures are over what was erased and cannot be checked"),
    };
    format!("{whole}{seen}{chain}{erased}{approvals}{afterwards}{found}")
}

fn unsigned(what: &str, count: usize) -> String {
    match count {
        0 => String::new(),
        1 => format!("; 1 {what} is not signed"),
        more => format!("; {more} {what}s are not signed"),
    }
}

pub(crate) fn failure(error: PackError) -> VerifyFailure {
    match error {
        PackError::Missing(name) => VerifyFailure::Missing(name),
        PackError::Spelling(name) => VerifyFailure::Altered(name),
        PackError::Archive(error) => VerifyFailure::Unread(error),
        error => VerifyFailure::Pack(error),
    }
}
