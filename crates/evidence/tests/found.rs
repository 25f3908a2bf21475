//! R27: a finding is signed by its reviewer over the session as they saw it, and a database administrator makes none.
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
use ledger::Ledger;
use ledger::scenario::{Script, person};
use ledger::signing::LONG_AGO;
use ledger::time;
use ledger::world::{Story, World, demanding, says};
use locum_domain::authenticator::Signature;
use locum_domain::review::{Completion, Finding};
use locum_domain::{Event, Stream};
use locum_evidence::{Founders, Signs, VerifyFailure, VerifyOptions, verify};
use second_verifier::peer_says;

/// A signed story, and the finding in it as it was recorded and signed.
struct Reviewed {
    world: World,
    play: Story,
}

impl Reviewed {
    fn of(script: Script) -> Self {
        let mut world = World::new(script);
        let mut play = world.signed();
        let whole: Story = [&world.founding, &world.oscar, &play]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        let mut ledger = Ledger::new(1);
        ledger.interleave(&[whole], 1);
        let recorded = ledger.events(&[Stream::Review(world.script.review_id())]);
        play.last_mut().unwrap().1 = recorded.last().unwrap().event.clone();
        Self { world, play }
    }

    fn completion(&mut self) -> &mut Completion {
        match &mut self.play.last_mut().unwrap().1 {
            Event::ReviewCompleted { completion, .. } => completion,
            other => panic!("{other:?} is no finding"),
        }
    }

    fn pack(&self) -> Vec<u8> {
        let world = &self.world;
        world.pack(&[&world.founding, &world.oscar, &self.play])
    }

    fn founders(&self) -> Founders {
        Founders::parse(&self.world.people.fingerprints(&["prya", "sam"])).unwrap()
    }
}

/// The pack after somebody who has the ledger's key bent the finding.
fn bent(bend: impl FnOnce(&mut Completion)) -> Vec<u8> {
    let mut reviewed = Reviewed::of(demanding());
    bend(reviewed.completion());
    reviewed.pack()
}

#[test]
fn r27_a_finding_is_signed_over_the_session_as_its_reviewer_saw_it() {
    let mut reviewed = Reviewed::of(demanding());
    let options = VerifyOptions {
        founders: Some(reviewed.founders()),
        strict: true,
        ..VerifyOptions::default()
    };
    let verified = verify(&reviewed.pack(), &options).unwrap();
    let signature = verified.signatures.last().unwrap();
    assert_eq!(
        (signature.signs, &signature.by),
        (Signs::Finding, &person("rita"))
    );
    assert_eq!(signature.signed_by.enrolled_by, Some(person("sam")));
    assert!(signature.enrolled_before_request_seconds > 600_000);
    let shown = reviewed.completion().shown.clone();
    assert_eq!((shown.admitted, shown.completed, shown.refused), (3, 3, 1));
    let told = verified.access_event.review.unwrap().completed.unwrap();
    assert_eq!(told.shown, shown);
    assert!(told.is_signed);
    assert_eq!(told.signed_by, Some(signature.signed_by.clone()));
}

