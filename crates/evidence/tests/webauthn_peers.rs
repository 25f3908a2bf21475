//! R13: the verifier agrees with code by others: what the `passkey` authenticator makes is accepted by `webauthn-rs`
//! and by ours, and what ours refuses `webauthn-rs` refuses too.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use device::{ORIGIN, RP_ID, ceremony};
use locum_domain::PrincipalId;
use locum_domain::authenticator::{Authenticator, Means};
use locum_evidence::verify_signature;
use locum_evidence::webauthn::{
    Assertion, NewCredential, Registration, verify_assertion, verify_registration,
};
use passkey::authenticator::{
    Authenticator as SoftAuthenticator, UiHint, UserCheck, UserValidationMethod,
};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey::types::webauthn::{
    AuthenticatedPublicKeyCredential, CreatedPublicKeyCredential, CredentialCreationOptions,
    CredentialRequestOptions,
};
use serde_json::{Value, json};
use url::Url;
use webauthn_rs::prelude::{
    Passkey as Known, PublicKeyCredential, RegisterPublicKeyCredential, Webauthn, WebauthnBuilder,
};

/// A person who is there and proves it.
struct Willing;

#[async_trait::async_trait]
impl UserValidationMethod for Willing {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        _: bool,
        _: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck {
            presence: true,
            verification: true,
        })
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }
}

type Soft =
    Client<Option<Passkey>, Willing, RustCryptoBackend, public_suffix::PublicSuffixList, ()>;

fn browser(counts: bool) -> Soft {
    let mut authenticator =
        SoftAuthenticator::new(Aaguid::new_empty(), None, Willing, RustCryptoBackend);
    authenticator.set_make_credentials_with_signature_counter(counts);
    Client::new(authenticator)
}

fn relying_party() -> Webauthn {
    let origin = Url::parse(ORIGIN).unwrap();
    WebauthnBuilder::new(RP_ID, &origin)
        .unwrap()
        .build()
        .unwrap()
}

/// The same JSON read as another's type.
fn through<T: serde::de::DeserializeOwned>(value: impl serde::Serialize) -> T {
    serde_json::from_value(serde_json::to_value(value).unwrap()).unwrap()
}

