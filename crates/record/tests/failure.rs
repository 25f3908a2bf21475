//! Appending when the disk says no.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod support;

use std::fs;
use std::sync::atomic::Ordering;
use std::time::Duration;

use locum_record::{Recorder, RecorderOptions, RecorderUnavailable};
use support::Step::{Fails, Works};
use support::{Faulty, open, options, record, segment, segments, texts, wait};

fn faulty(disk: &Faulty, directory: &tempfile::TempDir) -> Recorder {
    Recorder::open_on(disk.clone(), directory.path(), None, options())
        .unwrap()
        .0
}

#[test]
fn a_failed_sync_refuses_the_record_and_its_segment_is_never_asked_again() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Faulty::default().syncs([Works, Fails]);
    let recorder = faulty(&disk, &directory);
    wait(recorder.append(record("first"))).unwrap();
    assert!(matches!(
        wait(recorder.append(record("lost"))),
        Err(RecorderUnavailable::Failed(_))
    ));
    wait(recorder.append(record("third"))).unwrap();
    assert!(recorder.is_available());
    assert_eq!(texts(&recorder), ["first", "third"]);
    assert_eq!(disk.retried(), 0);
    assert_eq!(disk.created.load(Ordering::SeqCst), 2);
    drop(recorder);

    // The refused record lies whole in the first segment, and still is none.
    let bytes = fs::read(segment(directory.path(), 1)).unwrap();
    assert!(bytes.windows(4).any(|window| window == b"lost"));
    let (recorder, recovered) = open(directory.path(), None);
    assert_eq!(texts(&recorder), ["first", "third"]);
    assert_eq!((recovered.refused, recovered.torn), (1, Vec::new()));
}

#[test]
fn a_failed_write_leaves_half_a_record_that_nobody_takes_for_one() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Faulty::default().writes([Works, Fails]);
    let recorder = faulty(&disk, &directory);
    wait(recorder.append(record("first"))).unwrap();
    assert!(wait(recorder.append(record("a record that is cut in half"))).is_err());
    wait(recorder.append(record("third"))).unwrap();
    assert_eq!(disk.retried(), 0);
    drop(recorder);
    let (recorder, _) = open(directory.path(), None);
    assert_eq!(texts(&recorder), ["first", "third"]);
}

#[test]
fn all_who_wait_for_a_failed_sync_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Faulty::default().syncs([Works, Fails]);
    let gate = disk.gate();
    let recorder = faulty(&disk, &directory);
    let closed = gate.lock().unwrap();
    let first = recorder.append(record("first"));
    disk.await_writes(1);
    let others: Vec<_> = (0..10)
        .map(|number| recorder.append(record(format!("{number}"))))
        .collect();
    drop(closed);
    wait(first).unwrap();
    for other in others {
        assert!(matches!(wait(other), Err(RecorderUnavailable::Failed(_))));
    }
    assert_eq!(texts(&recorder), ["first"]);
}

#[test]
fn what_nobody_waits_for_survives_a_failed_segment() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Faulty::default().syncs([Works, Fails]);
    let recorder = faulty(&disk, &directory);
    wait(recorder.append(record("admitted"))).unwrap();
    recorder.append_unawaited(record("completed")).unwrap();
    wait(recorder.wait());
    // Whether this one shares the failed sync or comes after it, "completed" is kept.
    let _ = wait(recorder.append(record("next")));
    drop(recorder);
    let (recorder, _) = open(directory.path(), None);
    let texts = texts(&recorder);
    assert_eq!(texts[..2], ["admitted", "completed"]);
    let completed = texts.iter().filter(|text| *text == "completed").count();
    assert_eq!(completed, 1);
}

#[test]
fn a_full_disk_closes_the_door_and_room_opens_it() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Faulty::default().syncs([Works, Fails]);
    let recorder = faulty(&disk, &directory);
    wait(recorder.append(record("first"))).unwrap();
    disk.set_full(true);
    assert!(wait(recorder.append(record("lost"))).is_err());
    // The thread closes the door after it refused.
    while recorder.is_available() {
        std::thread::yield_now();
    }
    assert!(matches!(
        wait(recorder.append(record("also lost"))),
        Err(RecorderUnavailable::Closed(_))
    ));
    recorder.append_unawaited(record("completed")).unwrap();
    assert_eq!(texts(&recorder), ["first"]);

    disk.set_full(false);
    while !recorder.is_available() {
        std::thread::yield_now();
    }
    wait(recorder.append(record("after"))).unwrap();
    assert_eq!(texts(&recorder), ["first", "completed", "after"]);
    assert_eq!(disk.retried(), 0);
    drop(recorder);
    let (recorder, recovered) = open(directory.path(), None);
    assert_eq!(texts(&recorder), ["first", "completed", "after"]);
    assert_eq!(recovered.torn, []);
}

