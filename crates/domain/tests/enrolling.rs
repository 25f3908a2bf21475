//! How keys come to count and stop: the founding and enrolment as pure transitions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use jiff::{SignedDuration, Timestamp};
use locum_domain::authenticator::{
    Approving, Asking, Enrolled, Founding, Means, PublicKey, Statement as _,
};
use locum_domain::{
    Authenticator, Denial, EnrolmentId, Event, PrincipalId, Refusal, Signature, Stream,
};

const ALICE: &str = "alice@corp.example";
const SAM: &str = "sam@corp.example";
const PRYA: &str = "prya@corp.example";

fn id(person: &str) -> PrincipalId {
    person.parse().unwrap()
}

fn morning() -> Timestamp {
    "2026-08-03T08:00:00Z".parse().unwrap()
}

fn later(hours: i64) -> Timestamp {
    morning() + SignedDuration::from_hours(hours)
}

fn passkey(person: &str, number: u8) -> Authenticator {
    let means = Means::Passkey {
        credential_id: format!("credential-{number}"),
        rp_id: "locum.corp.example".to_owned(),
        origin: "https://locum.corp.example".to_owned(),
        is_synced: false,
    };
    let key = PublicKey::ed25519(&[number; 32]);
    Authenticator::new(id(person), format!("key {number}"), key, means)
}

fn signed_by(key: &Authenticator) -> Signature {
    Signature::Passkey {
        authenticator: key.id.clone(),
        authenticator_data: String::new(),
        client_data_json: String::new(),
        signature: String::new(),
    }
}

fn founding() -> Founding {
    Founding {
        origin: "locum.corp.example".to_owned(),
        founders: vec![id(PRYA), id(SAM)],
        nonce: "00".repeat(32),
        begun_at: morning(),
        enrolled: Default::default(),
        signed: Default::default(),
        completed_at: None,
    }
}

/// The founding after what a verb answered.
fn after(founding: Founding, event: Result<Event, Refusal>) -> Founding {
    Founding::evolve(Some(founding), &event.unwrap()).unwrap()
}

fn asking(key: &Authenticator, number: u8, at: Timestamp) -> Asking {
    Asking {
        id: EnrolmentId::from_bytes([number; 16]),
        authenticator: key.clone(),
        replaces: None,
        nonce: "11".repeat(32),
        at,
    }
}

fn approving(by: &str, at: Timestamp) -> Approving {
    Approving {
        by: id(by),
        signature: signed_by(&passkey(by, 99)),
        announced_to: vec![id(ALICE)],
        at,
    }
}

fn with(enrolled: Enrolled, event: Result<Event, Refusal>) -> Enrolled {
    Enrolled::evolve(Some(enrolled), &event.unwrap()).unwrap()
}

fn denial<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> Denial {
    outcome.unwrap_err().denial
}

#[test]
fn r33_founders_keys_count_with_the_last_signature_and_from_that_moment() {
    let (sam, prya) = (passkey(SAM, 1), passkey(PRYA, 2));
    let begun = founding();
    assert_eq!(
        denial(begun.sign(&id(SAM), signed_by(&sam), morning())),
        Denial::MissingApproval
    );
    let event = begun.enrol(sam.clone(), morning());
    let one = after(begun, event);
    assert!(one.statement().is_none());
    let event = one.enrol(prya.clone(), morning());
    let both = after(one, event);
    let statement = both.statement().unwrap();
    let people: Vec<_> = statement.founders.iter().map(|key| key.person).collect();
    assert_eq!(people, [&id(PRYA), &id(SAM)]);
    // One key exchanged, and the digest is another.
    let other = after(both.clone(), both.enrol(passkey(SAM, 3), morning()));
    assert_ne!(other.statement().unwrap().digest(), statement.digest());
    let event = both.sign(&id(SAM), signed_by(&sam), later(1));
    let half = after(both.clone(), event);
    assert!(!half.is_complete() && half.held(&id(SAM)).is_none());
    let outcome = half.sign(&id(PRYA), signed_by(&sam), later(2));
    assert_eq!(denial(outcome), Denial::SignatureRequired);
    let event = half.sign(&id(PRYA), signed_by(&prya), later(2));
    let whole = after(half, event);
    let held = whole.held(&id(SAM)).unwrap();
    assert_eq!(
        (held.enrolled_at, held.enrolled_by.is_none()),
        (later(2), true)
    );
    assert_eq!(held.signs_regulated_from(), later(2));
    for outcome in [
        whole.enrol(passkey(SAM, 4), later(3)),
        whole.sign(&id(SAM), signed_by(&sam), later(3)),
    ] {
        assert_eq!(denial(outcome), Denial::AlreadyDecided);
    }
}

