//! Rotating Locum's own keys: on the record first, and settled by the record after a crash.

use locum_control::ports::{KeyPurpose, KeyRing as _};
use locum_control::rotate_key::{public_keys, rotate_key, settle_rotations};
use locum_control::{Assurance, Caller};
use locum_domain::{Denial, Stream};
use locum_testkit::house::House;

use crate::{ALICE, SAM};

fn sure(house: &House, id: &str) -> Caller {
    house.caller(id).with_assurance(Assurance::SteppedUp)
}

fn crm() -> KeyPurpose {
    KeyPurpose::Assertion("crm".parse().unwrap())
}

#[tokio::test]
async fn r33_a_key_is_rotated_by_security_and_on_the_record() {
    let house = House::new().await;
    for purpose in [crm(), KeyPurpose::Grant, KeyPurpose::AccessToken] {
        let old = house.key_ring.verifying(&purpose);
        let rotation = rotate_key(&house.control, &sure(&house, SAM), &purpose)
            .await
            .unwrap();
        let new = house.key_ring.verifying(&purpose);
        assert_ne!(old, new);
        assert_eq!(
            (rotation.old_kid, rotation.new_kid),
            (old.kid().to_owned(), new.kid().to_owned())
        );
        assert_eq!(rotation.old_public_key, old.to_jwk());
        assert_eq!(rotation.application.as_ref(), purpose.application());
        // What it signed is still verified, by everybody.
        assert!(
            public_keys(&house.control)
                .iter()
                .any(|half| half.key == old && half.retired_at.is_some())
        );
    }
    let kinds = house.kinds(&Stream::Principal(SAM.parse().unwrap())).await;
    assert_eq!(kinds, ["key-rotated"; 3]);
    house.verify().await;
}

#[tokio::test]
async fn r33_nobody_else_rotates_a_key_and_no_key_is_made_for_them() {
    let house = House::new().await;
    let refusal = rotate_key(&house.control, &sure(&house, ALICE), &crm()).await;
    assert_eq!(refusal.unwrap_err().denial, Denial::NotAnApprover);
    let withheld = sure(&house, SAM).withholding([
        locum_domain::catalog::Role::Security,
        locum_domain::catalog::Role::SecurityControlOwner,
    ]);
    let refusal = rotate_key(&house.control, &withheld, &crm()).await;
    assert_eq!(refusal.unwrap_err().denial, Denial::NotAnApprover);
    let unknown = KeyPurpose::Assertion("nowhere".parse().unwrap());
    let refusal = rotate_key(&house.control, &sure(&house, SAM), &unknown).await;
    assert_eq!(refusal.unwrap_err().denial, Denial::Malformed);
    assert!(house.key_ring.left_over().is_empty());
    house.verify().await;
}

#[tokio::test]
async fn r33_where_approvals_are_signed_a_key_is_rotated_by_somebody_who_just_proved_who_they_are()
{
    let house = House::builder().signature_demanded().open().await;
    let refusal = rotate_key(&house.control, &house.caller(SAM), &crm()).await;
    assert_eq!(refusal.unwrap_err().denial, Denial::SignatureRequired);
    rotate_key(&house.control, &sure(&house, SAM), &crm())
        .await
        .unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r22_a_key_that_cannot_be_recorded_signs_nothing_and_one_that_was_signs_after_a_crash() {
    let house = House::new().await;
    let old = house.key_ring.verifying(&crm());
    // The process ends between the record and the switch.
    house.key_ring.break_before_switching(true);
    let refusal = rotate_key(&house.control, &sure(&house, SAM), &crm()).await;
    assert_eq!(refusal.unwrap_err().denial, Denial::RecorderUnavailable);
    assert_eq!(house.key_ring.verifying(&crm()), old);
    let refusal = rotate_key(&house.control, &sure(&house, SAM), &crm()).await;
    assert_eq!(refusal.unwrap_err().denial, Denial::Conflict);
    // And another one before the record.
    let by = SAM.parse().unwrap();
    let unrecorded = house.key_ring.prepare(&KeyPurpose::Grant, &by).unwrap();
    let house = house.shut().await.reopen().await.unwrap();
    house.key_ring.break_before_switching(false);
    settle_rotations(&house.control).await.unwrap();
    assert_ne!(
        house.key_ring.verifying(&crm()),
        old,
        "recorded: it signs now"
    );
    assert_eq!(house.key_ring.verifying(&KeyPurpose::Grant), unrecorded.old);
    assert!(house.key_ring.left_over().is_empty());
    house.verify().await;
}

#[tokio::test]
async fn r20_a_grant_signed_before_a_rotation_is_verified_for_as_long_as_it_can_live() {
    let house = House::new().await;
    let old = house.key_ring.verifying(&KeyPurpose::Grant);
    rotate_key(&house.control, &sure(&house, SAM), &KeyPurpose::Grant)
        .await
        .unwrap();
    let now = house.control.now().unwrap();
    let holds = |hours: i64| {
        let later = now + jiff::SignedDuration::from_hours(hours);
        let keys = house.control.grant_verifiers(later);
        keys.get(old.kid()).is_some()
    };
    assert!(holds(23) && !holds(25));
    house.verify().await;
}
