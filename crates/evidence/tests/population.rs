//! R24: the evidence of a period holds every access event that was filed in it, and shows that there is no other.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;
mod ledger;

use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use ledger::scenario::Script;
use ledger::{Ledger, time, unzip, zip};
use locum_domain::{EventId, Timestamp};
use locum_evidence::{
    Draft, DraftError, Only, Pack, Period, PopulationFailure, PopulationVerified, RangeFault,
    VerifyFailure, VerifyOptions, Wanted, is_population, needed, verify, verify_population,
};
use locum_record::{Entry, canonical};
use locum_tlog::leaf_hash;

/// Seconds from one filing to the next.
const APART: i64 = 2_000;

/// Ten access events, each with its strangers.
struct Town {
    ledger: Ledger,
    scripts: Vec<Script>,
}

impl Town {
    fn new(filler: usize) -> Self {
        let scripts: Vec<Script> = (1..=10).map(Script::new).collect();
        let mut ledger = Ledger::new(1);
        ledger.fill(3);
        for script in &scripts {
            ledger.skip_to(i64::from(script.number) * APART);
            ledger.interleave(&[script.play()], filler);
        }
        Self { ledger, scripts }
    }

    fn event(number: u8) -> EventId {
        EventId::from_bytes([number; 16])
    }

    /// The file of a period, from this bundle on until this one.
    fn drawn(
        &self,
        period: Period,
        only: Only,
        from: u64,
        at_least: u64,
    ) -> Result<Vec<u8>, DraftError> {
        let tree = self.ledger.tiles.tree();
        let note = self.ledger.key.sign_checkpoint(tree.size(), tree.root());
        let key = self.ledger.key.verifier_key().clone();
        let mut draft = Draft::new(key, note.clone(), period, only, from)?;
        while !draft.ends_late_enough() || draft.end() < at_least {
            let path = draft.next_bundle().unwrap();
            draft.bundle(&self.ledger.part(path))?;
        }
        for filing in draft.filings().to_vec() {
            draft.pack(&filing, &self.pack_of(&filing.event))?;
        }
        for path in draft.tiles() {
            draft.tile(path, &self.ledger.part(path));
        }
        let mut plan = draft.plan()?;
        let mut file = Vec::new();
        while let Some(wanted) = plan.next().cloned() {
            let bytes = match wanted {
                Wanted::Part(path) => self.ledger.part(path),
                Wanted::Pack(event) => self.pack_of(&event),
                Wanted::Made(bytes) => bytes,
            };
            file.extend(plan.write(&bytes)?);
        }
        file.extend(plan.finish()?);
        Ok(file)
    }

    fn all(&self, period: Period) -> Vec<u8> {
        self.drawn(period, Only::default(), 0, 0).unwrap()
    }

    fn script_of(&self, event: &EventId) -> &Script {
        let mut scripts = self.scripts.iter();
        scripts
            .find(|script| Town::event(script.number) == *event)
            .unwrap()
    }

    fn pack_of(&self, event: &EventId) -> Vec<u8> {
        let streams = self.script_of(event).streams();
        self.ledger.pack(&streams).build().unwrap()
    }
}

fn period(from: i64, to: i64) -> Period {
    Period::new(time(from), time(to)).unwrap()
}

fn judged(file: &[u8]) -> Result<PopulationVerified, PopulationFailure> {
    verify_population(Cursor::new(file), &VerifyOptions::default())
}

/// The file with other content, and the manifest that fits.
fn changed(
    file: &[u8],
    change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>,
    more: &[(String, Vec<u8>)],
) -> Vec<u8> {
    use sha2::{Digest as _, Sha256};
    let files = unzip(file).into_iter().skip(1);
    let mut files: Vec<(String, Vec<u8>)> = files
        .filter_map(|(name, bytes)| Some((name.clone(), change(&name, bytes)?)))
        .collect();
    files.extend(more.iter().cloned());
    files.sort();
    let digests: std::collections::BTreeMap<&str, String> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), hex::encode(Sha256::digest(bytes))))
        .collect();
    let manifest = serde_json::json!({"files": digests, "format": "locum-population/1"});
    files.insert(0, ("manifest.json".into(), canonical(&manifest).unwrap()));
    zip(&files)
}