#[test]
fn r24_a_finding_that_somebody_with_the_database_and_its_key_made_or_altered_does_not_verify() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peer-found");
    std::fs::create_dir_all(&folder).unwrap();
    let stranger = |it: &mut Completion| {
        let mut forged = Device::new(Key::es256()).sign(&[7; 32]);
        let named = it.signature.as_ref().unwrap().authenticator().clone();
        if let Signature::Passkey { authenticator, .. } = &mut forged {
            *authenticator = named;
        }
        it.signature = Some(forged);
    };
    let cases = [
        (
            "rita found without the signature demanded",
            bent(|it| it.signature = None),
        ),
        ("the signature of rita does not count", bent(stranger)),
        (
            "the signature of rita does not count",
            bent(|it| it.finding = Finding::Unjustified),
        ),
        (
            "the signature of rita does not count",
            bent(|it| it.note = "Everything was in the best of orders".into()),
        ),
        (
            "tess signed with a key nobody enrolled",
            bent(|it| {
                it.by = person("tess");
                it.signature = Some(Device::new(Key::es256()).sign(&[7; 32]));
            }),
        ),
        (
            "rita was shown another session than the one on the record",
            bent(|it| it.shown.admitted -= 1),
        ),
        (
            "rita was shown another session than the one on the record",
            bent(|it| it.shown.leaf = "00".repeat(32)),
        ),
    ];
    for (rule, bytes) in cases {
        let failure = verify(&bytes, &VerifyOptions::default()).expect_err(rule);
        assert!(matches!(failure, VerifyFailure::Rule { .. }), "{failure}");
        says(&failure.to_string(), rule);
        if let Some(theirs) = peer_says(&folder, &bytes, &[]) {
            says(&theirs.expect_err(rule), rule);
        }
    }
}

#[test]
fn r24_a_finding_does_not_stand_over_a_session_that_was_rewritten_after_it_was_signed() {
    let mut reviewed = Reviewed::of(demanding());
    for (_, event) in &mut reviewed.play {
        if let Event::AccessAdmitted(it) = event {
            it.template = "/invoices/:id".into();
        }
    }
    let failure = verify(&reviewed.pack(), &VerifyOptions::default()).unwrap_err();
    says(
        &failure.to_string(),
        "rita was shown another session than the one on the record",
    );
}

#[test]
fn r27_a_finding_is_signed_by_a_key_in_use_that_nobody_involved_let_count() {
    let mut reviewed = Reviewed::of(demanding());
    let revoked = Event::AuthenticatorRevoked {
        authenticator: reviewed.world.people.key("rita").id,
        person: person("rita"),
        by: person("sam"),
        because: "lost".into(),
        at: time(95),
    };
    let at = reviewed.play.len() - 1;
    let ritas = Stream::Enrolment(person("rita"));
    reviewed.play.insert(at, (ritas, revoked));
    let failure = verify(&reviewed.pack(), &VerifyOptions::default()).unwrap_err();
    says(
        &failure.to_string(),
        "rita signed with a key that was revoked",
    );

    // Oscar, who approved, let Rita's key count.
    let mut world = World::new(demanding());
    world.founding.truncate(5);
    let ritas = world.people.enrol("rita", "oscar", time(LONG_AGO + 90));
    let play = world.signed();
    let failure = world.judged(&[&world.founding, &world.oscar, &ritas, &play]);
    says(
        &failure.unwrap_err().to_string(),
        "the key of rita counts by the doing of oscar, who has a part in the request",
    );
}

#[test]
fn r27_a_finding_that_nobody_signed_is_counted_is_a_finding_and_leads_to_no_founder() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peer-unfound");
    std::fs::create_dir_all(&folder).unwrap();
    let mut reviewed = Reviewed::of(Script::new(1));
    reviewed.completion().signature = None;
    let bytes = reviewed.pack();
    let verified = verify(&bytes, &VerifyOptions::default()).unwrap();
    let found = verified.findings.iter().map(|it| it.code.as_str());
    assert_eq!(found.collect::<Vec<_>>(), ["finding-unsigned"]);
    says(&verified.sentence, "; 1 finding is not signed");
    if let Some(theirs) = peer_says(&folder, &bytes, &[]) {
        assert_eq!(theirs, Ok(verified.sentence));
    }
    let options = VerifyOptions {
        founders: Some(reviewed.founders()),
        ..VerifyOptions::default()
    };
    let failure = verify(&bytes, &options).unwrap_err();
    says(&failure.to_string(), "is a finding that rita did not sign");
    // An unsigned approval is named first.
    reviewed.play = reviewed.world.script.play();
    let failure = verify(&reviewed.pack(), &options).unwrap_err();
    says(
        &failure.to_string(),
        "is an approval that oscar did not sign",
    );
}
