//! R24: one table of tamperings with evidence, each with the sentence that answers it, as `docs/tamperings.md` has it.
//!
//! A row is added to one of the lists below, and to the page: the test prints the row that belongs there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod archive;
mod decisions;
#[path = "../device/mod.rs"]
mod device;
mod entries;
mod files;
#[path = "../house/mod.rs"]
mod house;
mod keys;
#[path = "../ledger/mod.rs"]
mod ledger;
mod limits;
#[path = "../second_verifier/mod.rs"]
mod second_verifier;
mod signatures;
mod witnesses;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use ledger::Ledger;
use ledger::scenario::Script;
use locum_evidence::{Founders, VerifyOptions, verify};
use locum_tlog::{TrustPolicy, VerifierKey};
use second_verifier::peer_says;
use serde_json::{Value, json};

const PAGE: &str = include_str!("../../../../docs/tamperings.md");

/// Files of a pack, in its order.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// Somebody tampered, and an auditor verifies.
pub(crate) struct Row {
    did: String,
    pack: Vec<u8>,
    /// Whether the auditor gives the ledger's key.
    is_key_given: bool,
    founders: Option<String>,
    trust: Option<String>,
}

/// A row whose auditor gives the ledger's key and nothing else.
pub(crate) fn row(did: &str, pack: Vec<u8>) -> Row {
    Row {
        did: did.to_owned(),
        pack,
        is_key_given: true,
        founders: None,
        trust: None,
    }
}

/// One access event across two applications, and the pack of it.
pub(crate) fn honest() -> (Ledger, Script, Vec<u8>) {
    let script = Script {
        requests: 2,
        applications: vec!["billing", "crm"],
        approvers: vec!["oscar", "prya"],
        ..Script::new(1)
    };
    let mut ledger = Ledger::new(1);
    ledger.interleave(&[script.play()], 1);
    let pack = ledger.pack(&script.streams()).build().unwrap();
    (ledger, script, pack)
}

fn sections() -> Vec<(&'static str, Vec<Row>)> {
    vec![
        ("The archive", archive::rows()),
        ("The files", files::rows()),
        ("What the ledger committed to", entries::rows()),
        ("The ledger's key", keys::rows()),
        (
            "The decisions, by whoever holds the ledger's key",
            decisions::rows(),
        ),
        ("Signatures and enrolments", signatures::rows()),
        ("Witnesses", witnesses::rows()),
        ("What a pack alone cannot show", limits::rows()),
    ]
}

impl Row {
    fn key(&self) -> Option<VerifierKey> {
        let key = Ledger::new(1).key.verifier_key().clone();
        self.is_key_given.then_some(key)
    }

    /// The sentence of `locum evidence verify`, and whether it refuses.
    fn ours(&self) -> (bool, String) {
        let options = VerifyOptions {
            trusted_key: self.key(),
            founders: self
                .founders
                .as_deref()
                .map(|it| Founders::parse(it).unwrap()),
            trust: self
                .trust
                .as_deref()
                .map(|it| TrustPolicy::parse(it).unwrap()),
            ..VerifyOptions::default()
        };
        match verify(&self.pack, &options) {
            Ok(verified) => (false, verified.sentence),
            Err(failure) => (true, failure.to_string()),
        }
    }

    /// Whether the second verifier refuses; `None` where there is no Python.
    fn theirs(&self, folder: &Path) -> Option<bool> {
        let key = self.key().map(|it| it.to_string());
        let founders = folder.join("founders");
        let mut more = Vec::new();
        if let Some(key) = &key {
            more.extend(["--key", key]);
        }
        if let Some(text) = &self.founders {
            std::fs::write(&founders, text).unwrap();
            more.extend(["--founders", founders.to_str().unwrap()]);
        }
        peer_says(folder, &self.pack, &more).map(|said| said.is_err())
    }
}

