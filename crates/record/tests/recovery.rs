//! Opening after a kill, at every byte, and after the disk lost something.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod support;

use std::fs;
use std::path::Path;

use locum_record::{Mark, Recorder, Recovered, Torn, TornKind};
use proptest::prelude::*;
use support::{Faulty, open, options, record, segment, texts, wait};

/// Appends records one by one, each with its own sync, and returns their marks.
fn append_all(directory: &Path, after: Option<Mark>, records: &[&str]) -> Vec<Mark> {
    let (recorder, _) = open(directory, after);
    for text in records {
        wait(recorder.append(record(*text))).unwrap();
    }
    let taken = recorder.peek(usize::MAX);
    taken.into_iter().map(|taken| taken.mark).collect()
}

const RECORDS: [&str; 4] = ["alpha", "beta", "gamma gamma", "delta"];

/// Opens a directory that holds one segment with these bytes.
fn reopened(bytes: &[u8]) -> (Vec<String>, Recovered) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(segment(directory.path(), 1), bytes).unwrap();
    let (recorder, recovered) = open(directory.path(), None);
    let found = texts(&recorder);
    // Whatever was found, the recorder goes on, and finds the same again.
    wait(recorder.append(record("after"))).unwrap();
    drop(recorder);
    let (recorder, _) = open(directory.path(), None);
    let again = texts(&recorder);
    assert_eq!(again[..again.len() - 1], found);
    assert_eq!(again.last().unwrap(), "after");
    (found, recovered)
}

/// A segment with the four records, and where each ends.
fn written() -> (Vec<u8>, Vec<usize>) {
    let directory = tempfile::tempdir().unwrap();
    let marks = append_all(directory.path(), None, &RECORDS);
    let ends = marks
        .iter()
        .map(|mark| usize::try_from(mark.offset).unwrap())
        .collect();
    (fs::read(segment(directory.path(), 1)).unwrap(), ends)
}

fn whole_before(ends: &[usize], cut: usize) -> usize {
    ends.iter().filter(|end| **end <= cut).count()
}

#[test]
fn a_kill_at_any_byte_of_a_write_keeps_every_record_before_it() {
    let (bytes, ends) = written();
    for cut in ends[0]..=ends[3] {
        let mut zeroed = bytes.clone();
        zeroed[cut..].fill(0);
        let truncated = &bytes[..cut];
        for (what, bytes) in [("zeroed", zeroed.as_slice()), ("truncated", truncated)] {
            let (found, recovered) = reopened(bytes);
            let whole = whole_before(&ends, cut);
            assert_eq!(found, RECORDS[..whole], "{what} at {cut}");
            let is_clean = ends.contains(&cut);
            let short = TornKind::Short { made: 4_096 };
            for torn in &recovered.torn {
                let is_short = what == "truncated" && torn.kind == short;
                assert!(is_short || torn.kind == TornKind::Tail, "{what} at {cut}");
                assert_eq!(torn.offset, ends[whole - 1] as u64);
                assert!(is_short || !is_clean, "{what} at {cut}");
            }
            let is_told = recovered.torn.iter().any(|torn| torn.kind == short);
            assert_eq!(is_told, what == "truncated", "no kill cuts a file");
        }
    }
}

#[test]
fn a_batch_that_arrived_without_its_beginning_is_a_torn_tail() {
    // Pages may reach the disk in any order: the second half of an unacknowledged batch alone.
    let directory = tempfile::tempdir().unwrap();
    let disk = Faulty::default();
    let gate = disk.gate();
    let closed = gate.lock().unwrap();
    let (recorder, _) = Recorder::open_on(disk.clone(), directory.path(), None, options()).unwrap();
    // Held at its first sync, the writer finds all the others together.
    let first = recorder.append(record("first"));
    disk.await_writes(1);
    let others: Vec<_> = (0..6)
        .map(|number| recorder.append(record(format!("record {number}"))))
        .collect();
    drop(closed);
    wait(first).unwrap();
    for other in others {
        wait(other).unwrap();
    }
    let marks: Vec<_> = recorder.peek(7).iter().map(|taken| taken.mark).collect();
    drop(recorder);
    let mut bytes = fs::read(segment(directory.path(), 1)).unwrap();
    let (begin, end) = (marks[3].offset as usize, marks[4].offset as usize);
    bytes[begin..end].fill(0);
    let (found, recovered) = reopened(&bytes);
    assert_eq!(found.len(), 4);
    let torn = Torn {
        segment: 1,
        offset: marks[3].offset,
        kind: TornKind::Tail,
    };
    assert_eq!(recovered.torn, [torn]);
}

#[test]
fn an_acknowledged_record_that_the_disk_lost_is_a_finding() {
    let (bytes, ends) = written();
    for place in ends[0]..ends[1] {
        let mut bytes = bytes.clone();
        bytes[place] ^= 0x55;
        let (found, recovered) = reopened(&bytes);
        assert_eq!(found, ["alpha"], "byte {place}");
        let torn = Torn {
            segment: 1,
            offset: ends[0] as u64,
            kind: TornKind::Acknowledged {
                until: ends[2] as u64,
            },
        };
        assert_eq!(recovered.torn, [torn], "byte {place}");
    }
}

