//! How sure a login is: what it may begin, and which roles it carries.

use locum_control::approve::approve;
use locum_control::check_record::check_record;
use locum_control::invite_to_enrol::invite_to_enrol;
use locum_control::offer::{OfferTerms, offer};
use locum_control::revoke_authenticator::revoke_authenticator;
use locum_control::sign_in::{begin, end};
use locum_control::stop::{lift, stop};
use locum_control::{Assurance, activate, deny, read};
use locum_domain::catalog::Role;
use locum_domain::event::{LoginBegun, LoginEndedBecause};
use locum_domain::hold::StopScope;
use locum_domain::{Denial, Event, Minutes, Stream};
use locum_testkit::house::{House, SoftAuthenticator};

use crate::{AIDA, ALICE, AUDREY, OSCAR, PETRA, PRYA, SAM, SVEN};

fn login(id: &str) -> LoginBegun {
    LoginBegun {
        id: id.to_owned(),
        how: "oidc".to_owned(),
        acr: Some("phr".to_owned()),
        amr: vec!["hwk".to_owned()],
    }
}

#[tokio::test]
async fn r16_what_is_regulated_begins_only_when_its_actor_has_just_proved_who_they_are() {
    let house = House::builder()
        .founders()
        .signature_demanded()
        .open()
        .await;
    let [prya, sam] = house.founded().await;
    let oscar = house.enrolled(OSCAR, &sam).await;
    house.clock.advance(jiff::SignedDuration::from_hours(24));
    let request = house.filed(ALICE, &house.asked()).await;
    for key in [&oscar, &prya] {
        house.approve_signed(key, &request.id).await.unwrap();
    }
    for assurance in [Assurance::Ordinary, Assurance::Device] {
        let caller = house.caller(ALICE).with_assurance(assurance);
        let outcome = activate::activate(&house.control, &caller, &request.id).await;
        house
            .assert_refused(outcome, ALICE, "activate", Denial::SignatureRequired)
            .await;
    }
    let caller = house.sure(ALICE);
    activate::activate(&house.control, &caller, &request.id)
        .await
        .unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r16_other_applications_begin_by_an_ordinary_login_and_by_a_device() {
    let house = House::builder()
        .founders()
        .signature_demanded()
        .open()
        .await;
    let [_, sam] = house.founded().await;
    let petra = house.enrolled(PETRA, &sam).await;
    for (case, assurance) in [
        ("desk:7", Assurance::Ordinary),
        ("desk:8", Assurance::Device),
    ] {
        let asked = house.asking(case, &[("crm", &["contact.read"])], 30);
        let request = house.filed(ALICE, &asked).await;
        house.approve_signed(&petra, &request.id).await.unwrap();
        let caller = house.caller(ALICE).with_assurance(assurance);
        activate::activate(&house.control, &caller, &request.id)
            .await
            .unwrap();
    }
    house.verify().await;
}

#[tokio::test]
async fn r06_a_device_that_was_let_in_approves_nothing_unsigned_and_nothing_regulated() {
    let house = House::builder()
        .founders()
        .signature_demanded()
        .open()
        .await;
    let [_, sam] = house.founded().await;
    let petra = house.enrolled(PETRA, &sam).await;
    let asked = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
    let request = house.filed(ALICE, &asked).await;
    let device = house.caller(PETRA).with_assurance(Assurance::Device);
    let unsigned = house.approval_of(&request.id).await;
    let outcome = approve(&house.control, &device, &request.id, &unsigned).await;
    house
        .assert_refused(outcome, PETRA, "approve", Denial::SignatureRequired)
        .await;
    // What petra's own key signed is hers, whatever carries it.
    let words = house.signed_approval(&petra, &request.id).await.unwrap();
    approve(&house.control, &device, &request.id, &words)
        .await
        .unwrap();
    house.verify().await;

    // Nor anything regulated where no signature is demanded.
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let words = house.approval_of(&request.id).await;
    let device = house.caller(OSCAR).with_assurance(Assurance::Device);
    let outcome = approve(&house.control, &device, &request.id, &words).await;
    house
        .assert_refused(outcome, OSCAR, "approve", Denial::SignatureRequired)
        .await;
    // An offer would stand for an approval.
    let terms = OfferTerms {
        duration: Some(Minutes(10)),
        note: "ten minutes will do".to_owned(),
        scope: None,
    };
    let outcome = offer(&house.control, &device, &request.id, &terms).await;
    house
        .assert_refused(outcome, OSCAR, "offer", Denial::SignatureRequired)
        .await;
    let approved = house.approved(&request).await;
    let device = house.caller(ALICE).with_assurance(Assurance::Device);
    let outcome = activate::activate(&house.control, &device, &approved.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::SignatureRequired)
        .await;
    house.activate(ALICE, &approved.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r05_a_role_that_the_login_does_not_carry_decides_sees_and_stops_nothing() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let (control, id) = (&house.control, &request.id);
    let withheld = house.caller(PRYA).withholding([Role::Privacy]);
    let outcome = deny::deny(control, &withheld, id, "not by this login").await;
    house
        .assert_refused(outcome, PRYA, "deny", Denial::NotAnApprover)
        .await;
    let security = [Role::Security, Role::SecurityControlOwner];
    let withheld = house.caller(SAM).withholding(security);
    let outcome = stop(control, &withheld, &StopScope::All).await;
    house
        .assert_refused(outcome, SAM, "stop", Denial::NotAnApprover)
        .await;
    let withheld = house.caller(AUDREY).withholding([Role::Auditor]);
    let seen = read::request(control, &withheld, id).await;
    assert_eq!(seen.unwrap_err().denial, Denial::NotFound);
    let checked = check_record(control, &withheld).await;
    assert_eq!(checked.err().unwrap().denial, Denial::NotEligible);
    assert!(check_record(control, &house.caller(AUDREY)).await.is_ok());
    // Ownership is no role: it stays.
    let withheld = house.caller(OSCAR).withholding(security);
    deny::deny(control, &withheld, id, "not for this case")
        .await
        .unwrap();
    // Nor does asking go by a role that is withheld.
    let withheld = house.caller(ALICE).withholding([Role::Support]);
    let asked = house.asked();
    let outcome = locum_control::file_request::file_request(control, &withheld, &asked).await;
    house
        .assert_refused(outcome, ALICE, "file", Denial::NotEligible)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r06_r31_who_signs_in_is_a_named_person_who_works_here_and_it_is_on_the_record() {
    let house = House::builder()
        .files(|files| {
            let petra = "name = \"Petra Price\"";
            let left = format!("{petra}\nactive = false");
            files.replace("catalog/people.toml", petra, &left);
        })
        .open()
        .await;
    let control = &house.control;
    begin(control, &ALICE.parse().unwrap(), login("one"))
        .await
        .unwrap();
    let id = ALICE.parse().unwrap();
    end(control, &id, "one", LoginEndedBecause::SignedOut)
        .await
        .unwrap();
    let about = Stream::Principal(ALICE.parse().unwrap());
    assert_eq!(house.kinds(&about).await, ["login-began", "login-ended"]);
    let history = house.history().await;
    let began = history.iter().find_map(|it| match &it.event {
        Event::LoginBegan { login, .. } => Some(login.clone()),
        _ => None,
    });
    assert_eq!(began, Some(login("one")));
    for (who, denial) in [
        (PETRA, Denial::NotANamedPerson),
        (AIDA, Denial::NonHumanApprover),
    ] {
        let outcome = begin(control, &who.parse().unwrap(), login("two")).await;
        house.assert_refused(outcome, who, "sign-in", denial).await;
    }
    // A stranger fills no record.
    let before = house.history().await.len();
    let nobody = "nobody@corp.example".parse().unwrap();
    let outcome = begin(control, &nobody, login("three")).await;
    assert_eq!(outcome.unwrap_err().denial, Denial::NotANamedPerson);
    assert_eq!(house.history().await.len(), before);
    house.verify().await;
}

#[tokio::test]
async fn r33_a_device_lifts_nothing_invites_nobody_and_takes_no_key_from_anybody_else() {
    let house = House::builder()
        .founders()
        .signature_demanded()
        .open()
        .await;
    let [prya, _] = house.founded().await;
    let control = &house.control;
    let stopped = stop(control, &house.caller(SVEN), &StopScope::All).await;
    let hold = stopped.unwrap().hold;
    for assurance in [Assurance::Ordinary, Assurance::Device] {
        let sam = house.caller(SAM).with_assurance(assurance);
        let outcome = lift(control, &sam, &hold.id).await;
        house
            .assert_refused(outcome, SAM, "lift", Denial::SignatureRequired)
            .await;
        let id = &prya.public.id;
        let outcome = revoke_authenticator(control, &sam, id, "she left the company").await;
        house
            .assert_refused(
                outcome,
                SAM,
                "revoke-authenticator",
                Denial::SignatureRequired,
            )
            .await;
    }
    let device = house.caller(SAM).with_assurance(Assurance::Device);
    let outcome = invite_to_enrol(control, &device, &OSCAR.parse().unwrap()).await;
    house
        .assert_refused(outcome, SAM, "invite-to-enrol", Denial::SignatureRequired)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r33_the_last_passkey_that_lets_others_in_is_not_taken_out_of_use() {
    let house = House::builder()
        .founders()
        .signature_demanded()
        .open()
        .await;
    let [prya, sam] = house.founded().await;
    let control = &house.control;
    let revoke = async |caller: &str, key: &SoftAuthenticator| {
        let id = &key.public.id;
        revoke_authenticator(control, &house.sure(caller), id, "lost on the train").await
    };
    revoke(PRYA, &prya).await.unwrap();
    let outcome = revoke(SAM, &sam).await;
    house
        .assert_refused(outcome, SAM, "revoke-authenticator", Denial::NoApproverLeft)
        .await;
    // Another by the same door, and the lost one can go.
    let another = SoftAuthenticator::passkey(PRYA, 2);
    let enrolment = house.ask_to_enrol(&another).await.unwrap();
    house.let_count(&sam, &enrolment).await.unwrap();
    revoke(SAM, &sam).await.unwrap();
    house.verify().await;
}
