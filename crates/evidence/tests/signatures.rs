//! R13, R33: an approval counts by its approver's own signature, and the pack shows with which key.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;
mod ledger;

use device::{Device, Key};
use ledger::scenario::{Script, person};
use ledger::signing::LONG_AGO;
use ledger::world::{Story, World, approvals, demanding, renamed, says};
use ledger::{Ledger, time};
use locum_domain::authenticator::Signature;
use locum_domain::route::Approval;
use locum_domain::{Denial, Event, RequestState, Stream};
use locum_evidence::{Founders, StoryError, VerifyFailure, is_link, report, story, streams_needed};
use std::collections::BTreeSet;

#[test]
fn r13_a_pack_tells_with_which_key_each_approval_was_signed_and_how_that_key_came_to_count() {
    let mut world = World::new(demanding());
    let play = world.signed();
    let verified = world
        .judged(&[&world.founding, &world.oscar, &play])
        .unwrap();
    says(
        &verified.sentence,
        "; the founders' keys were not checked against fingerprints you hold",
    );
    assert!(!verified.are_founders_checked);
    let signature = &verified.signatures[0];
    assert_eq!(signature.by, person("oscar"));
    let thumbprint = world.people.key("oscar").thumbprint();
    assert_eq!(signature.signed_by.thumbprint, thumbprint);
    assert_eq!(signature.signed_by.enrolled_by, Some(person("sam")));
    assert_eq!(signature.enrolled_before_request_seconds, 604_740);
    let told = verified.access_event.route[0].approval.as_ref().unwrap();
    assert_eq!(told.signed_by.as_ref(), Some(&signature.signed_by));
    let page = report(&verified.access_event);
    says(
        &page,
        &format!("signed by the approver with passkey {thumbprint}"),
    );
    says(&page, "signed for by sam");
}

#[test]
fn r33_with_the_founders_fingerprints_every_chain_must_end_at_them() {
    let mut world = World::new(demanding());
    let play = world.signed();
    let parts = [&world.founding, &world.oscar, &play];
    let founders = |text: String| Some(Founders::parse(&text).unwrap());
    let right = world.people.fingerprints(&["prya", "sam"]);
    let verified = world.judged_with(&parts, founders(right)).unwrap();
    assert!(verified.are_founders_checked);
    says(
        &verified.sentence,
        "; every signature leads to the founders' keys you gave",
    );
    let sams = world.people.key("sam").thumbprint();
    let pryas = world.people.key("prya").thumbprint();
    for wrong in [
        world.people.fingerprints(&["sam"]),
        world.people.fingerprints(&["sam", "prya", "mallory"]),
        world.people.fingerprints(&["sam", "mallory"]),
        format!("sam {pryas}\nprya {sams}\n"),
    ] {
        let failure = world.judged_with(&parts, founders(wrong)).unwrap_err();
        assert!(matches!(failure, VerifyFailure::OtherFounders { .. }));
        says(&failure.to_string(), sams.as_str());
    }
}

#[test]
fn r33_with_the_founders_fingerprints_nothing_unsigned_verifies_whatever_the_pack_says_it_demanded()
{
    let script = Script {
        applications: vec!["billing", "crm"],
        approvers: vec!["oscar", "prya"],
        ..Script::new(1)
    };
    let mut world = World::new(script.clone());
    let right = Founders::parse(&world.people.fingerprints(&["prya", "sam"])).unwrap();
    let signed = world.signed();
    let mut in_part = signed.clone();
    approvals(&mut in_part).next().unwrap().signature = None;
    let on_request = |event| (Stream::Request(script.request_id()), event);
    // An offer that was taken is an approval, too.
    let narrowed: Story = script.narrowed().into_iter().map(on_request).collect();
    for (play, by) in [
        (script.play(), "oscar"),
        (in_part, "oscar"),
        (narrowed, "oscar"),
    ] {
        let parts = [&world.founding, &world.oscar, &play];
        assert!(world.judged(&parts).is_ok(), "without founders");
        let failure = world.judged_with(&parts, Some(right.clone())).unwrap_err();
        assert!(
            matches!(&failure, VerifyFailure::Unsigned { by: who, .. } if *who == person(by)),
            "{failure}"
        );
    }
    let parts = [&world.founding, &world.oscar, &signed];
    assert!(world.judged_with(&parts, Some(right.clone())).is_ok());
    // Where nobody approved, nobody can have signed: the answer claims nothing.
    let denied = script.fruitless("denied").into_iter();
    let denied: Story = denied.map(on_request).collect();
    let verified = world.judged_with(&[&denied], Some(right)).unwrap();
    assert!(!verified.are_founders_checked && verified.signatures.is_empty());
    says(
        &verified.sentence,
        "; nobody approved anything in it, so no founder's key was checked",
    );
}

