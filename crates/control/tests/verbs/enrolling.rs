//! Enrolment: somebody else signs for every further key, everybody concerned is told, and a lost one is gone at once.

use jiff::SignedDuration;
use locum_control::approve_enrolment::approve_enrolment;
use locum_control::ask_enrolment::ask_enrolment;
use locum_control::authenticators::{authenticators, by_credential};
use locum_control::deny_enrolment::deny_enrolment;
use locum_control::enrolments::{announced, enrolment, waiting};
use locum_control::revoke_authenticator::revoke_authenticator;
use locum_control::{Assurance, approve_enrolment as approving};
use locum_domain::authenticator::Enrolment;
use locum_domain::catalog::Role;
use locum_domain::{Denial, Event, Stream, Timestamp};
use locum_testkit::house::{House, SoftAuthenticator};

use crate::{AIDA, ALICE, ARNO, AUDREY, MIA, OSCAR, PRYA, SAM, SVEN};

async fn house() -> (House, [SoftAuthenticator; 2]) {
    let house = House::builder().founders().open().await;
    let founders = house.founded().await;
    (house, founders)
}

fn passkey(person: &str) -> SoftAuthenticator {
    SoftAuthenticator::passkey(person, 1)
}

async fn counts(house: &House, key: &SoftAuthenticator) -> bool {
    let caller = house.caller(SAM);
    let person = &key.public.person;
    let found = authenticators(&house.control, &caller, person)
        .await
        .unwrap();
    found.live().any(|held| held.authenticator == key.public)
}

#[tokio::test]
async fn r33_a_key_counts_once_somebody_else_has_signed_for_it_and_its_person_and_manager_are_told()
{
    let (house, [_, sam]) = house().await;
    let key = passkey(ALICE);
    let asked = house.ask_to_enrol(&key).await.unwrap();
    assert!(!counts(&house, &key).await);
    let seen = waiting(&house.control, &house.caller(SAM)).await.unwrap();
    assert!(
        seen.iter()
            .any(|it| it.enrolment == asked && it.may_decide.is_ok())
    );
    house.let_count(&sam, &asked).await.unwrap();
    assert!(counts(&house, &key).await);
    let held = by_credential(&house.control, key.public.credential_id().unwrap()).await;
    let held = held.unwrap().unwrap();
    assert_eq!(held.enrolled_by, Some(SAM.parse().unwrap()));
    let day = SignedDuration::from_hours(24);
    assert_eq!(held.signs_regulated_from(), held.enrolled_at + day);
    for (who, told) in [(ALICE, 1), (MIA, 1), (SAM, 0), (ARNO, 0)] {
        let since = Timestamp::MIN;
        let heard = announced(&house.control, &house.caller(who), since).await;
        assert_eq!(heard.unwrap().len(), told, "{who}");
    }
    let history = house.history().await;
    let approved = history.into_iter().find_map(|it| match it.event {
        Event::EnrolmentApproved { announced_to, .. } => Some(announced_to),
        _ => None,
    });
    assert_eq!(
        approved.unwrap(),
        [ALICE.parse().unwrap(), MIA.parse().unwrap()]
    );
    house.verify().await;
}

