//! The founding: two named people, two keys, and nothing that counts before both have signed.

use locum_control::Difference;
use locum_control::authenticators::{authenticators, by_credential};
use locum_control::enrol_founder::enrol_founder;
use locum_control::founding;
use locum_control::sign_founding::sign_founding;
use locum_domain::{Denial, Stream};
use locum_testkit::house::{House, SoftAuthenticator};

use crate::{AIDA, MIA, PRYA, SAM};

async fn enrols(house: &House, key: &SoftAuthenticator) {
    let caller = house.caller(key.person());
    let outcome = enrol_founder(&house.control, &caller, &key.public).await;
    outcome.unwrap();
}

async fn signs(house: &House, key: &SoftAuthenticator) {
    let caller = house.caller(key.person());
    let to_sign = founding::statement(&house.control, &caller).await.unwrap();
    let signature = key.sign(&to_sign);
    let outcome = sign_founding(&house.control, &caller, &signature).await;
    outcome.unwrap();
}

fn pair() -> (SoftAuthenticator, SoftAuthenticator) {
    let key = |person| SoftAuthenticator::passkey(person, 1);
    (key(SAM), key(PRYA))
}

#[tokio::test]
async fn r33_two_founders_enrol_and_sign_and_only_then_their_keys_count() {
    let house = House::builder().founders().open().await;
    let (sam, prya) = pair();
    let begun = founding::founding(&house.control).await.unwrap().unwrap();
    assert_eq!(
        begun.founders,
        [PRYA.parse().unwrap(), SAM.parse().unwrap()]
    );
    assert_eq!(begun.origin, "locum.corp.example.development");
    let caller = house.caller(SAM);
    enrols(&house, &sam).await;
    let early = founding::statement(&house.control, &caller).await;
    assert_eq!(early.unwrap_err().denial, Denial::MissingApproval);
    enrols(&house, &prya).await;
    signs(&house, &prya).await;
    let credential = sam.public.credential_id().unwrap();
    let control = &house.control;
    assert_eq!(by_credential(control, credential).await.unwrap(), None);
    signs(&house, &sam).await;
    let held = by_credential(control, credential).await.unwrap().unwrap();
    assert_eq!(held.authenticator, sam.public);
    // Founding keys were signed by both: they wait for nothing.
    assert_eq!(held.signs_regulated_from(), held.enrolled_at);
    let kinds = house.kinds(&Stream::Founding).await;
    let enrolled = ["founding-begun", "founder-enrolled", "founder-enrolled"];
    assert_eq!(kinds[..3], enrolled);
    assert_eq!(kinds[3..], ["founding-signed", "founding-signed"]);
    house.verify().await;
}

#[tokio::test]
async fn r33_the_founding_is_the_same_after_a_restart_whatever_the_files_say_then() {
    let house = House::builder().founders().on_disk().open().await;
    let before = founding::founding(&house.control).await.unwrap();
    let house = house.shut().await.reopen().await.unwrap();
    assert_eq!(founding::founding(&house.control).await.unwrap(), before);
    house.founded().await;
    let complete = founding::founding(&house.control).await.unwrap().unwrap();
    let house = house.shut().await.reopen().await.unwrap();
    let after = founding::founding(&house.control).await.unwrap().unwrap();
    assert_eq!(after, complete);
    assert!(after.is_complete());
    let found = authenticators(&house.control, &house.caller(SAM), &SAM.parse().unwrap()).await;
    assert_eq!(found.unwrap().live_passkeys().count(), 1);
    house.verify().await;
}

