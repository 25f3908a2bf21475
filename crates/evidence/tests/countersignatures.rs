//! R11, R33: what an emergency skipped is signed afterwards by its people's own keys, and both verifiers see when it is not.
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

use device::{Device, Key};
use ledger::scenario::{Script, person};
use ledger::signing::{LONG_AGO, key_file, signed_by_file};
use ledger::time;
use ledger::world::{Story, World, approvals, demanding, says};
use locum_domain::authenticator::{Signature, Statement as _};
use locum_domain::request::ApprovalWords;
use locum_domain::route::Approval;
use locum_domain::{Event, Request};
use locum_evidence::{Founders, VerifyFailure, VerifyOptions, verify};
use second_verifier::peer_says;

/// Oscar answers an emergency; Prya signs for the owner afterwards and Tess, whose key Sam let count, for security.
struct Emergency {
    world: World,
    tess: Story,
    play: Story,
}

impl Emergency {
    fn new(script: Script) -> Self {
        Self::with_tess_let_in_by(script, "sam")
    }

    fn with_tess_let_in_by(script: Script, host: &str) -> Self {
        let mut world = World::new(script);
        let tess = world.people.enrol("tess", host, time(LONG_AGO + 90));
        let mut play = world.script.emergency(&["prya", "tess"]);
        world.people.sign_approvals(&mut play);
        Self { world, tess, play }
    }

    fn pack(&self) -> Vec<u8> {
        let world = &self.world;
        world.pack(&[&world.founding, &world.oscar, &self.tess, &self.play])
    }

    fn founders(&self) -> String {
        self.world.people.fingerprints(&["prya", "sam"])
    }

    fn bent(bend: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut emergency = Self::new(demanding());
        bend(&mut emergency);
        emergency.pack()
    }

    fn first(&mut self) -> &mut Approval {
        countersignatures(&mut self.play).next().unwrap()
    }

    /// The request as it stood when it was used.
    fn request(&self) -> Request {
        let on_it = self.play.iter().map(|(_, event)| event);
        let on_it = on_it.filter(|event| !matches!(event, Event::RequestCountersigned { .. }));
        on_it.fold(None, Request::evolve).unwrap()
    }
}

fn countersignatures(play: &mut Story) -> impl Iterator<Item = &mut Approval> {
    play.iter_mut().filter_map(|(_, event)| match event {
        Event::RequestCountersigned { approval, .. } => Some(approval),
        _ => None,
    })
}

/// The place of the first countersignature in the story.
fn place(play: &Story) -> usize {
    let is_one = |event: &Event| matches!(event, Event::RequestCountersigned { .. });
    play.iter().position(|(_, event)| is_one(event)).unwrap()
}

/// Packs in which somebody bent a countersignature, each with what must be said of it.
fn bent() -> Vec<(&'static str, Vec<u8>)> {
    let forged = |it: &mut Emergency| {
        let named = it
            .first()
            .signature
            .as_ref()
            .unwrap()
            .authenticator()
            .clone();
        let mut forged = Device::new(Key::es256()).sign(&[7; 32]);
        if let Signature::Passkey { authenticator, .. } = &mut forged {
            *authenticator = named;
        }
        it.first().signature = Some(forged);
    };
    let as_an_approval = |it: &mut Emergency| {
        let request = it.request();
        let (words, by) = (ApprovalWords::of(it.first()), it.first().by.clone());
        let step = &request.route.afterwards[0];
        let digest = words.statement(&request, &by, step).digest();
        it.first().signature = Some(it.world.people.sign("prya", digest));
    };
    let with_a_file = |it: &mut Emergency| {
        let key = Key::ed25519();
        let file = key_file(&key, "tess");
        it.tess = it.world.people.enrol_key(file, "sam", time(LONG_AGO + 90));
        let request = it.request();
        let last = countersignatures(&mut it.play).last().unwrap();
        let note = last.note.clone();
        let step = &request.route.afterwards[1];
        let statement = step.countersignature(&request, &last.by, note.as_deref());
        let digest = statement.digest();
        last.signature = Some(signed_by_file(&key, digest));
    };
    let twice = |it: &mut Emergency| {
        let first = it.first().clone();
        let last = countersignatures(&mut it.play).last().unwrap();
        *last = first;
    };
    let other_step = |it: &mut Emergency| {
        for (_, event) in &mut it.play {
            if let Event::RequestCountersigned { step, .. } = event {
                *step = 1 - *step;
            }
        }
    };
    let with_the_filing = |it: &mut Emergency| {
        let signed = it.first().clone();
        if let (_, Event::RequestFiled { request }) = &mut it.play[0] {
            request.route.afterwards[0].approval = Some(signed);
        }
    };
    vec![
        (
            "the signature of prya does not count",
            Emergency::bent(|it| it.first().note = Some("and all the others too".into())),
        ),
        (
            "the signature of prya does not count",
            Emergency::bent(forged),
        ),
        (
            "the signature of prya does not count",
            Emergency::bent(as_an_approval),
        ),
        (
            "the signature of prya does not count",
            Emergency::bent(other_step),
        ),
        (
            "prya countersigned without the signature demanded",
            Emergency::bent(|it| it.first().signature = None),
        ),
        (
            "mallory signed with somebody else's key",
            Emergency::bent(|it| it.first().by = person("mallory")),
        ),
        (
            "tess signed with a key nobody enrolled",
            Emergency::bent(|it| it.tess.clear()),
        ),
        (
            "tess signed with a key file what needs a passkey",
            Emergency::bent(with_a_file),
        ),
        (
            "ann countersigned their own emergency",
            Emergency::bent(|it| it.first().by = person("ann")),
        ),
        ("prya countersigned twice", Emergency::bent(twice)),
        (
            "prya countersigned what nobody had used",
            Emergency::bent(|it| {
                let place = place(&it.play);
                let signed = it.play.remove(place);
                it.play.insert(2, signed);
            }),
        ),
        (
            "prya countersigned a step that nobody waits for",
            Emergency::bent(|it| {
                if let (_, Event::RequestFiled { request }) = &mut it.play[0] {
                    request.route.afterwards.clear();
                }
            }),
        ),
        (
            "prya approved something else than the request said then",
            Emergency::bent(|it| {
                let mut other = it.request();
                other.nonce = "99".repeat(16);
                it.first().scope_digest = other.scope_digest();
            }),
        ),
        (
            "was filed with something decided",
            Emergency::bent(with_the_filing),
        ),
        (
            "the key of tess counts by the doing of oscar, who has a part in the request",
            Emergency::with_tess_let_in_by(demanding(), "oscar").pack(),
        ),
    ]
}

