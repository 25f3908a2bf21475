//! Keys for personal data: one for each subject, each wrapped by the payload key, which stands outside the database and
//! in no back-up. Who destroys a subject's key has erased everything that is sealed under it, in every copy.
//!
//! AES-256-GCM (NIST SP 800-38D) under random nonces of 96 bits; what is sealed is bound to where it stands. Names are
//! HMAC-SHA-256 (RFC 2104) under a key of their own, so that no subject stands in the database in clear.
//!
//! Whoever holds both the payload key and the database can read everything; with the database alone nobody can read a
//! personal value, or try out who somebody is.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{Connection, OptionalExtension};

use crate::fault::Fault;

/// Bytes in the payload key, and in a subject's.
pub const KEY_BYTES: usize = 32;

/// The id of a subject's key: random, so that somebody who comes back after an erasure has another one.
pub(crate) type KeyId = [u8; 16];

/// The key that wraps all others.
#[derive(Clone, PartialEq, Eq)]
pub struct PayloadKey([u8; KEY_BYTES]);

impl PayloadKey {
    /// The key with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// A fresh one.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn generate() -> Result<Self, std::io::Error> {
        let mut bytes = [0; KEY_BYTES];
        let none = |_| std::io::Error::other("the operating system gives no randomness");
        SystemRandom::new().fill(&mut bytes).map_err(none)?;
        Ok(Self(bytes))
    }

    /// The bytes, for the file they are kept in.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

/// No byte of it is shown.
impl fmt::Debug for PayloadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PayloadKey")
    }
}

/// What seals and opens.
pub(crate) struct Vault {
    wrapping: LessSafeKey,
    answers: LessSafeKey,
    names: hmac::Key,
    random: SystemRandom,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

/// A subject's key, unwrapped for as long as one transaction or one reading lasts.
pub(crate) struct SubjectKey {
    pub(crate) id: KeyId,
    key: LessSafeKey,
}

impl Vault {
    pub(crate) fn new(payload_key: &PayloadKey) -> Result<Self, Fault> {
        let master = hmac::Key::new(hmac::HMAC_SHA256, &payload_key.0);
        let derive = |purpose: &str| hmac::sign(&master, purpose.as_bytes());
        Ok(Self {
            wrapping: aead(derive("locum-subject-keys/v1").as_ref())?,
            answers: aead(derive("locum-kept-answers/v1").as_ref())?,
            names: hmac::Key::new(hmac::HMAC_SHA256, derive("locum-subject-names/v1").as_ref()),
            random: SystemRandom::new(),
        })
    }

    /// A keyed hash, in hexadecimal: the same for the same text, and nothing to anybody without the payload key.
    pub(crate) fn name(&self, text: &str) -> String {
        hex::encode(self.name_bytes(text))
    }

    fn name_bytes(&self, text: &str) -> Vec<u8> {
        hmac::sign(&self.names, text.as_bytes()).as_ref().to_vec()
    }

    /// The key of `whose`, if there is one.
    pub(crate) fn find(
        &self,
        connection: &Connection,
        whose: &str,
    ) -> Result<Option<SubjectKey>, Fault> {
        let found = connection
            .prepare_cached("SELECT id, wrapped FROM subject_key WHERE subject = ?1")?
            .query_row((self.name_bytes(whose),), |row| {
                Ok((row.get::<_, KeyId>(0)?, row.get::<_, Vec<u8>>(1)?))
            })
            .optional()?;
        found
            .map(|(id, wrapped)| self.unwrap(id, &wrapped))
            .transpose()
    }

    /// The key of `whose`, made when there is none.
    pub(crate) fn take(&self, connection: &Connection, whose: &str) -> Result<SubjectKey, Fault> {
        if let Some(key) = self.find(connection, whose)? {
            return Ok(key);
        }
        let (mut id, mut bytes) = ([0; 16], [0; KEY_BYTES]);
        self.fill(&mut id)?;
        self.fill(&mut bytes)?;
        let wrapped = self.seal(&self.wrapping, &id, &bytes)?;
        connection
            .prepare_cached("INSERT INTO subject_key (id, subject, wrapped) VALUES (?1, ?2, ?3)")?
            .execute((id, self.name_bytes(whose), wrapped))?;
        Ok(SubjectKey {
            id,
            key: aead(&bytes)?,
        })
    }

