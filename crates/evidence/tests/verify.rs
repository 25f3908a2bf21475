//! R22–R24: one pack tells one access event, and no byte of it can change unseen.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;
mod ledger;

use ledger::scenario::{Script, approval, person};
use ledger::world::{World, demanding, says};
use ledger::{Ledger, time, unzip, with_manifest, zip};
use locum_domain::{Event, Stream};
use locum_evidence::{Verified, VerifyFailure, VerifyOptions, verify};
use locum_record::{Payload, canonical};
use locum_tlog::VerifierKey;

fn untrusting(bytes: &[u8]) -> Result<Verified, VerifyFailure> {
    verify(bytes, &VerifyOptions::default())
}

fn trusting(bytes: &[u8], key: &VerifierKey) -> Result<Verified, VerifyFailure> {
    verify(
        bytes,
        &VerifyOptions {
            trusted_key: Some(key.clone()),
            ..VerifyOptions::default()
        },
    )
}

/// 600 entries and more, two access events side by side across several bundles.
fn large() -> (Ledger, Script, Script) {
    let mut ledger = Ledger::new(1);
    let one = Script {
        applications: vec!["billing", "crm"],
        approvers: vec!["oscar", "prya"],
        ..Script::new(1)
    };
    let two = Script {
        requests: 8,
        ..Script::new(2)
    };
    ledger.fill(40);
    ledger.interleave(&[one.play(), two.play()], 11);
    ledger.fill(5);
    assert!(ledger.entries.len() > 600, "{}", ledger.entries.len());
    (ledger, one, two)
}

/// One access event and hardly anything else.
fn small() -> (Ledger, Script, Vec<u8>) {
    let mut ledger = Ledger::new(1);
    let script = Script {
        requests: 1,
        ..Script::new(1)
    };
    ledger.fill(1);
    ledger.interleave(&[script.play()], 0);
    let bytes = ledger.pack(&script.streams()).build().unwrap();
    (ledger, script, bytes)
}

#[test]
fn r24_a_pack_verifies_alone_and_says_whose_key_it_was_checked_with() {
    let (ledger, one, two) = large();
    for (script, unsigned) in [
        (&one, "2 approvals are not signed; 1 finding is not signed"),
        (&two, "1 approval is not signed; 1 finding is not signed"),
    ] {
        let bytes = ledger.pack(&script.streams()).build().unwrap();
        let verified = untrusting(&bytes).unwrap();
        let vkey = ledger.key.verifier_key().to_string();
        let sentence = format!(
            "consistent, signed by {vkey}, not checked against a key you trust; vouched for by the operator alone; {unsigned}"
        );
        assert_eq!(verified.sentence, sentence);
        assert!(!verified.is_key_trusted);
        let verified = trusting(&bytes, ledger.key.verifier_key()).unwrap();
        assert!(verified.is_key_trusted);
        assert_eq!(verified.size, ledger.entries.len() as u64);
        assert_eq!(verified.access_event.id, script.request().event);
    }
}

#[test]
fn r24_the_same_parts_make_the_same_bytes_and_any_unzip_can_read_them() {
    let (ledger, script, bytes) = small();
    assert_eq!(ledger.pack(&script.streams()).build().unwrap(), bytes);
    assert_eq!(zip(&unzip(&bytes)), bytes);
    let names: Vec<String> = unzip(&bytes).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "manifest.json",
            "access-event.json",
            "approvals/3.json",
            "checkpoint",
            "entries/000.p/15",
            "keys/ledger.vkey",
            "payloads/000.jsonl",
            "proofs/first.consistency",
            "proofs/first.tlog-proof",
            "proofs/last.consistency",
            "proofs/last.tlog-proof",
            "report.html",
        ]
    );
}

#[test]
fn r24_no_byte_of_a_pack_can_change_unseen() {
    let (_, _, bytes) = small();
    for place in 0..bytes.len() {
        let mut other = bytes.clone();
        other[place] ^= 1 << (place % 8);
        assert!(
            untrusting(&other).is_err(),
            "byte {place} of {}",
            bytes.len()
        );
    }
    assert!(untrusting(&[bytes.as_slice(), b"\0"].concat()).is_err());
    assert!(untrusting(&bytes[..bytes.len() - 1]).is_err());
    assert!(untrusting(b"").is_err());
}

