//! Invitations: how somebody without any way to sign in asks for a first key, once, and never by one person's doing
//! alone.

use jiff::SignedDuration;
use locum_control::ask_enrolment::ask_by_invitation;
use locum_control::authenticators::by_credential;
use locum_control::deny_enrolment::deny_enrolment;
use locum_control::invite_to_enrol::{could_be_invited, invite_to_enrol};
use locum_domain::{Denial, PrincipalId};
use locum_testkit::house::{House, SoftAuthenticator};

use crate::{AIDA, ALICE, ARNO, MIA, OSCAR, PRYA, SAM, SVEN};

async fn house() -> (House, [SoftAuthenticator; 2]) {
    let house = House::builder().founders().open().await;
    let founders = house.founded().await;
    (house, founders)
}

fn passkey(person: &str) -> SoftAuthenticator {
    SoftAuthenticator::passkey(person, 1)
}

fn id(person: &str) -> PrincipalId {
    person.parse().unwrap()
}

#[tokio::test]
async fn r33_whoever_was_invited_asks_once_and_another_than_who_invited_signs() {
    let (house, [prya, sam]) = house().await;
    let control = &house.control;
    invite_to_enrol(control, &house.caller(SAM), &id(ALICE))
        .await
        .unwrap();
    let key = passkey(ALICE);
    let asked = ask_by_invitation(control, &key.public, &id(SAM))
        .await
        .unwrap();
    assert_eq!(asked.invited_by, Some(id(SAM)));
    let second = SoftAuthenticator::passkey(ALICE, 2);
    let outcome = ask_by_invitation(control, &second.public, &id(SAM)).await;
    house
        .assert_refused(outcome, ALICE, "ask-enrolment", Denial::NotFound)
        .await;
    let outcome = house.let_count(&sam, &asked).await;
    house
        .assert_refused(
            outcome,
            SAM,
            "approve-enrolment",
            Denial::SecondPersonRequired,
        )
        .await;
    house.let_count(&prya, &asked).await.unwrap();
    let credential = key.public.credential_id().unwrap();
    let held = by_credential(control, credential).await.unwrap().unwrap();
    assert_eq!(held.enrolled_by, Some(id(PRYA)));
    house.verify().await;
}

#[tokio::test]
async fn r33_nobody_invites_whom_they_do_not_answer_for_or_whoever_can_ask_by_themselves() {
    let (house, [_, sam]) = house().await;
    let control = &house.control;
    house.enrolled(ARNO, &sam).await;
    for (by, person, denial) in [
        (OSCAR, ALICE, Denial::NotAnApprover),
        (SAM, SAM, Denial::SelfApproval),
        (AIDA, ALICE, Denial::NonHumanApprover),
        (SAM, AIDA, Denial::NonHumanApprover),
        (SAM, "nobody@corp.example", Denial::NotANamedPerson),
        // Both answer for Alice, and hold no passkey themselves.
        (MIA, ALICE, Denial::SignatureRequired),
        (SVEN, ALICE, Denial::SignatureRequired),
        (SAM, ARNO, Denial::AlreadyDecided),
        (SAM, PRYA, Denial::AlreadyDecided),
    ] {
        let outcome = invite_to_enrol(control, &house.caller(by), &id(person)).await;
        house
            .assert_refused(outcome, by, "invite-to-enrol", denial)
            .await;
    }
    let listed = could_be_invited(control, &house.caller(SAM)).await.unwrap();
    assert!(listed.contains(&id(ALICE)) && listed.contains(&id(OSCAR)));
    for not in [SAM, PRYA, ARNO, AIDA] {
        assert!(!listed.contains(&id(not)), "{not}");
    }
    let listed = could_be_invited(control, &house.caller(MIA)).await.unwrap();
    assert!(listed.is_empty());
    house.verify().await;
}

