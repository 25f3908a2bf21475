//! Keys, enrolments and signatures, by somebody who holds the ledger's key and nobody's passkey.

use locum_domain::Event;
use locum_domain::authenticator::Signature;

use crate::device::{Device, Key, UP};
use crate::ledger::scenario::person;
use crate::ledger::time;
use crate::ledger::world::{Story, World, approvals, demanding, renamed};
use crate::{Row, row};

const PREVIOUS_WEEK: i64 = 10 - 86_400 * 9;

/// A signed story, with something bent after the signing.
fn bent(did: &str, bend: impl FnOnce(&mut World, &mut Story)) -> Row {
    let mut world = World::new(demanding());
    let mut play = world.signed();
    bend(&mut world, &mut play);
    row(did, world.pack(&[&world.founding, &world.oscar, &play]))
}

/// The same for an auditor who kept the founders' fingerprints.
fn founded(mut row: Row, fingerprints: String) -> Row {
    row.founders = Some(fingerprints);
    row
}

/// Exchanges the first character of a passkey's signature.
fn forged(signature: &mut Signature) {
    if let Signature::Passkey { signature, .. } = signature {
        let first = if signature.starts_with('A') { "B" } else { "A" };
        signature.replace_range(..1, first);
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = vec![
        bent("forged the signature under an approval", |_, play| {
            approvals(play).for_each(|it| forged(it.signature.as_mut().unwrap()));
        }),
        bent("added words to a signed approval", |_, play| {
            approvals(play).for_each(|it| it.note = Some("and the payouts".to_owned()));
        }),
        bent("put another name over a signed approval", |_, play| {
            renamed(play, "mallory")
        }),
        bent(
            "took the signature off where one was demanded",
            |_, play| {
                approvals(play).for_each(|it| it.signature = None);
            },
        ),
        bent("forged the signature under an enrolment", |world, _| {
            if let (_, Event::EnrolmentApproved { signature, .. }) = &mut world.oscar[1] {
                forged(signature);
            }
        }),
        bent("exchanged a founder's key", |world, _| {
            if let (_, Event::FounderEnrolled { authenticator, .. }) = &mut world.founding[2] {
                **authenticator = Device::new(Key::es256()).authenticator(&person("prya"));
            }
        }),
    ];
    let mut world = World::new(demanding());
    let play = world.signed();
    rows.push(row(
        "used a key that nobody enrolled",
        world.pack(&[&world.founding, &play]),
    ));
    rows.push(row(
        "left the founding out",
        world.pack(&[&world.oscar, &play]),
    ));
    let mut world = World::new(demanding());
    world.people.devices.get_mut("oscar").unwrap().flags = UP;
    let play = world.signed();
    rows.push(row(
        "used a passkey without its user's PIN or finger",
        world.pack(&[&world.founding, &world.oscar, &play]),
    ));
    let mut world = World::new(demanding());
    let tess = world.people.enrol("oscar", "oscar", time(PREVIOUS_WEEK));
    let play = world.signed();
    rows.push(row(
        "let somebody sign for their own key",
        world.pack(&[&world.founding, &tess, &play]),
    ));
    let mut world = World::new(demanding());
    let play = world.signed();
    let good = world.pack(&[&world.founding, &world.oscar, &play]);
    let others = World::new(demanding())
        .people
        .fingerprints(&["prya", "sam"]);
    rows.push(founded(
        row("made up founders, keys and signatures", good),
        others,
    ));
    let world = World::new(demanding());
    let play = world.script.play();
    let unsigned = world.pack(&[&world.founding, &play]);
    let own = world.people.fingerprints(&["prya", "sam"]);
    rows.push(founded(
        row(
            "recorded an approval that nobody signed, for an auditor who knows the founders",
            unsigned,
        ),
        own,
    ));
    rows
}
