//! R25: a session across applications carries stronger evidence than a single one, and each missing piece is a finding.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;
mod ledger;
mod second_verifier;

use std::path::Path;

use ledger::scenario::Script;
use ledger::witnesses::{cosigned, trust};
use ledger::world::{Story, World, approvals, demanding, says};
use ledger::{Ledger, time, unzip, with_manifest};
use locum_domain::catalog::RecordTiming;
use locum_domain::{Event, Stream};
use locum_evidence::{Pack, Verified, VerifyOptions, verify};
use locum_tlog::TrustPolicy;
use second_verifier::peer_says;

const ACME: &str = "w.acme.example";
const BETA: &str = "w.beta-witness.example";
const EITHER: &str = "group outside any w.acme.example w.beta-witness.example\nquorum outside";

/// A session across billing and crm, of which nothing is missing.
struct Crossing {
    world: World,
    play: Story,
    /// Who signed the pack's own checkpoint.
    hosts: Vec<&'static str>,
}

impl Crossing {
    fn new() -> Self {
        Self::of(demanding())
    }

    fn of(script: Script) -> Self {
        let mut world = World::new(Script {
            applications: vec!["billing", "crm"],
            approvers: vec!["oscar", "prya"],
            requests: 2,
            ..script
        });
        let mut play = world.signed();
        let session = world.script.session_id();
        let at = place(&play, "session-started") + 1;
        let event = Event::SessionWitnessed {
            session: session.clone(),
            checkpoint: format!("by {ACME}"),
            at: time(20),
        };
        play.insert(at, (Stream::Session(session), event));
        Self {
            world,
            play,
            hosts: vec![BETA],
        }
    }

    fn without(bend: impl FnOnce(&mut Story)) -> Self {
        let mut crossing = Self::new();
        bend(&mut crossing.play);
        crossing
    }

    fn parts(&self) -> (Ledger, Pack) {
        let mut ledger = Ledger::new(1);
        let world = &self.world;
        let parts = [&world.founding, &world.oscar, &self.play];
        let whole: Story = parts.into_iter().flatten().cloned().collect();
        // Hundreds of strangers stand between one entry of the event and the next.
        ledger.interleave(&[whole], 300);
        let mut pack = ledger.signed_pack(&world.script.streams());
        pack.checkpoint = cosigned(&pack.checkpoint, &self.hosts);
        (ledger, pack)
    }

    fn pack(&self) -> (Ledger, Vec<u8>) {
        let (ledger, pack) = self.parts();
        (ledger, pack.build().unwrap())
    }

    /// Why no pack comes of it.
    fn unbuilt(&self) -> String {
        self.parts().1.build().unwrap_err().to_string()
    }

    fn judged(&self, quorum: &str) -> Verified {
        let (ledger, bytes) = self.pack();
        trusting(&bytes, Some(trust(&ledger.key, quorum)))
    }

    fn found(&self) -> Vec<String> {
        codes(&self.judged("quorum none"))
    }
}

fn trusting(bytes: &[u8], trust: Option<TrustPolicy>) -> Verified {
    let options = VerifyOptions {
        trust,
        ..VerifyOptions::default()
    };
    verify(bytes, &options).unwrap()
}

fn codes(verified: &Verified) -> Vec<String> {
    let found = verified.findings.iter();
    found.map(|it| it.code.clone()).collect()
}

fn place(play: &Story, kind: &str) -> usize {
    play.iter()
        .position(|(_, event)| event.kind() == kind)
        .unwrap()
}

#[test]
fn r25_a_crossing_of_which_nothing_is_missing_has_no_finding() {
    let verified = Crossing::new().judged(EITHER);
    assert_eq!(verified.findings, []);
    let story = &verified.access_event;
    let witnessed = story.witnessed.as_ref().unwrap();
    let activation = story.activation.unwrap().position;
    assert!(witnessed.entries > activation && witnessed.entries <= witnessed.line.position);
    let said = format!(
        "Witnesses had signed for the ledger's first {} entries.",
        witnessed.entries
    );
    assert!(story.timeline.iter().any(|it| it.sentence == said));
}

#[test]
fn r25_each_missing_piece_of_a_crossing_is_a_finding_on_page_one() {
    let crm = |play: &mut Story| {
        let at = place(play, "session-started");
        let (_, Event::SessionStarted { session }) = &mut play[at] else {
            panic!("a session");
        };
        session.applications.values_mut().last().unwrap().record = RecordTiming::With;
    };
    assert_eq!(Crossing::without(crm).found(), ["record-not-before"]);

    let unwitnessed = |play: &mut Story| drop(play.remove(place(play, "session-witnessed")));
    let found = Crossing::without(unwitnessed).found();
    assert_eq!(found, ["beginning-unwitnessed"]);

    let late = |play: &mut Story| {
        let witnessed = play.remove(place(play, "session-witnessed"));
        play.insert(place(play, "access-admitted") + 1, witnessed);
    };
    assert_eq!(Crossing::without(late).found(), ["beginning-unwitnessed"]);

    let by_nobody = |play: &mut Story| {
        let at = place(play, "session-witnessed");
        if let (_, Event::SessionWitnessed { checkpoint, .. }) = &mut play[at] {
            *checkpoint = "by ".into();
        }
    };
    let found = Crossing::without(by_nobody).found();
    assert_eq!(found, ["beginning-unchecked"]);

    let mut crossing = Crossing::new();
    crossing.hosts.clear();
    assert_eq!(crossing.found(), ["checkpoint-unwitnessed"]);

    let unconfirmed = |play: &mut Story| drop(play.remove(place(play, "application-ended")));
    assert_eq!(Crossing::without(unconfirmed).found(), ["end-unconfirmed"]);

    let outsider = |play: &mut Story| {
        let at = place(play, "review-opened");
        if let (_, Event::ReviewOpened { review }) = &mut play[at] {
            review.is_security = false;
        }
    };
    let found = Crossing::without(outsider).found();
    assert_eq!(found, ["reviewer-not-security"]);

    let mut crossing = Crossing::of(Script::new(1));
    approvals(&mut crossing.play).next().unwrap().signature = None;
    assert_eq!(crossing.found(), ["approval-unsigned"]);

    let mut crossing = Crossing::of(Script::new(1));
    let at = place(&crossing.play, "review-completed");
    if let (_, Event::ReviewCompleted { completion, .. }) = &mut crossing.play[at] {
        completion.signature = None;
    }
    assert_eq!(crossing.found(), ["finding-unsigned"]);
}