#[test]
fn the_next_segment_knows_how_far_this_one_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let marks = append_all(directory.path(), None, &RECORDS);
    append_all(directory.path(), None, &["epsilon"]);
    let path = segment(directory.path(), 1);
    let mut bytes = fs::read(&path).unwrap();
    let begin = usize::try_from(marks[2].offset).unwrap();
    bytes[begin..].fill(0);
    fs::write(&path, bytes).unwrap();

    let torn = Torn {
        segment: 1,
        offset: marks[2].offset,
        kind: TornKind::Acknowledged {
            until: marks[3].offset,
        },
    };
    for _ in 0..2 {
        let (recorder, recovered) = open(directory.path(), None);
        assert_eq!(recovered.torn, [torn], "found again at every opening");
        assert_eq!(
            texts(&recorder),
            ["alpha", "beta", "gamma gamma", "epsilon"]
        );
    }
    let (recorder, _) = open(directory.path(), None);
    recorder.advance(recorder.peek(usize::MAX)[3].mark);
    assert!(!path.exists());
    assert!(
        path.with_extension("log.damaged").exists(),
        "kept for people to look at"
    );
}

#[test]
fn a_segment_that_is_gone_is_a_finding_unless_all_of_it_was_sequenced() {
    let directory = tempfile::tempdir().unwrap();
    let marks = append_all(directory.path(), None, &RECORDS);
    append_all(directory.path(), None, &["epsilon"]);
    fs::remove_file(segment(directory.path(), 1)).unwrap();
    let missing = |after| {
        let (recorder, recovered) = open(directory.path(), after);
        assert_eq!(texts(&recorder), ["epsilon"]);
        recovered.torn
    };
    let finding = [Torn {
        segment: 1,
        offset: 0,
        kind: TornKind::Missing,
    }];
    assert_eq!(missing(None), finding);
    assert_eq!(missing(Some(marks[2])), finding);
    assert_eq!(missing(Some(marks[3])), []);
}

#[test]
fn an_emptied_directory_is_a_finding_and_marks_still_grow() {
    let directory = tempfile::tempdir().unwrap();
    let mark = Mark {
        segment: 7,
        offset: 500,
    };
    let (recorder, recovered) = open(directory.path(), Some(mark));
    assert_eq!(recovered.torn.len(), 1);
    assert_eq!(recovered.torn[0].kind, TornKind::Missing);
    wait(recorder.append(record("on we go"))).unwrap();
    assert!(recorder.peek(1)[0].mark > mark);
}

#[test]
fn a_segment_with_a_broken_header_is_a_finding_and_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    append_all(directory.path(), None, &RECORDS);
    let path = segment(directory.path(), 1);
    let mut bytes = fs::read(&path).unwrap();
    bytes[20] ^= 1;
    fs::write(&path, bytes).unwrap();
    let (recorder, recovered) = open(directory.path(), None);
    assert_eq!(recovered.torn.len(), 1);
    assert_eq!(recovered.torn[0].kind, TornKind::Header);
    wait(recorder.append(record("on we go"))).unwrap();
    assert!(path.exists());
    recorder.advance(recorder.peek(1)[0].mark);
    assert!(path.with_extension("log.damaged").exists());
}

#[test]
fn a_segment_that_was_never_finished_is_swept_away() {
    let directory = tempfile::tempdir().unwrap();
    append_all(directory.path(), None, &RECORDS);
    let unfinished = segment(directory.path(), 2).with_extension("new");
    fs::write(&unfinished, b"half").unwrap();
    fs::write(directory.path().join("notes.txt"), b"not ours").unwrap();
    let (recorder, recovered) = open(directory.path(), None);
    assert_eq!((recovered.records, recovered.torn), (4, Vec::new()));
    assert!(!unfinished.exists());
    assert!(directory.path().join("notes.txt").exists());
    assert_eq!(texts(&recorder), RECORDS);
}

#[test]
fn a_record_that_looks_like_a_frame_does_not_become_one() {
    // A record whose bytes are a whole segment, cut off so that its own frame is torn.
    let (bytes, ends) = written();
    let directory = tempfile::tempdir().unwrap();
    let (recorder, _) = open(directory.path(), None);
    wait(recorder.append(record("honest"))).unwrap();
    wait(recorder.append(bytes[..ends[3]].to_vec().into())).unwrap();
    let marks: Vec<_> = recorder.peek(2).iter().map(|taken| taken.mark).collect();
    drop(recorder);
    let mut outer = fs::read(segment(directory.path(), 1)).unwrap();
    outer[usize::try_from(marks[1].offset).unwrap() - 1] ^= 1;
    let (found, recovered) = reopened(&outer);
    assert_eq!(found, ["honest"]);
    assert_eq!(recovered.torn[0].kind, TornKind::Tail);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn restarts_anywhere_lose_and_repeat_nothing(
        runs in prop::collection::vec(
            (prop::collection::vec(1_usize..900, 0..12), 0_usize..12),
            1..6,
        ),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let mut mark = None;
        let mut written = Vec::new();
        let mut sequenced = Vec::new();
        for (lengths, sequence) in runs {
            let (recorder, recovered) = open(directory.path(), mark);
            prop_assert_eq!(recovered.torn, []);
            prop_assert_eq!(recovered.records, written.len() - sequenced.len());
            for length in lengths {
                let text = format!("{:04}{}", written.len(), "x".repeat(length));
                wait(recorder.append(record(text.clone()))).unwrap();
                written.push(text);
            }
            for taken in recorder.peek(sequence) {
                mark = Some(taken.mark);
                recorder.advance(taken.mark);
                sequenced.push(String::from_utf8(taken.bytes.to_vec()).unwrap());
            }
            prop_assert_eq!(sequenced.as_slice(), &written[..sequenced.len()]);
        }
    }
}
