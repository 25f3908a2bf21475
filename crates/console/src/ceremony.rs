//! Forms that ask an authenticator. The script does the asking; without it each such form says what else to do.

use std::collections::BTreeMap;
use std::error::Error as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use locum_control::StatementToSign;
use locum_domain::{AuthenticatorId, Denial, Refusal, Signature};
use locum_login::passkeys::PasskeyRefused;
use maud::{Markup, html};
use serde::Serialize;
use serde_json::Value;

use crate::posted::Fields;

/// What is asked of the authenticator; the script's own words.
pub(crate) const CREATE: &str = "create";
pub(crate) const SHOW: &str = "show";
pub(crate) const SIGN: &str = "sign";

/// The field of a form that takes a new credential, or the proof of one.
pub(crate) const CREDENTIAL: &str = "credential";
/// The field of a form that takes a signature.
pub(crate) const SIGNATURE: &str = "signature";

/// What stands in every form that asks an authenticator: the field its answer goes into, a place for what the script
/// says, and what helps without a script.
pub(crate) fn parts(field: &str, without: &str) -> Markup {
    html! {
        input type="hidden" name=(field) value="";
        p.said role="status" {}
        p.said.error role="alert" {}
        noscript { p.warning { (without) } }
    }
}

/// What the script hands to `navigator.credentials.get` for a signature, and our names of the keys it may come from.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToSign {
    public_key: RequestOptions,
    /// Our authenticators by the browser's name of their credential.
    authenticators: BTreeMap<String, AuthenticatorId>,
}

/// `PublicKeyCredentialRequestOptionsJSON` (WebAuthn Level 3, section 5.5).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestOptions {
    challenge: String,
    rp_id: String,
    allow_credentials: Vec<Descriptor>,
    user_verification: &'static str,
    /// Milliseconds.
    timeout: u32,
}

/// `PublicKeyCredentialDescriptorJSON`.
#[derive(Debug, Serialize)]
struct Descriptor {
    r#type: &'static str,
    id: String,
}

/// Two minutes to find the key.
const TIMEOUT_MILLISECONDS: u32 = 120_000;

impl ToSign {
    /// The statement's digest as the challenge.
    ///
    /// # Errors
    /// `signature-required` for whoever has no passkey that may sign it.
    pub(crate) fn of(statement: StatementToSign) -> Result<Self, Refusal> {
        if statement.credentials.is_empty() {
            let detail = "none of your passkeys may sign this";
            return Err(Denial::SignatureRequired.because(detail).at("/signature"));
        }
        let digest = hex::decode(&statement.digest)
            .map_err(|error| Denial::Malformed.because(error.to_string()))?;
        let credentials = statement.credentials.iter();
        Ok(Self {
            public_key: RequestOptions {
                challenge: URL_SAFE_NO_PAD.encode(digest),
                rp_id: statement.rp_id,
                allow_credentials: credentials
                    .map(|it| Descriptor {
                        r#type: "public-key",
                        id: it.credential_id.clone(),
                    })
                    .collect(),
                user_verification: "required",
                timeout: TIMEOUT_MILLISECONDS,
            },
            authenticators: statement
                .credentials
                .into_iter()
                .map(|it| (it.credential_id, it.authenticator))
                .collect(),
        })
    }
}

/// What the script hands to the browser in any other ceremony: the login room's own options.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Asked {
    public_key: Value,
}

impl Asked {
    pub(crate) fn of(public_key: Value) -> Self {
        Self { public_key }
    }
}

/// Why a passkey's answer came to nothing, for somebody who is signed in.
pub(crate) fn refusal(refused: &PasskeyRefused) -> Refusal {
    let detail = match refused {
        PasskeyRefused::NoChallenge => {
            "the page waited too long for your authenticator; try again".to_owned()
        }
        PasskeyRefused::Unknown => "this authenticator is none of yours in use".to_owned(),
        refused => {
            let mut detail = format!("what your authenticator answered is not accepted: {refused}");
            let mut cause = refused.source();
            while let Some(error) = cause {
                detail = format!("{detail}: {error}");
                cause = error.source();
            }
            detail
        }
    };
    Denial::Malformed.because(detail).at("/credential")
}

/// The signature of a form, if it has one.
///
/// # Errors
/// `malformed` for what is none.
pub(crate) fn signature_if_any(fields: &Fields) -> Result<Option<Signature>, Refusal> {
    let is_there = fields.one(SIGNATURE).is_some();
    is_there.then(|| signature(fields)).transpose()
}

/// The signature of a form.
///
/// # Errors
/// `signature-required` where there is none, `malformed` for what is none.
pub(crate) fn signature(fields: &Fields) -> Result<Signature, Refusal> {
    let missing = || Denial::SignatureRequired.because("your authenticator signed nothing");
    let text = fields.one(SIGNATURE).ok_or_else(missing)?;
    serde_json::from_str(text).map_err(|_| {
        let detail = "this is no signature of an authenticator";
        Denial::Malformed.because(detail).at("/signature")
    })
}
