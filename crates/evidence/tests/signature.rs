//! R13: a signature counts for one digest, by one key, and nothing about it can be swapped.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use device::{Device, Key};
use locum_domain::authenticator::{Authenticator, Means, Signature};
use locum_domain::{AuthenticatorId, PrincipalId};
use locum_evidence::{SignatureError, key_file_message, verify_signature};

const DIGEST: [u8; 32] = [0x5a; 32];

fn ann() -> PrincipalId {
    "ann".parse().unwrap()
}

fn key_file(key: &Key) -> Authenticator {
    Authenticator::new(ann(), "file".into(), key.public_key(), Means::KeyFile)
}

fn by_file(key: &Key, message: &[u8]) -> Signature {
    Signature::KeyFile {
        authenticator: key.public_key().thumbprint().authenticator_id(),
        signature: URL_SAFE_NO_PAD.encode(key.sign(message)),
    }
}

#[test]
fn r13_a_passkey_and_a_key_file_sign_one_digest_each() {
    let mut device = Device::new(Key::es256());
    let enrolled = device.authenticator(&ann());
    let signature = device.sign(&DIGEST);
    let signed = verify_signature(&signature, &enrolled, &DIGEST, None).unwrap();
    assert_eq!(signed.sign_count, 1);
    assert!(verify_signature(&signature, &enrolled, &[0; 32], None).is_err());
    assert!(verify_signature(&signature, &enrolled, &DIGEST, Some(1)).is_err());

    let key = Key::ed25519();
    let enrolled = key_file(&key);
    let signature = by_file(&key, &key_file_message(&DIGEST));
    assert!(verify_signature(&signature, &enrolled, &DIGEST, None).is_ok());
    assert!(verify_signature(&signature, &enrolled, &[0; 32], None).is_err());
}

#[test]
fn r13_a_key_files_signature_over_the_bare_digest_or_for_another_purpose_is_refused() {
    let key = Key::ed25519();
    for message in [
        DIGEST.to_vec(),
        [b"locum-signature/v2\n".as_slice(), &DIGEST].concat(),
        [key_file_message(&DIGEST).as_slice(), b"\n"].concat(),
    ] {
        let judged = verify_signature(&by_file(&key, &message), &key_file(&key), &DIGEST, None);
        assert!(matches!(judged, Err(SignatureError::KeyFile)), "{judged:?}");
    }
}

#[test]
fn r13_a_signature_is_judged_by_what_was_enrolled_and_not_by_what_it_says() {
    let mut device = Device::new(Key::ed25519());
    let as_passkey = device.authenticator(&ann());
    let signature = device.sign(&DIGEST);
    let as_file = key_file(&device.key);
    let judged = verify_signature(&signature, &as_file, &DIGEST, None);
    assert!(matches!(judged, Err(SignatureError::OtherMeans)));
    let file = by_file(&device.key, &key_file_message(&DIGEST));
    let judged = verify_signature(&file, &as_passkey, &DIGEST, None);
    assert!(matches!(judged, Err(SignatureError::OtherMeans)));

    let other = Device::new(Key::ed25519()).authenticator(&ann());
    let judged = verify_signature(&signature, &other, &DIGEST, None);
    assert!(matches!(judged, Err(SignatureError::OtherAuthenticator)));
    let mut renamed = as_passkey.clone();
    renamed.id = AuthenticatorId::from_bytes([1; 16]);
    let mut claimed = signature.clone();
    if let Signature::Passkey { authenticator, .. } = &mut claimed {
        *authenticator = renamed.id.clone();
    }
    let judged = verify_signature(&claimed, &renamed, &DIGEST, None);
    assert!(matches!(judged, Err(SignatureError::NotNamedByItsKey)));

    let mut elsewhere = as_passkey;
    if let Means::Passkey { origin, .. } = &mut elsewhere.means {
        *origin = "https://evil.example".into();
    }
    assert!(verify_signature(&signature, &elsewhere, &DIGEST, None).is_err());
}

#[test]
fn r13_a_key_file_holds_an_ed25519_key() {
    let key = Key::es256();
    let signature = by_file(&key, &key_file_message(&DIGEST));
    let judged = verify_signature(&signature, &key_file(&key), &DIGEST, None);
    assert!(matches!(judged, Err(SignatureError::KeyFileAlgorithm)));
}

#[test]
fn r13_another_spelling_of_the_same_bytes_is_refused() {
    let key = Key::ed25519();
    let Signature::KeyFile {
        authenticator,
        signature,
    } = by_file(&key, &key_file_message(&DIGEST))
    else {
        unreachable!("made just now");
    };
    let last = signature.chars().last().unwrap();
    // 64 bytes leave four unused bits in the last character: with them set it decodes to the same bytes.
    let stray = char::from(u8::try_from(last).unwrap() + 1);
    let body = &signature[..signature.len() - 1];
    for signature in [
        format!("{signature}=="),
        format!("{signature}\n"),
        format!("{body}{stray}"),
    ] {
        let signature = Signature::KeyFile {
            authenticator: authenticator.clone(),
            signature,
        };
        let judged = verify_signature(&signature, &key_file(&key), &DIGEST, None);
        assert!(matches!(judged, Err(SignatureError::Base64("signature"))));
    }
}