#[tokio::test]
async fn r33_an_invitation_is_good_for_a_day_and_until_its_person_holds_a_key() {
    let (house, [_, sam]) = house().await;
    let control = &house.control;
    let act = "ask-enrolment";
    // Nobody was invited.
    let outcome = ask_by_invitation(control, &passkey(ALICE).public, &id(SAM)).await;
    house
        .assert_refused(outcome, ALICE, act, Denial::NotFound)
        .await;
    for host in [SAM, PRYA] {
        invite_to_enrol(control, &house.caller(host), &id(ALICE))
            .await
            .unwrap();
    }
    invite_to_enrol(control, &house.caller(SAM), &id(ARNO))
        .await
        .unwrap();
    // Somebody else's is not theirs.
    let outcome = ask_by_invitation(control, &passkey(OSCAR).public, &id(SAM)).await;
    house
        .assert_refused(outcome, OSCAR, act, Denial::NotFound)
        .await;
    let asked = ask_by_invitation(control, &passkey(ALICE).public, &id(PRYA)).await;
    house.let_count(&sam, &asked.unwrap()).await.unwrap();
    let outcome = ask_by_invitation(
        control,
        &SoftAuthenticator::passkey(ALICE, 2).public,
        &id(SAM),
    )
    .await;
    house
        .assert_refused(outcome, ALICE, act, Denial::AlreadyDecided)
        .await;
    house.clock.advance(SignedDuration::from_hours(24));
    let outcome = ask_by_invitation(control, &passkey(ARNO).public, &id(SAM)).await;
    house
        .assert_refused(outcome, ARNO, act, Denial::Lapsed)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r33_inviting_again_at_the_same_instant_takes_nothing_away() {
    let (house, [prya, _]) = house().await;
    let control = &house.control;
    for _ in 0..2 {
        invite_to_enrol(control, &house.caller(SAM), &id(ALICE))
            .await
            .unwrap();
    }
    let first = ask_by_invitation(control, &passkey(ALICE).public, &id(SAM)).await;
    deny_enrolment(
        control,
        &house.caller(PRYA),
        &first.unwrap().id,
        "not her device",
    )
    .await
    .unwrap();
    invite_to_enrol(control, &house.caller(SAM), &id(ALICE))
        .await
        .unwrap();
    let again = ask_by_invitation(control, &passkey(ALICE).public, &id(SAM)).await;
    house.let_count(&prya, &again.unwrap()).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r33_of_two_who_follow_one_invitation_at_once_one_asks() {
    let (house, _) = house().await;
    let control = &house.control;
    invite_to_enrol(control, &house.caller(SAM), &id(ALICE))
        .await
        .unwrap();
    let keys = [1, 2].map(|number| SoftAuthenticator::passkey(ALICE, number));
    let host = id(SAM);
    let (one, other) = tokio::join!(
        ask_by_invitation(control, &keys[0].public, &host),
        ask_by_invitation(control, &keys[1].public, &host),
    );
    let refused = [one.as_ref().err(), other.as_ref().err()];
    let refused: Vec<_> = refused.into_iter().flatten().collect();
    assert_eq!(refused.len(), 1, "{one:?} {other:?}");
    assert_eq!(refused[0].denial, Denial::NotFound);
    house.verify().await;
}

#[tokio::test]
async fn r33_of_two_that_came_by_invitation_the_first_that_counts_is_the_only_one() {
    let (house, [prya, sam]) = house().await;
    let control = &house.control;
    let mut asked = Vec::new();
    for (host, number) in [(SAM, 1), (PRYA, 2)] {
        invite_to_enrol(control, &house.caller(host), &id(ALICE))
            .await
            .unwrap();
        let key = SoftAuthenticator::passkey(ALICE, number);
        let enrolment = ask_by_invitation(control, &key.public, &id(host)).await;
        asked.push(enrolment.unwrap());
    }
    let (one, other) = tokio::join!(
        house.let_count(&prya, &asked[0]),
        house.let_count(&sam, &asked[1]),
    );
    let refused = [one.as_ref().err(), other.as_ref().err()];
    let refused: Vec<_> = refused.into_iter().flatten().collect();
    assert_eq!(refused.len(), 1, "{one:?} {other:?}");
    assert_eq!(refused[0].denial, Denial::AlreadyDecided);
    // What is left can be denied by whoever invited, who may not sign it.
    let (left, host) = match one.is_err() {
        true => (&asked[0], SAM),
        false => (&asked[1], PRYA),
    };
    deny_enrolment(control, &house.caller(host), &left.id, "the other counts")
        .await
        .unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r05_r33_an_invitation_makes_nobodys_key_somebody_elses() {
    let (house, [_, sam]) = house().await;
    let control = &house.control;
    let arno = house.enrolled(ARNO, &sam).await;
    invite_to_enrol(control, &house.caller(SAM), &id(ALICE))
        .await
        .unwrap();
    let mut same_credential = SoftAuthenticator::passkey(ALICE, 3);
    same_credential.public.means = arno.public.means.clone();
    for taken in [passkey(ARNO).lent_to(ALICE), same_credential] {
        let outcome = ask_by_invitation(control, &taken.public, &id(SAM)).await;
        house
            .assert_refused(outcome, ALICE, "ask-enrolment", Denial::ConflictOfInterest)
            .await;
    }
    // What was refused has used nothing up.
    let asked = ask_by_invitation(control, &passkey(ALICE).public, &id(SAM)).await;
    assert!(asked.is_ok());
    house.verify().await;
}

#[tokio::test]
async fn r31_r33_an_invitation_ends_with_whoever_made_it_and_with_its_person() {
    let gone = |files: &mut locum_testkit::house::Files, name: &str| {
        let name = format!("name = \"{name}\"");
        let left = format!("{name}\nactive = false");
        files.replace("catalog/people.toml", &name, &left);
    };
    for (who, denial) in [
        ("Sam Stone", Denial::NotFound),
        ("Alice Archer", Denial::NotANamedPerson),
    ] {
        let (house, _) = house().await;
        invite_to_enrol(&house.control, &house.caller(SAM), &id(ALICE))
            .await
            .unwrap();
        let shut = house.shut().await;
        let changed = shut.changed(|it| it.files(|files| gone(files, who)));
        let house = changed.reopen().await.unwrap();
        let outcome = ask_by_invitation(&house.control, &passkey(ALICE).public, &id(SAM)).await;
        house
            .assert_refused(outcome, ALICE, "ask-enrolment", denial)
            .await;
        let outcome = invite_to_enrol(&house.control, &house.caller(PRYA), &id(ALICE)).await;
        if who == "Sam Stone" {
            assert!(outcome.is_ok(), "another who answers for her invites");
        } else {
            house
                .assert_refused(outcome, PRYA, "invite-to-enrol", denial)
                .await;
        }
        house.verify().await;
    }
}