#[test]
fn appending_alone_reopens_the_door() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Faulty::default().creates([Fails]);
    let recorder = faulty(&disk, &directory);
    let mut refused = 0;
    while wait(recorder.append(record("again"))).is_err() {
        refused += 1;
        std::thread::yield_now();
    }
    assert!(
        refused > 0,
        "a full disk at the start is no error but a closed door"
    );
    assert_eq!(texts(&recorder), ["again"]);
}

#[test]
fn what_was_recovered_can_be_sequenced_behind_a_closed_door() {
    let directory = tempfile::tempdir().unwrap();
    let (recorder, _) = open(directory.path(), None);
    wait(recorder.append(record("before"))).unwrap();
    drop(recorder);
    let disk = Faulty::default();
    disk.set_full(true);
    let recorder = faulty(&disk, &directory);
    assert!(!recorder.is_available());
    assert_eq!(texts(&recorder), ["before"]);
    recorder.advance(recorder.peek(1)[0].mark);
    assert_eq!(recorder.unsequenced_bytes(), 0);
}

#[test]
fn a_segment_that_fails_at_its_first_record_closes_the_door() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Faulty::default().syncs([Fails, Fails]);
    let recorder = faulty(&disk, &directory);
    assert!(wait(recorder.append(record("lost"))).is_err());
    let mut outcome = wait(recorder.append(record("kept")));
    while outcome.is_err() {
        std::thread::yield_now();
        outcome = wait(recorder.append(record("kept")));
    }
    assert_eq!(texts(&recorder), ["kept"]);
    assert_eq!(disk.retried(), 0);
    let files = segments(directory.path());
    assert_eq!(files, 1, "the failed files were replaced");
    drop(recorder);
    let (recorder, recovered) = open(directory.path(), None);
    assert_eq!(texts(&recorder), ["kept"]);
    assert_eq!((recovered.refused, recovered.torn), (0, Vec::new()));
}

#[test]
fn a_recorder_that_ends_tries_a_closed_door_once_more() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Faulty::default();
    disk.set_full(true);
    let recorder = faulty(&disk, &directory);
    recorder.append_unawaited(record("completed")).unwrap();
    disk.set_full(false);
    drop(recorder);
    let (recorder, _) = open(directory.path(), None);
    assert_eq!(texts(&recorder), ["completed"]);
}

/// Panics when it is asked to sync.
struct Panicking;

impl locum_record::recorder::Disk for Panicking {
    fn create(
        &mut self,
        _directory: &std::path::Path,
        _number: u64,
        _header: &[u8],
        _bytes: u64,
    ) -> std::io::Result<Box<dyn locum_record::recorder::SegmentFile>> {
        Ok(Box::new(Self))
    }
}

impl locum_record::recorder::SegmentFile for Panicking {
    fn write(&mut self, _bytes: &[u8], _offset: u64) -> std::io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> std::io::Result<()> {
        panic!("a fault in the program")
    }
}

#[test]
fn nobody_waits_for_a_thread_that_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let (recorder, _) = Recorder::open_on(Panicking, directory.path(), None, options()).unwrap();
    for text in ["first", "second"] {
        assert!(matches!(
            wait(recorder.append(record(text))),
            Err(RecorderUnavailable::Stopped)
        ));
    }
    while recorder.is_available() {
        std::thread::yield_now();
    }
}

#[test]
fn a_closed_door_is_not_tried_more_often_than_the_interval_allows() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Faulty::default().syncs([Fails]);
    let patient = RecorderOptions {
        reopen_interval: Duration::from_secs(86_400),
        ..options()
    };
    let (recorder, _) = Recorder::open_on(disk.clone(), directory.path(), None, patient).unwrap();
    // Its very first record failed, so no other segment is opened for the next one.
    assert!(wait(recorder.append(record("lost"))).is_err());
    for _ in 0..10 {
        assert!(matches!(
            wait(recorder.append(record("also lost"))),
            Err(RecorderUnavailable::Closed(_))
        ));
        assert!(!recorder.is_available());
    }
    assert_eq!(disk.created.load(Ordering::SeqCst), 1);
}
