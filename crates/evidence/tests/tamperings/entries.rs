//! Entries, payloads, proofs and checkpoint, by somebody who cannot sign for the ledger; the manifest always fits.

use locum_domain::{Event, Stream};
use locum_record::canonical;

use crate::files::{changed, replaced};
use crate::ledger::scenario::{Script, approval};
use crate::ledger::{Ledger, unzip, with_manifest};
use crate::{Files, Row, honest, row};

const PAYLOADS: &str = "payloads/000.jsonl";

/// The payloads' lines, changed.
fn lines(files: &Files, change: impl FnOnce(&mut Vec<String>)) -> Vec<u8> {
    with_manifest(changed(files, PAYLOADS, |content| {
        let text = String::from_utf8(content.clone()).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        change(&mut lines);
        *content = (lines.join("\n") + "\n").into_bytes();
    }))
}

/// A line of the payloads with another position.
fn moved(line: &str, position: u64) -> String {
    let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
    line["position"] = position.into();
    String::from_utf8(canonical(&line).unwrap()).unwrap()
}

fn position(line: &str) -> u64 {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    line["position"].as_u64().unwrap()
}

pub(crate) fn rows() -> Vec<Row> {
    let (ledger, script, pack) = honest();
    let files = unzip(&pack);
    let size = ledger.entries.len() as u64;
    let bundle = files.iter().map(|(name, _)| name.as_str());
    let bundle = bundle
        .into_iter()
        .find(|it| it.starts_with("entries/"))
        .unwrap();
    let entry = |change: &dyn Fn(&mut Vec<u8>)| with_manifest(changed(&files, bundle, change));
    let stream = |it: Stream| format!("\"stream\":\"{it}\"");
    let own = stream(Stream::Session(script.session_id()));
    let other = stream(Stream::Request(script.request_id()));
    let mut rows = vec![
        row("flipped one bit of an entry", entry(&|it| it[20] ^= 1)),
        row(
            "cut the entries short",
            entry(&|it| it.truncate(it.len() - 9)),
        ),
        row(
            "edited a payload",
            with_manifest(replaced(&files, PAYLOADS, "invoice.read", "invoice.void")),
        ),
        row(
            "dropped a payload in the middle",
            lines(&files, |it| drop(it.remove(2))),
        ),
        row(
            "dropped the last payload",
            lines(&files, |it| drop(it.pop())),
        ),
        row("reordered two payloads", lines(&files, |it| it.swap(1, 2))),
        row(
            "doubled a payload",
            lines(&files, |it| it.insert(1, it[1].clone())),
        ),
        row(
            "swapped two payloads between their entries",
            lines(&files, |it| {
                let (one, two) = (position(&it[1]), position(&it[2]));
                (it[1], it[2]) = (moved(&it[2], one), moved(&it[1], two));
            }),
        ),
        row(
            "moved a payload to another stream",
            with_manifest(replaced(&files, PAYLOADS, &own, &other)),
        ),
        row(
            "wrote a forged approval over an entry that is there",
            lines(&files, |it| it[1] = forged(&script, &it[1])),
        ),
        row(
            "appended a forged approval behind the checkpoint",
            lines(&files, |it| {
                let line = moved(&forged(&script, &it[1]), size);
                it.push(line);
            }),
        ),
    ];
    rows.extend(proofs(&files));
    rows.extend(checkpoints(&ledger, &files, &script));
    rows
}

/// A line that says that Mallory approved.
fn forged(script: &Script, line: &str) -> String {
    let request = script.request();
    let event = Event::RequestApproved {
        request: request.id.clone(),
        step: 0,
        approval: approval(&request, "mallory"),
        granted: None,
    };
    let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
    line["body"] = serde_json::to_value(&event).unwrap();
    line["stream"] = Stream::Request(request.id).to_string().into();
    line.as_object_mut().unwrap().remove("personal");
    String::from_utf8(canonical(&line).unwrap()).unwrap()
}

/// Proofs and tiles, which only a ledger of some size has.
fn proofs(files: &Files) -> Vec<Row> {
    let exchange = |one: &str, two: &str| {
        let of = |name: &str| files.iter().find(|(it, _)| it == name).unwrap().1.clone();
        let (first, last) = (of(one), of(two));
        let files = changed(files, one, |it| *it = last);
        with_manifest(changed(&files, two, |it| *it = first))
    };
    let mut large = Ledger::new(1);
    let script = Script::new(1);
    large.interleave(&[script.play()], 60);
    let pack = large.pack(&script.streams()).build().unwrap();
    let tiles = unzip(&pack);
    let tile = tiles.iter().map(|(name, _)| name.clone());
    let tile = tile
        .into_iter()
        .find(|it| it.starts_with("proofs/tile/"))
        .unwrap();
    vec![
        row(
            "exchanged the proofs of the first and the last entry",
            exchange("proofs/first.tlog-proof", "proofs/last.tlog-proof"),
        ),
        row(
            "exchanged the proofs that the ledger only grew",
            exchange("proofs/first.consistency", "proofs/last.consistency"),
        ),
        row(
            "flipped one bit of a tile",
            with_manifest(changed(&tiles, &tile, |it| it[40] ^= 1)),
        ),
    ]
}

fn checkpoints(ledger: &Ledger, files: &Files, script: &Script) -> Vec<Row> {
    let put =
        |note: String| with_manifest(changed(files, "checkpoint", |it| *it = note.into_bytes()));
    let note = files
        .iter()
        .find(|(it, _)| it == "checkpoint")
        .unwrap()
        .1
        .clone();
    let note = String::from_utf8(note).unwrap();
    let size = ledger.entries.len();
    let mut younger = Ledger::new(1);
    younger.interleave(&[script.play()], 1);
    younger.fill(3);
    let mut older = Ledger::new(1);
    let mut story = script.play();
    story.truncate(4);
    older.interleave(&[story], 1);
    let tree = |it: &Ledger| {
        it.key
            .sign_checkpoint(it.tiles.tree().size(), it.tiles.tree().root())
    };
    let other = Ledger::new(2).key;
    let other = other.sign_checkpoint(size as u64, ledger.tiles.tree().root());
    let signature = note.rfind("\u{2014} ").unwrap();
    let (text, line) = note.split_at(signature);
    let bent = line.replacen("A", "B", 1);
    let bent = if bent == line {
        line.replacen("a", "b", 1)
    } else {
        bent
    };
    vec![
        row(
            "wrote another size into the checkpoint",
            put(note.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1)),
        ),
        row(
            "bent the checkpoint's signature",
            put(format!("{text}{bent}")),
        ),
        row("took the checkpoint's signature off", put(text.to_owned())),
        row("put another ledger's checkpoint in", put(other)),
        row(
            "put an older checkpoint of the same ledger in",
            put(tree(&older)),
        ),
        row(
            "put a newer checkpoint of the same ledger in",
            put(tree(&younger)),
        ),
    ]
}
