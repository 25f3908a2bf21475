//! Tess, who had no way to sign in, came by an invitation: told rightly, and with each rule about it broken once.

use jiff::SignedDuration;
use locum_domain::{Event, PrincipalId, Stream};

use super::scenario::{Script, person};
use super::signing::LONG_AGO;
use super::time;
use super::world::{Story, World, demanding};

/// The name of a pack, the rule that it breaks if any, and its bytes.
pub type Told = (&'static str, Option<&'static str>, Vec<u8>);

/// Every way in which an invitation can be told.
pub fn invitations() -> Vec<Told> {
    let mut told = Vec::new();
    let mut tell = |name, rule, host: &str, by: &str, bend: &dyn Fn(&mut World, &mut Story)| {
        let mut world = World::new(Script {
            approvers: vec!["tess"],
            ..demanding()
        });
        let mut tess = world.people.invite("tess", host, by, time(LONG_AGO + 90));
        bend(&mut world, &mut tess);
        let play = world.signed();
        let pack = world.pack(&[&world.founding, &world.oscar, &tess, &play]);
        told.push((name, rule, pack));
    };
    let as_is = |_: &mut World, _: &mut Story| {};
    tell(
        "invited by one, signed by another",
        None,
        "prya",
        "sam",
        &as_is,
    );
    let rule = Some("sam invited tess and approved the enrolment");
    tell("invited and signed by one", rule, "sam", "sam", &as_is);
    let rule = Some("tess invited themselves");
    tell("self-invited", rule, "tess", "sam", &as_is);
    let rule = Some("by an invitation of prya that is not there");
    tell("uninvited", rule, "prya", "sam", &|_, tess| {
        tess.remove(0);
    });
    tell(
        "invited by somebody else",
        rule,
        "prya",
        "sam",
        &|_, tess| {
            host(&mut tess[0].1, "oscar");
        },
    );
    tell("followed twice", rule, "prya", "sam", &|_, tess| {
        tess.insert(1, tess[1].clone());
    });
    let rule = Some("asked too late for the invitation of prya");
    tell("too late", rule, "prya", "sam", &|_, tess| {
        age(&mut tess[0].1, 24 * 3_600);
    });
    tell("just in time", None, "prya", "sam", &|_, tess| {
        age(&mut tess[0].1, 24 * 3_600 - 1);
    });
    // The invitation is struck out of what was asked, and so its maker could sign.
    let rule = Some("the signature of sam does not count");
    tell("uninvited afterwards", rule, "prya", "sam", &|_, tess| {
        let (_, Event::EnrolmentAsked { enrolment }) = &mut tess[1] else {
            panic!("an enrolment")
        };
        enrolment.invited_by = None;
    });
    let rule = Some("tess was invited with a key that counts");
    tell("invited with a key", rule, "prya", "sam", &|world, tess| {
        world.people.add("tess2");
        let mut other = world.people.key("tess2");
        other.person = person("tess");
        let first = world.people.enrol_key(other, "sam", time(LONG_AGO + 80));
        tess.splice(0..0, first);
    });
    tell("a key meanwhile", rule, "prya", "sam", &|world, tess| {
        world.people.add("tess2");
        let mut other = world.people.key("tess2");
        other.person = person("tess");
        let first = world.people.enrol_key(other, "sam", time(LONG_AGO + 100));
        tess.splice(1..1, first);
    });
    let rule = Some("the key of tess counts by the doing of ann, who has a part in the request");
    tell("invited by whoever asks", rule, "ann", "sam", &as_is);
    // Lost, and so there is nothing to sign in with again.
    tell(
        "invited after a loss",
        None,
        "prya",
        "sam",
        &|world, tess| {
            world.people.add("tess2");
            let mut other = world.people.key("tess2");
            other.person = person("tess");
            let mut lost = world
                .people
                .enrol_key(other.clone(), "sam", time(LONG_AGO + 70));
            let revoked = Event::AuthenticatorRevoked {
                authenticator: other.id,
                person: person("tess"),
                by: person("sam"),
                because: "lost on a train".into(),
                at: time(LONG_AGO + 80),
            };
            lost.push((Stream::Enrolment(person("tess")), revoked));
            let at = time(LONG_AGO + 90);
            lost.extend(world.people.invite("tess", "prya", "sam", at));
            *tess = lost;
        },
    );
    told
}

fn host(invited: &mut Event, name: &str) {
    let Event::EnrolmentInvited { by, .. } = invited else {
        panic!("an invitation")
    };
    *by = name.parse::<PrincipalId>().unwrap();
}

fn age(invited: &mut Event, seconds: i64) {
    let Event::EnrolmentInvited { at, .. } = invited else {
        panic!("an invitation")
    };
    *at -= SignedDuration::from_secs(seconds);
}
