//! R24: the page that an auditor keeps judges every pack as ours does, but for what it says that it does not check.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;
mod house;
mod ledger;

use std::path::Path;
use std::process::Command;

use ciborium::cbor;
use device::{BE, Device, ED, Key, UP, UV, encoded};
use house::{Lie, tell};
use ledger::invitations::invitations;
use ledger::restores::restores;
use ledger::revocations::revocations;
use ledger::scenario::{Script, person};
use ledger::signing::{LONG_AGO, key_file, signed_by_file};
use ledger::world::{Story, World, approvals, demanding};
use ledger::{Ledger, time};
use locum_domain::Event;
use locum_domain::authenticator::{Signature, Statement as _};
use locum_domain::catalog::Tier;
use locum_domain::request::ApprovalWords;
use locum_domain::route::Approval;
use locum_evidence::{Founders, VerifyOptions, verify};
use locum_tlog::{Checkpoint, TrustPolicy, VerifierKey, WitnessKey};
use serde_json::{Value, json};

/// A pack, and the founders' fingerprints and the trust policy that go with it.
struct Case {
    name: String,
    bytes: Vec<u8>,
    founders: Option<String>,
    trust: Option<String>,
    /// Where it is not the first epoch's.
    key: Option<VerifierKey>,
}

fn case(name: &str, bytes: Vec<u8>) -> Case {
    Case {
        name: name.to_owned(),
        bytes,
        founders: None,
        trust: None,
        key: None,
    }
}

fn both() -> Script {
    Script {
        applications: vec!["billing", "crm"],
        approvers: vec!["oscar", "prya"],
        ..Script::new(1)
    }
}

/// Stories of every turn, over ledgers of several sizes.
fn unsigned() -> Vec<Case> {
    let open = Script {
        is_reviewed: false,
        is_confirmed: false,
        ..both()
    };
    let busy = Script {
        requests: 700,
        ..Script::new(1)
    };
    let by_herself = Script {
        approvers: vec!["ann"],
        ..Script::new(1)
    };
    let by_one = Script {
        approvers: vec!["oscar", "oscar"],
        ..Script::new(1)
    };
    let by_approver = Script {
        reviewer: "oscar",
        ..Script::new(1)
    };
    let mut cases = Vec::new();
    for (name, script, filler) in [
        ("straight", both(), 30),
        ("open", open, 0),
        ("busy", busy, 30),
        ("approved by whoever asked", by_herself, 0),
        ("approved twice by one", by_one, 0),
        ("reviewed by an approver", by_approver, 0),
    ] {
        let mut ledger = Ledger::new(1);
        ledger.interleave(&[script.play(), Script::new(2).play()], filler);
        cases.push(case(name, ledger.pack(&script.streams()).build().unwrap()));
    }
    for (name, (play, stream)) in [
        ("extended", both().extended()),
        ("eventful", both().eventful()),
    ] {
        let mut ledger = Ledger::new(1);
        ledger.interleave(&[play], 7);
        let streams = [both().streams(), vec![stream]].concat();
        cases.push(case(name, ledger.pack(&streams).build().unwrap()));
    }
    for name in ["erased", "withheld"] {
        let mut ledger = Ledger::new(1);
        let (play, stream) = both().eventful();
        ledger.interleave(&[play], 7);
        let streams = [both().streams(), vec![stream]].concat();
        match name {
            "erased" => ledger.erase(&streams[0]),
            _ => ledger.withhold(),
        }
        cases.push(case(name, ledger.pack(&streams).build().unwrap()));
    }
    for (name, events) in [
        ("narrowed", both().narrowed()),
        ("denied", both().fruitless("denied")),
        ("lapsed", both().fruitless("lapsed")),
        ("tightened", both().fruitless("tightened")),
    ] {
        let mut ledger = Ledger::new(1);
        ledger.fill(if name == "narrowed" { 66_000 } else { 300 });
        for event in events {
            ledger.record(&both().streams()[0], &event);
        }
        cases.push(case(name, ledger.pack(&both().streams()).build().unwrap()));
    }
    cases
}

