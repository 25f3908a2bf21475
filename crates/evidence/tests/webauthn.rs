//! R13, R33: an assertion or a registration with anything wrong in it is refused, and the refusal says what.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;

use ciborium::{Value, cbor};
use device::{AT, BE, BS, Device, ED, Key, Made, UP, UV, ceremony};
use locum_domain::PrincipalId;
use locum_evidence::webauthn::{
    Asserted, AssertionError, AttestationError, AuthenticatorDataError, ClientDataError,
    CoseKeyError, NewCredential, RegistrationError, verify_assertion, verify_registration,
};
use proptest::prelude::*;

const CHALLENGE: &[u8] = b"nobody could have foreseen these";

fn ann() -> PrincipalId {
    "ann".parse().unwrap()
}

/// As the device was enrolled before anything about it was bent.
fn asserted(bend: impl FnOnce(&mut Device), key: Key) -> Result<Asserted, AssertionError> {
    let mut device = Device::new(key);
    let enrolled = device.authenticator(&ann());
    bend(&mut device);
    let answer = device.assert(CHALLENGE);
    verify_assertion(&answer.parts(), &enrolled, &ceremony(CHALLENGE), None)
}

fn registered(device: &Device) -> Result<NewCredential, RegistrationError> {
    let made = device.register(CHALLENGE);
    verify_registration(&made.parts(), &ceremony(CHALLENGE))
}

macro_rules! refused {
    ($answer:expr, $error:pat) => {{
        let answer = $answer;
        assert!(matches!(answer, Err($error)), "{answer:?}");
    }};
}

#[test]
fn r13_what_an_authenticator_signs_is_accepted_for_each_algorithm() {
    for key in Key::all() {
        let signed = asserted(|device| device.count = 7, key).unwrap();
        assert_eq!(signed.sign_count, 7);
        assert!(!signed.is_synced);
    }
}

#[test]
fn r33_what_an_authenticator_registers_is_accepted_for_each_algorithm() {
    for key in Key::all() {
        let mut device = Device::new(key);
        (device.flags, device.count) = (UP | UV | BE | BS, 3);
        let made = registered(&device).unwrap();
        assert_eq!(made.public_key, device.key.public_key());
        assert_eq!(made.credential_id, device.credential_id);
        assert_eq!((made.sign_count, made.is_synced), (3, true));
    }
}

#[test]
fn r13_client_data_of_another_ceremony_is_refused() {
    for key in Key::all() {
        let device = Device::new(key);
        let enrolled = device.authenticator(&ann());
        let judged = |answer: device::Answer| {
            verify_assertion(&answer.parts(), &enrolled, &ceremony(CHALLENGE), None)
        };
        let created = device.assert_as("webauthn.create", CHALLENGE);
        refused!(
            judged(created),
            AssertionError::ClientData(ClientDataError::Type { .. })
        );
        refused!(
            judged(device.assert(b"what somebody else was shown")),
            AssertionError::ClientData(ClientDataError::Challenge)
        );
    }
    refused!(
        asserted(
            |it| it.origin = "https://locum.example.evil".into(),
            Key::es256()
        ),
        AssertionError::ClientData(ClientDataError::Origin { .. })
    );
    refused!(
        asserted(
            |it| it.members = r#","crossOrigin":true"#.into(),
            Key::es256()
        ),
        AssertionError::ClientData(ClientDataError::CrossOrigin)
    );
    refused!(
        asserted(
            |it| it.members = r#","topOrigin":"https://evil.example""#.into(),
            Key::es256()
        ),
        AssertionError::ClientData(ClientDataError::CrossOrigin)
    );
}

#[test]
fn r33_a_registration_of_another_ceremony_is_refused() {
    let device = Device::new(Key::es256());
    let mut made = device.register(CHALLENGE);
    made.client_data_json = device.client_data("webauthn.get", CHALLENGE);
    refused!(
        verify_registration(&made.parts(), &ceremony(CHALLENGE)),
        RegistrationError::ClientData(ClientDataError::Type { .. })
    );
    refused!(
        verify_registration(&device.register(b"old").parts(), &ceremony(CHALLENGE)),
        RegistrationError::ClientData(ClientDataError::Challenge)
    );
}

