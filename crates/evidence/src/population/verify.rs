//! R24: whether a population is whole. Every entry of the range leads to the checkpoint, every filing of the period
//! among them has its evidence pack, every pack verifies and goes as far as the entries show.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use locum_domain::EventId;
use locum_tlog::{Checkpoint, FULL_WIDTH, TrustPolicy, VerifierKey, verify_checkpoint};
use serde::{Deserialize, Serialize};

use super::files::{self, FORMAT};
use super::index::index;
use super::period::{Only, Period};
use super::range::{Filing, Range, RangeFault};
use super::told::{EventTold, PopulationTold};
use crate::pack::{CHECKPOINT, KEY, Tiles, digest, needed, part_name};
use crate::verify::{
    Held, Verified, VerifyFailure, VerifyOptions, WitnessesVerified, failure, format_of,
    verify_under, witnesses,
};

/// What a population that verified says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PopulationVerified {
    /// The answer in one plain sentence.
    pub sentence: String,
    pub vkey: String,
    pub is_key_trusted: bool,
    /// Entries in the ledger under the checkpoint.
    pub size: u64,
    pub witnesses: WitnessesVerified,
    /// Whether every signature leads to founders' fingerprints from elsewhere.
    pub are_founders_checked: bool,
    pub population: PopulationTold,
}

/// What is wrong with a population, as one plain sentence.
#[derive(Debug, thiserror::Error)]
pub enum PopulationFailure {
    #[error(transparent)]
    File(#[from] VerifyFailure),
    #[error("`{0}` does not have its form")]
    Form(&'static str),
    #[error("the ledger's entries in it do not follow each other: bundle {0} is missing")]
    Gap(u64),
    #[error("the ledger's entries in it begin too late to show every filing of the period")]
    BeginsLate,
    #[error("the ledger's entries in it end too early to show every filing of the period")]
    EndsEarly,
    #[error(transparent)]
    Range(#[from] RangeFault),
    #[error(
        "the population is not complete: event {event} was filed in the period, as entry {position}, and its pack is \
         missing"
    )]
    NoPack { event: EventId, position: u64 },
    #[error("event {0} was not filed in the period, and its pack is there")]
    NotInPeriod(EventId),
    #[error("event {0} is not one of the selection, and its pack is there")]
    NotSelected(EventId),
    #[error("the pack of event {event} does not verify: {failure}")]
    Pack {
        event: EventId,
        failure: Box<VerifyFailure>,
    },
    #[error("the pack under the name of event {event} is of event {found}")]
    OtherEvent { event: EventId, found: EventId },
    #[error(
        "the pack of event {event} ends with its entry {told}, and entry {position} of the ledger is its entry {nth}"
    )]
    Short {
        event: EventId,
        told: u64,
        nth: u64,
        position: u64,
    },
    #[error("the population verifies and has findings, the first in event {event}: {first}")]
    Findings { event: EventId, first: String },
}

/// What cannot follow from the entries: what was asked for.
#[derive(Deserialize)]
struct Asked {
    #[serde(flatten)]
    period: Period,
    #[serde(default)]
    only: Option<Only>,
}

/// Whether a file says that it is a population, and no evidence pack.
pub fn is_population(file: impl Read + Seek) -> bool {
    format_of(file).is_some_and(|format| format == FORMAT)
}