/// Stories that somebody signed, good and bent.
fn signed() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut world = World::new(demanding());
    let play = world.signed();
    let good = world.pack(&[&world.founding, &world.oscar, &play]);
    for (name, people) in [
        ("with founders", ["prya", "sam"]),
        ("other founders", ["prya", "mallory"]),
    ] {
        cases.push(Case {
            founders: Some(world.people.fingerprints(&people)),
            ..case(name, good.clone())
        });
    }
    let mut world = World::new(Script::new(1));
    let play = world.script.play();
    cases.push(Case {
        founders: Some(world.people.fingerprints(&["prya", "sam"])),
        ..case("unsigned, with founders", world.pack(&[&play]))
    });
    let key = world.people.enrol("tess", "sam", time(LONG_AGO + 90));
    cases.push(case(
        "a stranger's key",
        world.pack_of(&world.script.streams(), &[&world.founding, &key, &play]),
    ));
    for (name, age) in [("signed", 86_400 * 9), ("too new", 60)] {
        let mut world = World::new(Script {
            approvers: vec!["tess", "prya"],
            is_signature_demanded: true,
            strictest: Tier::Regulated,
            ..Script::new(1)
        });
        let tess = world.people.enrol("tess", "sam", time(10 - age));
        let play = world.signed();
        cases.push(case(name, world.pack(&[&world.founding, &tess, &play])));
        cases.push(case("nobody founded", world.pack(&[&tess, &play])));
        cases.push(case(
            "nobody enrolled",
            world.pack(&[&world.founding, &play]),
        ));
    }
    let mut world = World::new(demanding());
    let mut play = world.signed();
    approvals(&mut play).for_each(|it| it.note = Some("and more".into()));
    cases.push(case(
        "other words",
        world.pack(&[&world.founding, &world.oscar, &play]),
    ));
    let mut world = World::new(demanding());
    let mut play = world.signed();
    approvals(&mut play).for_each(|it| it.signature = None);
    cases.push(case(
        "unsigned",
        world.pack(&[&world.founding, &world.oscar, &play]),
    ));
    let mut world = World::new(demanding());
    let play = world.signed();
    if let (_, Event::FounderEnrolled { authenticator, .. }) = &mut world.founding[2] {
        **authenticator = Device::new(Key::es256()).authenticator(&person("prya"));
    }
    cases.push(case(
        "a founder's key swapped",
        world.pack(&[&world.founding, &world.oscar, &play]),
    ));
    let mut world = World::new(demanding());
    let play = world.signed();
    if let (_, Event::EnrolmentApproved { signature, .. }) = &mut world.oscar[1]
        && let Signature::Passkey { signature, .. } = signature
    {
        let first = if signature.starts_with('A') { "B" } else { "A" };
        signature.replace_range(..1, first);
    }
    cases.push(case(
        "an enrolment signed by nobody",
        world.pack(&[&world.founding, &world.oscar, &play]),
    ));
    cases.extend(by_device());
    cases.extend(afterwards());
    cases.extend(by_file());
    let invited = invitations().into_iter();
    cases.extend(invited.map(|(name, _, bytes)| case(name, bytes)));
    let revoked = revocations().into_iter();
    cases.extend(revoked.map(|(bytes, _)| case("revoked on the way", bytes)));
    cases
}

/// A good story, signed by an authenticator that does something else than it should, or more than it must.
fn by_device() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut by = |name, bend: &dyn Fn(&mut Device)| {
        let mut world = World::new(demanding());
        bend(world.people.devices.get_mut("oscar").unwrap());
        let play = world.signed();
        let bytes = world.pack(&[&world.founding, &world.oscar, &play]);
        cases.push(case(name, bytes));
    };
    by("with extensions", &|it| {
        it.flags = UP | UV | ED;
        it.tail = encoded(&cbor!({"uvm" => [[2, 4, 2]]}).unwrap());
    });
    by("extensions that are no map", &|it| {
        it.flags = UP | UV | ED;
        it.tail = encoded(&cbor!([1]).unwrap());
    });
    by("more members", &|it| {
        it.members = r#","crossOrigin":false,"extra":{"type":"x","a":["\"}"]}"#.into()
    });
    by("another origin", &|it| {
        it.origin = "https://evil.example".into()
    });
    by("another relying party", &|it| it.rp_id = "example".into());
    by("inside a frame", &|it| {
        it.members = r#","crossOrigin":true"#.into()
    });
    by("under another page", &|it| {
        it.members = r#","topOrigin":"https://locum.example""#.into();
    });
    by("a member twice", &|it| {
        it.members = r#","type":"webauthn.get""#.into()
    });
    by("a member twice, escaped", &|it| {
        it.members = r#","\u0074ype":"webauthn.get""#.into()
    });
    by("nobody there", &|it| it.flags = UV);
    by("nobody verified", &|it| it.flags = UP);
    by("synced since", &|it| it.flags = UP | UV | BE);
    by("something behind", &|it| it.tail = vec![0]);
    cases
}