#[tokio::test]
async fn r33_without_founders_there_is_no_founding_and_nobody_is_one() {
    let house = House::new().await;
    assert_eq!(founding::founding(&house.control).await.unwrap(), None);
    let (sam, _) = pair();
    let outcome = enrol_founder(&house.control, &house.caller(SAM), &sam.public).await;
    house
        .assert_refused(outcome, SAM, "enrol-founder", Denial::NotFound)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r33_nobody_else_founds_and_nobody_founds_with_what_is_not_theirs() {
    let house = House::builder().founders().open().await;
    let (sam, prya) = pair();
    enrols(&house, &sam).await;
    let at_home = |mut key: SoftAuthenticator| {
        key.public.means = match key.public.means {
            locum_domain::authenticator::Means::Passkey { credential_id, .. } => {
                locum_domain::authenticator::Means::Passkey {
                    credential_id,
                    rp_id: "evil.example".to_owned(),
                    origin: "https://evil.example".to_owned(),
                    is_synced: false,
                }
            }
            means => means,
        };
        key
    };
    let passkey = |person| SoftAuthenticator::passkey(person, 2);
    for (by, key, denial) in [
        (MIA, passkey(MIA), Denial::NotAnApprover),
        (AIDA, passkey(AIDA), Denial::NonHumanApprover),
        (PRYA, passkey(SAM), Denial::Malformed),
        (
            PRYA,
            SoftAuthenticator::key_file(PRYA, 2),
            Denial::Malformed,
        ),
        (PRYA, at_home(passkey(PRYA)), Denial::Malformed),
        (
            PRYA,
            SoftAuthenticator::passkey(SAM, 1).lent_to(PRYA),
            Denial::ConflictOfInterest,
        ),
    ] {
        let outcome = enrol_founder(&house.control, &house.caller(by), &key.public).await;
        house
            .assert_refused(outcome, by, "enrol-founder", denial)
            .await;
    }
    // Another one in its place, until somebody has signed.
    enrols(&house, &passkey(PRYA)).await;
    enrols(&house, &prya).await;
    signs(&house, &sam).await;
    let outcome = enrol_founder(&house.control, &house.caller(PRYA), &passkey(PRYA).public).await;
    house
        .assert_refused(outcome, PRYA, "enrol-founder", Denial::AlreadyDecided)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r33_a_founder_signs_with_their_own_key_over_both_keys_and_once() {
    let house = House::builder().founders().open().await;
    let (sam, prya) = pair();
    enrols(&house, &sam).await;
    enrols(&house, &prya).await;
    let caller = house.caller(SAM);
    let to_sign = founding::statement(&house.control, &caller).await.unwrap();
    assert_eq!(to_sign.purpose, "locum-founding/v1");
    assert_eq!(to_sign.credentials.len(), 1);
    for (by, signature, denial) in [
        (SAM, prya.sign(&to_sign), Denial::SignatureRequired),
        (SAM, sam.sign_digest(&[7; 32]), Denial::SignatureRequired),
        (MIA, sam.sign(&to_sign), Denial::NotAnApprover),
    ] {
        let outcome = sign_founding(&house.control, &house.caller(by), &signature).await;
        house
            .assert_refused(outcome, by, "sign-founding", denial)
            .await;
    }
    signs(&house, &sam).await;
    let again = sam.sign(&to_sign);
    let outcome = sign_founding(&house.control, &caller, &again).await;
    house
        .assert_refused(outcome, SAM, "sign-founding", Denial::AlreadyDecided)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r33_a_production_server_that_nobody_could_sign_in_to_takes_its_first_way_in_and_nothing_else()
 {
    let key = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let house = House::builder()
        .production()
        .files(|files| {
            files.put("catalog/keys/aida.pub.jwk", key);
        })
        .on_disk()
        .open()
        .await;
    assert_eq!(founding::founding(&house.control).await.unwrap(), None);
    let files = house.control.in_force().applied.files.clone();
    let another = key.replace("11qY", "22qY");
    let shut = house.shut().await.changed(|it| {
        it.founders().files(|files| {
            files.put("catalog/keys/aida.pub.jwk", &another);
        })
    });
    let house = shut.reopen().await.unwrap();
    let in_force = house.control.in_force();
    assert_eq!(in_force.login.founders.len(), 2);
    assert_eq!(
        in_force.applied.files, files,
        "everything else is as recorded"
    );
    assert_eq!(in_force.difference, Difference::Pending);
    let founding = founding::founding(&house.control).await.unwrap();
    assert!(founding.is_some_and(|it| !it.is_complete()));
    house.verify().await;
}