/// Checks a population where it lies. It is read from front to end some times, and one pack at a time.
///
/// # Errors
/// [`PopulationFailure`], whose text says what is wrong.
pub fn verify_population(
    file: impl Read + Seek,
    options: &VerifyOptions,
) -> Result<PopulationVerified, PopulationFailure> {
    let mut held = Held::open(file, FORMAT)?;
    let (key, note) = held.key_and_checkpoint()?;
    if let Some(trusted) = &options.trusted_key
        && *trusted != key
    {
        let signed_by = key.to_string();
        return Err(VerifyFailure::OtherKey { signed_by }.into());
    }
    let checkpoint =
        verify_checkpoint(&note, &key).map_err(|error| VerifyFailure::Pack(error.into()))?;
    let witnesses =
        witnesses::check(&note, &key, options.trust.as_ref()).map_err(VerifyFailure::Untrusted)?;
    let asked = held.bytes(files::TOLD)?;
    let asked: Asked =
        serde_json::from_slice(&asked).map_err(|_| PopulationFailure::Form(files::TOLD))?;
    let period = Period::new(asked.period.from(), asked.period.to())
        .ok_or(PopulationFailure::Form(files::TOLD))?;
    let only = asked.only.unwrap_or_default();
    let range = range_of(&mut held, &checkpoint, period)?;
    let mut packs = Packs {
        held: &mut held,
        note: &note,
        options,
        only: &only,
        told: Vec::new(),
        signatures: 0,
    };
    for filing in range.filings() {
        packs.hear(filing, &range)?;
    }
    let (events, signatures) = (packs.told, packs.signatures);
    let told = PopulationTold::of(period, &only, &range, events);
    is_made_of(&held, &key, &told, &range, checkpoint.size())?;
    let lists_the_key = |trust: &TrustPolicy| trust.logs().contains(&key);
    let is_key_trusted =
        options.trusted_key.is_some() || options.trust.as_ref().is_some_and(lists_the_key);
    let are_founders_checked = options.founders.is_some();
    let vkey = key.to_string();
    let founders = match (signatures, are_founders_checked) {
        (0, _) => "",
        (_, true) => "; every signature leads to the founders' keys you gave",
        (_, false) => "; the founders' keys were not checked against fingerprints you hold",
    };
    let whole = if is_key_trusted {
        format!("every pack verified: whole, unaltered and signed by {vkey}, the key you gave")
    } else {
        format!("every pack consistent, signed by {vkey}, not checked against a key you trust")
    };
    let seen = witnesses.sentence();
    Ok(PopulationVerified {
        sentence: format!(
            "{}; {whole}{seen}{founders}{}",
            counted(&told),
            found(&told)
        ),
        vkey,
        is_key_trusted,
        size: checkpoint.size(),
        witnesses,
        are_founders_checked,
        population: told,
    })
}

/// The packs of the archive, heard in the order of their filings.
struct Packs<'a, R> {
    held: &'a mut Held<R>,
    note: &'a str,
    options: &'a VerifyOptions,
    only: &'a Only,
    told: Vec<EventTold>,
    signatures: usize,
}

impl<R: Read + Seek> Packs<'_, R> {
    fn hear(&mut self, filing: &Filing, range: &Range) -> Result<(), PopulationFailure> {
        let event = &filing.event;
        let Some(verified) = self.verified(event)? else {
            return if self.only.is_everything() {
                let (event, position) = (event.clone(), filing.position);
                Err(PopulationFailure::NoPack { event, position })
            } else {
                Ok(())
            };
        };
        if verified.event != *event {
            return Err(PopulationFailure::OtherEvent {
                event: event.clone(),
                found: verified.event,
            });
        }
        if let Some(last) = range
            .last_of(event)
            .filter(|it| it.nth > verified.own_entries)
        {
            return Err(PopulationFailure::Short {
                event: event.clone(),
                told: verified.own_entries,
                nth: last.nth,
                position: last.position,
            });
        }
        if !self.only.asks_for(&verified.access_event) {
            return Err(PopulationFailure::NotSelected(event.clone()));
        }
        if let Some(first) = verified.findings.first().filter(|_| self.options.strict) {
            return Err(PopulationFailure::Findings {
                event: event.clone(),
                first: first.sentence.clone(),
            });
        }
        self.signatures += verified.signatures.len();
        let told = EventTold::of(filing, verified.own_entries, &verified.access_event);
        self.told.push(told);
        Ok(())
    }

    /// The pack of an event under the population's checkpoint, when there is one.
    fn verified(&mut self, event: &EventId) -> Result<Option<Verified>, PopulationFailure> {
        let Some(section) = self.held.section(&files::pack(event)) else {
            return Ok(None);
        };
        let options = VerifyOptions {
            strict: false,
            ..self.options.clone()
        };
        let verified = verify_under(self.note, section, &options);
        verified
            .map(Some)
            .map_err(|failure| PopulationFailure::Pack {
                event: event.clone(),
                failure: Box::new(failure),
            })
    }
}