    /// The key with this id; `None` once it was erased.
    pub(crate) fn key(
        &self,
        connection: &Connection,
        id: KeyId,
    ) -> Result<Option<SubjectKey>, Fault> {
        let wrapped: Option<Vec<u8>> = connection
            .prepare_cached("SELECT wrapped FROM subject_key WHERE id = ?1")?
            .query_row((id,), |row| row.get(0))
            .optional()?;
        wrapped.map(|wrapped| self.unwrap(id, &wrapped)).transpose()
    }

    fn unwrap(&self, id: KeyId, wrapped: &[u8]) -> Result<SubjectKey, Fault> {
        let bytes = open(&self.wrapping, &id, wrapped)
            .ok_or_else(|| Fault::Corrupt("a subject's key does not unwrap".to_owned()))?;
        Ok(SubjectKey {
            id,
            key: aead(&bytes)?,
        })
    }

    /// Seals bytes for this place under a subject's key.
    pub(crate) fn seal_for(
        &self,
        key: &SubjectKey,
        place: &str,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        self.seal(&key.key, place.as_bytes(), bytes)
    }

    /// Seals an answer that is kept for whoever asks again.
    pub(crate) fn seal_answer(&self, place: &str, answer: &str) -> Result<Vec<u8>, Fault> {
        self.seal(&self.answers, place.as_bytes(), answer.as_bytes())
    }

    /// Opens what [`Vault::seal_answer`] sealed for this place.
    pub(crate) fn open_answer(&self, place: &str, sealed: &[u8]) -> Option<String> {
        String::from_utf8(open(&self.answers, place.as_bytes(), sealed)?).ok()
    }

    fn seal(&self, key: &LessSafeKey, place: &[u8], bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut nonce = [0; NONCE_LEN];
        self.fill(&mut nonce)?;
        let mut sealed = bytes.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(place),
            &mut sealed,
        )
        .map_err(|_| Fault::Unwritable("personal data cannot be sealed".to_owned()))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        let none = |_| Fault::Unwritable("the operating system gives no randomness".to_owned());
        self.random.fill(bytes).map_err(none)
    }
}

impl SubjectKey {
    /// Opens what was sealed for this place; `None` for anything else.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        open(&self.key, place.as_bytes(), sealed)
    }
}

fn open(key: &LessSafeKey, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let mut bytes = sealed.to_vec();
    let length = key
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(place),
            &mut bytes,
        )
        .ok()?
        .len();
    bytes.truncate(length);
    Some(bytes)
}

fn aead(bytes: &[u8]) -> Result<LessSafeKey, Fault> {
    let key = UnboundKey::new(&AES_256_GCM, bytes);
    let key = key.map_err(|_| Fault::Unwritable("a key has another length".to_owned()))?;
    Ok(LessSafeKey::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::{MIGRATIONS, migrate};

    fn vault(byte: u8) -> Vault {
        Vault::new(&PayloadKey::from_bytes([byte; KEY_BYTES])).unwrap()
    }

    fn database() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        connection
    }

    #[test]
    fn r26_what_is_sealed_opens_in_its_place_under_its_key_and_nowhere_else() {
        let (vault, connection) = (vault(1), database());
        let key = vault.take(&connection, "jdoe").unwrap();
        let sealed = vault.seal_for(&key, "payload 7", b"4711").unwrap();
        assert_eq!(key.open("payload 7", &sealed).unwrap(), b"4711");
        assert_eq!(key.open("payload 8", &sealed), None);
        let other = vault.take(&connection, "amara").unwrap();
        assert_eq!(other.open("payload 7", &sealed), None);
        for place in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[place] ^= 1;
            assert_eq!(key.open("payload 7", &altered), None);
        }
    }

    #[test]
    fn a_subject_has_one_key_and_no_name_in_the_database() {
        let (vault, connection) = (vault(1), database());
        let first = vault.take(&connection, "jdoe").unwrap();
        assert_eq!(vault.take(&connection, "jdoe").unwrap().id, first.id);
        let name: Vec<u8> = connection
            .query_row("SELECT subject FROM subject_key", [], |row| row.get(0))
            .unwrap();
        assert!(!String::from_utf8_lossy(&name).contains("jdoe"));
    }

    #[test]
    fn another_payload_key_unwraps_nothing() {
        let connection = database();
        let id = vault(1).take(&connection, "jdoe").unwrap().id;
        assert!(vault(2).key(&connection, id).is_err());
        assert!(vault(2).find(&connection, "jdoe").unwrap().is_none());
    }

    #[test]
    fn a_printed_key_shows_nothing() {
        let key = PayloadKey::from_bytes([65; KEY_BYTES]);
        assert_eq!(format!("{key:?}"), "PayloadKey");
    }
}