/// What an emergency skipped, signed afterwards, or not.
fn afterwards() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut emergency = |name, skipped: &[&'static str], bend: &dyn Fn(&mut World, &mut Story)| {
        let mut world = World::new(demanding());
        let tess = world.people.enrol("tess", "sam", time(LONG_AGO + 90));
        let mut play = world.script.emergency(skipped);
        world.people.sign_approvals(&mut play);
        bend(&mut world, &mut play);
        let founders = Some(world.people.fingerprints(&["prya", "sam"]));
        let bytes = world.pack(&[&world.founding, &world.oscar, &tess, &play]);
        cases.push(Case {
            founders,
            ..case(name, bytes)
        });
    };
    let signed = ["prya", "tess"];
    emergency("signed afterwards", &signed, &|_, _| {});
    emergency("signed afterwards by one", &["prya"], &|_, _| {});
    emergency("signed afterwards by nobody", &[], &|_, _| {});
    emergency("afterwards, unsigned", &signed, &|_, play| {
        countersignatures(play).for_each(|it| it.signature = None);
    });
    emergency("afterwards, other words", &signed, &|_, play| {
        countersignatures(play).for_each(|it| it.note = Some("and more".into()));
    });
    emergency("afterwards by the actor", &signed, &|_, play| {
        countersignatures(play).for_each(|it| it.by = person("ann"));
    });
    emergency("afterwards, twice by one", &["prya", "prya"], &|_, _| {});
    emergency("afterwards, before its use", &signed, &|_, play| {
        let at = play
            .iter()
            .position(|(_, it)| matches!(it, Event::RequestCountersigned { .. }))
            .unwrap();
        let early = play.remove(at);
        play.insert(1, early);
    });
    cases
}

/// A key file, which is enough where little is at stake.
fn by_file() -> Vec<Case> {
    let by = |strictest: Tier| {
        let mut world = World::new(Script {
            strictest,
            approvers: vec!["tess"],
            ..demanding()
        });
        let key = Key::ed25519();
        let file = key_file(&key, "tess");
        let tess = world.people.enrol_key(file, "sam", time(LONG_AGO + 90));
        let mut play = world.script.play();
        let request = world.script.request();
        for approval in approvals(&mut play) {
            let words = ApprovalWords::of(approval);
            let statement = words.statement(&request, &approval.by, &request.route.steps[0]);
            approval.signature = Some(signed_by_file(&key, statement.digest()));
        }
        world.pack(&[&world.founding, &tess, &play])
    };
    vec![
        case("a key file for little", by(Tier::Low)),
        case("a key file for more", by(Tier::Standard)),
    ]
}

fn countersignatures(play: &mut Story) -> impl Iterator<Item = &mut Approval> {
    play.iter_mut().filter_map(|(_, event)| match event {
        Event::RequestCountersigned { approval, .. } => Some(approval),
        _ => None,
    })
}