#[test]
fn r33_a_founding_is_nothing_but_what_its_own_events_say() {
    // What begins it brings neither keys nor signatures, nor its end.
    let mut bringing = founding();
    bringing.enrolled = [(id(SAM), passkey(SAM, 1)), (id(PRYA), passkey(PRYA, 2))].into();
    bringing.signed = [(id(SAM), signed_by(&passkey(SAM, 1)))].into();
    bringing.completed_at = Some(morning());
    let founding = Box::new(bringing);
    let begun = Founding::evolve(None, &Event::FoundingBegun { founding }).unwrap();
    assert_eq!(begun, self::founding());

    let enrolled = |key: Authenticator| Event::FounderEnrolled {
        authenticator: Box::new(key),
        at: morning(),
    };
    let signed = |key: &Authenticator, at| Event::FoundingSigned {
        by: key.person.clone(),
        signature: signed_by(key),
        at,
    };
    let (sam, prya) = (passkey(SAM, 1), passkey(PRYA, 2));
    let mut founding = begun;
    for (event, is_taken) in [
        (enrolled(passkey(ALICE, 3)), false),
        (enrolled(passkey(SAM, 4)), true),
        (enrolled(sam.clone()), true),
        (enrolled(prya.clone()), true),
        (signed(&passkey(ALICE, 3), later(1)), false),
        (signed(&sam, later(1)), true),
        // Once somebody has signed, what they signed stays what it is.
        (enrolled(passkey(PRYA, 5)), false),
        (signed(&prya, later(2)), true),
        (enrolled(passkey(PRYA, 5)), false),
        (signed(&sam, later(3)), false),
    ] {
        let after = Founding::evolve(Some(founding.clone()), &event).unwrap();
        assert_eq!(after != founding, is_taken, "{event:?}");
        founding = after;
    }
    assert_eq!(founding.completed_at, Some(later(2)));
    assert_eq!(founding.held(&id(SAM)).unwrap().authenticator, sam);
}

#[test]
fn r33_what_is_signed_for_a_key_says_how_the_key_is_kept() {
    let as_it_is = passkey(ALICE, 1);
    let mut file = as_it_is.clone();
    file.means = Means::KeyFile;
    let mut elsewhere = as_it_is.clone();
    let mut synced = as_it_is.clone();
    if let Means::Passkey { origin, .. } = &mut elsewhere.means {
        *origin = "https://locum.evil.example".to_owned();
    }
    if let Means::Passkey { is_synced, .. } = &mut synced.means {
        *is_synced = true;
    }
    let of_enrolment = |key: &Authenticator| {
        let event = Enrolled::none(id(ALICE)).ask(asking(key, 1, morning()));
        let Ok(Event::EnrolmentAsked { enrolment }) = event else {
            panic!("an enrolment")
        };
        enrolment.statement(&id(SAM)).digest()
    };
    let of_founding = |key: &Authenticator| {
        let mut founding = founding();
        founding.founders = vec![id(ALICE)];
        founding.enrolled = [(id(ALICE), key.clone())].into();
        founding.statement().unwrap().digest()
    };
    for other in [file, elsewhere, synced] {
        assert_eq!(other.thumbprint(), as_it_is.thumbprint());
        assert_ne!(of_enrolment(&other), of_enrolment(&as_it_is));
        assert_ne!(of_founding(&other), of_founding(&as_it_is));
    }
}