fn pack_name(number: u8) -> String {
    format!("events/{}.zip", Town::event(number))
}

#[test]
fn r24_a_period_holds_every_event_filed_in_it_and_says_how_many() {
    let town = Town::new(20);
    let file = town.all(period(2 * APART, 6 * APART));
    let verified = judged(&file).unwrap();
    let vkey = town.ledger.key.verifier_key();
    assert_eq!(
        verified.sentence,
        format!(
            "population complete: 4 of 4; every pack consistent, signed by {vkey}, not checked against a key you \
             trust; vouched for by the operator alone; 4 events have findings"
        )
    );
    let events = verified.population.events.iter();
    let events: Vec<&EventId> = events.map(|it| &it.event).collect();
    let wanted: Vec<EventId> = (2..6).map(Town::event).collect();
    assert_eq!(events, wanted.iter().collect::<Vec<_>>());
    assert!(is_population(Cursor::new(&file)));
    assert!(!is_population(Cursor::new(town.pack_of(&Town::event(2)))));
    assert_eq!(zip(&unzip(&file)), file, "any unzip reads it");
    // Each pack in it is one that can be handed on alone.
    let (_, pack) = unzip(&file)
        .into_iter()
        .find(|(name, _)| *name == pack_name(3))
        .unwrap();
    assert!(verify(&pack, &VerifyOptions::default()).is_ok());
    let trusting = VerifyOptions {
        trusted_key: Some(vkey.clone()),
        ..VerifyOptions::default()
    };
    let trusted = verify_population(Cursor::new(&file), &trusting).unwrap();
    assert!(trusted.is_key_trusted && trusted.sentence.contains("the key you gave"));
}

#[test]
fn r24_the_first_moment_of_a_period_belongs_to_it_and_the_one_behind_it_does_not() {
    let town = Town::new(0);
    let filed = |number: i64| {
        let script = town.script_of(&Town::event(u8::try_from(number).unwrap()));
        let rows = town.ledger.rows.iter();
        let mut rows = rows.filter(|row| script.streams().contains(&row.stream));
        let position = rows.next().unwrap().position as usize;
        Entry::parse(&town.ledger.entries[position]).unwrap().at()
    };
    let micro =
        |at: Timestamp, by: i64| Timestamp::from_microsecond(at.as_microsecond() + by).unwrap();
    for (from, to, count) in [
        (filed(2), filed(3), 1),
        (filed(2), micro(filed(3), 1), 2),
        (micro(filed(2), 1), filed(3), 0),
        (micro(filed(2), 1), micro(filed(3), 1), 1),
        (Timestamp::UNIX_EPOCH, filed(1), 0),
        (Timestamp::UNIX_EPOCH, time(9_999_999), 10),
    ] {
        let file = town.all(Period::new(from, to).unwrap());
        let told = judged(&file).unwrap().population;
        assert_eq!(
            (told.events.len(), told.filed),
            (count, count),
            "{from} {to}"
        );
    }
}

#[test]
fn r24_an_event_whose_pack_was_left_out_is_named() {
    let town = Town::new(5);
    let file = town.all(period(2 * APART, 6 * APART));
    for number in 2..6 {
        let without = changed(
            &file,
            |name, bytes| (name != pack_name(number)).then_some(bytes),
            &[],
        );
        let failure = judged(&without).unwrap_err();
        let PopulationFailure::NoPack { event, position } = &failure else {
            panic!("{failure}");
        };
        assert_eq!(*event, Town::event(number));
        let said = format!(
            "the population is not complete: event {event} was filed in the period, as entry {position}, and its pack \
             is missing"
        );
        assert_eq!(failure.to_string(), said);
    }
}

