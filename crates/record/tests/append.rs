//! Appending, sequencing and opening again, when nothing fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use locum_record::{Mark, OpenError, Recorder, RecorderOptions, RecorderUnavailable, Recovered};
use support::{Faulty, open, options, record, segment, segments, texts, wait};

#[test]
fn an_acknowledged_record_is_found_by_whoever_opens_next() {
    let directory = tempfile::tempdir().unwrap();
    let (recorder, recovered) = open(directory.path(), None);
    assert_eq!(recovered, Recovered::default());
    assert!(recorder.is_available());
    wait(recorder.append(record("first"))).unwrap();
    wait(recorder.append(record("second"))).unwrap();
    assert_eq!(texts(&recorder), ["first", "second"]);
    assert_eq!(recorder.unsequenced_bytes(), 11);
    drop(recorder);

    let (recorder, recovered) = open(directory.path(), None);
    assert_eq!(recovered.records, 2);
    assert_eq!(recovered.torn, []);
    assert_eq!(texts(&recorder), ["first", "second"]);
}

#[test]
fn what_is_sequenced_does_not_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let (recorder, _) = open(directory.path(), None);
    for text in ["a", "b", "c"] {
        wait(recorder.append(record(text))).unwrap();
    }
    let two = recorder.peek(2);
    assert_eq!(recorder.peek(2), two, "peeking takes nothing");
    let mark = two[1].mark;
    recorder.advance(mark);
    assert_eq!(texts(&recorder), ["c"]);
    assert_eq!(recorder.unsequenced_bytes(), 1);
    recorder.advance(two[0].mark);
    assert_eq!(texts(&recorder), ["c"], "an older mark changes nothing");
    drop(recorder);

    let (recorder, recovered) = open(directory.path(), Some(mark));
    assert_eq!((recovered.records, recovered.torn), (1, Vec::new()));
    assert_eq!(texts(&recorder), ["c"]);
}

#[test]
fn records_run_over_many_segments_in_order_and_sequenced_segments_go() {
    let directory = tempfile::tempdir().unwrap();
    let (recorder, _) = open(directory.path(), None);
    let wanted: Vec<String> = (0..100)
        .map(|number| format!("record {number:0200}"))
        .collect();
    for text in &wanted {
        wait(recorder.append(record(text.clone()))).unwrap();
    }
    assert_eq!(texts(&recorder), wanted);
    let taken = recorder.peek(usize::MAX);
    assert!(taken.is_sorted_by_key(|taken| taken.mark));
    let last = taken[99].mark;
    assert!(last.segment >= 6, "{last:?}");
    let kept = taken[50].mark;
    recorder.advance(kept);
    for number in 1..kept.segment {
        assert!(!segment(directory.path(), number).exists());
    }
    for number in kept.segment..=last.segment {
        let length = fs::metadata(segment(directory.path(), number))
            .unwrap()
            .len();
        assert_eq!(length, 4_096, "a segment never changes its size");
    }
    drop(recorder);

    let (recorder, recovered) = open(directory.path(), Some(kept));
    assert_eq!((recovered.records, recovered.torn), (49, Vec::new()));
    assert_eq!(texts(&recorder), wanted[51..]);
    wait(recorder.append(record("after"))).unwrap();
    assert!(recorder.peek(50)[49].mark > last, "marks only grow");
}

#[test]
fn restarts_without_records_leave_no_segments_behind() {
    let directory = tempfile::tempdir().unwrap();
    let (recorder, _) = open(directory.path(), None);
    wait(recorder.append(record("only"))).unwrap();
    let mark = recorder.peek(1)[0].mark;
    recorder.advance(mark);
    drop(recorder);
    for _ in 0..3 {
        let (_recorder, recovered) = open(directory.path(), Some(mark));
        assert_eq!(recovered, Recovered::default());
        let files = segments(directory.path());
        assert_eq!(files, 2, "the mark's segment and a fresh one");
    }
}

#[test]
fn a_second_process_is_kept_out_until_the_first_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let (first, _) = open(directory.path(), None);
    assert!(matches!(
        Recorder::open(directory.path(), None, options()),
        Err(OpenError::InUse)
    ));
    drop(first);
    let _second = open(directory.path(), None);
}

#[test]
fn everything_queued_while_a_sync_runs_shares_the_next_one() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Faulty::default();
    let gate = disk.gate();
    let closed = gate.lock().unwrap();
    let (recorder, _) = Recorder::open_on(disk.clone(), directory.path(), None, options()).unwrap();
    let first = recorder.append(record("first"));
    disk.await_writes(1);
    let waiting: Vec<_> = (0..20)
        .map(|number| recorder.append(record(format!("{number}"))))
        .collect();
    drop(closed);
    wait(first).unwrap();
    for append in waiting {
        wait(append).unwrap();
    }
    assert_eq!(disk.written.load(Ordering::SeqCst), 2);
    assert_eq!(disk.synced.load(Ordering::SeqCst), 2);
    assert_eq!(texts(&recorder).len(), 21);
}