/// A crossing under a checkpoint that these witnesses cosigned, for auditors who ask for one or another of them.
fn cosigned() -> Vec<Case> {
    const HOSTS: [&str; 3] = ["w.acme.example", "w2.acme.example", "w.ledger.example"];
    let witness = |at: usize| WitnessKey::from_seed(HOSTS[at], &[u8::try_from(at).unwrap(); 32]);
    let mut ledger = Ledger::new(1);
    ledger.interleave(&[both().play()], 0);
    let log = format!("log {}\n", ledger.key.verifier_key());
    let other = format!("log {}\n", Ledger::new(2).key.verifier_key());
    let lines: String = (0..HOSTS.len())
        .map(|at| {
            format!(
                "witness {} {}\n",
                HOSTS[at],
                witness(at).unwrap().cosigner_key()
            )
        })
        .collect();
    let groups =
        "group acme all w.acme.example w2.acme.example\ngroup some any acme w.ledger.example\n";
    let mut cases = Vec::new();
    for by in [vec![], vec![0], vec![2], vec![0, 1], vec![0, 1, 2]] {
        let mut pack = ledger.pack(&both().streams());
        for at in &by {
            let line = witness(*at).unwrap().cosign(&pack.checkpoint, 7).unwrap();
            pack.checkpoint = Checkpoint::with_signatures(&pack.checkpoint, &line).unwrap();
        }
        let bytes = pack.build().unwrap();
        let mut ask = |name: &str, trust: Option<String>| {
            cases.push(Case {
                trust,
                ..case(&format!("cosigned by {by:?}, {name}"), bytes.clone())
            });
        };
        ask("nobody trusted", None);
        for quorum in ["none", "some", "acme", "w.ledger.example"] {
            ask(
                quorum,
                Some(format!("{log}{lines}{groups}quorum {quorum}\n")),
            );
        }
        ask("without logs", Some(format!("{lines}quorum none\n")));
        ask("another log", Some(format!("{other}{lines}quorum none\n")));
    }
    cases
}

/// Decisions with the rules they stand on. What takes Cedar to see is not among them: the page says that it has none.
fn ruled() -> Vec<Case> {
    let mut cases = vec![case("ruled", tell(&Lie::default()))];
    let weaker = Lie {
        rules: |rules| rules.policies.clear(),
        ..Lie::default()
    };
    cases.push(case("a policy left out", tell(&weaker)));
    let friend = Lie {
        facts: |_, facts| {
            for application in facts.catalog.applications.values_mut() {
                application.owner = person("mallory");
            }
        },
        ..Lie::default()
    };
    cases.push(case("a friend made owner", tell(&friend)));
    let older = Lie {
        is_ruled_twice: true,
        ..Lie::default()
    };
    cases.push(case("older rules", tell(&older)));
    cases
}

/// Ledgers that lost entries and went on.
fn restored() -> Vec<Case> {
    let all = restores().into_iter().map(|it| Case {
        key: Some(it.key),
        ..case(it.name, it.bytes)
    });
    all.collect()
}

/// What ours says of a case, for the page's test to compare with.
fn ours(case: &Case, key: &locum_tlog::VerifierKey) -> Value {
    let founders = case.founders.as_deref();
    let options = VerifyOptions {
        trusted_key: Some(key.clone()),
        founders: founders.map(|text| Founders::parse(text).unwrap()),
        trust: case
            .trust
            .as_ref()
            .map(|text| TrustPolicy::parse(text).unwrap()),
        ..VerifyOptions::default()
    };
    match verify(&case.bytes, &options) {
        Err(failure) => json!({ "refused": failure.to_string() }),
        Ok(verified) => json!({
            "sentence": verified.sentence,
            "findings": verified.findings,
            "signatures": verified.signatures,
            "witnesses": verified.witnesses,
        }),
    }
}

#[test]
fn r24_the_page_judges_every_pack_as_ours_does() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    std::fs::create_dir_all(&folder).unwrap();
    let key = Ledger::new(1).key.verifier_key().clone();
    let mut table = Vec::new();
    let cases = unsigned().into_iter().chain(signed()).chain(cosigned());
    let cases = cases.chain(ruled()).chain(restored());
    for (at, case) in cases.enumerate() {
        let file = format!("{at:03}.zip");
        std::fs::write(folder.join(&file), &case.bytes).unwrap();
        let key = case.key.as_ref().unwrap_or(&key);
        table.push(json!({
            "name": case.name, "file": file, "key": key.to_string(), "founders": case.founders,
            "trust": case.trust, "ours": ours(&case, key),
        }));
    }
    std::fs::write(folder.join("table.json"), json!(table).to_string()).unwrap();
    let test = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/verifier/agreeing.mjs");
    let node = Command::new("node").arg(test).arg(&folder).output();
    let Ok(output) = node else {
        eprintln!("not compared with the page: there is no node here");
        return;
    };
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&said)
    );
}