#[test]
fn r24_a_pack_that_ends_early_that_is_older_or_of_another_event_is_named() {
    let town = Town::new(5);
    let file = town.all(period(2 * APART, 6 * APART));
    let put = |bytes: Vec<u8>| {
        changed(
            &file,
            |name, old| {
                Some(if name == pack_name(3) {
                    bytes.clone()
                } else {
                    old
                })
            },
            &[],
        )
    };
    // The newest entries of the event left out, which the pack alone does not show.
    let streams = town.script_of(&Town::event(3)).streams();
    let whole: Pack = town.ledger.pack(&streams);
    let mut short = whole.clone();
    let last = short.rows.pop().unwrap();
    short.parts = needed(
        town.ledger.entries.len() as u64,
        short.rows.iter().map(|row| row.position),
    )
    .into_iter()
    .map(|path| (path, town.ledger.part(path)))
    .collect();
    let short = short.build().unwrap();
    assert!(verify(&short, &VerifyOptions::default()).is_ok());
    let told = whole.rows.len() as u64 - 1;
    let failure = judged(&put(short)).unwrap_err();
    let said = format!(
        "the pack of event {} ends with its entry {told}, and entry {} of the ledger is its entry {}",
        Town::event(3),
        last.position,
        told + 1
    );
    assert_eq!(failure.to_string(), said);
    // As it was when the ledger was shorter.
    let mut older = Town::new(5);
    older.ledger.fill(1);
    let older = older.pack_of(&Town::event(3));
    assert!(matches!(
        judged(&put(older)).unwrap_err(),
        PopulationFailure::Pack { failure, .. } if matches!(*failure, VerifyFailure::OtherCheckpoint)
    ));
    // Another's, under this one's name.
    let others = town.pack_of(&Town::event(4));
    assert!(matches!(
        judged(&put(others)).unwrap_err(),
        PopulationFailure::OtherEvent { .. }
    ));
    // One of another period.
    let strange = (pack_name(9), town.pack_of(&Town::event(9)));
    let more = changed(&file, |_, bytes| Some(bytes), &[strange]);
    let failure = judged(&more).unwrap_err();
    assert!(matches!(failure, PopulationFailure::NotInPeriod(event) if event == Town::event(9)));
}

#[test]
fn r24_no_entry_of_the_range_can_be_changed_left_out_or_added() {
    let town = Town::new(30);
    let file = town.all(period(2 * APART, 6 * APART));
    let bundles: Vec<String> = unzip(&file)
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("entries/"))
        .collect();
    assert!(bundles.len() > 2, "{bundles:?}");
    for bundle in &bundles {
        let bent = changed(
            &file,
            |name, mut bytes| {
                if name == bundle {
                    let place = bytes.len() / 2;
                    bytes[place] ^= 1;
                }
                Some(bytes)
            },
            &[],
        );
        assert!(judged(&bent).is_err(), "{bundle} bent");
        let without = changed(&file, |name, bytes| (name != bundle).then_some(bytes), &[]);
        assert!(judged(&without).is_err(), "{bundle} left out");
    }
    for (name, _) in unzip(&file).into_iter().skip(1) {
        let bent = changed(
            &file,
            |it, mut bytes| {
                if it == name {
                    bytes.push(b' ');
                }
                Some(bytes)
            },
            &[],
        );
        assert!(judged(&bent).is_err(), "`{name}` with a blank more");
    }
    let added = ("notes.txt".to_owned(), b"all in order".to_vec());
    assert!(judged(&changed(&file, |_, bytes| Some(bytes), &[added])).is_err());
    for place in (0..file.len()).step_by(4_999) {
        let mut bent = file.clone();
        bent[place] ^= 1;
        assert!(judged(&bent).is_err(), "byte {place}");
    }
}

