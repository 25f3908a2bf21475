//! R33: a key counts by the founders' word in the end, and for nothing its voucher has a part in.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;
mod ledger;

use device::{Device, Key};
use ledger::invitations::invitations;
use ledger::revocations::{revocations, synced};
use ledger::scenario::{Script, person};
use ledger::signing::{LONG_AGO, key_file, signed_by_file};
use ledger::time;
use ledger::world::{Story, World, approvals, demanding, renamed, says};
use locum_domain::authenticator::Statement as _;
use locum_domain::authenticator::{Means, Signature};
use locum_domain::catalog::Tier;
use locum_domain::request::ApprovalWords;
use locum_domain::{Event, PrincipalId, Stream};
use locum_evidence::{VerifyOptions, verify};

#[test]
fn r33_an_enrolment_nobody_signed_does_not_verify() {
    let bend_signature = |change: &dyn Fn(&mut Signature, &mut PrincipalId)| {
        World::new(demanding()).bent(|_, oscar, _| {
            let (_, Event::EnrolmentApproved { signature, by, .. }) = &mut oscar[1] else {
                panic!("an approval")
            };
            change(signature, by);
        })
    };
    let forged = |signature: &mut Signature, _: &mut PrincipalId| {
        let named = signature.authenticator().clone();
        *signature = Device::new(Key::es256()).sign(&[1; 32]);
        if let Signature::Passkey { authenticator, .. } = signature {
            *authenticator = named;
        }
    };
    says(
        &bend_signature(&forged),
        "the signature of sam does not count",
    );
    says(
        &bend_signature(&|_, by| *by = person("oscar")),
        "oscar approved their own enrolment",
    );
    says(
        &bend_signature(&|_, by| *by = person("prya")),
        "prya signed with somebody else's key",
    );
    // The key that was signed for is swapped for another.
    let text = World::new(demanding()).bent(|_, oscar, _| {
        let stranger = Device::new(Key::es256()).authenticator(&person("oscar"));
        let (_, Event::EnrolmentAsked { enrolment }) = &mut oscar[0] else {
            panic!("an enrolment")
        };
        enrolment.authenticator = stranger;
    });
    says(&text, "the signature of sam does not count");
    // Nobody asked.
    let text = World::new(demanding()).bent(|_, oscar, _| {
        oscar.remove(0);
    });
    says(&text, "sam approved an enrolment nobody waits for");
    let text = World::new(demanding()).bent(|_, oscar, _| oscar.clear());
    says(&text, "oscar signed with a key nobody enrolled");
}

#[test]
fn r33_a_key_signs_nothing_before_it_counts_and_nothing_after_it_was_revoked() {
    let mut world = World::new(demanding());
    let play = world.signed();
    let late = world.judged(&[&world.founding, &play, &world.oscar]);
    says(
        &late.unwrap_err().to_string(),
        "oscar signed with a key nobody enrolled",
    );
    let revoked = vec![(
        Stream::Enrolment(person("oscar")),
        Event::AuthenticatorRevoked {
            authenticator: world.people.key("oscar").id,
            person: person("oscar"),
            by: person("sam"),
            because: "lost on a train".into(),
            at: time(-60),
        },
    )];
    let before = world.judged(&[&world.founding, &world.oscar, &revoked, &play]);
    says(
        &before.unwrap_err().to_string(),
        "oscar signed with a key that was revoked",
    );
    let after = world.judged(&[&world.founding, &world.oscar, &play, &revoked]);
    assert!(after.is_ok(), "what was signed before stays signed");
}

#[test]
fn r13_access_begins_and_goes_on_only_under_keys_still_in_use() {
    for (pack, is_good) in revocations() {
        let judged = verify(&pack, &VerifyOptions::default());
        match judged {
            Ok(_) => assert!(is_good),
            Err(failure) => {
                assert!(!is_good, "{failure}");
                let rule = "was used after the key by which oscar approved it was revoked";
                says(&failure.to_string(), rule);
            }
        }
    }
}