#[test]
fn r33_the_founding_takes_two_peoples_two_keys() {
    let begun = founding();
    let event = begun.enrol(passkey(SAM, 1), morning());
    let one = after(begun, event);
    let mut file = passkey(PRYA, 2);
    file.means = Means::KeyFile;
    let mut renamed = passkey(PRYA, 2);
    renamed.id = passkey(PRYA, 5).id;
    let mut same_credential = passkey(PRYA, 2);
    same_credential.means = passkey(SAM, 1).means;
    for (key, expected) in [
        (passkey(PRYA, 1), Denial::ConflictOfInterest),
        (same_credential, Denial::ConflictOfInterest),
        (file, Denial::Malformed),
        (renamed, Denial::Malformed),
        (passkey(ALICE, 2), Denial::NotAnApprover),
        (passkey(SAM, 1), Denial::AlreadyDecided),
    ] {
        assert_eq!(denial(one.enrol(key, morning())), expected);
    }
}

#[test]
fn r33_an_enrolled_key_counts_from_its_approval_and_for_regulated_a_day_later() {
    let key = passkey(ALICE, 1);
    let nobody = Enrolled::none(id(ALICE));
    let asked = with(nobody.clone(), nobody.ask(asking(&key, 1, morning())));
    assert_eq!(asked.live(None).count(), 0);
    let waiting = EnrolmentId::from_bytes([1; 16]);
    let own = asked.approve(&waiting, None, approving(ALICE, later(1)));
    assert_eq!(denial(own), Denial::SelfApproval);
    let event = asked.approve(&waiting, None, approving(SAM, later(1)));
    let counts = with(asked, event);
    let held = counts.live(None).next().unwrap();
    assert_eq!(held.enrolled_by, Some(id(SAM)));
    assert_eq!(held.signs_regulated_from(), later(25));
    let decided = counts.asked[0].decided.as_ref().unwrap();
    assert_eq!(decided.announced_to, [id(ALICE)]);
    let again = counts.approve(&waiting, None, approving(SAM, later(2)));
    assert_eq!(denial(again), Denial::AlreadyDecided);
    let same = counts.ask(asking(&key, 2, later(2)));
    assert_eq!(denial(same), Denial::AlreadyDecided);
}

#[test]
fn r33_a_revoked_key_counts_no_more_and_never_again_a_founders_too() {
    let key = passkey(ALICE, 1);
    let nobody = Enrolled::none(id(ALICE));
    let asked = with(nobody.clone(), nobody.ask(asking(&key, 1, morning())));
    let waiting = EnrolmentId::from_bytes([1; 16]);
    let event = asked.approve(&waiting, None, approving(SAM, morning()));
    let counts = with(asked, event);
    let revoke =
        |state: &Enrolled, because: &str| state.revoke(&key.id, None, &id(SAM), because, later(1));
    assert_eq!(denial(revoke(&counts, " ")), Denial::ReasonMissing);
    let event = revoke(&counts, "it was lost");
    let revoked = with(counts, event);
    assert_eq!(revoked.live(None).count(), 0);
    assert_eq!(denial(revoke(&revoked, "it was lost")), Denial::NotFound);
    let again = revoked.ask(asking(&key, 2, later(2)));
    assert_eq!(denial(again), Denial::AlreadyDecided);

    let mut founded = founding();
    founded.enrolled = [(id(SAM), passkey(SAM, 7))].into();
    founded.completed_at = Some(morning());
    let own = founded.held(&id(SAM)).unwrap();
    let nothing = Enrolled::none(id(SAM));
    assert_eq!(nothing.live(Some(&own)).count(), 1);
    let event = nothing.revoke(
        &own.authenticator.id,
        Some(&own),
        &id(PRYA),
        "stolen",
        later(1),
    );
    assert_eq!(with(nothing, event).live(Some(&own)).count(), 0);
}

#[test]
fn r33_an_enrolment_waits_for_three_days_and_then_lapses() {
    let key = passkey(ALICE, 1);
    let nobody = Enrolled::none(id(ALICE));
    let asked = with(nobody.clone(), nobody.ask(asking(&key, 1, morning())));
    let waiting = EnrolmentId::from_bytes([1; 16]);
    assert!(asked.waiting(&waiting, later(71)).is_ok());
    assert!(asked.asked[0].is_waiting(later(71)) && !asked.asked[0].is_waiting(later(72)));
    let late = asked.approve(&waiting, None, approving(SAM, later(72)));
    assert_eq!(denial(late), Denial::Lapsed);
    let unknown = EnrolmentId::from_bytes([9; 16]);
    assert_eq!(denial(asked.waiting(&unknown, morning())), Denial::NotFound);
    // While it waits nobody asks for it a second time; afterwards they may.
    let twice = asked.ask(asking(&key, 2, later(1)));
    assert_eq!(denial(twice), Denial::AlreadyDecided);
    assert!(asked.ask(asking(&key, 2, later(72))).is_ok());
}