#[test]
fn r24_a_changed_byte_of_any_file_is_seen_though_checksum_and_manifest_are_made_to_fit() {
    let (ledger, one, _) = large();
    let key = ledger.key.verifier_key();
    let bytes = ledger.pack(&one.streams()).build().unwrap();
    assert_eq!(
        with_manifest(unzip(&bytes)),
        bytes,
        "the harness writes the same form"
    );
    for (index, (name, content)) in unzip(&bytes).into_iter().enumerate().skip(1) {
        let step = (content.len() / 12).max(1);
        for place in (0..content.len()).step_by(step) {
            let mut files = unzip(&bytes);
            files[index].1[place] ^= 1;
            assert!(
                trusting(&with_manifest(files), key).is_err(),
                "byte {place} of `{name}`"
            );
        }
        for content in [[content.as_slice(), b"\n"].concat(), Vec::new()] {
            let mut files = unzip(&bytes);
            let is_empty_already = files[index].1.is_empty() && content.is_empty();
            files[index].1 = content;
            assert!(
                is_empty_already || trusting(&with_manifest(files), key).is_err(),
                "end of `{name}`"
            );
        }
    }
}

#[test]
fn r24_a_file_removed_added_renamed_doubled_or_moved_is_seen() {
    let (_, _, bytes) = small();
    let files = unzip(&bytes);
    for index in 0..files.len() {
        let name = files[index].0.clone();
        let refused = |files: Vec<(String, Vec<u8>)>, what: &str| {
            assert!(untrusting(&zip(&files)).is_err(), "`{name}` {what}");
            if index > 0 {
                assert!(
                    untrusting(&with_manifest(files)).is_err(),
                    "`{name}` {what}, in the manifest too"
                );
            }
        };
        let mut without = files.clone();
        without.remove(index);
        refused(without, "removed");
        let mut renamed = files.clone();
        renamed[index].0.push('x');
        refused(renamed, "renamed");
        let mut doubled = files.clone();
        doubled.push(files[index].clone());
        assert!(untrusting(&zip(&doubled)).is_err(), "`{name}` doubled");
        let mut moved = files.clone();
        moved.rotate_left(index.max(1));
        assert!(untrusting(&zip(&moved)).is_err(), "moved by {index}");
    }
    for added in [
        "a.txt",
        "approvals/99.json",
        "entries/001",
        "payloads/001.jsonl",
        "proofs/tile/1/000",
        "keys/other",
    ] {
        let mut more = files.clone();
        more.push((added.into(), b"{}".to_vec()));
        assert!(untrusting(&zip(&more)).is_err(), "{added}");
        assert!(
            untrusting(&with_manifest(more)).is_err(),
            "{added} in the manifest"
        );
    }
}

#[test]
fn r24_the_failure_names_what_is_wrong() {
    let (_, _, bytes) = small();
    let alter = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut files = unzip(&bytes);
        let file = files.iter_mut().find(|(it, _)| it == name).unwrap();
        change(&mut file.1);
        files
    };
    let without = |name: &str| {
        unzip(&bytes)
            .into_iter()
            .filter(|(it, _)| it != name)
            .collect::<Vec<_>>()
    };
    let text = |result: Result<Verified, VerifyFailure>| result.unwrap_err().to_string();

    let altered = alter("report.html", &|file| file.push(b' '));
    assert!(text(untrusting(&zip(&altered))).starts_with("`report.html` is altered"));
    assert!(
        text(untrusting(&with_manifest(altered)))
            .starts_with("`report.html` does not follow from the entries")
    );
    assert!(text(untrusting(&zip(&without("checkpoint")))).starts_with("`checkpoint` is missing"));
    assert!(
        text(untrusting(&with_manifest(without("approvals/3.json"))))
            .starts_with("`approvals/3.json` is missing")
    );
    let mut more = unzip(&bytes);
    more.push(("z".into(), Vec::new()));
    assert!(text(untrusting(&zip(&more))).starts_with("`z` is added"));
    assert!(text(untrusting(b"PK")).contains("not an evidence pack"));
}