#[test]
fn r33_a_key_rewritten_as_another_kind_of_key_does_not_verify() {
    let text = World::new(demanding()).bent(|_, oscar, _| {
        let (_, Event::EnrolmentAsked { enrolment }) = &mut oscar[0] else {
            panic!("an enrolment")
        };
        enrolment.authenticator.means = Means::KeyFile;
    });
    says(&text, "the signature of sam does not count");
    let text = World::new(demanding()).bent(|_, oscar, _| {
        let (_, Event::EnrolmentAsked { enrolment }) = &mut oscar[0] else {
            panic!("an enrolment")
        };
        synced(&mut enrolment.authenticator.means);
    });
    says(&text, "the signature of sam does not count");
    let text = World::new(demanding()).bent(|founding, _, _| {
        let (_, Event::FounderEnrolled { authenticator, .. }) = &mut founding[2] else {
            panic!("a founder")
        };
        synced(&mut authenticator.means);
    });
    says(&text, "the signature of sam does not count");
}

#[test]
fn r33_a_key_enrolled_twice_or_for_two_people_does_not_verify() {
    let mut world = World::new(demanding());
    let mut key = world.people.key("oscar");
    key.person = person("mallory");
    let shared = world.people.enrol_key(key, "sam", time(LONG_AGO + 90));
    world.script.approvers = vec!["oscar"];
    let play = world.signed();
    let again = world.people.enrol("oscar", "prya", time(LONG_AGO + 95));
    let failure = world.judged(&[&world.founding, &world.oscar, &again, &play]);
    says(
        &failure.unwrap_err().to_string(),
        "a key of oscar was enrolled before",
    );
    let mut play = play;
    renamed(&mut play, "mallory");
    let failure = world.judged(&[&world.founding, &shared, &play]);
    says(
        &failure.unwrap_err().to_string(),
        "the signature of mallory does not count",
    );
}

#[test]
fn r33_a_founding_that_one_person_made_does_not_verify() {
    let bent =
        |bend: &dyn Fn(&mut Story)| World::new(demanding()).bent(|founding, _, _| bend(founding));
    let says_of = |bend: &dyn Fn(&mut Story), rule: &str| says(&bent(bend), rule);
    says_of(
        &|it| {
            it.truncate(4);
        },
        "sam signed with a key nobody enrolled",
    );
    says_of(
        &|it| {
            it.remove(2);
        },
        "signed a founding that has not both keys",
    );
    says_of(&|it| it.insert(1, it[0].clone()), "founded a second time");
    says_of(
        &|it| {
            let (_, Event::FoundingBegun { founding }) = &mut it[0] else {
                panic!("a founding")
            };
            founding.founders = vec![person("sam")];
        },
        "founded by two people",
    );
    says_of(
        &|it| {
            let (_, Event::FoundingBegun { founding }) = &mut it[0] else {
                panic!("a founding")
            };
            founding.founders = vec![person("sam"), person("sam")];
        },
        "not two people in order",
    );
    says_of(
        &|it| {
            let (_, Event::FoundingBegun { founding }) = &mut it[0] else {
                panic!("a founding")
            };
            founding.origin = "other.example/locum".into();
        },
        "of another ledger",
    );
    says_of(
        &|it| {
            let (_, Event::FoundingBegun { founding }) = &mut it[0] else {
                panic!("a founding")
            };
            founding.completed_at = Some(time(0));
        },
        "begins with what only its signatures can make",
    );
    // A key slipped in after the other founder has signed.
    says_of(
        &|it| {
            let authenticator = Box::new(Device::new(Key::es256()).authenticator(&person("prya")));
            let at = time(LONG_AGO);
            it.insert(
                4,
                (
                    Stream::Founding,
                    Event::FounderEnrolled { authenticator, at },
                ),
            );
        },
        "changed a founding that was being signed",
    );
    says_of(
        &|it| {
            let (_, Event::FounderEnrolled { authenticator, .. }) = &mut it[2] else {
                panic!("a founder")
            };
            **authenticator = Device::new(Key::es256()).authenticator(&person("prya"));
        },
        "the signature of sam does not count",
    );
}