#[test]
fn r25_what_the_record_tells_behind_what_the_reviewer_saw_is_a_finding() {
    let after = |play: &mut Story| {
        let at = place(play, "application-ended");
        let confirmed = play.remove(at);
        play.push(confirmed);
    };
    assert_eq!(Crossing::without(after).found(), ["review-saw-less"]);
}

#[test]
fn r25_whoever_checks_no_witness_is_told_of_both_checkpoints() {
    let (_, bytes) = Crossing::new().pack();
    let verified = trusting(&bytes, None);
    assert_eq!(
        codes(&verified),
        ["beginning-unchecked", "checkpoint-unwitnessed"]
    );
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peer-crossing");
    std::fs::create_dir_all(&folder).unwrap();
    if let Some(theirs) = peer_says(&folder, &bytes, &[]) {
        assert_eq!(theirs, Ok(verified.sentence));
    }
}

#[test]
fn r25_a_key_is_placed_under_the_first_checkpoint_that_outside_witnesses_signed() {
    let verified = Crossing::new().judged(EITHER);
    let witnessed = verified.access_event.witnessed.as_ref().unwrap().entries;
    assert!(!verified.signatures.is_empty());
    for signature in &verified.signatures {
        let under = signature.enrolled_under.as_ref().unwrap();
        assert_eq!(under.entries, witnessed);
        assert_eq!(under.witnessed_at.to_string(), "2026-08-03T08:00:00Z");
    }
    let (_, bytes) = Crossing::new().pack();
    let unchecked = trusting(&bytes, None);
    let mut signatures = unchecked.signatures.iter();
    assert!(signatures.all(|it| it.enrolled_under.is_none()));
}

#[test]
fn r24_a_witnessed_checkpoint_that_is_none_of_this_ledger_refuses_the_pack() {
    let honest = Crossing::new().pack().0;
    let with = |note: String| {
        let mut crossing = Crossing::new();
        let at = place(&crossing.play, "session-witnessed");
        if let (_, Event::SessionWitnessed { checkpoint, .. }) = &mut crossing.play[at] {
            *checkpoint = note;
        }
        crossing
    };
    let size = honest.entries.len() as u64;
    let tree = honest.tiles.tree();
    let root = locum_tlog::leaf_hash(b"another history");
    let other = Ledger::new(2);
    let cases = [
        // Somebody else's ledger.
        (
            other.key.sign_checkpoint(1, root),
            "is not signed by the ledger's key",
        ),
        // The same key over more than there was.
        (
            honest.key.sign_checkpoint(size, tree.root()),
            "is over entries that were not there yet",
        ),
        // Another history of as many entries as there were.
        (
            honest.key.sign_checkpoint(300, root),
            "is of another history than this pack's",
        ),
    ];
    for (note, sentence) in cases {
        says(&with(note).unbuilt(), sentence);
    }
}

#[test]
fn r24_a_proof_that_does_not_lead_from_the_witnessed_checkpoint_refuses_the_pack() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peer-crossed");
    std::fs::create_dir_all(&folder).unwrap();
    let files = unzip(&Crossing::new().pack().1);
    let is_proof = |name: &str| name.starts_with("proofs/witnessed-");
    let proof = files.iter().position(|(name, _)| is_proof(name)).unwrap();
    let lines = String::from_utf8(files[proof].1.clone()).unwrap();
    let mut hashes: Vec<&str> = lines.lines().collect();
    hashes.swap(0, 1);
    let swapped = hashes.join("\n") + "\n";
    let cut = lines.split_inclusive('\n').skip(1).collect();
    let longer = lines.clone() + &lines;
    for altered in [swapped, cut, longer, lines.trim_end().to_owned()] {
        let mut files = files.clone();
        files[proof].1 = altered.into_bytes();
        let bytes = with_manifest(files);
        let failure = verify(&bytes, &VerifyOptions::default()).unwrap_err();
        says(
            &failure.to_string(),
            "is of another history than this pack's",
        );
        if let Some(theirs) = peer_says(&folder, &bytes, &[]) {
            says(
                &theirs.unwrap_err(),
                "is of another history than this pack's",
            );
        }
    }
    let mut without = files.clone();
    let (name, _) = without.remove(proof);
    let failure = verify(&with_manifest(without), &VerifyOptions::default()).unwrap_err();
    says(&failure.to_string(), &format!("`{name}` is missing"));
}