#[test]
fn r24_a_range_that_does_not_reach_beyond_the_period_shows_nothing_of_its_ends() {
    let town = Town::new(25);
    let size = town.ledger.entries.len() as u64;
    let late = period(5 * APART, 6 * APART);
    let filed = |bundle: u64| {
        let entries = &town.ledger.entries[bundle as usize * 256..];
        let mut entries = entries.iter().map(|it| Entry::parse(it).unwrap());
        entries.find_map(|it| it.place().filter(|at| at.nth() == 1).map(|_| it.at()))
    };
    // From every bundle on: either it shows the beginning, or it says that it does not.
    let mut shown = Vec::new();
    for from in 0..size / 256 {
        let file = town.drawn(late, Only::default(), from, size);
        let is_shown = match file.map(|file| judged(&file)) {
            Ok(Ok(verified)) => {
                assert_eq!(verified.population.filed, 1, "from bundle {from}");
                true
            }
            Ok(Err(PopulationFailure::BeginsLate)) | Err(DraftError::Range(_)) => false,
            other => panic!("from bundle {from}: {other:?}"),
        };
        if is_shown && from > 0 {
            let early = filed(from).unwrap();
            assert!(early < time(5 * APART - 60), "from bundle {from}: {early}");
        }
        shown.push(is_shown);
    }
    assert!(shown[0] && shown[1] && !shown.last().unwrap(), "{shown:?}");
    // Until a bundle before the end of the period.
    let whole = town.all(period(2 * APART, 6 * APART));
    let last = unzip(&whole)
        .into_iter()
        .map(|(name, _)| name)
        .rfind(|name| name.starts_with("entries/"))
        .unwrap();
    let cut = changed(&whole, |name, bytes| (name != last).then_some(bytes), &[]);
    let failure = judged(&cut).unwrap_err();
    let is_told = matches!(
        failure,
        PopulationFailure::EndsEarly | PopulationFailure::File(VerifyFailure::Missing(_))
    );
    assert!(is_told, "{failure}");
}

/// The same ledger, in which the server gave an entry another time or place.
fn lying(town: &Town, lie: impl Fn(usize, Entry) -> Entry) -> Town {
    let mut other = Town {
        ledger: Ledger::new(1),
        scripts: town.scripts.clone(),
    };
    for (position, bytes) in town.ledger.entries.iter().enumerate() {
        let entry = lie(position, Entry::parse(bytes).unwrap());
        let bytes = entry.to_bytes().unwrap();
        other.ledger.tiles.append(leaf_hash(&bytes));
        other.ledger.entries.push(bytes);
    }
    other.ledger.rows = town.ledger.rows.clone();
    other
}

#[test]
fn r24_a_filing_with_another_time_is_in_no_period_and_is_caught_where_it_stands() {
    let town = Town::new(0);
    let rows = town.ledger.rows.iter();
    let streams = town.scripts[4].streams();
    let filing = rows
        .clone()
        .find(|row| streams.contains(&row.stream))
        .unwrap();
    let hidden = lying(&town, |position, entry| {
        if position as u64 != filing.position {
            return entry;
        }
        let place = entry.place();
        let backdated = Entry::new(entry.kind(), time(-99_999), *entry.commitment()).unwrap();
        backdated.placed(place)
    });
    // Whoever asks for the days in which it happened learns of it, whatever they ask for.
    for asked in [
        period(4 * APART, 6 * APART),
        period(0, 50 * APART),
        period(7 * APART, 50 * APART),
    ] {
        let fault = hidden.drawn(asked, Only::default(), 0, 0).unwrap_err();
        let is_caught = matches!(
            fault,
            DraftError::Range(RangeFault::OutOfTime { position, .. }) if position == filing.position
        );
        assert!(is_caught, "{fault}");
    }
}

#[test]
fn r24_an_event_that_was_never_filed_or_twice_is_caught_in_a_range_from_the_beginning() {
    let town = Town::new(0);
    let rows = town.ledger.rows.iter();
    let streams = town.scripts[4].streams();
    let own: Vec<u64> = rows
        .filter(|row| streams.contains(&row.stream))
        .map(|row| row.position)
        .collect();
    for (what, about, nth) in [("no filing", own[0], 2), ("a second first", own[3], 1)] {
        let other = lying(&town, |position, entry| {
            if position as u64 != about {
                return entry;
            }
            let place = entry.place().unwrap();
            let event = place.event();
            let hash = leaf_hash(b"");
            let place = match nth {
                1 => locum_record::EventPlace::first(event),
                nth => locum_record::EventPlace::later(event, nth, hash).unwrap(),
            };
            entry.placed(Some(place))
        });
        let fault = other
            .drawn(period(0, 50 * APART), Only::default(), 0, 0)
            .unwrap_err();
        assert!(matches!(fault, DraftError::Range(_)), "{what}: {fault}");
    }
}