#[test]
fn r24_the_key_of_another_ledger_is_not_this_one() {
    let (_, _, bytes) = small();
    let other = Ledger::new(2);
    let failure = trusting(&bytes, other.key.verifier_key()).unwrap_err();
    assert!(
        matches!(failure, VerifyFailure::OtherKey { .. }),
        "{failure}"
    );
}

#[test]
fn r24_a_whole_history_made_up_with_another_key_is_only_consistent() {
    let honest = Ledger::new(1);
    let mut forged = Ledger::new(2);
    let script = Script::new(1);
    forged.interleave(&[script.play()], 0);
    let bytes = forged.pack(&script.streams()).build().unwrap();
    assert!(untrusting(&bytes).is_ok());
    assert!(trusting(&bytes, honest.key.verifier_key()).is_err());
    // The right name over the wrong key, in the file that says whose it is.
    let mut files = unzip(&bytes);
    let vkey = format!("{}\n", honest.key.verifier_key());
    files
        .iter_mut()
        .find(|(name, _)| name == "keys/ledger.vkey")
        .unwrap()
        .1 = vkey.into_bytes();
    assert!(trusting(&with_manifest(files), honest.key.verifier_key()).is_err());
}

#[test]
fn r24_an_approval_inserted_without_the_ledgers_key_is_not_in_the_ledger() {
    let mut ledger = Ledger::new(1);
    let script = Script::new(1);
    let story = script.play();
    ledger.interleave(std::slice::from_ref(&story), 0);
    let signed = ledger.pack(&script.streams());

    // A database administrator appends the approval that is missing, with a matching entry and payload.
    let mut database = Ledger::new(1);
    database.interleave(&[story], 0);
    let request = script.request();
    let event = Event::RequestApproved {
        request: request.id.clone(),
        step: 0,
        approval: approval(&request, "mallory"),
        granted: None,
    };
    database.record(&Stream::Request(request.id), &event);
    let mut forged = database.pack(&script.streams());
    forged.checkpoint.clone_from(&signed.checkpoint);
    assert!(forged.build().is_err(), "no pack can be built over it");

    // The same in place of an entry that was there.
    let mut forged = signed;
    let row = forged
        .rows
        .iter_mut()
        .find(|row| row.position == 2)
        .unwrap();
    row.body = canonical(&event).unwrap();
    assert!(forged.build().is_err());
}

#[test]
fn r24_payloads_swapped_between_two_entries_open_neither() {
    let (ledger, script, bytes) = small();
    let mut pack = ledger.pack(&script.streams());
    let (salt, body) = (pack.rows[3].salt, pack.rows[3].body.clone());
    pack.rows[3].salt = pack.rows[4].salt;
    pack.rows[3].body = std::mem::replace(&mut pack.rows[4].body, body);
    pack.rows[4].salt = salt;
    assert!(pack.build().is_err());

    let mut files = unzip(&bytes);
    let payloads = &mut files
        .iter_mut()
        .find(|(name, _)| name == "payloads/000.jsonl")
        .unwrap()
        .1;
    let text = String::from_utf8(payloads.clone()).unwrap();
    let swapped = text
        .replace("\"position\":4,", "\"position\":X,")
        .replace("\"position\":5,", "\"position\":4,");
    *payloads = swapped
        .replace("\"position\":X,", "\"position\":5,")
        .into_bytes();
    assert!(untrusting(&with_manifest(files)).is_err());
}

#[test]
fn r24_a_pack_over_a_ledger_that_grew_verifies_under_the_newer_checkpoint() {
    let (mut ledger, one, _) = large();
    for growth in [0, 1, 150, 256, 1_000] {
        ledger.fill(growth);
        let bytes = ledger.pack(&one.streams()).build().unwrap();
        let verified = trusting(&bytes, ledger.key.verifier_key()).unwrap();
        assert_eq!(verified.size, ledger.entries.len() as u64);
    }
}