/// The range of entries in the archive, each shown to be the ledger's.
fn range_of<R: Read + Seek>(
    held: &mut Held<R>,
    checkpoint: &Checkpoint,
    period: Period,
) -> Result<Range, PopulationFailure> {
    let bundles = held.entry_bundles();
    let follow = |pair: &[u64]| matches!(pair, [one, next] if one + 1 != *next);
    if let Some([one, _]) = bundles.windows(2).find(|pair| follow(pair)) {
        return Err(PopulationFailure::Gap(one + 1));
    }
    let size = checkpoint.size();
    let first = bundles
        .first()
        .map_or(size, |it| it.saturating_mul(u64::from(FULL_WIDTH)));
    let mut range = Range::of(period, first);
    let tiles = Tiles::of(held, size, &bundles).map_err(failure)?;
    tiles
        .check(checkpoint.root())
        .map_err(VerifyFailure::Pack)?;
    for bundle in bundles {
        for (entry, leaf) in tiles.bundle(held, bundle).map_err(failure)? {
            range.hear(&entry, leaf)?;
        }
    }
    if !range.begins_early_enough() {
        return Err(PopulationFailure::BeginsLate);
    }
    if !range.ends_late_enough(size) {
        return Err(PopulationFailure::EndsEarly);
    }
    Ok(range)
}

/// Compares with the files that the population is made of: no other and no less, and every byte of those derived.
fn is_made_of<R: Read + Seek>(
    held: &Held<R>,
    key: &VerifierKey,
    told: &PopulationTold,
    range: &Range,
    size: u64,
) -> Result<(), PopulationFailure> {
    let firsts = (range.first..range.end).step_by(usize::from(FULL_WIDTH));
    let parts = needed(size, firsts).into_iter().map(part_name);
    let packs = told.events.iter().map(|it| files::pack(&it.event));
    let other = [CHECKPOINT, KEY, files::TOLD, files::INDEX].map(str::to_owned);
    let names: BTreeMap<String, ()> = parts.chain(packs).chain(other).map(|it| (it, ())).collect();
    for name in held.names() {
        if names.contains_key(name) {
            continue;
        }
        return Err(match files::event_of(name) {
            Some(event) => PopulationFailure::NotInPeriod(event),
            None => VerifyFailure::Added(name.to_owned()).into(),
        });
    }
    for name in names.keys() {
        if !held.names().any(|it| it == name) {
            return Err(VerifyFailure::Missing(name.clone()).into());
        }
    }
    let list = serde_json::to_vec_pretty(told).map_err(|_| PopulationFailure::Form(files::TOLD))?;
    let derived = [
        (files::TOLD, [list.as_slice(), b"\n"].concat()),
        (files::INDEX, index(told).into_bytes()),
    ];
    if held.digest(KEY) != Some(digest(format!("{key}\n").as_bytes())) {
        return Err(VerifyFailure::Altered(KEY.to_owned()).into());
    }
    for (name, bytes) in derived {
        if held.digest(name) != Some(digest(&bytes)) {
            return Err(VerifyFailure::NotDerived(name.to_owned()).into());
        }
    }
    Ok(())
}

/// How many of how many.
fn counted(told: &PopulationTold) -> String {
    let (shown, filed) = (told.events.len(), told.filed);
    match &told.only {
        None => format!("population complete: {shown} of {filed}"),
        Some(only) => format!(
            "a selection, not the population: {shown} of the {filed} access events filed in the period, those of {}; \
             whether others fit cannot be seen",
            only
        ),
    }
}

/// In how many of them something is open, missing or wrong.
fn found(told: &PopulationTold) -> String {
    let with = told.events.iter().filter(|it| !it.findings.is_empty());
    match with.count() {
        0 => String::new(),
        1 => "; 1 event has findings".to_owned(),
        more => format!("; {more} events have findings"),
    }
}