#[test]
fn r13_a_founder_and_whoever_was_enrolled_by_somebody_enrolled_may_sign() {
    let script = Script {
        approvers: vec!["oscar", "tess", "prya"],
        ..demanding()
    };
    let mut world = World::new(script);
    let mallory = world.people.enrol("mallory", "sam", time(LONG_AGO + 120));
    let tess = world.people.enrol("tess", "mallory", time(LONG_AGO + 180));
    let play = world.signed();
    let verified = world
        .judged(&[&world.founding, &world.oscar, &mallory, &tess, &play])
        .unwrap();
    let by: Vec<_> = verified.signatures.iter().map(|it| &it.by).collect();
    let expected = ["oscar", "tess", "prya", "rita"].map(person);
    assert_eq!(by, expected.iter().collect::<Vec<_>>());
    assert_eq!(verified.signatures[2].signed_by.enrolled_by, None);
    let failure = world.judged(&[&world.founding, &world.oscar, &tess, &play]);
    says(
        &failure.unwrap_err().to_string(),
        "mallory signed with a key nobody enrolled",
    );
}

#[test]
fn r13_an_approval_without_the_signature_its_route_demands_does_not_verify() {
    let text = World::new(demanding()).bent(|_, _, play| {
        approvals(play).for_each(|approval| approval.signature = None);
    });
    says(&text, "oscar approved without the signature demanded");
}

#[test]
fn r13_an_approval_with_a_forged_signature_does_not_verify() {
    let bent = |bend: &dyn Fn(&mut Approval)| {
        World::new(demanding()).bent(|_, _, play| approvals(play).for_each(bend))
    };
    // Words that the approver did not sign.
    says(
        &bent(&|it| it.note = Some("and everything else too".into())),
        "the signature of oscar does not count",
    );
    says(
        &bent(&|it| it.covers_narrower = true),
        "the signature of oscar does not count",
    );
    // Somebody else's hand.
    let text = World::new(demanding()).bent(|_, _, play| renamed(play, "mallory"));
    says(&text, "mallory signed with a key nobody enrolled");
    let mut stranger = Device::new(Key::es256());
    let forged = stranger.sign(&[7; 32]);
    says(
        &bent(&move |it| it.signature = Some(forged.clone())),
        "oscar signed with a key nobody enrolled",
    );
    // The right key's name over another key's signature.
    let forged = Device::new(Key::es256()).sign(&[7; 32]);
    let claimed = move |it: &mut Approval| {
        let named = it.signature.as_ref().unwrap().authenticator().clone();
        let mut forged = forged.clone();
        if let Signature::Passkey { authenticator, .. } = &mut forged {
            *authenticator = named;
        }
        it.signature = Some(forged);
    };
    says(&bent(&claimed), "the signature of oscar does not count");
}

#[test]
fn r13_a_signature_for_one_request_does_not_serve_another() {
    let mut world = World::new(demanding());
    let mut other = world.signed();
    let mut play = world.script.play();
    for (approval, signed) in approvals(&mut play).zip(approvals(&mut other)) {
        approval.signature = signed.signature.clone();
    }
    // The same but for the nonce.
    for (_, event) in &mut play {
        if let Event::RequestFiled { request } = event {
            request.nonce = "99".repeat(16);
        }
    }
    let mut digest = None;
    for (_, event) in &play {
        if let Event::RequestFiled { request } = event {
            digest = Some(request.scope_digest());
        }
    }
    approvals(&mut play).for_each(|it| it.scope_digest = digest.clone().unwrap());
    let failure = world.judged(&[&world.founding, &world.oscar, &play]);
    says(
        &failure.unwrap_err().to_string(),
        "answers another challenge",
    );
}

#[test]
fn r13_a_counter_that_stands_still_does_not_verify() {
    let mut world = World::new(demanding());
    // Sam's key signs once more with the count it had at the founding.
    let sam = world.people.devices.get_mut("sam").unwrap();
    sam.count = 0;
    let mallory = world.people.enrol("mallory", "sam", time(LONG_AGO + 90));
    world.script.approvers = vec!["mallory"];
    let play = world.signed();
    let failure = world.judged(&[&world.founding, &world.oscar, &mallory, &play]);
    says(
        &failure.unwrap_err().to_string(),
        "the key may have been copied",
    );
}