#[test]
fn r11_a_pack_tells_with_which_key_each_skipped_authority_signed_afterwards() {
    let emergency = Emergency::new(demanding());
    let options = VerifyOptions {
        founders: Some(Founders::parse(&emergency.founders()).unwrap()),
        strict: true,
        ..VerifyOptions::default()
    };
    let verified = verify(&emergency.pack(), &options).unwrap();
    let by: Vec<_> = verified.signatures.iter().map(|it| &it.by).collect();
    let expected = ["oscar", "rita", "prya", "tess"].map(person);
    assert_eq!(by, expected.iter().collect::<Vec<_>>());
    assert_eq!(
        verified.signatures[3].signed_by.enrolled_by,
        Some(person("sam"))
    );
    assert!(verified.are_founders_checked);
}

#[test]
fn r11_a_forged_or_altered_countersignature_does_not_verify_and_a_second_verifier_agrees() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peer-countersigned");
    std::fs::create_dir_all(&folder).unwrap();
    let good = Emergency::new(demanding()).pack();
    let ours = verify(&good, &VerifyOptions::default()).unwrap();
    let Some(theirs) = peer_says(&folder, &good, &[]) else {
        eprintln!("not checked against the second verifier: there is no python3 here");
        return;
    };
    assert_eq!(theirs, Ok(ours.sentence));
    for (rule, pack) in bent() {
        let failure = verify(&pack, &VerifyOptions::default()).expect_err(rule);
        assert!(matches!(failure, VerifyFailure::Rule { .. }), "{failure}");
        says(&failure.to_string(), rule);
        let theirs = peer_says(&folder, &pack, &[]).unwrap().expect_err(rule);
        assert!(
            !theirs.contains("does not have its form"),
            "{rule}: {theirs}"
        );
    }
}

#[test]
fn r11_a_countersignature_that_nobody_signed_is_counted_and_is_a_finding() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peer-uncountersigned");
    std::fs::create_dir_all(&folder).unwrap();
    let mut emergency = Emergency::new(Script::new(1));
    emergency.first().signature = None;
    let pack = emergency.pack();
    let verified = verify(&pack, &VerifyOptions::default()).unwrap();
    let found = verified.findings.iter().map(|it| it.code.as_str());
    assert_eq!(found.collect::<Vec<_>>(), ["countersignature-unsigned"]);
    says(&verified.sentence, "; 1 countersignature is not signed");
    if let Some(theirs) = peer_says(&folder, &pack, &[]) {
        assert_eq!(theirs, Ok(verified.sentence));
    }
    let file = folder.join("founders");
    std::fs::write(&file, emergency.founders()).unwrap();
    let options = VerifyOptions {
        founders: Some(Founders::parse(&emergency.founders()).unwrap()),
        ..VerifyOptions::default()
    };
    let failure = verify(&pack, &options).unwrap_err().to_string();
    says(&failure, "is a countersignature that prya did not sign");
    if let Some(theirs) = peer_says(&folder, &pack, &["--founders", file.to_str().unwrap()]) {
        says(&theirs.unwrap_err(), "prya did not sign");
    }
    // Nor is anything left out because an approval is missing its own, too.
    approvals(&mut emergency.play).for_each(|it| it.signature = None);
    let verified = verify(&emergency.pack(), &VerifyOptions::default()).unwrap();
    says(
        &verified.sentence,
        "; 1 approval is not signed; 1 countersignature is not signed",
    );
}

#[test]
fn r11_an_emergency_that_security_did_not_hear_of_and_a_late_signature_are_findings() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peer-told");
    std::fs::create_dir_all(&folder).unwrap();
    let mut emergency = Emergency::new(demanding());
    let lines = verify(&emergency.pack(), &VerifyOptions::default()).unwrap();
    let lines = lines.access_event.timeline.into_iter();
    let told = lines.filter(|it| it.kind == "request-told");
    let told: Vec<String> = told.map(|it| it.sentence).collect();
    let due = "2026-11-24T23:23:20.000000Z";
    let expected = [
        "For security, sam heard of the emergency.".to_owned(),
        format!("Locum asked prya, tess to sign until {due} for what the emergency skipped."),
        format!("Locum reminded prya, tess to sign until {due} for what the emergency skipped."),
        format!("What the emergency skipped was not signed until {due}; Locum told sam."),
    ];
    assert_eq!(told, expected);
    emergency.first().at = time(5_001);
    emergency.play.remove(1);
    let pack = emergency.pack();
    let verified = verify(&pack, &VerifyOptions::default()).unwrap();
    let found = verified.findings.iter().map(|it| it.code.as_str());
    let found: Vec<_> = found.collect();
    assert_eq!(found, ["security-not-told", "countersignature-late"]);
    if let Some(theirs) = peer_says(&folder, &pack, &[]) {
        assert_eq!(theirs, Ok(verified.sentence));
    }
}