#[tokio::test]
async fn r33_whoever_may_not_decide_an_enrolment_is_refused_by_name() {
    let (house, [_, sam]) = house().await;
    let asked = house.ask_to_enrol(&passkey(ALICE)).await.unwrap();
    let second = SoftAuthenticator::passkey(ALICE, 2);
    for (key, denial) in [
        (passkey(ALICE), Denial::SelfApproval),
        (second, Denial::SelfApproval),
        (passkey(OSCAR), Denial::NotAnApprover),
        (passkey(AIDA), Denial::NonHumanApprover),
        // Their manager, and security: who both have no passkey yet.
        (passkey(MIA), Denial::SignatureRequired),
        (passkey(SVEN), Denial::SignatureRequired),
    ] {
        let outcome = house.let_count(&key, &asked).await;
        let act = "approve-enrolment";
        house
            .assert_refused(outcome, key.person(), act, denial)
            .await;
    }
    // Once her manager has a key, she signs for Alice's.
    let mia = house.enrolled(MIA, &sam).await;
    house.let_count(&mia, &asked).await.unwrap();
    let outcome = house.let_count(&mia, &asked).await;
    house
        .assert_refused(outcome, MIA, "approve-enrolment", Denial::AlreadyDecided)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r33_an_enrolment_is_signed_by_a_passkey_over_exactly_what_waits() {
    let (house, [prya, sam]) = house().await;
    let asked = house.ask_to_enrol(&passkey(ALICE)).await.unwrap();
    let other = house.ask_to_enrol(&passkey(ARNO)).await.unwrap();
    let control = &house.control;
    let caller = house.caller(SAM);
    let file = SoftAuthenticator::key_file(SAM, 9);
    let enrolled = ask_enrolment(control, &caller, &file.public, None)
        .await
        .unwrap();
    house.let_count(&prya, &enrolled).await.unwrap();
    let to_sign = approving::statement(control, &caller, &asked.id)
        .await
        .unwrap();
    assert_eq!(to_sign.purpose, "locum-enrolment/v1");
    assert!(to_sign.key_files.is_empty());
    let of_other = approving::statement(control, &caller, &other.id)
        .await
        .unwrap();
    for signature in [
        sam.sign(&of_other),
        prya.sign(&to_sign),
        file.sign(&to_sign),
        sam.sign_digest(&[0; 32]),
    ] {
        let outcome = approve_enrolment(control, &caller, &asked.id, &signature).await;
        let act = "approve-enrolment";
        house
            .assert_refused(outcome, SAM, act, Denial::SignatureRequired)
            .await;
    }
    let device = house.caller(SAM).with_assurance(Assurance::Device);
    let outcome = approve_enrolment(control, &device, &asked.id, &sam.sign(&to_sign)).await;
    let act = "approve-enrolment";
    house
        .assert_refused(outcome, SAM, act, Denial::SignatureRequired)
        .await;
    let withheld = house.caller(SVEN).withholding([Role::Security]);
    let outcome = approve_enrolment(control, &withheld, &asked.id, &sam.sign(&to_sign)).await;
    house
        .assert_refused(outcome, SVEN, act, Denial::NotAnApprover)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r05_one_key_is_one_humans() {
    let (house, [_, sam]) = house().await;
    let key = passkey(ALICE);
    let asked = house.ask_to_enrol(&key).await.unwrap();
    let lent = || passkey(ALICE).lent_to(ARNO);
    // While it waits, once it counts, and a founder's.
    let outcome = house.ask_to_enrol(&lent()).await;
    let act = "ask-enrolment";
    house
        .assert_refused(outcome, ARNO, act, Denial::ConflictOfInterest)
        .await;
    house.let_count(&sam, &asked).await.unwrap();
    for borrowed in [lent(), passkey(SAM).lent_to(ARNO)] {
        let outcome = house.ask_to_enrol(&borrowed).await;
        house
            .assert_refused(outcome, ARNO, act, Denial::ConflictOfInterest)
            .await;
    }
    // Another key under the same credential id.
    let mut same_credential = SoftAuthenticator::passkey(ARNO, 3);
    same_credential.public.means = key.public.means.clone();
    let outcome = house.ask_to_enrol(&same_credential).await;
    house
        .assert_refused(outcome, ARNO, act, Denial::ConflictOfInterest)
        .await;
    for known in [key, SoftAuthenticator::passkey(SAM, 1)] {
        let person = known.person().to_owned();
        let outcome = house.ask_to_enrol(&known).await;
        house
            .assert_refused(outcome, &person, act, Denial::AlreadyDecided)
            .await;
    }
    house.verify().await;
}

#[tokio::test]
async fn r05_of_two_people_who_ask_for_one_key_at_once_one_is_refused() {
    let (house, _) = house().await;
    let (alice, arno) = (passkey(ALICE), passkey(ALICE).lent_to(ARNO));
    let (one, other) = tokio::join!(house.ask_to_enrol(&alice), house.ask_to_enrol(&arno));
    let refused = [one.as_ref().err(), other.as_ref().err()];
    let refused: Vec<_> = refused.into_iter().flatten().collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].denial, Denial::ConflictOfInterest);
    house.verify().await;
}

