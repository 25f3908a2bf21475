//! One person's signature, as it is sent, recorded and checked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::ids::AuthenticatorId;

/// A signature over a statement's digest. Binary members are base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Signature {
    /// A WebAuthn assertion (Level 3, section 6.3.3) whose challenge is the digest.
    Passkey {
        authenticator: AuthenticatorId,
        authenticator_data: String,
        client_data_json: String,
        signature: String,
    },
    /// Ed25519 over `locum-signature/v1`, a line feed and the digest.
    KeyFile {
        authenticator: AuthenticatorId,
        signature: String,
    },
}

impl Signature {
    /// Whose key it says it is by.
    pub fn authenticator(&self) -> &AuthenticatorId {
        match self {
            Signature::Passkey { authenticator, .. } | Signature::KeyFile { authenticator, .. } => {
                authenticator
            }
        }
    }

    /// How often the authenticator says it signed: bytes 33 to 36 of its data (WebAuthn Level 3, section 6.1). 0 for
    /// one that does not count. Worth something only once the signature was verified.
    pub fn count(&self) -> u32 {
        let Signature::Passkey {
            authenticator_data, ..
        } = self
        else {
            return 0;
        };
        let data = URL_SAFE_NO_PAD.decode(authenticator_data);
        let data = data.unwrap_or_default();
        let count = data.get(33..37).and_then(|bytes| bytes.try_into().ok());
        count.map_or(0, u32::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passkey(data: &[u8]) -> Signature {
        Signature::Passkey {
            authenticator: AuthenticatorId::from_bytes([1; 16]),
            authenticator_data: URL_SAFE_NO_PAD.encode(data),
            client_data_json: String::new(),
            signature: String::new(),
        }
    }

    #[test]
    fn a_count_is_read_where_the_standard_puts_it_and_is_nothing_where_none_is() {
        let counted = [[0xff; 33].as_slice(), &[0, 0, 1, 2]].concat();
        assert_eq!(passkey(&counted).count(), 258);
        assert_eq!(passkey(&counted[..36]).count(), 0);
        let file = Signature::KeyFile {
            authenticator: AuthenticatorId::from_bytes([1; 16]),
            signature: String::new(),
        };
        assert_eq!(file.count(), 0);
    }
}
