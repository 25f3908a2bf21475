//! The files of a pack, and the one archive that they make.

use std::collections::BTreeMap;
use std::io::Write;

use locum_domain::{Event, Recorded, RulesInForce};
use locum_record::{CanonicalError, canonical};
use locum_tlog::{TilePath, TlogProof, consistency_proof, encode_consistency, inclusion_proof};

use super::tiles::first_of;
use super::{Opened, PackError, Source, approvals, layout, needed, payloads};
use crate::archive::Writer;
use crate::report::report;

/// A file that holds a part as it is, and is made when it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Streamed {
    Part(TilePath),
    /// The disclosed payloads of one bundle.
    Payloads(u64),
}

impl Opened {
    /// The files that hold bundles, tiles and payloads, by name.
    pub(crate) fn streamed(&self) -> BTreeMap<String, Streamed> {
        let bundles = &self.disclosed.bundles;
        let firsts = bundles.iter().map(|bundle| first_of(*bundle));
        let parts = needed(self.checkpoint.size(), firsts).into_iter();
        let files = parts.map(Streamed::Part);
        let files = files.chain(bundles.iter().copied().map(Streamed::Payloads));
        files.map(|file| (file.name(), file)).collect()
    }
}

impl Streamed {
    /// The file's name.
    pub(crate) fn name(self) -> String {
        match self {
            Streamed::Part(path) => layout::part(path),
            Streamed::Payloads(bundle) => layout::payloads(bundle),
        }
    }

    fn bytes(self, source: &mut impl Source) -> Result<Vec<u8>, PackError> {
        match self {
            Streamed::Part(path) => source.part(path),
            Streamed::Payloads(bundle) => payloads::encode(&source.rows(bundle)?.read()?),
        }
    }
}

/// The files that follow from what was opened, by name: all but the manifest and those that are streamed.
pub(crate) fn derived(opened: &Opened) -> Result<BTreeMap<String, Vec<u8>>, PackError> {
    let mut files = BTreeMap::new();
    let (story, events) = (&opened.told.story, &opened.told.events);
    let told = serde_json::to_vec_pretty(story).map_err(CanonicalError::from)?;
    files.insert(layout::STORY.to_owned(), [told.as_slice(), b"\n"].concat());
    files.insert(layout::REPORT.to_owned(), report(story).into_bytes());
    let note = opened.note.clone().into_bytes();
    files.insert(layout::CHECKPOINT.to_owned(), note);
    let key = format!("{}\n", opened.key).into_bytes();
    files.insert(layout::KEY.to_owned(), key);
    for approved in approvals(events) {
        files.insert(layout::approval(approved.position), canonical(&approved)?);
    }
    for recorded in events {
        files.extend(again(recorded)?);
    }
    let size = opened.checkpoint.size();
    let ends = [
        ("first", opened.disclosed.first),
        ("last", opened.disclosed.last),
    ];
    for (end, position) in ends {
        let proof = TlogProof {
            extra: None,
            index: position,
            hashes: inclusion_proof(&opened.tiles, size, position)?,
            checkpoint: opened.note.clone(),
        };
        files.insert(layout::inclusion(end), proof.encode().into_bytes());
        let lines = consistency_proof(&opened.tiles, position + 1, size)?;
        let lines = encode_consistency(&lines).into_bytes();
        files.insert(layout::consistency(end), lines);
    }
    for (entries, proof) in &opened.beginnings.proofs {
        let lines = encode_consistency(proof).into_bytes();
        files.insert(layout::witnessed(*entries), lines);
    }
    Ok(files)
}

/// The files for whoever decides again: the policies in force, ready for Cedar's own tools, and what a decision read.
fn again(recorded: &Recorded) -> Result<Vec<(String, Vec<u8>)>, PackError> {
    let position = recorded.position;
    Ok(match &recorded.event {
        Event::RulesInForce { rules, .. } => {
            let text = rules_text(rules)?.into_bytes();
            let schema = rules.schema().to_owned().into_bytes();
            vec![
                (layout::policy(position, "cedar"), text),
                (layout::policy(position, "cedarschema"), schema),
            ]
        }
        Event::FactsRead { facts, .. } => vec![(layout::facts(position), canonical(facts)?)],
        _ => Vec::new(),
    })
}

/// Every policy behind a comment with its file's name.
fn rules_text(rules: &RulesInForce) -> Result<String, PackError> {
    let mut text = String::new();
    for (name, policies) in rules.texts() {
        let name = serde_json::to_string(name).map_err(CanonicalError::from)?;
        text.push_str(&format!("// {name}\n{policies}\n"));
    }
    Ok(text)
}

/// Writes the archive of what was opened from this source.
///
/// # Errors
/// [`PackError`] when the source gives no answer, or the archive grows beyond its form.
pub(crate) fn write<W: Write>(
    opened: &Opened,
    source: &mut impl Source,
    out: W,
) -> Result<W, PackError> {
    let derived = derived(opened)?;
    let streamed = opened.streamed();
    let mut digests = BTreeMap::new();
    for (name, bytes) in &derived {
        digests.insert(name.clone(), layout::digest(bytes));
    }
    for (name, file) in &streamed {
        digests.insert(name.clone(), layout::digest(&file.bytes(source)?));
    }
    let names: Vec<String> = digests.keys().cloned().collect();
    let mut writer = Writer::new(out);
    writer.add(
        layout::MANIFEST,
        &layout::Manifest::of(digests, layout::FORMAT).to_bytes()?,
    )?;
    for name in names {
        match (derived.get(&name), streamed.get(&name)) {
            (Some(bytes), _) => writer.add(&name, bytes)?,
            (None, Some(file)) => writer.add(&name, &file.bytes(source)?)?,
            (None, None) => {}
        }
    }
    Ok(writer.finish()?)
}
