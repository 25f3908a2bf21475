//! What an authenticator and the script around it do with the options of a page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use locum_domain::Signature;
use locum_domain::authenticator::PublicKey;
use locum_testkit::house::{RP_ID, SoftAuthenticator};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::browser::{Answer, Browser};
use crate::world::HOST;

fn coded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// How an authenticator knows this person, as it was told when the passkey was made.
fn user_handle(person: &str) -> String {
    let text = format!("locum-user-handle/v1\n{RP_ID}\n{person}");
    coded(&Sha256::digest(text))
}

/// `navigator.credentials.create`, and what the script makes of it.
pub(crate) fn create(key: &SoftAuthenticator, asked: &Value) -> String {
    let options = &asked["publicKey"];
    assert_eq!(options["user"]["id"], user_handle(key.person()));
    let client_data = json!({
        "type": "webauthn.create", "challenge": options["challenge"], "origin": HOST, "crossOrigin": false,
    });
    let id = key.public.credential_id().unwrap();
    let PublicKey::Okp { x, .. } = &key.public.public_key else {
        panic!("another kind of key");
    };
    let (credential, x) = (decoded(id), decoded(x));
    // Present, verified, with a credential; no counter; no model.
    let mut data = Sha256::digest(RP_ID).to_vec();
    data.extend([0x45, 0, 0, 0, 0]);
    data.extend([0; 16]);
    data.extend(u16::try_from(credential.len()).unwrap().to_be_bytes());
    data.extend(credential);
    // A COSE key (RFC 9052): OKP, EdDSA, Ed25519, x.
    data.extend([0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20]);
    data.extend(x);
    let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
    object.push(u8::try_from(data.len()).unwrap());
    object.extend(data);
    json!({
        "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
        "response": {
            "clientDataJSON": coded(client_data.to_string().as_bytes()),
            "attestationObject": coded(&object),
        },
    })
    .to_string()
}

/// `navigator.credentials.get`, and what the script makes of it.
pub(crate) fn show(key: &SoftAuthenticator, asked: &Value) -> String {
    let Signature::Passkey {
        authenticator_data,
        client_data_json,
        signature,
        ..
    } = signed(key, asked)
    else {
        panic!("no passkey");
    };
    let id = key.public.credential_id().unwrap();
    json!({
        "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
        "response": {
            "clientDataJSON": client_data_json,
            "authenticatorData": authenticator_data,
            "signature": signature,
            "userHandle": user_handle(key.person()),
        },
    })
    .to_string()
}

fn signed(key: &SoftAuthenticator, asked: &Value) -> Signature {
    let challenge = decoded(asked["publicKey"]["challenge"].as_str().unwrap());
    key.sign_digest(&challenge.try_into().unwrap())
}

/// The signature over what a page wants signed, by the name that the page gives the key.
pub(crate) fn sign(key: &SoftAuthenticator, asked: &Value) -> String {
    let id = key.public.credential_id().unwrap();
    assert_eq!(asked["authenticators"][id], key.public.id.as_str());
    let allowed = asked["publicKey"]["allowCredentials"].as_array().unwrap();
    assert!(allowed.iter().any(|it| it["id"] == id), "{allowed:?}");
    serde_json::to_string(&signed(key, asked)).unwrap()
}

/// Signs somebody in with their passkey, from the sign-in page on.
pub(crate) async fn sign_in(browser: &mut Browser, key: &SoftAuthenticator, to: &str) -> Answer {
    let page = browser.get("/login").await;
    let asked = browser.fetch(&page, "/login/passkey/options", &[]).await;
    let credential = show(key, &asked.json());
    let fields = [("to", to), ("credential", credential.as_str())];
    let sent = [("sec-fetch-site", "same-origin")];
    browser
        .send("/login/passkey/verify", Some(&fields), &sent)
        .await
}