fn challenge(options: &Value) -> Vec<u8> {
    let text = options["publicKey"]["challenge"].as_str().unwrap();
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// Registers with both, and gives what each keeps.
async fn register(client: &mut Soft, theirs: &Webauthn) -> (NewCredential, Known) {
    let user = uuid::Uuid::new_v4();
    let (options, state) = theirs
        .start_passkey_registration(user, "ann", "Ann", None)
        .unwrap();
    let options = serde_json::to_value(&options).unwrap();
    let asked: CredentialCreationOptions = through(&options);
    let origin = Url::parse(ORIGIN).unwrap();
    let made: CreatedPublicKeyCredential = client
        .register(&origin, asked, DefaultClientData)
        .await
        .unwrap();
    let sent: RegisterPublicKeyCredential = through(&made);
    let known = theirs.finish_passkey_registration(&sent, &state).unwrap();
    let registration = Registration {
        client_data_json: &made.response.client_data_json,
        attestation_object: &made.response.attestation_object,
    };
    let ours = verify_registration(&registration, &ceremony(&challenge(&options))).unwrap();
    assert_eq!(ours.credential_id, made.raw_id.to_vec());
    (ours, known)
}

fn enrolled(made: &NewCredential) -> Authenticator {
    let means = Means::Passkey {
        credential_id: URL_SAFE_NO_PAD.encode(&made.credential_id),
        rp_id: RP_ID.to_owned(),
        origin: ORIGIN.to_owned(),
        is_synced: made.is_synced,
    };
    let person: PrincipalId = "ann".parse().unwrap();
    Authenticator::new(person, "soft".to_owned(), made.public_key.clone(), means)
}

async fn answer(client: &mut Soft, options: &Value) -> AuthenticatedPublicKeyCredential {
    let asked: CredentialRequestOptions = through(options);
    let origin = Url::parse(ORIGIN).unwrap();
    client
        .authenticate(&origin, asked, DefaultClientData)
        .await
        .unwrap()
}

#[tokio::test]
async fn r13_a_login_is_accepted_by_both_and_bent_in_any_part_by_neither() {
    for counts in [false, true] {
        let (mut client, theirs) = (browser(counts), relying_party());
        let (made, known) = register(&mut client, &theirs).await;
        let authenticator = enrolled(&made);
        let (options, state) = theirs.start_passkey_authentication(&[known]).unwrap();
        let options = serde_json::to_value(&options).unwrap();
        let answered = answer(&mut client, &options).await;
        let sent = serde_json::to_value(&answered).unwrap();

        let ours = |sent: &Value| {
            let part = |name: &str| {
                let text = sent["response"][name].as_str().unwrap();
                URL_SAFE_NO_PAD.decode(text).unwrap()
            };
            let (data, client_data, signature) = (
                part("authenticatorData"),
                part("clientDataJSON"),
                part("signature"),
            );
            let assertion = Assertion {
                authenticator_data: &data,
                client_data_json: &client_data,
                signature: &signature,
            };
            let last = Some(made.sign_count);
            verify_assertion(
                &assertion,
                &authenticator,
                &ceremony(&challenge(&options)),
                last,
            )
        };
        let theirs_says = |sent: &Value| {
            let sent: PublicKeyCredential = serde_json::from_value(sent.clone()).unwrap();
            theirs.finish_passkey_authentication(&sent, &state)
        };
        let (mine, other) = (ours(&sent).unwrap(), theirs_says(&sent).unwrap());
        assert_eq!(mine.sign_count, other.counter());
        assert_eq!(mine.is_synced, other.backup_eligible());
        assert_eq!(mine.sign_count > 0, counts);

        for name in ["authenticatorData", "clientDataJSON", "signature"] {
            let text = sent["response"][name].as_str().unwrap();
            let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
            for place in (0..bytes.len()).step_by(5) {
                let mut other = bytes.clone();
                other[place] ^= 1;
                let mut bent = sent.clone();
                bent["response"][name] = json!(URL_SAFE_NO_PAD.encode(other));
                assert!(ours(&bent).is_err(), "ours: byte {place} of {name}");
                assert!(
                    theirs_says(&bent).is_err(),
                    "theirs: byte {place} of {name}"
                );
            }
        }
    }
}

#[tokio::test]
async fn r13_an_approval_signed_by_a_passkey_of_others_making_verifies_and_for_one_digest_only() {
    let (mut client, theirs) = (browser(true), relying_party());
    let (made, _) = register(&mut client, &theirs).await;
    let authenticator = enrolled(&made);
    let digest = [0x5a; 32];
    let options = json!({"publicKey": {
        "challenge": URL_SAFE_NO_PAD.encode(digest),
        "rpId": RP_ID,
        "userVerification": "required",
        "allowCredentials": [{"type": "public-key", "id": URL_SAFE_NO_PAD.encode(&made.credential_id)}],
    }});
    let answered = answer(&mut client, &options).await.response;
    let signature = through(json!({
        "kind": "passkey",
        "authenticator": authenticator.id,
        "authenticator_data": URL_SAFE_NO_PAD.encode(&*answered.authenticator_data),
        "client_data_json": URL_SAFE_NO_PAD.encode(&*answered.client_data_json),
        "signature": URL_SAFE_NO_PAD.encode(&*answered.signature),
    }));
    let signed = verify_signature(&signature, &authenticator, &digest, None).unwrap();
    assert!(signed.sign_count > 0);
    assert!(verify_signature(&signature, &authenticator, &[0x5b; 32], None).is_err());
    let again = verify_signature(&signature, &authenticator, &digest, Some(signed.sign_count));
    assert!(again.is_err(), "a signature that was counted counts once");
}
