//! R13, R33: the second verifier judges signatures and chains as ours does.
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

use ciborium::cbor;
use device::{BE, Device, ED, Key, UP, UV, encoded};
use ledger::invitations::invitations;
use ledger::revocations::{revocations, synced};
use ledger::scenario::{Script, person};
use ledger::signing::LONG_AGO;
use ledger::time;
use ledger::world::{Story, World, approvals, demanding};
use locum_domain::authenticator::{Means, Signature};
use locum_domain::catalog::Tier;
use locum_domain::{Event, GrantId, Stream};
use locum_evidence::{Founders, VerifyOptions, verify};
use second_verifier::peer_says;

/// Packs in which somebody signed, each whole and in its form: those to accept, and those in which a rule is broken.
fn signed_packs() -> Vec<(&'static str, Vec<u8>)> {
    let script = Script {
        applications: vec!["billing", "crm"],
        approvers: vec!["oscar", "prya", "ann2"],
        is_signature_demanded: true,
        ..Script::new(1)
    };
    let mut world = World::new(script);
    world.people.add("ann2");
    let ann = world.people.enrol("ann2", "oscar", time(LONG_AGO + 90));
    let play = world.signed();
    let mut packs = vec![(
        "an approver signed for another",
        world.pack(&[&world.founding, &world.oscar, &ann, &play]),
    )];
    for (name, strictest, age) in [
        ("good", Tier::Standard, 60),
        ("old enough", Tier::Regulated, 86_400),
        ("too new", Tier::Regulated, 86_399),
    ] {
        let mut world = World::new(Script {
            approvers: vec!["tess", "prya"],
            is_signature_demanded: true,
            strictest,
            ..Script::new(1)
        });
        let tess = world.people.enrol("tess", "sam", time(10 - age));
        let play = world.signed();
        packs.push((name, world.pack(&[&world.founding, &tess, &play])));
        if name != "good" {
            continue;
        }
        let revoked = vec![(
            Stream::Enrolment(person("tess")),
            Event::AuthenticatorRevoked {
                authenticator: world.people.key("tess").id,
                person: person("tess"),
                by: person("sam"),
                because: "lost on a train".into(),
                at: time(0),
            },
        )];
        for (name, parts) in [
            ("revoked", vec![&world.founding, &tess, &revoked, &play]),
            (
                "revoked afterwards",
                vec![&world.founding, &tess, &play, &revoked],
            ),
            ("enrolled afterwards", vec![&world.founding, &play, &tess]),
            ("nobody enrolled", vec![&world.founding, &play]),
            ("nobody founded", vec![&tess, &play]),
        ] {
            packs.push((name, world.pack(&parts)));
        }
    }
    let mut bent = |name, bend: &dyn Fn(&mut Story, &mut Story, &mut Story)| {
        let mut world = World::new(demanding());
        let mut play = world.signed();
        let (mut founding, mut oscar) = (world.founding.clone(), world.oscar.clone());
        bend(&mut founding, &mut oscar, &mut play);
        packs.push((name, world.pack(&[&founding, &oscar, &play])));
    };
    bent("signed with RS256", &|_, _, _| {});
    bent("other words", &|_, _, play| {
        approvals(play).for_each(|it| it.note = Some("and more".into()));
    });
    bent("unsigned", &|_, _, play| {
        approvals(play).for_each(|it| it.signature = None);
    });
    bent("granted by the filing", &|_, _, play| {
        if let (_, Event::RequestFiled { request }) = &mut play[0] {
            request.grant = Some(GrantId::from_bytes([1; 16]));
        }
    });
    bent("filed twice", &|_, _, play| play.insert(1, play[0].clone()));
    bent("founded by one", &|founding, _, _| {
        founding.pop();
    });
    bent("founded twice", &|founding, _, _| {
        founding.insert(1, founding[0].clone());
    });
    bent("a founder's key swapped", &|founding, _, _| {
        let (_, Event::FounderEnrolled { authenticator, .. }) = &mut founding[2] else {
            panic!("a founder")
        };
        **authenticator = Device::new(Key::es256()).authenticator(&person("prya"));
    });
    bent("a founder's key kept otherwise", &|founding, _, _| {
        let (_, Event::FounderEnrolled { authenticator, .. }) = &mut founding[2] else {
            panic!("a founder")
        };
        synced(&mut authenticator.means);
    });
    bent("a key kept otherwise", &|_, oscar, _| {
        let (_, Event::EnrolmentAsked { enrolment }) = &mut oscar[0] else {
            panic!("an enrolment")
        };
        enrolment.authenticator.means = Means::KeyFile;
    });
    bent("an enrolment signed by nobody", &|_, oscar, _| {
        let (_, Event::EnrolmentApproved { signature, .. }) = &mut oscar[1] else {
            panic!("an enrolment")
        };
        if let Signature::Passkey { signature, .. } = signature {
            let first = if signature.starts_with('A') { "B" } else { "A" };
            signature.replace_range(..1, first);
        }
    });
    let mut world = World::new(Script {
        approvers: vec!["oscar", "prya"],
        ..Script::new(1)
    });
    let mut play = world.signed();
    approvals(&mut play).next().unwrap().signature = None;
    packs.push(("signed in part", world.pack(&[&world.founding, &play])));
    let mut by_device = |name, bend: &dyn Fn(&mut Device)| {
        let mut world = World::new(demanding());
        bend(world.people.devices.get_mut("oscar").unwrap());
        let play = world.signed();
        packs.push((name, world.pack(&[&world.founding, &world.oscar, &play])));
    };
    by_device("with extensions", &|it| {
        it.flags = UP | UV | ED;
        it.tail = encoded(&cbor!({"uvm" => [[2, 4, 2]]}).unwrap());
    });
    by_device("another origin", &|it| {
        it.origin = "https://evil.example".into()
    });
    by_device("another relying party", &|it| it.rp_id = "example".into());
    by_device("inside a frame", &|it| {
        it.members = r#","crossOrigin":true"#.into()
    });
    by_device("under another page", &|it| {
        it.members = r#","topOrigin":"https://locum.example""#.into();
    });
    by_device("a member twice", &|it| {
        it.members = r#","type":"webauthn.get""#.into()
    });
    by_device("nobody there", &|it| it.flags = UV);
    by_device("nobody verified", &|it| it.flags = UP);
    by_device("synced since", &|it| it.flags = UP | UV | BE);
    by_device("something behind", &|it| it.tail = vec![0]);
    packs
}