#[test]
fn r13_authenticator_data_that_says_something_else_is_refused() {
    use AuthenticatorDataError as Wrong;
    let judged = |flags: u8| asserted(move |it| it.flags = flags, Key::ed25519());
    refused!(
        asserted(|it| it.rp_id = "example".into(), Key::ed25519()),
        AssertionError::AuthenticatorData(Wrong::RpId)
    );
    refused!(
        judged(UV),
        AssertionError::AuthenticatorData(Wrong::NoUserPresent)
    );
    refused!(
        judged(UP),
        AssertionError::AuthenticatorData(Wrong::NoUserVerified)
    );
    refused!(
        judged(UP | UV | BS),
        AssertionError::AuthenticatorData(Wrong::BackedUpWithoutEligibility)
    );
    refused!(judged(UP | UV | BE), AssertionError::BackupEligibility);
    refused!(
        judged(UP | UV | AT),
        AssertionError::AuthenticatorData(Wrong::Truncated)
    );
    refused!(
        judged(UP | UV | ED),
        AssertionError::AuthenticatorData(Wrong::Extensions)
    );
    refused!(
        asserted(|it| it.tail = vec![0], Key::ed25519()),
        AssertionError::AuthenticatorData(Wrong::Trailing)
    );
    let outputs = device::encoded(&cbor!({"credProtect" => 3}).unwrap());
    let extended = |tail: Vec<u8>| {
        asserted(
            move |it| (it.flags, it.tail) = (UP | UV | ED, tail),
            Key::ed25519(),
        )
    };
    assert!(extended(outputs.clone()).is_ok());
    refused!(
        extended([outputs.clone(), outputs].concat()),
        AssertionError::AuthenticatorData(Wrong::Trailing)
    );
    refused!(
        extended(device::encoded(&cbor!([1]).unwrap())),
        AssertionError::AuthenticatorData(Wrong::Extensions)
    );
    let carried = |it: &mut Device| {
        let with = it.attested(&it.key.cose());
        (it.flags, it.tail) = (UP | UV | AT, with[37..].to_vec());
    };
    refused!(
        asserted(carried, Key::ed25519()),
        AssertionError::AuthenticatorData(Wrong::UnexpectedCredential)
    );
}

#[test]
fn r13_authenticator_data_cut_anywhere_is_refused() {
    let device = Device::new(Key::es256());
    let enrolled = device.authenticator(&ann());
    let answer = device.assert(CHALLENGE);
    for length in 0..answer.authenticator_data.len() {
        let mut cut = answer.clone();
        cut.authenticator_data.truncate(length);
        refused!(
            verify_assertion(&cut.parts(), &enrolled, &ceremony(CHALLENGE), None),
            AssertionError::AuthenticatorData(AuthenticatorDataError::Truncated)
        );
    }
}

#[test]
fn r13_a_counter_that_does_not_go_up_is_refused_and_one_that_stays_at_zero_is_not() {
    let judged = |count: u32, last: Option<u32>| {
        let mut device = Device::new(Key::es256());
        device.count = count;
        let enrolled = device.authenticator(&ann());
        let answer = device.assert(CHALLENGE);
        verify_assertion(&answer.parts(), &enrolled, &ceremony(CHALLENGE), last)
    };
    for (count, last) in [
        (0, None),
        (0, Some(0)),
        (1, None),
        (1, Some(0)),
        (9, Some(8)),
    ] {
        assert!(judged(count, last).is_ok(), "{count} after {last:?}");
    }
    for (count, last) in [(1, 1), (7, 8), (0, 1), (u32::MAX, u32::MAX)] {
        refused!(judged(count, Some(last)), AssertionError::Counter { .. });
    }
}

#[test]
fn r13_the_signature_of_another_key_algorithm_or_message_is_refused() {
    for (key, other) in Key::all()
        .into_iter()
        .zip([Key::es256(), Key::ed25519(), Key::ed25519()])
    {
        let device = Device::new(key);
        let mut answer = device.assert(CHALLENGE);
        let stranger = Device::new(other).authenticator(&ann());
        refused!(
            verify_assertion(&answer.parts(), &stranger, &ceremony(CHALLENGE), None),
            AssertionError::Signature
        );
        let enrolled = device.authenticator(&ann());
        answer.signature.push(0);
        refused!(
            verify_assertion(&answer.parts(), &enrolled, &ceremony(CHALLENGE), None),
            AssertionError::Signature
        );
        answer.signature = device.key.sign(CHALLENGE);
        refused!(
            verify_assertion(&answer.parts(), &enrolled, &ceremony(CHALLENGE), None),
            AssertionError::Signature
        );
        answer.signature.clear();
        refused!(
            verify_assertion(&answer.parts(), &enrolled, &ceremony(CHALLENGE), None),
            AssertionError::Signature
        );
    }
}