/// Whether the page refuses each of them; `None` where there is no Node.js.
fn by_the_page(rows: &[&Row], folder: &Path) -> Option<Vec<bool>> {
    let told: Vec<Value> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let file = format!("{at}.zip");
            std::fs::write(folder.join(&file), &row.pack).unwrap();
            let key = row.key().map(|it| it.to_string());
            json!({ "file": file, "key": key, "founders": row.founders, "trust": row.trust })
        })
        .collect();
    std::fs::write(folder.join("table.json"), json!(told).to_string()).unwrap();
    let judge = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/verifier/judging.mjs");
    let output = Command::new("node").arg(judge).arg(folder).output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the page broke: {said}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// Keys, fingerprints and ids are as long as they are; the page shows whose they are. Where in a file a byte differs
/// says nothing to its reader, and moves with every format.
fn elided(text: &str) -> String {
    let is_code = |c: char| c.is_ascii_alphanumeric() || "+/=-_.".contains(c);
    let (mut told, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(is_code) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_code(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        told.push_str(before);
        match word.split_once('+') {
            Some((name, key)) if key.len() > 50 => told.push_str(&format!("{name}+…")),
            _ if word.len() == 43 => told.push('…'),
            _ if told.ends_with("at byte ") => told.push('…'),
            _ => told.push_str(word),
        }
        rest = after;
    }
    (told + rest).replace('|', "\\|")
}

fn mark(is_refused: bool) -> &'static str {
    if is_refused { "refused" } else { "—" }
}

/// The rows of the page, but for their numbers: what was done, and the last three columns.
fn on_the_page() -> BTreeMap<String, String> {
    let lines = PAGE.lines().filter_map(|line| line.strip_prefix("| "));
    lines
        .filter_map(|line| {
            let (number, rest) = line.split_once(" | ")?;
            number.parse::<u32>().ok()?;
            let (did, said) = rest.split_once(" | ")?;
            Some((did.to_owned(), said.to_owned()))
        })
        .collect()
}

#[test]
fn r24_every_tampering_is_answered_by_the_sentence_on_the_page() {
    let folder: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tamperings");
    std::fs::create_dir_all(&folder).unwrap();
    let sections = sections();
    let all: Vec<&Row> = sections.iter().flat_map(|(_, rows)| rows).collect();
    assert!(all.len() >= 25, "{} tamperings", all.len());
    let page = by_the_page(&all, &folder);
    let (mut expected, mut wrong, mut number) = (String::new(), Vec::new(), 0);
    let shown = on_the_page();
    for (title, rows) in &sections {
        expected += &format!(
            "\n### {title}\n\n| | what was done | `locum evidence verify` | Python | page |\n| --- | --- | --- | --- | --- |\n"
        );
        for row in rows {
            let (is_refused, sentence) = row.ours();
            let peer = row.theirs(&folder);
            let by_page = page.as_ref().map(|it| it[number]);
            number += 1;
            let sentence = elided(&sentence);
            let sentence = match is_refused {
                true => sentence,
                false => format!("*accepted:* {sentence}"),
            };
            let said = format!(
                "{sentence} | {} | {} |",
                peer.map_or("", mark),
                by_page.map_or("", mark)
            );
            expected += &format!("| {number} | {} | {said}\n", row.did);
            let has_peers = peer.is_some() && by_page.is_some();
            let is_shown = shown.get(&row.did).is_some_and(|it| match has_peers {
                true => *it == said,
                false => it.starts_with(&sentence),
            });
            if !is_shown {
                wrong.push(row.did.clone());
            }
        }
    }
    let known: Vec<&String> = all.iter().map(|row| &row.did).collect();
    wrong.extend(shown.into_keys().filter(|did| !known.contains(&did)));
    let file = folder.join("expected.md");
    std::fs::write(&file, expected).unwrap();
    assert!(
        wrong.is_empty(),
        "docs/tamperings.md differs at {wrong:#?}; the tables as they are: {}",
        file.display()
    );
}