#[test]
fn r13_a_second_verifier_judges_every_signature_as_ours_does() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peer-signed");
    std::fs::create_dir_all(&folder).unwrap();
    let accepted = [
        "good",
        "old enough",
        "revoked afterwards",
        "signed with RS256",
        "with extensions",
        "signed in part",
    ];
    let packs = signed_packs().into_iter();
    let packs = packs.map(|(name, bytes)| (name, accepted.contains(&name), bytes));
    let invited = invitations().into_iter();
    let invited = invited.map(|(name, rule, bytes)| (name, rule.is_none(), bytes));
    let revoked = revocations().into_iter();
    let revoked = revoked.map(|(bytes, is_good)| ("revoked on the way", is_good, bytes));
    for (name, is_good, bytes) in packs.chain(invited).chain(revoked) {
        let ours = verify(&bytes, &VerifyOptions::default());
        assert_eq!(ours.is_ok(), is_good, "{name}: {ours:?}");
        let Some(theirs) = peer_says(&folder, &bytes, &[]) else {
            eprintln!("not checked against the second verifier: there is no python3 here");
            return;
        };
        match ours {
            Ok(ours) => assert_eq!(theirs, Ok(ours.sentence), "{name}"),
            Err(ours) => {
                let theirs = theirs.expect_err(name);
                let is_judged = !theirs.contains("does not have its form");
                assert!(is_judged, "{name}: {ours}: {theirs}");
            }
        }
    }
}

#[test]
fn r33_a_second_verifier_compares_the_founders_as_ours_does() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peer-founders");
    std::fs::create_dir_all(&folder).unwrap();
    let mut world = World::new(demanding());
    let play = world.signed();
    let bytes = world.pack(&[&world.founding, &world.oscar, &play]);
    for names in [["prya", "sam"], ["prya", "mallory"]] {
        let text = format!("# kept\n{}", world.people.fingerprints(&names));
        let file = folder.join("founders");
        std::fs::write(&file, &text).unwrap();
        let options = VerifyOptions {
            founders: Some(Founders::parse(&text).unwrap()),
            ..VerifyOptions::default()
        };
        let ours = verify(&bytes, &options);
        let more = ["--founders", file.to_str().unwrap()];
        let Some(theirs) = peer_says(&folder, &bytes, &more) else {
            return;
        };
        assert_eq!(ours.is_ok(), names[1] == "sam");
        assert_eq!(theirs.ok(), ours.ok().map(|it| it.sentence));
    }
}

#[test]
fn r33_a_second_verifier_accepts_with_founders_nothing_unsigned_and_reads_their_file_as_ours_does()
{
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peer-founders-file");
    std::fs::create_dir_all(&folder).unwrap();
    let mut world = World::new(Script::new(1));
    let unsigned = world.script.play();
    let unsigned = world.pack(&[&world.founding, &world.oscar, &unsigned]);
    let signed = world.signed();
    let signed = world.pack(&[&world.founding, &world.oscar, &signed]);
    let right = world.people.fingerprints(&["prya", "sam"]);
    let sams = world.people.key("sam").thumbprint();
    for (text, is_good) in [
        (right.clone(), true),
        (format!("\u{feff}{}", right.replace('\n', "\r\n")), true),
        (format!("\u{feff}# kept\n{right}"), true),
        (format!("{right}sam {sams}\n"), false),
        (format!("prya {sams}\nsam {sams}\n"), false),
    ] {
        let file = folder.join("founders");
        std::fs::write(&file, &text).unwrap();
        let more = ["--founders", file.to_str().unwrap()];
        for (bytes, is_good) in [(&signed, is_good), (&unsigned, false)] {
            let ours = Founders::parse(&text).ok().and_then(|founders| {
                let options = VerifyOptions {
                    founders: Some(founders),
                    ..VerifyOptions::default()
                };
                verify(bytes, &options).ok()
            });
            assert_eq!(ours.is_some(), is_good, "{text:?}");
            let Some(theirs) = peer_says(&folder, bytes, &more) else {
                return;
            };
            let theirs = theirs.map_err(|why| assert!(!why.contains("its form"), "{why}"));
            assert_eq!(theirs.ok(), ours.map(|it| it.sentence), "{text:?}");
        }
    }
}