#[test]
fn queued_records_are_written_before_the_recorder_ends() {
    let directory = tempfile::tempdir().unwrap();
    let (recorder, _) = open(directory.path(), None);
    let abandoned = recorder.append(record("abandoned"));
    drop(abandoned);
    recorder.append_unawaited(record("unawaited")).unwrap();
    drop(recorder);
    let (recorder, _) = open(directory.path(), None);
    assert_eq!(texts(&recorder), ["abandoned", "unawaited"]);
}

#[test]
fn the_sequencer_is_told_when_there_is_something() {
    let directory = tempfile::tempdir().unwrap();
    let (recorder, _) = open(directory.path(), None);
    let recorder = Arc::new(recorder);
    let sequencer = {
        let recorder = Arc::clone(&recorder);
        std::thread::spawn(move || {
            let mut seen = Vec::new();
            while seen.len() < 50 {
                wait(recorder.wait());
                for taken in recorder.peek(7) {
                    recorder.advance(taken.mark);
                    seen.push(taken.bytes);
                }
            }
            seen
        })
    };
    let wanted: Vec<_> = (0..50).map(|number| record(format!("{number}"))).collect();
    for bytes in &wanted {
        wait(recorder.append(bytes.clone())).unwrap();
    }
    assert_eq!(sequencer.join().unwrap(), wanted);
    assert_eq!(recorder.unsequenced_bytes(), 0);
}

#[test]
fn what_cannot_be_held_is_refused_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let small = RecorderOptions {
        unsequenced_bytes_limit: 100,
        ..options()
    };
    let (recorder, _) = Recorder::open(directory.path(), None, small).unwrap();
    assert!(matches!(
        wait(recorder.append(record(""))),
        Err(RecorderUnavailable::Empty)
    ));
    assert!(matches!(
        wait(recorder.append(record("x".repeat(4_096)))),
        Err(RecorderUnavailable::TooLarge(4_096))
    ));
    wait(recorder.append(record("x".repeat(60)))).unwrap();
    assert!(matches!(
        wait(recorder.append(record("y".repeat(60)))),
        Err(RecorderUnavailable::Behind)
    ));
    assert!(matches!(
        recorder.append_unawaited(record("y".repeat(60))),
        Err(RecorderUnavailable::Behind)
    ));
    wait(recorder.append(record("y".repeat(40)))).unwrap();
    assert!(!recorder.is_available());
    let mark: Mark = recorder.peek(1)[0].mark;
    recorder.advance(mark);
    assert!(recorder.is_available());
    wait(recorder.append(record("z".repeat(60)))).unwrap();
    for bytes in [0, 64, 76, (1 << 30) + 1] {
        let options = RecorderOptions {
            segment_bytes: bytes,
            ..options()
        };
        let other = tempfile::tempdir().unwrap();
        assert!(matches!(
            Recorder::open(other.path(), None, options),
            Err(OpenError::SegmentBytes(_))
        ));
    }
}

#[test]
fn sixty_four_appenders_at_once_find_all_that_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let (recorder, _) = open(directory.path(), None);
    let recorder = Arc::new(recorder);
    let appenders: Vec<_> = (0..64_u64)
        .map(|appender| {
            let recorder = Arc::clone(&recorder);
            std::thread::spawn(move || {
                let mut seed = appender;
                for number in 0..20 {
                    // Lengths from a seeded walk, so that segments fill unevenly.
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let padding = "p".repeat(usize::try_from(seed >> 57).unwrap());
                    let text = format!("{appender} {number} {padding}");
                    if number % 3 == 2 {
                        recorder.append_unawaited(record(text)).unwrap();
                    } else {
                        wait(recorder.append(record(text))).unwrap();
                    }
                }
            })
        })
        .collect();
    for appender in appenders {
        appender.join().unwrap();
    }
    drop(Arc::into_inner(recorder));

    let (recorder, recovered) = open(directory.path(), None);
    assert_eq!((recovered.records, recovered.torn), (1_280, Vec::new()));
    let mut last = vec![-1; 64];
    let mut seen = BTreeSet::new();
    for text in texts(&recorder) {
        let mut words = text.split(' ');
        let appender: usize = words.next().unwrap().parse().unwrap();
        let number: i32 = words.next().unwrap().parse().unwrap();
        assert!(number > last[appender], "each appender's order is kept");
        last[appender] = number;
        seen.insert((appender, number));
    }
    assert_eq!(seen.len(), 1_280);
}

#[test]
fn waiting_can_move_between_threads() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let directory = tempfile::tempdir().unwrap();
    let (recorder, _) = is_send(open(directory.path(), None));
    wait(is_send(recorder.append(record("moves")))).unwrap();
    wait(is_send(recorder.wait()));
}