#[test]
fn r33_a_new_key_signs_nothing_regulated_for_a_day_and_a_founders_does() {
    let regulated = Script {
        strictest: Tier::Regulated,
        ..demanding()
    };
    for (age, counts) in [(86_400, true), (86_399, false)] {
        let mut world = World::new(regulated.clone());
        world.script.approvers = vec!["tess"];
        // The approval is given ten seconds into the story.
        let tess = world.people.enrol("tess", "sam", time(10 - age));
        let play = world.signed();
        let judged = world.judged(&[&world.founding, &tess, &play]);
        assert_eq!(judged.is_ok(), counts, "{age} seconds old: {judged:?}");
        if let Err(failure) = judged {
            says(&failure.to_string(), "not enrolled for 24 hours");
        }
    }
    let mut world = World::new(Script {
        approvers: vec!["prya"],
        ..regulated
    });
    let play = world.signed();
    assert!(world.judged(&[&world.founding, &play]).is_ok());
}

#[test]
fn r33_a_key_file_signs_what_is_low_and_nothing_else_and_no_enrolment() {
    for (strictest, counts) in [
        (Tier::Low, true),
        (Tier::Standard, false),
        (Tier::Regulated, false),
    ] {
        let mut world = World::new(Script {
            strictest,
            approvers: vec!["tess"],
            ..demanding()
        });
        let key = Key::ed25519();
        let file = key_file(&key, "tess");
        let enrolled = world.people.enrol_key(file, "sam", time(LONG_AGO + 90));
        let mut play = world.signed();
        let request = world.script.request();
        for approval in approvals(&mut play) {
            let words = ApprovalWords::of(approval);
            let statement = words.statement(&request, &approval.by, &request.route.steps[0]);
            approval.signature = Some(signed_by_file(&key, statement.digest()));
        }
        let judged = world.judged(&[&world.founding, &enrolled, &play]);
        assert_eq!(judged.is_ok(), counts, "{strictest:?}: {judged:?}");
    }
}

#[test]
fn r33_whoever_signed_for_a_key_has_no_part_in_what_it_signs() {
    // Ann, who asks, signed for Tess.
    let mut world = World::new(Script {
        approvers: vec!["tess"],
        ..demanding()
    });
    let ann = world.people.enrol("ann", "sam", time(LONG_AGO + 90));
    let tess = world.people.enrol("tess", "ann", time(LONG_AGO + 120));
    let play = world.signed();
    let failure = world.judged(&[&world.founding, &ann, &tess, &play]);
    says(
        &failure.unwrap_err().to_string(),
        "the key of tess counts by the doing of ann, who has a part in the request",
    );
    // Oscar, who signed for Tess, approves beside her, before or after.
    for approvers in [vec!["oscar", "tess"], vec!["tess", "oscar"]] {
        let mut world = World::new(Script {
            approvers,
            ..demanding()
        });
        let tess = world.people.enrol("tess", "oscar", time(LONG_AGO + 120));
        let play = world.signed();
        let failure = world.judged(&[&world.founding, &world.oscar, &tess, &play]);
        says(
            &failure.unwrap_err().to_string(),
            "the key of tess counts by the doing of oscar, who has a part in the request",
        );
    }
}

#[test]
fn r33_whoever_invited_somebody_does_not_sign_for_them_and_each_invitation_is_followed_once() {
    for (name, rule, pack) in invitations() {
        let judged = verify(&pack, &VerifyOptions::default());
        match (rule, judged) {
            (None, judged) => assert!(judged.is_ok(), "{name}: {judged:?}"),
            (Some(rule), Err(failure)) => says(&failure.to_string(), rule),
            (Some(_), Ok(_)) => panic!("{name} verifies"),
        }
    }
}