#[test]
fn r24_a_selection_says_that_it_is_none_of_the_whole() {
    let mut town = Town::new(0);
    let both = Script {
        applications: vec!["billing", "crm"],
        ..Script::new(11)
    };
    town.ledger.skip_to(20 * APART);
    town.ledger.interleave(&[both.play()], 0);
    town.scripts.push(both);
    let only = |application: Option<&str>, actor: Option<&str>| Only {
        application: application.map(|it| it.parse().unwrap()),
        actor: actor.map(|it| it.parse().unwrap()),
    };
    let asked = period(0, 50 * APART);
    for (limits, count, words) in [
        (only(Some("crm"), None), 1, "application crm"),
        (only(None, Some("ann")), 11, "actor ann"),
        (
            only(Some("crm"), Some("bob")),
            0,
            "application crm, actor bob",
        ),
    ] {
        let file = town.drawn(asked, limits, 0, 0).unwrap();
        let verified = judged(&file).unwrap();
        let sentence = format!(
            "a selection, not the population: {count} of the 11 access events filed in the period, those of {words}; \
             whether others fit cannot be seen;"
        );
        assert!(
            verified.sentence.starts_with(&sentence),
            "{}",
            verified.sentence
        );
    }
    // It cannot be passed off as the population, nor hold what does not fit.
    let file = town.drawn(asked, only(Some("crm"), None), 0, 0).unwrap();
    let passed_off = changed(
        &file,
        |name, bytes| {
            Some(if name == "population.json" {
                let mut told: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                told.as_object_mut().unwrap().remove("only");
                (serde_json::to_string_pretty(&told).unwrap() + "\n").into_bytes()
            } else {
                bytes
            })
        },
        &[],
    );
    let failure = judged(&passed_off).unwrap_err();
    assert!(
        matches!(failure, PopulationFailure::NoPack { .. }),
        "{failure}"
    );
    let strange = (pack_name(2), town.pack_of(&Town::event(2)));
    let more = changed(&file, |_, bytes| Some(bytes), &[strange]);
    let failure = judged(&more).unwrap_err();
    assert!(
        matches!(failure, PopulationFailure::NotSelected(_)),
        "{failure}"
    );
}

#[test]
fn r24_a_second_verifier_judges_a_population_as_ours_does() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("population");
    std::fs::create_dir_all(&folder).unwrap();
    let town = Town::new(9);
    let whole = town.all(period(2 * APART, 6 * APART));
    let bent = changed(
        &whole,
        |name, bytes| (name != pack_name(4)).then_some(bytes),
        &[],
    );
    let listed = changed(
        &whole,
        |name, bytes| {
            Some(if name == "index.html" {
                String::from_utf8(bytes)
                    .unwrap()
                    .replace("ann", "bob")
                    .into_bytes()
            } else {
                bytes
            })
        },
        &[],
    );
    let only = Only {
        application: Some("billing".parse().unwrap()),
        actor: None,
    };
    let selection = town
        .drawn(period(2 * APART, 6 * APART), only, 0, 0)
        .unwrap();
    let nobody = town.all(period(40 * APART, 50 * APART));
    for (name, file) in [
        ("whole", whole),
        ("one left out", bent),
        ("another list", listed),
        ("a selection", selection),
        ("nobody", nobody),
    ] {
        let path = folder.join("population.zip");
        std::fs::write(&path, &file).unwrap();
        let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/evidence/population.py");
        let Ok(output) = Command::new("python3")
            .arg("-B")
            .arg(peer)
            .arg(&path)
            .output()
        else {
            eprintln!("not checked against the second verifier: there is no python3 here");
            return;
        };
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        match judged(&file) {
            Ok(ours) => {
                assert_eq!(output.status.code(), Some(0), "{name}: {told}");
                let theirs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
                let theirs = theirs["sentence"].as_str().unwrap();
                assert!(ours.sentence.starts_with(theirs), "{name}: {theirs}");
            }
            Err(ours) => assert_eq!(output.status.code(), Some(4), "{name}: {ours}"),
        }
    }
}
