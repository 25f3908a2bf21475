//! A software authenticator: one ES256 key, bytes as WebAuthn Level 3 lays them out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use locum_domain::PrincipalId;
use locum_domain::authenticator::{Authenticator, Means, PublicKey};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const RP_ID: &str = "locum.corp.example";
pub(crate) const ORIGIN: &str = "https://locum.corp.example";

const PRESENT_AND_VERIFIED: u8 = 0x05;
const WITH_CREDENTIAL: u8 = 0x40;

pub(crate) struct Device {
    key: EcdsaKeyPair,
    credential_id: Vec<u8>,
    /// What registration told it about its person.
    pub(crate) user_handle: Option<String>,
    pub(crate) sign_count: u32,
    pub(crate) origin: &'static str,
}

fn coded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Device {
    pub(crate) fn new(credential: u8) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let der = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self {
            key: EcdsaKeyPair::from_pkcs8(algorithm, der.as_ref(), &random).unwrap(),
            credential_id: vec![credential; 16],
            user_handle: None,
            sign_count: 0,
            origin: ORIGIN,
        }
    }

    pub(crate) fn credential_id(&self) -> String {
        coded(&self.credential_id)
    }

    fn point(&self) -> ([u8; 32], [u8; 32]) {
        let point = self.key.public_key().as_ref();
        (
            point[1..33].try_into().unwrap(),
            point[33..].try_into().unwrap(),
        )
    }

    /// The record of it, enrolled for this person.
    pub(crate) fn authenticator(&self, person: &PrincipalId) -> Authenticator {
        let (x, y) = self.point();
        let means = Means::Passkey {
            credential_id: self.credential_id(),
            rp_id: RP_ID.to_owned(),
            origin: ORIGIN.to_owned(),
            is_synced: false,
        };
        let name = "software".to_owned();
        Authenticator::new(person.clone(), name, PublicKey::p256(&x, &y), means)
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = &options["challenge"];
        let data = json!({
            "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(RP_ID).to_vec();
        data.push(flags);
        data.extend(self.sign_count.to_be_bytes());
        data
    }

    /// `navigator.credentials.get` and `toJSON`.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        self.sign_count += 1;
        let client_data = self.client_data("webauthn.get", options);
        let data = self.authenticator_data(PRESENT_AND_VERIFIED);
        let message = [&data[..], &Sha256::digest(&client_data)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &message).unwrap();
        let id = self.credential_id();
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": coded(&client_data),
                "authenticatorData": coded(&data),
                "signature": coded(signature.as_ref()),
                "userHandle": self.user_handle,
            },
        })
    }

    /// `navigator.credentials.create` and `toJSON`.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        self.user_handle = options["user"]["id"].as_str().map(str::to_owned);
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.authenticator_data(PRESENT_AND_VERIFIED | WITH_CREDENTIAL);
        data.extend([0; 16]);
        let length = u16::try_from(self.credential_id.len()).unwrap();
        data.extend(length.to_be_bytes());
        data.extend(&self.credential_id);
        // A COSE key (RFC 9052): EC2, ES256, P-256, x, y.
        let (x, y) = self.point();
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(x);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(y);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let id = self.credential_id();
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": coded(&client_data),
                "attestationObject": coded(&object),
                "transports": ["internal"],
            },
        })
    }
}