#[tokio::test]
async fn r31_r33_nobody_asks_for_what_could_never_be_theirs() {
    let (house, _) = house().await;
    let control = &house.control;
    let mut nameless = passkey(ALICE);
    nameless.public.name = " ".to_owned();
    let mut renamed = passkey(ALICE);
    renamed.public.id = passkey(ARNO).public.id;
    for (by, key, denial) in [
        (AIDA, passkey(AIDA), Denial::NonHumanApprover),
        (ALICE, passkey(ARNO), Denial::Malformed),
        (ALICE, nameless, Denial::Malformed),
        (ALICE, renamed, Denial::Malformed),
    ] {
        let outcome = ask_enrolment(control, &house.caller(by), &key.public, None).await;
        house
            .assert_refused(outcome, by, "ask-enrolment", denial)
            .await;
    }
    let foreign = passkey(ARNO).public.id;
    let alice = house.caller(ALICE);
    let outcome = ask_enrolment(control, &alice, &passkey(ALICE).public, Some(&foreign)).await;
    house
        .assert_refused(outcome, ALICE, "ask-enrolment", Denial::Malformed)
        .await;
    for number in 1..=5 {
        let key = SoftAuthenticator::passkey(ALICE, number);
        house.ask_to_enrol(&key).await.unwrap();
    }
    let outcome = house
        .ask_to_enrol(&SoftAuthenticator::passkey(ALICE, 6))
        .await;
    house
        .assert_refused(outcome, ALICE, "ask-enrolment", Denial::TooManyOpen)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r33_an_enrolment_that_nobody_signs_lapses_and_one_that_is_denied_counts_never() {
    let (house, [_, sam]) = house().await;
    let control = &house.control;
    let lapsing = house.ask_to_enrol(&passkey(ALICE)).await.unwrap();
    let denied = house.ask_to_enrol(&passkey(ARNO)).await.unwrap();
    let own = house
        .ask_to_enrol(&SoftAuthenticator::passkey(ARNO, 2))
        .await
        .unwrap();
    let act = "deny-enrolment";
    let outcome = deny_enrolment(control, &house.caller(OSCAR), &denied.id, "no idea who").await;
    house
        .assert_refused(outcome, OSCAR, act, Denial::NotAnApprover)
        .await;
    let outcome = deny_enrolment(control, &house.caller(SAM), &denied.id, " ").await;
    house
        .assert_refused(outcome, SAM, act, Denial::ReasonMissing)
        .await;
    deny_enrolment(
        control,
        &house.caller(SAM),
        &denied.id,
        "nobody has met him",
    )
    .await
    .unwrap();
    deny_enrolment(control, &house.caller(ARNO), &own.id, "the wrong device")
        .await
        .unwrap();
    let act = "approve-enrolment";
    for decided in [&denied, &own] {
        let outcome = house.let_count(&sam, decided).await;
        house
            .assert_refused(outcome, SAM, act, Denial::AlreadyDecided)
            .await;
    }
    house.clock.advance(SignedDuration::from_hours(72));
    let outcome = house.let_count(&sam, &lapsing).await;
    house
        .assert_refused(outcome, SAM, act, Denial::Lapsed)
        .await;
    let seen = waiting(control, &house.caller(SAM)).await.unwrap();
    assert!(seen.is_empty());
    // The same key may be asked for again.
    let again = house.ask_to_enrol(&passkey(ALICE)).await.unwrap();
    house.let_count(&sam, &again).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r33_a_lost_key_counts_no_more_at_once_and_its_successor_takes_the_same_door() {
    let (house, [prya, sam]) = house().await;
    let control = &house.control;
    let key = house.enrolled(ALICE, &sam).await;
    let id = &key.public.id;
    let act = "revoke-authenticator";
    let outcome = revoke_authenticator(control, &house.caller(OSCAR), id, "just so").await;
    house
        .assert_refused(outcome, OSCAR, act, Denial::NotAnApprover)
        .await;
    let outcome = revoke_authenticator(control, &house.caller(ALICE), id, "").await;
    house
        .assert_refused(outcome, ALICE, act, Denial::ReasonMissing)
        .await;
    // It waits for no clock.
    house.clock.step_back(SignedDuration::from_hours(2));
    revoke_authenticator(control, &house.caller(ALICE), id, "left it on the train")
        .await
        .unwrap();
    house.clock.advance(SignedDuration::from_hours(2));
    assert!(!counts(&house, &key).await);
    let credential = key.public.credential_id().unwrap();
    assert_eq!(by_credential(control, credential).await.unwrap(), None);
    let outcome = revoke_authenticator(control, &house.caller(ALICE), id, "once more").await;
    house
        .assert_refused(outcome, ALICE, act, Denial::NotFound)
        .await;
    let outcome = house.ask_to_enrol(&key).await;
    house
        .assert_refused(outcome, ALICE, "ask-enrolment", Denial::AlreadyDecided)
        .await;
    let next = SoftAuthenticator::passkey(ALICE, 2);
    let alice = house.caller(ALICE);
    let asked = ask_enrolment(control, &alice, &next.public, Some(id))
        .await
        .unwrap();
    assert_eq!(asked.replaces.as_ref(), Some(id));
    assert!(!counts(&house, &next).await);
    house.let_count(&prya, &asked).await.unwrap();
    assert!(counts(&house, &next).await);
    // Security takes a founder's key out of use like any other.
    revoke_authenticator(control, &house.caller(SVEN), &prya.public.id, "stolen")
        .await
        .unwrap();
    let asked = house.ask_to_enrol(&passkey(ARNO)).await.unwrap();
    let outcome = house.let_count(&prya, &asked).await;
    house
        .assert_refused(
            outcome,
            PRYA,
            "approve-enrolment",
            Denial::SignatureRequired,
        )
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r33_what_waits_and_whose_keys_are_whose_is_seen_by_those_it_concerns() {
    let (house, _) = house().await;
    let control = &house.control;
    let asked: Enrolment = house.ask_to_enrol(&passkey(ALICE)).await.unwrap();
    for (who, sees) in [
        (ALICE, true),
        (MIA, true),
        (SAM, true),
        (PRYA, true),
        (AUDREY, true),
        (OSCAR, false),
        (ARNO, false),
    ] {
        let caller = house.caller(who);
        let seen = enrolment(control, &caller, &asked.id).await;
        assert_eq!(seen.is_ok(), sees, "{who}");
        let keys = authenticators(control, &caller, &ALICE.parse().unwrap()).await;
        assert_eq!(keys.is_ok(), sees, "{who}");
    }
    let in_list = |who: &str| {
        let caller = house.caller(who);
        async move { waiting(control, &caller).await.unwrap().len() }
    };
    // An auditor looks and decides nothing.
    for (who, listed) in [(ALICE, 1), (MIA, 1), (SVEN, 1), (AUDREY, 0), (ARNO, 0)] {
        assert_eq!(in_list(who).await, listed, "{who}");
    }
    let looks = house
        .kinds(&Stream::Enrolment(ALICE.parse().unwrap()))
        .await;
    assert_eq!(looks.iter().filter(|it| **it == "evidence-read").count(), 2);
    house.verify().await;
}
