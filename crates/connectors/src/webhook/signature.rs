//! Where each scheme puts its signature, and what it signs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use locum_domain::Timestamp;
use ring::digest;

use super::key::SigningKey;
use super::{Scheme, TOLERANCE_SECONDS, WebhookError};

/// Signatures tried per message. Each costs a pass over the body before anybody is authenticated; senders
/// that change secrets send two.
const MOST_SIGNATURES: usize = 4;

/// A message as its scheme lays it out; nothing in it is believed yet.
pub(super) struct Signed {
    message: Vec<u8>,
    tags: Vec<Vec<u8>>,
    /// When it was signed; `None` in schemes without a timestamp.
    at: Option<SignedAt>,
    /// The sender's id of the message, where the signature covers it. A header beside the signature says nothing:
    /// whoever holds an old message could send it again under another id.
    signed_id: Option<String>,
}

/// The signed timestamp: a moment, or a text that is none.
struct SignedAt(Option<Timestamp>);

/// Takes the parts of a message out of its headers.
pub(super) fn read(
    scheme: Scheme,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Signed, WebhookError> {
    match scheme {
        Scheme::Standard => {
            let id = one(headers, "webhook-id")?;
            let at = one(headers, "webhook-timestamp")?;
            let signatures = one(headers, "webhook-signature")?;
            // Versions other than v1 (v1a is Ed25519) are for receivers that know them.
            let coded = signatures
                .split(' ')
                .filter_map(|one| one.strip_prefix("v1,"));
            let tags = coded
                .take(MOST_SIGNATURES)
                .filter_map(|tag| STANDARD.decode(tag).ok());
            let moment = at
                .parse()
                .ok()
                .and_then(|second| Timestamp::from_second(second).ok());
            Ok(Signed {
                message: [id.as_bytes(), b".", at.as_bytes(), b".", body].concat(),
                tags: tags.collect(),
                at: Some(SignedAt(moment)),
                signed_id: Some(id.to_owned()),
            })
        }
        Scheme::Zendesk => {
            let tag = one(headers, "x-zendesk-webhook-signature")?;
            let at = one(headers, "x-zendesk-webhook-signature-timestamp")?;
            Ok(Signed {
                // The text as it was sent, with nothing between: reformatting the moment breaks the signature.
                message: [at.as_bytes(), body].concat(),
                tags: STANDARD.decode(tag).into_iter().collect(),
                at: Some(SignedAt(at.parse().ok())),
                signed_id: None,
            })
        }
        Scheme::Github => hub(headers, body, "x-hub-signature-256"),
        Scheme::Jira => hub(headers, body, "x-hub-signature"),
    }
}

/// WebSub's form, `sha256=` and hexadecimal digits over the body alone. SHA-1, which it also allows, is not taken.
fn hub(headers: &HeaderMap, body: &[u8], signature: &'static str) -> Result<Signed, WebhookError> {
    let coded = one(headers, signature)?.strip_prefix("sha256=");
    Ok(Signed {
        message: body.to_vec(),
        tags: coded
            .and_then(|tag| hex::decode(tag).ok())
            .into_iter()
            .collect(),
        at: None,
        signed_id: None,
    })
}

/// The only value of a header. With two, this verifier and the sender could each mean another one.
fn one<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, WebhookError> {
    let mut values = headers.get_all(name).iter();
    match (values.next().map(|value| value.to_str()), values.next()) {
        (Some(Ok(value)), None) if !value.is_empty() => Ok(value),
        _ => Err(WebhookError::Header(name)),
    }
}

impl Signed {
    pub(super) fn is_by_one_of(&self, keys: &[SigningKey]) -> bool {
        let mut tried = self
            .tags
            .iter()
            .flat_map(|tag| keys.iter().map(move |key| (tag, key)));
        tried.any(|(tag, key)| key.made(tag, &self.message))
    }

    /// Whether it was signed around `now`; who has no clock to believe cannot say that it was not.
    pub(super) fn is_fresh(&self, now: Option<Timestamp>) -> bool {
        match (&self.at, now) {
            (None, _) => true,
            (Some(SignedAt(None)), _) => false,
            (Some(SignedAt(Some(_))), None) => true,
            (Some(SignedAt(Some(at))), Some(now)) => {
                (now.as_second() - at.as_second()).abs() <= TOLERANCE_SECONDS
            }
        }
    }

    /// The signed id of this message; without a usable one, the digest of what was signed.
    pub(super) fn delivery_id(&self) -> String {
        let usable = |id: &&String| id.len() <= 200 && id.bytes().all(|b| b.is_ascii_graphic());
        match self.signed_id.as_ref().filter(usable) {
            Some(id) => id.clone(),
            None => {
                let sum = digest::digest(&digest::SHA256, &self.message);
                format!("sha256:{}", hex::encode(sum))
            }
        }
    }
}
