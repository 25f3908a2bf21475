//! Kept answers, sealed: an answer may hold a grant token or a one-time way in, and the database is read by more
//! people than its asker. The key is made of what the asker alone holds, the credential that came along, and is
//! kept nowhere. So the same answer comes again, and nothing is begun, entered or recorded a second time.

use axum::http::{HeaderMap, header};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::rand::SecureRandom;

/// Keeps these keys apart from every other use of the same credential.
const PURPOSE: &[u8] = b"locum-kept-answer/v1";

/// Seals and opens the answers to one key of one asker.
pub(crate) struct Seal(LessSafeKey);

impl Seal {
    /// The seal of whoever sends these headers, for what `name` names (HKDF, RFC 5869). `None` without a
    /// credential.
    pub(crate) fn of(headers: &HeaderMap, name: &str) -> Option<Self> {
        let credential = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (_, token) = credential.split_once(' ')?;
        let secret = Salt::new(HKDF_SHA256, PURPOSE).extract(token.trim().as_bytes());
        let info = [name.as_bytes()];
        let key: UnboundKey = secret.expand(&info, &AES_256_GCM).ok()?.into();
        Some(Self(LessSafeKey::new(key)))
    }

    /// The answer as it is kept: hexadecimal digits of nonce and ciphertext, bound to its status. `None` without
    /// randomness.
    pub(crate) fn seal(
        &self,
        random: &dyn SecureRandom,
        status: u16,
        answer: &str,
    ) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce).ok()?;
        let mut sealed = answer.as_bytes().to_vec();
        let bound = Aad::from(status.to_be_bytes());
        let nonce_value = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_in_place_append_tag(nonce_value, bound, &mut sealed)
            .ok()?;
        Some(hex::encode(nonce) + &hex::encode(sealed))
    }

    /// The answer that was kept. `None` when another credential sealed it, or somebody changed it.
    pub(crate) fn open(&self, status: u16, kept: &str) -> Option<String> {
        let bytes = hex::decode(kept).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let bound = Aad::from(status.to_be_bytes());
        let opened = self.0.open_in_place(nonce, bound, &mut sealed).ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;

    fn seal(authorization: &str, name: &str) -> Seal {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
        Seal::of(&headers, name).unwrap()
    }

    #[test]
    fn r20_a_kept_answer_opens_for_its_asker_and_key_alone() {
        let random = SystemRandom::new();
        let asker = seal("Bearer secret", "/stop\nk");
        let kept = asker.seal(&random, 201, "{\"token\":1}").unwrap();
        assert!(!kept.contains("token"));
        let again = seal("bearer  secret", "/stop\nk");
        assert_eq!(again.open(201, &kept).unwrap(), "{\"token\":1}");
        assert_eq!(again.open(200, &kept), None);
        assert_eq!(seal("Bearer other", "/stop\nk").open(201, &kept), None);
        assert_eq!(seal("Bearer secret", "/stop\nl").open(201, &kept), None);
        assert_eq!(asker.open(201, "nonsense"), None);
        assert_eq!(asker.open(201, ""), None);
        assert_ne!(kept, asker.seal(&random, 201, "{\"token\":1}").unwrap());
        assert!(Seal::of(&HeaderMap::new(), "k").is_none());
    }
}
