//! Authenticators of software: what a device would answer, made by hand from a key that is the same in every run.

use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use locum_control::StatementToSign;
use locum_domain::authenticator::{Means, PublicKey};
use locum_domain::{Authenticator, Signature};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// The relying party id of every house.
pub const RP_ID: &str = "localhost";
/// Where the pages of every house are, unless the house was told another issuer.
pub const PAGES: &str = "http://localhost:8470";

/// User present and user verified (WebAuthn Level 3, section 6.1).
const VERIFIED: u8 = 0b0000_0101;

/// One key of one person, with its private half.
#[derive(Debug)]
pub struct SoftAuthenticator {
    pub public: Authenticator,
    pair: Ed25519KeyPair,
    /// How often it signed, when it counts.
    count: Option<AtomicU32>,
}

impl SoftAuthenticator {
    /// A passkey of this person, one of many by its number.
    pub fn passkey(person: &str, number: u8) -> Self {
        let pair = pair(person, number);
        let credential_id = URL_SAFE_NO_PAD.encode(Sha256::digest(pair.public_key().as_ref()));
        let means = Means::Passkey {
            credential_id,
            rp_id: RP_ID.to_owned(),
            origin: PAGES.to_owned(),
            is_synced: false,
        };
        Self::with(person, pair, means)
    }

    /// A key in a file of this person.
    pub fn key_file(person: &str, number: u8) -> Self {
        Self::with(person, pair(person, number), Means::KeyFile)
    }

    fn with(person: &str, pair: Ed25519KeyPair, means: Means) -> Self {
        let bytes: [u8; 32] = pair.public_key().as_ref().try_into().unwrap();
        let key = PublicKey::ed25519(&bytes);
        let name = format!("{person}'s key");
        Self {
            public: Authenticator::new(person.parse().unwrap(), name, key, means),
            pair,
            count: None,
        }
    }

    /// The same device, which counts its signatures from `count` on.
    pub fn counting(self, count: u32) -> Self {
        Self {
            count: Some(AtomicU32::new(count)),
            ..self
        }
    }

    /// The same key, said to be somebody else's.
    pub fn lent_to(self, person: &str) -> Self {
        let public = Authenticator {
            person: person.parse().unwrap(),
            ..self.public
        };
        Self { public, ..self }
    }

    /// Whose it is.
    pub fn person(&self) -> &str {
        self.public.person.as_str()
    }

    /// Signs what somebody is asked to sign.
    pub fn sign(&self, to_sign: &StatementToSign) -> Signature {
        let digest = hex::decode(&to_sign.digest).unwrap();
        self.sign_digest(&digest.try_into().unwrap())
    }

    /// Signs a digest as a device of its kind would.
    pub fn sign_digest(&self, digest: &[u8; 32]) -> Signature {
        let authenticator = self.public.id.clone();
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let Means::Passkey { rp_id, origin, .. } = &self.public.means else {
            let message = [b"locum-signature/v1\n".as_slice(), digest].concat();
            return Signature::KeyFile {
                authenticator,
                signature: encoded(self.pair.sign(&message).as_ref()),
            };
        };
        let count = self.count.as_ref();
        let count = count.map_or(0, |count| count.fetch_add(1, Ordering::SeqCst) + 1);
        let rp_id_hash = Sha256::digest(rp_id);
        let data = [rp_id_hash.as_slice(), &[VERIFIED], &count.to_be_bytes()].concat();
        let client_data = json!({
            "type": "webauthn.get",
            "challenge": encoded(digest),
            "origin": origin,
            "crossOrigin": false,
        })
        .to_string();
        let client_data_hash = Sha256::digest(&client_data);
        let message = [data.as_slice(), client_data_hash.as_slice()].concat();
        Signature::Passkey {
            authenticator,
            authenticator_data: encoded(&data),
            client_data_json: encoded(client_data.as_bytes()),
            signature: encoded(self.pair.sign(&message).as_ref()),
        }
    }
}

fn pair(person: &str, number: u8) -> Ed25519KeyPair {
    let seed: [u8; 32] = Sha256::new()
        .chain_update(person)
        .chain_update([number])
        .finalize()
        .into();
    Ed25519KeyPair::from_seed_unchecked(&seed).unwrap()
}