#[test]
fn r23_events_of_two_access_events_do_not_make_one_pack() {
    let (ledger, one, two) = large();
    let both = [one.streams(), two.streams()].concat();
    assert!(ledger.pack(&both).build().is_err());
    assert!(ledger.pack(&[]).build().is_err());
    let without_filing = &one.streams()[1..];
    assert!(ledger.pack(without_filing).build().is_err());
}

#[test]
fn r22_a_row_that_says_another_stream_than_its_event_is_refused() {
    let (ledger, script, _) = small();
    let mut pack = ledger.pack(&script.streams());
    pack.rows[5].stream = Stream::Request(script.request_id());
    assert!(pack.build().is_err());
}

#[test]
fn r05_an_approval_by_whoever_asked_does_not_verify_though_the_ledger_holds_it() {
    let script = Script {
        approvers: vec!["ann"],
        ..Script::new(1)
    };
    assert_broken(&script, "ann decided on their own request");
    let script = Script {
        requester: "bo",
        approvers: vec!["bo"],
        ..Script::new(1)
    };
    assert_broken(&script, "bo decided on their own request");
}

#[test]
fn r09_two_steps_by_one_person_do_not_verify() {
    let script = Script {
        approvers: vec!["oscar", "oscar"],
        ..Script::new(1)
    };
    assert_broken(&script, "oscar decided twice on one request");
}

#[test]
fn r27_a_review_by_an_approver_does_not_verify() {
    let script = Script {
        reviewer: "oscar",
        ..Script::new(1)
    };
    assert_broken(&script, "oscar reviewed a session that they had a part in");
}

#[test]
fn r13_an_approval_of_something_else_does_not_verify() {
    let mut ledger = Ledger::new(1);
    let script = Script::new(1);
    let mut story = script.play();
    let mut wider = script.request();
    wider.duration = locum_domain::Minutes(600);
    for (_, event) in &mut story {
        if let Event::RequestApproved { approval, .. } = event {
            approval.scope_digest = wider.scope_digest();
        }
    }
    ledger.interleave(&[story], 0);
    let bytes = ledger.pack(&script.streams()).build().unwrap();
    let failure = untrusting(&bytes).unwrap_err();
    assert!(
        failure
            .to_string()
            .contains("oscar approved something else than the request said"),
        "{failure}"
    );
}

#[test]
fn r20_a_session_wider_than_what_was_approved_does_not_verify() {
    let mut ledger = Ledger::new(1);
    let script = Script::new(1);
    let mut story = script.play();
    for (_, event) in &mut story {
        if let Event::SessionStarted { session } = event {
            let billing = session.applications.values_mut().next().unwrap();
            billing.operations.insert("invoice.void".parse().unwrap());
        }
    }
    ledger.interleave(&[story], 0);
    let bytes = ledger.pack(&script.streams()).build().unwrap();
    let failure = untrusting(&bytes).unwrap_err();
    assert!(
        failure
            .to_string()
            .contains("not the one that was approved"),
        "{failure}"
    );
}

fn assert_broken(script: &Script, rule: &str) {
    let mut ledger = Ledger::new(1);
    ledger.interleave(&[script.play()], 0);
    let bytes = ledger.pack(&script.streams()).build().unwrap();
    let failure = untrusting(&bytes).unwrap_err();
    assert!(matches!(failure, VerifyFailure::Rule { .. }), "{failure}");
    assert!(failure.to_string().contains(rule), "{failure}");
}

