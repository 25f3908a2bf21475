//! An authenticator made of plain code, whose every field a test can bend.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness, each test using its part"
)]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ciborium::{Value, cbor};
use locum_domain::PrincipalId;
use locum_domain::authenticator::{Authenticator, Means, PublicKey, Signature};
use locum_evidence::webauthn::{Assertion, Ceremony, Registration};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use sha2::{Digest as _, Sha256};

pub const RP_ID: &str = "locum.example";
pub const ORIGIN: &str = "https://locum.example";

pub const UP: u8 = 1;
pub const UV: u8 = 1 << 2;
pub const BE: u8 = 1 << 3;
pub const BS: u8 = 1 << 4;
pub const AT: u8 = 1 << 6;
pub const ED: u8 = 1 << 7;

pub fn ceremony(challenge: &[u8]) -> Ceremony<'_> {
    Ceremony {
        rp_id: RP_ID,
        origin: ORIGIN,
        challenge,
    }
}

pub enum Key {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

impl Key {
    pub fn es256() -> Self {
        let rng = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &rng).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der.as_ref(), &rng).unwrap();
        Self::Es256(pair)
    }

    pub fn ed25519() -> Self {
        let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::EdDsa(Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap())
    }

    /// The same key for the same seed.
    pub fn of_seed(seed: u8) -> Self {
        Self::EdDsa(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    /// RSA keys are brought: one that is published for tests.
    pub fn rs256() -> Self {
        let pem = include_str!("../../../../sdk/vectors/keys/rs256.pem");
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        Self::Rs256(RsaKeyPair::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap())
    }

    pub fn all() -> [Self; 3] {
        [Self::es256(), Self::ed25519(), Self::rs256()]
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(pair) => pair
                .sign(&SystemRandom::new(), message)
                .unwrap()
                .as_ref()
                .to_vec(),
            Self::EdDsa(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let rng = SystemRandom::new();
                pair.sign(&RSA_PKCS1_SHA256, &rng, message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }

    /// The COSE key, member by member.
    pub fn cose(&self) -> Vec<(Value, Value)> {
        let numbered = |members: Vec<(i64, Value)>| {
            let pairs = members.into_iter();
            pairs.map(|(label, it)| (label.into(), it)).collect()
        };
        match self {
            Self::Es256(pair) => {
                let point = pair.public_key().as_ref();
                numbered(vec![
                    (1, 2.into()),
                    (3, (-7).into()),
                    (-1, 1.into()),
                    (-2, point[1..33].into()),
                    (-3, point[33..].into()),
                ])
            }
            Self::EdDsa(pair) => numbered(vec![
                (1, 1.into()),
                (3, (-8).into()),
                (-1, 6.into()),
                (-2, pair.public_key().as_ref().into()),
            ]),
            Self::Rs256(pair) => {
                let parts = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                numbered(vec![
                    (1, 3.into()),
                    (3, (-257).into()),
                    (-1, parts.n.into()),
                    (-2, parts.e.into()),
                ])
            }
        }
    }

    pub fn public_key(&self) -> PublicKey {
        match self {
            Self::Es256(pair) => {
                let point = pair.public_key().as_ref();
                PublicKey::p256(
                    point[1..33].try_into().unwrap(),
                    point[33..].try_into().unwrap(),
                )
            }
            Self::EdDsa(pair) => PublicKey::ed25519(pair.public_key().as_ref().try_into().unwrap()),
            Self::Rs256(pair) => {
                let parts = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                PublicKey::rsa(&parts.n, &parts.e)
            }
        }
    }
}

pub fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// What a browser hands back after an assertion.
#[derive(Debug, Clone)]
pub struct Answer {
    pub authenticator_data: Vec<u8>,
    pub client_data_json: Vec<u8>,
    pub signature: Vec<u8>,
}

impl Answer {
    pub fn parts(&self) -> Assertion<'_> {
        Assertion {
            authenticator_data: &self.authenticator_data,
            client_data_json: &self.client_data_json,
            signature: &self.signature,
        }
    }
}

/// What a browser hands back after a registration.
#[derive(Debug, Clone)]
pub struct Made {
    pub client_data_json: Vec<u8>,
    pub attestation_object: Vec<u8>,
}

impl Made {
    pub fn parts(&self) -> Registration<'_> {
        Registration {
            client_data_json: &self.client_data_json,
            attestation_object: &self.attestation_object,
        }
    }
}

/// A passkey, and how it will answer next.
pub struct Device {
    pub key: Key,
    pub credential_id: Vec<u8>,
    pub flags: u8,
    pub count: u32,
    pub rp_id: String,
    pub origin: String,
    /// More members of the client data, with a comma before each.
    pub members: String,
    /// What stands behind the fixed part of the authenticator data.
    pub tail: Vec<u8>,
}

impl Device {
    pub fn new(key: Key) -> Self {
        let credential_id = Sha256::digest(format!("{:?}", key.public_key())).to_vec();
        Self {
            key,
            credential_id,
            flags: UP | UV,
            count: 0,
            rp_id: RP_ID.to_owned(),
            origin: ORIGIN.to_owned(),
            members: r#","crossOrigin":false"#.to_owned(),
            tail: Vec::new(),
        }
    }

    pub fn client_data(&self, kind: &str, challenge: &[u8]) -> Vec<u8> {
        let (challenge, origin) = (URL_SAFE_NO_PAD.encode(challenge), &self.origin);
        let members = &self.members;
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"{members}}}"#)
            .into_bytes()
    }

    fn fixed(&self, flags: u8) -> Vec<u8> {
        let rp_id_hash = Sha256::digest(self.rp_id.as_bytes());
        let count = self.count.to_be_bytes();
        [rp_id_hash.as_slice(), &[flags], &count].concat()
    }

    /// Authenticator data with this key in it.
    pub fn attested(&self, cose: &[(Value, Value)]) -> Vec<u8> {
        let mut data = self.fixed(self.flags | AT);
        data.extend([0; 16]);
        data.extend(
            u16::try_from(self.credential_id.len())
                .unwrap()
                .to_be_bytes(),
        );
        data.extend(&self.credential_id);
        data.extend(encoded(&Value::Map(cose.to_vec())));
        data.extend(&self.tail);
        data
    }

    pub fn object(format: &str, data: &[u8], statement: Value) -> Vec<u8> {
        let data = Value::Bytes(data.to_vec());
        encoded(&cbor!({"fmt" => format, "attStmt" => statement, "authData" => data}).unwrap())
    }

    pub fn register(&self, challenge: &[u8]) -> Made {
        let data = self.attested(&self.key.cose());
        Made {
            client_data_json: self.client_data("webauthn.create", challenge),
            attestation_object: Self::object("none", &data, Value::Map(Vec::new())),
        }
    }

    pub fn assert_as(&self, kind: &str, challenge: &[u8]) -> Answer {
        let client_data_json = self.client_data(kind, challenge);
        let mut authenticator_data = self.fixed(self.flags);
        authenticator_data.extend(&self.tail);
        let hash = Sha256::digest(&client_data_json);
        let message = [authenticator_data.as_slice(), &hash].concat();
        Answer {
            signature: self.key.sign(&message),
            authenticator_data,
            client_data_json,
        }
    }

    pub fn assert(&self, challenge: &[u8]) -> Answer {
        self.assert_as("webauthn.get", challenge)
    }

    /// As it is enrolled for a person.
    pub fn authenticator(&self, person: &PrincipalId) -> Authenticator {
        let means = Means::Passkey {
            credential_id: URL_SAFE_NO_PAD.encode(&self.credential_id),
            rp_id: RP_ID.to_owned(),
            origin: ORIGIN.to_owned(),
            is_synced: self.flags & BE != 0,
        };
        Authenticator::new(
            person.clone(),
            "key ring".to_owned(),
            self.key.public_key(),
            means,
        )
    }

    /// A signature over a statement's digest, one counted up.
    pub fn sign(&mut self, digest: &[u8; 32]) -> Signature {
        self.count += 1;
        self.sign_uncounted(digest)
    }

    /// The same by a device that does not count.
    pub fn sign_uncounted(&self, digest: &[u8; 32]) -> Signature {
        let Answer {
            authenticator_data,
            client_data_json,
            signature,
        } = self.assert(digest);
        Signature::Passkey {
            authenticator: self.key.public_key().thumbprint().authenticator_id(),
            authenticator_data: URL_SAFE_NO_PAD.encode(authenticator_data),
            client_data_json: URL_SAFE_NO_PAD.encode(client_data_json),
            signature: URL_SAFE_NO_PAD.encode(signature),
        }
    }
}
