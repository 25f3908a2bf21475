//! Oscar's key is revoked at each place of an extended story, told with whether that is a story of kept rules.

use locum_domain::authenticator::Means;
use locum_domain::{Event, Stream};

use super::scenario::{Script, person};
use super::time;
use super::world::{World, demanding};

/// A pack for each place after the last approval's, and whether it verifies: what was used stays used.
pub fn revocations() -> Vec<(Vec<u8>, bool)> {
    let mut packs = Vec::new();
    for is_signature_demanded in [true, false] {
        let mut world = World::new(Script {
            is_signature_demanded,
            ..demanding()
        });
        let (mut play, extension) = world.script.extended();
        world.people.sign_approvals(&mut play);
        let revoked = Event::AuthenticatorRevoked {
            authenticator: world.people.key("oscar").id,
            person: person("oscar"),
            by: person("sam"),
            because: "lost on a train".into(),
            at: time(15),
        };
        let is_use = |(_, event): &(Stream, Event)| {
            matches!(
                event,
                Event::RequestActivated { .. }
                    | Event::SessionStarted { .. }
                    | Event::SessionExtended { .. }
            )
        };
        let is_approval =
            |(_, event): &(Stream, Event)| matches!(event, Event::RequestApproved { .. });
        let mut streams = world.script.streams();
        streams.push(extension);
        for place in 1..=play.len() {
            let rest = &play[place..];
            if rest.iter().any(is_approval) {
                continue;
            }
            let mut bent = play.clone();
            bent.insert(place, (Stream::Enrolment(person("oscar")), revoked.clone()));
            let is_good = !rest.iter().any(is_use);
            let parts = [&world.founding, &world.oscar, &bent];
            packs.push((world.pack_of(&streams, &parts), is_good));
        }
        // Between the approval and the first use, in a story that was not extended.
        let mut play = world.signed();
        let activated = play.iter().position(is_use).unwrap();
        play.insert(activated, (Stream::Enrolment(person("oscar")), revoked));
        packs.push((world.pack(&[&world.founding, &world.oscar, &play]), false));
    }
    packs
}

/// The same passkey, said to live on other devices too.
pub fn synced(means: &mut Means) {
    let Means::Passkey { is_synced, .. } = means else {
        panic!("a passkey")
    };
    *is_synced = !*is_synced;
}
