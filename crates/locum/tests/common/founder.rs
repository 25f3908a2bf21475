//! A founder with a passkey of software and a browser without a script: the link, the passkey, the signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::client::{self, Answer};

/// User present, user verified (WebAuthn Level 3, section 6.1); with a credential.
const VERIFIED: u8 = 0x05;
const WITH_CREDENTIAL: u8 = 0x40;

pub(crate) struct Founder {
    port: u16,
    pair: Ed25519KeyPair,
    cookie: String,
}

fn coded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

impl Founder {
    /// Begins with the link that the server kept. One seed is one authenticator.
    pub(crate) fn begins(port: u16, link: &str, seed: u8) -> Self {
        let code = link.rsplit('/').next().unwrap();
        let mut founder = Self {
            port,
            pair: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap(),
            cookie: String::new(),
        };
        let begun = founder.post("/founding/begin", &[("code", code)], "");
        let begun = begun.expect(303, "the link is good");
        let cookie = begun.header("set-cookie").unwrap().split(';').next();
        founder.cookie = cookie.unwrap().to_owned();
        founder
    }

    /// The RFC 7638 thumbprint of their key.
    pub(crate) fn fingerprint(&self) -> String {
        let x = coded(self.pair.public_key().as_ref());
        coded(&sha256(
            format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#).as_bytes(),
        ))
    }

    pub(crate) fn enrols(&self) {
        let csrf = self.token();
        let asked = self.post("/founding/options", &[], &csrf);
        let asked = asked.expect(200, "options").json();
        let challenge = &asked["publicKey"]["challenge"];
        let credential = self.credential();
        let mut data = self.data(VERIFIED | WITH_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(credential.len()).unwrap().to_be_bytes());
        data.extend(&credential);
        // A COSE key (RFC 9053, section 7.2): OKP, EdDSA, Ed25519, x.
        data.extend([0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20]);
        data.extend(self.pair.public_key().as_ref());
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let id = coded(&credential);
        let made = json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": coded(self.client_data("webauthn.create", challenge).as_bytes()),
                "attestationObject": coded(&object),
            },
        });
        let made = made.to_string();
        let fields = [
            ("csrf", csrf.as_str()),
            ("name", "mine"),
            ("credential", &made),
        ];
        self.post("/founding/enrol", &fields, "")
            .expect(303, "enrolled");
    }

    pub(crate) fn signs(&self) {
        let csrf = self.token();
        let asked = self.post("/founding/statement", &[], &csrf);
        let asked = asked.expect(200, "what to sign").json();
        let client_data = self.client_data("webauthn.get", &asked["publicKey"]["challenge"]);
        let data = self.data(VERIFIED);
        let message = [data.clone(), sha256(client_data.as_bytes())].concat();
        let signature = json!({
            "kind": "passkey",
            "authenticator": asked["authenticators"][coded(&self.credential())],
            "authenticator_data": coded(&data),
            "client_data_json": coded(client_data.as_bytes()),
            "signature": coded(self.pair.sign(&message).as_ref()),
        });
        let signature = signature.to_string();
        let fields = [
            ("csrf", csrf.as_str()),
            ("compared", "yes"),
            ("signature", &signature),
        ];
        // The last signature is answered with the finished founding itself.
        let answer = self.post("/founding/sign", &fields, "");
        let is_signed =
            answer.status == 303 || answer.text().contains("could have been both founders");
        assert!(is_signed, "{}", answer.text());
    }

    fn credential(&self) -> Vec<u8> {
        sha256(self.pair.public_key().as_ref())
    }

    /// Authenticator data without a credential; nothing is counted.
    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = sha256(b"localhost");
        data.extend([flags, 0, 0, 0, 0]);
        data
    }

    fn client_data(&self, what: &str, challenge: &Value) -> String {
        let origin = format!("http://localhost:{}", self.port);
        json!({ "type": what, "challenge": challenge, "origin": origin, "crossOrigin": false })
            .to_string()
    }

    /// The token that stands in the founder's page.
    fn token(&self) -> String {
        let headers = [("cookie", self.cookie.as_str())];
        let page = client::send(self.port, "GET /founding", &headers, b"");
        let page = page.unwrap().expect(200, "the founding").text();
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// Posts a form as a page, or with its token as a script of the page.
    fn post(&self, path: &str, fields: &[(&str, &str)], token: &str) -> Answer {
        let origin = format!("http://localhost:{}", self.port);
        let mut headers = vec![
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", origin.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("cookie", self.cookie.as_str()),
        ];
        if !token.is_empty() {
            headers.push(("x-csrf-token", token));
        }
        let pairs = fields.iter();
        let body: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let body = body.join("&");
        client::send(
            self.port,
            &format!("POST {path}"),
            &headers,
            body.as_bytes(),
        )
        .unwrap()
    }
}

fn encoded(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