#[test]
fn r22_a_pack_carries_the_enrolments_its_signatures_lead_to_and_no_others() {
    let mut world = World::new(demanding());
    let mallory = world.people.enrol("mallory", "sam", time(LONG_AGO + 90));
    let tess = world.people.enrol("tess", "mallory", time(LONG_AGO + 91));
    let refused = Event::Refused {
        by: person("ann"),
        act: "enrol".into(),
        at: time(0),
        refusal: Denial::NotAnApprover.because("not yours to sign"),
    };
    assert!(!is_link(&refused));
    let stray = vec![(Stream::Enrolment(person("oscar")), refused)];
    let play = world.signed();
    let whole = [
        &world.founding,
        &world.oscar,
        &mallory,
        &tess,
        &stray,
        &play,
    ];
    let whole: Story = whole.into_iter().flatten().cloned().collect();
    let mut ledger = Ledger::new(1);
    ledger.interleave(&[whole], 0);

    let asked = ledger.events(&world.script.streams());
    let mut streams = world.script.streams();
    let oscars = Stream::Enrolment(person("oscar"));
    let ritas = Stream::Enrolment(person("rita"));
    let expected = BTreeSet::from([Stream::Founding, oscars.clone(), ritas]);
    assert_eq!(streams_needed(&asked), expected);
    streams.extend(expected.clone());
    let sams = Stream::Enrolment(person("sam"));
    let expected: BTreeSet<_> = expected.into_iter().chain([sams]).collect();
    assert_eq!(streams_needed(&ledger.events(&streams)), expected);
    assert!(ledger.signed_pack(&world.script.streams()).build().is_ok());

    // A look or a refusal in such a stream, or the enrolments of somebody else, are not this event's.
    let with_stray = story(&ledger.events(&streams));
    assert!(matches!(with_stray, Err(StoryError::OtherEvent(_))));
    let others = [
        Stream::Enrolment(person("tess")),
        Stream::Enrolment(person("mallory")),
    ];
    for other in others {
        let streams = [world.script.streams(), vec![Stream::Founding, other]].concat();
        assert!(matches!(
            story(&ledger.events(&streams)),
            Err(StoryError::OtherEvent(_))
        ));
    }
}

#[test]
fn r13_an_approval_that_came_with_the_filing_does_not_verify() {
    let mut world = World::new(demanding());
    let mut play = world.signed();
    let mut given = None;
    play.retain(|(_, event)| match event {
        Event::RequestApproved {
            approval, granted, ..
        } => {
            given = Some((approval.clone(), granted.clone()));
            false
        }
        _ => true,
    });
    let (mut approval, granted) = given.unwrap();
    approval.signature = None;
    for is_granted in [true, false] {
        let mut play = play.clone();
        for (_, event) in &mut play {
            if let Event::RequestFiled { request } = event {
                request.route.steps[0].approval = Some(approval.clone());
                if is_granted {
                    let granted = granted.clone().unwrap();
                    request.grant = Some(granted.grant);
                    request.state = RequestState::Approved {
                        at: approval.at,
                        activate_by: granted.activate_by,
                    };
                }
            }
        }
        let failure = world.judged(&[&world.founding, &world.oscar, &play]);
        let text = failure.unwrap_err().to_string();
        says(&text, "was filed with something decided");
    }
}

#[test]
fn r13_a_request_that_is_filed_again_does_not_verify() {
    let mut world = World::new(demanding());
    let mut play = world.signed();
    let again = play[0].clone();
    play.insert(1, again);
    let failure = world.judged(&[&world.founding, &world.oscar, &play]);
    says(&failure.unwrap_err().to_string(), "was filed twice");
}

#[test]
fn r13_the_answer_counts_the_approvals_that_nobody_signed() {
    let mut world = World::new(Script {
        approvers: vec!["oscar", "prya"],
        ..Script::new(1)
    });
    let mut play = world.signed();
    approvals(&mut play).next().unwrap().signature = None;
    let verified = world.judged(&[&world.founding, &play]).unwrap();
    says(&verified.sentence, "; 1 approval is not signed");
    // Prya approved, and Rita reviewed.
    assert_eq!(verified.signatures.len(), 2);
}