/// A registration whose authenticator data has this key in it.
fn with_key(device: &Device, cose: &[(Value, Value)]) -> Result<NewCredential, RegistrationError> {
    let data = device.attested(cose);
    let made = Made {
        client_data_json: device.client_data("webauthn.create", CHALLENGE),
        attestation_object: Device::object("none", &data, Value::Map(Vec::new())),
    };
    verify_registration(&made.parts(), &ceremony(CHALLENGE))
}

#[test]
fn r33_a_key_with_any_member_changed_added_or_taken_is_refused() {
    use AuthenticatorDataError::Key as Wrong;
    for key in Key::all() {
        let device = Device::new(key);
        let cose = device.key.cose();
        assert!(with_key(&device, &cose).is_ok());
        for index in 0..cose.len() {
            let mut other = cose.clone();
            other.remove(index);
            refused!(
                with_key(&device, &other),
                RegistrationError::AuthenticatorData(Wrong(_))
            );
            let mut other = cose.clone();
            other.push(cose[index].clone());
            refused!(
                with_key(&device, &other),
                RegistrationError::AuthenticatorData(Wrong(CoseKeyError::Form))
            );
            for value in [Value::from(-47), Value::from(true), Value::Null] {
                let mut other = cose.clone();
                other[index].1 = value;
                refused!(
                    with_key(&device, &other),
                    RegistrationError::AuthenticatorData(Wrong(_))
                );
            }
            if let Value::Bytes(bytes) = &cose[index].1 {
                for changed in [[&[0], bytes.as_slice()].concat(), bytes[1..].to_vec()] {
                    let mut other = cose.clone();
                    other[index].1 = Value::Bytes(changed);
                    refused!(
                        with_key(&device, &other),
                        RegistrationError::AuthenticatorData(Wrong(_))
                    );
                }
            }
        }
        for added in [
            (Value::from(2), Value::Bytes(b"kid".to_vec())),
            (Value::from(4), cbor!([2]).unwrap()),
            (Value::from(-4), Value::Bytes(vec![1; 32])),
        ] {
            let mut other = cose.clone();
            other.push(added);
            refused!(
                with_key(&device, &other),
                RegistrationError::AuthenticatorData(Wrong(CoseKeyError::Members))
            );
        }
    }
}

#[test]
fn r33_a_key_of_small_order_or_few_bits_is_refused() {
    let device = Device::new(Key::ed25519());
    let mut one = [0; 32];
    one[0] = 1;
    for weak in [one, [0; 32]] {
        let mut cose = device.key.cose();
        cose[3].1 = Value::Bytes(weak.to_vec());
        refused!(
            with_key(&device, &cose),
            RegistrationError::AuthenticatorData(_)
        );
    }
    let device = Device::new(Key::rs256());
    let mut cose = device.key.cose();
    cose[2].1 = Value::Bytes(vec![0xff; 128]);
    refused!(
        with_key(&device, &cose),
        RegistrationError::AuthenticatorData(_)
    );
    let mut cose = device.key.cose();
    cose[3].1 = Value::Bytes(vec![1]);
    refused!(
        with_key(&device, &cose),
        RegistrationError::AuthenticatorData(_)
    );
}

#[test]
fn r33_a_credential_id_of_no_or_too_many_bytes_is_refused() {
    let mut device = Device::new(Key::es256());
    for (length, fits) in [(1, true), (1_023, true), (0, false), (1_024, false)] {
        device.credential_id = vec![7; length];
        assert_eq!(registered(&device).is_ok(), fits, "{length}");
    }
}

#[test]
fn r33_a_registration_without_verified_user_or_with_bytes_left_over_is_refused() {
    use AuthenticatorDataError as Wrong;
    let bent = |bend: &dyn Fn(&mut Device)| {
        let mut device = Device::new(Key::es256());
        bend(&mut device);
        registered(&device)
    };
    refused!(
        bent(&|it| it.flags = UV),
        RegistrationError::AuthenticatorData(Wrong::NoUserPresent)
    );
    refused!(
        bent(&|it| it.flags = UP),
        RegistrationError::AuthenticatorData(Wrong::NoUserVerified)
    );
    refused!(
        bent(&|it| it.flags = UP | UV | BS),
        RegistrationError::AuthenticatorData(Wrong::BackedUpWithoutEligibility)
    );
    refused!(
        bent(&|it| it.rp_id = "evil.example".into()),
        RegistrationError::AuthenticatorData(Wrong::RpId)
    );
    refused!(
        bent(&|it| it.tail = vec![0xf6]),
        RegistrationError::AuthenticatorData(Wrong::Trailing)
    );

    let device = Device::new(Key::es256());
    let made = device.register(CHALLENGE);
    for length in 0..made.attestation_object.len() {
        let mut cut = made.clone();
        cut.attestation_object.truncate(length);
        assert!(verify_registration(&cut.parts(), &ceremony(CHALLENGE)).is_err());
    }
    let mut longer = made.clone();
    longer.attestation_object.push(0);
    refused!(
        verify_registration(&longer.parts(), &ceremony(CHALLENGE)),
        RegistrationError::Attestation(AttestationError::Form)
    );
    let without = device.assert(CHALLENGE).authenticator_data;
    let object = Device::object("none", &without, Value::Map(Vec::new()));
    let bare = Made {
        attestation_object: object,
        ..made
    };
    refused!(
        verify_registration(&bare.parts(), &ceremony(CHALLENGE)),
        RegistrationError::AuthenticatorData(Wrong::NoCredential)
    );
}