#[test]
fn r33_an_enrolment_of_another_person_changes_nothing_here() {
    let key = passkey(SAM, 1);
    let event = Enrolled::none(id(SAM))
        .ask(asking(&key, 1, morning()))
        .unwrap();
    assert_eq!(event.stream(), Some(Stream::Enrolment(id(SAM))));
    assert!(!event.is_about(&Stream::Enrolment(id(ALICE))));
}

#[test]
fn r33_an_invitation_is_followed_once_within_a_day_and_signed_for_by_another() {
    let key = passkey(ALICE, 1);
    let nobody = Enrolled::none(id(ALICE));
    let ask = |enrolled: &Enrolled, by: &str, number: u8, at| {
        let asking = asking(&passkey(ALICE, number), number, at);
        enrolled.ask_invited(None, &id(by), asking)
    };
    assert_eq!(
        denial(nobody.invite(None, &id(ALICE), morning())),
        Denial::SelfApproval
    );
    assert_eq!(denial(ask(&nobody, SAM, 1, morning())), Denial::NotFound);
    let event = nobody.invite(None, &id(SAM), morning());
    assert_eq!(
        event.as_ref().unwrap().stream(),
        Some(Stream::Enrolment(id(ALICE)))
    );
    let invited = with(nobody, event);
    assert_eq!(denial(ask(&invited, PRYA, 1, morning())), Denial::NotFound);
    let last = later(24) - SignedDuration::from_nanos(1);
    assert_eq!(denial(ask(&invited, SAM, 1, later(24))), Denial::Lapsed);
    let event = ask(&invited, SAM, 1, last);
    let asked = with(invited, event);
    assert_eq!(denial(ask(&asked, SAM, 2, last)), Denial::NotFound, "once");

    // Whose invitation it was is signed, too.
    let enrolment = &asked.asked[0].enrolment;
    assert_eq!(enrolment.invited_by, Some(id(SAM)));
    let mut struck = enrolment.clone();
    struck.invited_by = None;
    let prya = id(PRYA);
    assert_ne!(
        enrolment.statement(&prya).digest(),
        struck.statement(&prya).digest()
    );
    let by_host = asked.approve(&enrolment.id, None, approving(SAM, last));
    assert_eq!(denial(by_host), Denial::SecondPersonRequired);
    let event = asked.approve(&enrolment.id, None, approving(PRYA, last));
    let holding = with(asked, event);
    assert_eq!(holding.held[0].authenticator, key);
    assert_eq!(
        denial(holding.invite(None, &id(SAM), last)),
        Denial::AlreadyDecided
    );
}

#[test]
fn r33_whoever_holds_a_key_is_invited_no_more_and_whoever_lost_theirs_is() {
    let mut enrolled = Enrolled::none(id(ALICE));
    for by in [SAM, PRYA] {
        let event = enrolled.invite(None, &id(by), morning());
        enrolled = with(enrolled, event);
    }
    for (by, number) in [(SAM, 1), (PRYA, 2)] {
        let asking = asking(&passkey(ALICE, number), number, morning());
        let event = enrolled.ask_invited(None, &id(by), asking);
        enrolled = with(enrolled, event);
    }
    let [one, other] = [0, 1].map(|place: usize| enrolled.asked[place].enrolment.id.clone());
    let event = enrolled.approve(&one, None, approving(PRYA, morning()));
    let enrolled = with(enrolled, event);
    let late = enrolled.approve(&other, None, approving(SAM, morning()));
    assert_eq!(denial(late), Denial::AlreadyDecided);
    let (key, why) = (passkey(ALICE, 1).id, "left on the train");
    let event = enrolled.revoke(&key, None, &id(ALICE), why, later(1));
    let lost = with(enrolled, event);
    assert!(lost.invite(None, &id(SAM), later(1)).is_ok());
}
