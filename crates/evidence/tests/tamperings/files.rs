//! A file altered, dropped, added or taken from elsewhere, with and without a manifest that covers it.

use crate::ledger::scenario::Script;
use crate::ledger::{Ledger, unzip, with_manifest, zip};
use crate::{Files, Row, honest, row};

/// The files, one of them changed.
pub(crate) fn changed(files: &Files, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Files {
    let mut files = files.clone();
    let file = files.iter_mut().find(|(it, _)| it == name).expect(name);
    let before = file.1.clone();
    change(&mut file.1);
    assert_ne!(file.1, before, "nothing was changed in {name}");
    files
}

/// The same for a file of text.
pub(crate) fn replaced(files: &Files, name: &str, from: &str, to: &str) -> Files {
    changed(files, name, |content| {
        let text = String::from_utf8(content.clone()).unwrap();
        *content = text.replacen(from, to, 1).into_bytes();
    })
}

pub(crate) fn rows() -> Vec<Row> {
    let (_, _, pack) = honest();
    let files = unzip(&pack);
    let mut other = Ledger::new(1);
    let story = Script::new(2);
    other.interleave(&[story.play()], 1);
    let others = unzip(&other.pack(&story.streams()).build().unwrap());
    let of_another = |name: &str| {
        let (_, theirs) = others.iter().find(|(it, _)| it == name).expect(name);
        changed(&files, name, |content| content.clone_from(theirs))
    };
    let without =
        |name: &str| -> Files { files.iter().filter(|(it, _)| it != name).cloned().collect() };
    let with = |name: &str| -> Files {
        let mut more = files.clone();
        more.push((name.to_owned(), b"{}".to_vec()));
        more
    };
    let report = replaced(&files, "report.html", "billing", "payroll");
    let story = replaced(&files, "access-event.json", "oscar", "peter");
    let approval = files.iter().map(|(name, _)| name.clone());
    let approval = approval.into_iter().find(|it| it.starts_with("approvals/"));
    let approval = approval.unwrap();
    vec![
        row("edited the report", zip(&report)),
        row("edited the report and the manifest", with_manifest(report)),
        row("edited the story and the manifest", with_manifest(story)),
        row(
            "edited an approval's file and the manifest",
            with_manifest(replaced(&files, &approval, "oscar", "peter")),
        ),
        row(
            "put another event's report in, and the manifest right",
            with_manifest(of_another("report.html")),
        ),
        row(
            "put another event's payloads in, and the manifest right",
            with_manifest(of_another("payloads/000.jsonl")),
        ),
        row("took the checkpoint out", zip(&without("checkpoint"))),
        row(
            "took an approval's file out, and out of the manifest",
            with_manifest(without(&approval)),
        ),
        row("added a file", zip(&with("zz.txt"))),
        row(
            "added a file to pack and manifest",
            with_manifest(with("approvals/99.json")),
        ),
        row(
            "wrote the manifest in another spelling",
            zip(&changed(&files, "manifest.json", |content| {
                content.push(b'\n')
            })),
        ),
        row(
            "said that it is of another format",
            zip(&replaced(
                &files,
                "manifest.json",
                "locum-evidence/1",
                "locum-evidence/9",
            )),
        ),
    ]
}