#[test]
fn r33_an_attestation_is_not_believed_and_must_have_its_form() {
    use sha2::Digest as _;
    let device = Device::new(Key::es256());
    let data = device.attested(&device.key.cose());
    let client_data_json = device.client_data("webauthn.create", CHALLENGE);
    let judged = |format: &str, statement: Value| {
        let made = Made {
            client_data_json: client_data_json.clone(),
            attestation_object: Device::object(format, &data, statement),
        };
        verify_registration(&made.parts(), &ceremony(CHALLENGE))
    };
    let hash = sha2::Sha256::digest(&client_data_json);
    let signature = Value::Bytes(device.key.sign(&[data.as_slice(), &hash].concat()));
    let other = Value::Bytes(device.key.sign(b"something else"));
    let certificate = Value::Bytes(b"a certificate".to_vec());

    assert!(judged("packed", cbor!({"alg" => -7, "sig" => signature}).unwrap()).is_ok());
    let chain = Value::Array(vec![certificate.clone()]);
    let attested = cbor!({"alg" => -7, "sig" => other, "x5c" => chain}).unwrap();
    assert!(judged("packed", attested).is_ok());
    assert!(judged("apple", cbor!({"x5c" => [certificate]}).unwrap()).is_ok());
    refused!(
        judged("packed", cbor!({"alg" => -7, "sig" => other}).unwrap()),
        RegistrationError::Attestation(AttestationError::SelfSignature)
    );
    for (format, statement) in [
        ("none", cbor!({"sig" => signature}).unwrap()),
        ("none", cbor!([]).unwrap()),
        ("packed", cbor!({"sig" => signature}).unwrap()),
        (
            "packed",
            cbor!({"alg" => "ES256", "sig" => signature}).unwrap(),
        ),
        (
            "packed",
            cbor!({"alg" => -7, "sig" => signature, "x5c" => []}).unwrap(),
        ),
        ("tpm", cbor!({}).unwrap()),
        ("compound", cbor!([{}]).unwrap()),
    ] {
        refused!(
            judged(format, statement),
            RegistrationError::Attestation(AttestationError::Statement)
        );
    }
    for format in ["NONE", "", "homemade"] {
        refused!(
            judged(format, Value::Map(Vec::new())),
            RegistrationError::Attestation(AttestationError::Format(_))
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn r13_any_changed_bit_of_what_was_signed_is_refused(
        which in 0..3_usize,
        part in 0..3_usize,
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let device = Device::new(Key::all().into_iter().nth(which).unwrap());
        let enrolled = device.authenticator(&ann());
        let mut answer = device.assert(CHALLENGE);
        let bytes = match part {
            0 => &mut answer.authenticator_data,
            1 => &mut answer.client_data_json,
            _ => &mut answer.signature,
        };
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let judged = verify_assertion(&answer.parts(), &enrolled, &ceremony(CHALLENGE), None);
        prop_assert!(judged.is_err(), "part {part}, byte {place}, bit {bit}");
    }

    #[test]
    fn r33_bytes_that_nobody_made_never_register(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let device = Device::new(Key::es256());
        let made = Made { client_data_json: device.client_data("webauthn.create", CHALLENGE), attestation_object: bytes.clone() };
        prop_assert!(verify_registration(&made.parts(), &ceremony(CHALLENGE)).is_err());
        let object = Device::object("none", &bytes, Value::Map(Vec::new()));
        let made = Made { attestation_object: object, ..made };
        prop_assert!(verify_registration(&made.parts(), &ceremony(CHALLENGE)).is_err());
    }
}