#[test]
fn r25_findings_are_told_and_fail_only_when_asked_to() {
    let mut ledger = Ledger::new(1);
    let applications = vec!["billing", "crm"];
    let script = Script {
        is_reviewed: false,
        is_confirmed: false,
        applications,
        ..Script::new(1)
    };
    let mut story = script.play();
    let completed = story
        .iter()
        .position(|(_, event)| matches!(event, Event::AccessCompleted(_)))
        .unwrap();
    story.remove(completed);
    for (_, event) in &mut story {
        if let Event::RequestApproved { approval, .. } = event {
            approval.signature = None;
        }
    }
    ledger.interleave(&[story], 0);
    let bytes = ledger.pack(&script.streams()).build().unwrap();
    let verified = untrusting(&bytes).unwrap();
    let codes: Vec<&str> = verified
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect();
    assert_eq!(
        codes,
        [
            "end-unconfirmed",
            "end-unconfirmed",
            "admission-without-completion",
            "beginning-unwitnessed",
            "review-open",
            "approval-unsigned",
            "checkpoint-unwitnessed",
        ]
    );
    let failure = verify(
        &bytes,
        &VerifyOptions {
            strict: true,
            ..VerifyOptions::default()
        },
    )
    .unwrap_err();
    assert!(
        matches!(failure, VerifyFailure::Findings { count: 7, .. }),
        "{failure}"
    );

    let strictly = |pack: &[u8]| {
        let strict = VerifyOptions {
            strict: true,
            ..VerifyOptions::default()
        };
        verify(pack, &strict)
    };
    let mut world = World::new(demanding());
    let signed = world.signed();
    let clean = world.pack(&[&world.founding, &world.oscar, &signed]);
    assert!(strictly(&clean).is_ok());
    // One application, and a route that demanded no signature: unsigned is unsigned.
    let (_, _, unsigned) = small();
    assert!(untrusting(&unsigned).is_ok());
    let failure = strictly(&unsigned).unwrap_err().to_string();
    says(
        &failure,
        "rita found so without their own signature: only the ledger's key says that they did",
    );
}

#[test]
fn r13_every_approval_that_nobody_signed_is_a_finding_before_any_activation_and_after_a_narrowing()
{
    let both = Script {
        applications: vec!["billing", "crm"],
        approvers: vec!["oscar", "prya"],
        ..Script::new(1)
    };
    let on_request = |event| (Stream::Request(both.request_id()), event);
    let until_granted = both.play().into_iter().take(4).collect();
    let narrowed = both.narrowed().into_iter().map(on_request).collect();
    let (extended, more) = both.extended();
    let streams = [both.streams(), vec![more]].concat();
    for (play, expected) in [
        (until_granted, vec!["oscar", "prya"]),
        (narrowed, vec!["oscar"]),
        (extended, vec!["oscar", "prya", "oscar", "prya"]),
    ] {
        let mut ledger = Ledger::new(1);
        ledger.interleave(&[play], 0);
        let verified = untrusting(&ledger.pack(&streams).build().unwrap()).unwrap();
        let findings = verified.findings.iter();
        let unsigned: Vec<&str> = findings
            .filter(|it| it.code == "approval-unsigned")
            .filter_map(|it| it.sentence.split(' ').next())
            .collect();
        assert_eq!(unsigned, expected);
    }
}

#[test]
fn r22_ten_thousand_access_records_make_one_pack() {
    let mut ledger = Ledger::new(1);
    let script = Script {
        requests: 10_000,
        ..Script::new(1)
    };
    ledger.interleave(&[script.play()], 1);
    let bytes = ledger.pack(&script.streams()).build().unwrap();
    let verified = trusting(&bytes, ledger.key.verifier_key()).unwrap();
    assert_eq!(verified.access_event.requests.admitted, 10_000);
    assert_eq!(verified.access_event.applications[0].accessed.len(), 7);
}

#[test]
fn the_harness_commits_to_payloads_as_the_record_does() {
    let mut ledger = Ledger::new(1);
    ledger.fill(1);
    let row = &ledger.rows[0];
    let payload = Payload {
        salt: row.salt,
        body: row.body.clone(),
        personal: row.personal.clone(),
    };
    let entry = locum_record::Entry::parse(&ledger.entries[0]).unwrap();
    assert!(payload.opens(&entry));
    assert_eq!(entry.at(), time(0));
    assert_eq!(person("ann").as_str(), "ann");
}
