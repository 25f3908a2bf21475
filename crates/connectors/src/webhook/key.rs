//! Keys made of configured secrets.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

use super::Scheme;
use crate::settings::SettingsError;

/// One key that messages may be signed with.
pub(super) struct SigningKey(hmac::Key);

impl SigningKey {
    /// The keys a secret stands for.
    ///
    /// Standard Webhooks writes a secret as `whsec_` and base64, and its libraries drop the prefix if it is
    /// there. A secret without prefix is therefore live as base64 and, for desks that sign by hand, as the
    /// bytes it is written with: whoever can make either signature knows the secret. All other senders use
    /// the written bytes.
    pub(super) fn parse(scheme: Scheme, secret: &SecretString) -> Result<Vec<Self>, SettingsError> {
        let text = secret.expose_secret();
        let decode = |coded: &str| STANDARD.decode(coded).ok().filter(|key| !key.is_empty());
        let keys = match (scheme, text.strip_prefix("whsec_")) {
            _ if text.is_empty() => Vec::new(),
            (Scheme::Standard, Some(coded)) => decode(coded).into_iter().collect(),
            (Scheme::Standard, None) => {
                let written = Some(text.as_bytes().to_vec());
                decode(text).into_iter().chain(written).collect()
            }
            _ => vec![text.as_bytes().to_vec()],
        };
        if keys.is_empty() {
            return Err(SettingsError::SigningSecret);
        }
        let keyed = |key: Vec<u8>| Self(hmac::Key::new(hmac::HMAC_SHA256, &key));
        Ok(keys.into_iter().map(keyed).collect())
    }

    /// Whether this key made `tag` over `message`; compared in constant time.
    pub(super) fn made(&self, tag: &[u8], message: &[u8]) -> bool {
        hmac::verify(&self.0, message, tag).is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}
