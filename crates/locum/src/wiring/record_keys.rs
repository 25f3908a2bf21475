//! What seals the access records on their way into the ledger: they name what of the subject was touched, and their
//! segments lie on the disk for a while after the store has taken them.
//!
//! One key at a time seals, AES-256-GCM under random nonces. After an erasure another one takes its place, and the old
//! one is destroyed once the store has taken everything that it sealed: then nobody reads the old segments any more,
//! nor copies of them in a back-up. `keys/records.key` has a line of hexadecimal for each key, the last of which seals.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::keys::{KeysError, move_over, write_private};

/// What a sealed record begins with.
const FORM: u8 = 1;
const ID_BYTES: usize = 8;
const KEY_BYTES: usize = 32;

/// The keys, the one that seals last.
pub(crate) struct RecordKeys {
    path: PathBuf,
    random: SystemRandom,
    keys: RwLock<Vec<RecordKey>>,
}

struct RecordKey {
    id: [u8; ID_BYTES],
    bytes: Zeroizing<[u8; KEY_BYTES]>,
    key: LessSafeKey,
}

impl RecordKey {
    fn of(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Option<Self> {
        let hash = digest(&SHA256, &*bytes);
        Some(Self {
            id: hash.as_ref().first_chunk().copied()?,
            key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*bytes).ok()?),
            bytes,
        })
    }
}

impl RecordKeys {
    /// Reads the keys of this folder, and makes the first one.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds something else.
    pub(crate) fn open(folder: &Path, random: &SystemRandom) -> Result<Self, KeysError> {
        let path = folder.join("records.key");
        let named = path.display().to_string();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Zeroizing::default(),
            Err(error) => return Err(KeysError::Unreadable(named, error.to_string())),
        };
        let parsed = text.lines().map(|line| {
            let mut bytes = Zeroizing::new([0; KEY_BYTES]);
            hex::decode_to_slice(line, &mut *bytes).ok()?;
            RecordKey::of(bytes)
        });
        let keys: Option<Vec<RecordKey>> = parsed.collect();
        let keys = Self {
            keys: RwLock::new(keys.ok_or(KeysError::NoKeyBytes(named))?),
            random: random.clone(),
            path,
        };
        let is_none = keys.read(|keys| keys.is_empty());
        if is_none {
            keys.rotate()?;
        }
        Ok(keys)
    }

    /// Puts another key in the place of the one that seals, which still opens what it sealed.
    ///
    /// # Errors
    /// When it cannot be made or written; then the old one goes on.
    pub(crate) fn rotate(&self) -> Result<(), KeysError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        let none = || KeysError::NoKeyBytes(self.path.display().to_string());
        self.random.fill(&mut *bytes).map_err(|_| none())?;
        let next = RecordKey::of(bytes).ok_or_else(none)?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        self.write(keys.iter().chain([&next]))?;
        keys.push(next);
        Ok(())
    }

    /// Destroys every key but the one that seals.
    ///
    /// # Errors
    /// When the file cannot be written; then they are still there.
    pub(crate) fn retire(&self) -> Result<(), KeysError> {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let older = keys.len().saturating_sub(1);
        if older > 0 {
            self.write(keys.iter().skip(older))?;
            keys.drain(..older);
        }
        Ok(())
    }

    /// A record as it is written; `None` when there is no randomness.
    pub(crate) fn seal(&self, record: &[u8]) -> Option<Bytes> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).ok()?;
        self.read(|keys| {
            let key = keys.last()?;
            let mut sealed = record.to_vec();
            let place = Nonce::assume_unique_for_key(nonce);
            let tag = key
                .key
                .seal_in_place_separate_tag(place, Aad::empty(), &mut sealed)
                .ok()?;
            let parts = [&[FORM], key.id.as_slice(), &nonce, &sealed, tag.as_ref()];
            Some(Bytes::from(parts.concat()))
        })
    }

    /// The record that was sealed; `None` for what no key here sealed.
    pub(crate) fn open_record(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let sealed = sealed.strip_prefix(&[FORM])?;
        let (id, sealed) = sealed.split_first_chunk::<ID_BYTES>()?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut bytes = sealed.to_vec();
        let length = self.read(|keys| {
            let key = keys.iter().find(|key| key.id == *id)?;
            let place = Nonce::assume_unique_for_key(*nonce);
            let opened = key.key.open_in_place(place, Aad::empty(), &mut bytes);
            opened.ok().map(|opened| opened.len())
        })?;
        bytes.truncate(length);
        Some(bytes)
    }

    fn read<T>(&self, work: impl FnOnce(&[RecordKey]) -> T) -> T {
        work(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes the file anew, whole or not at all.
    fn write<'k>(&self, keys: impl Iterator<Item = &'k RecordKey>) -> Result<(), KeysError> {
        let lines = keys.map(|key| format!("{}\n", hex::encode(key.bytes.as_slice())));
        let text = Zeroizing::new(lines.collect::<String>());
        let next = self.path.with_extension("next");
        let unwritable = |source| KeysError::Unwritable {
            path: self.path.clone(),
            source,
        };
        match std::fs::remove_file(&next) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(unwritable(error));
            }
            _ => {}
        }
        write_private(&next, &text)?;
        move_over(&next, &self.path).map_err(unwritable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(folder: &Path) -> RecordKeys {
        RecordKeys::open(folder, &SystemRandom::new()).unwrap()
    }

    #[test]
    fn r26_what_a_retired_key_sealed_nobody_reads_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let ring = keys(folder.path());
        let sealed = ring.seal(b"/invoices/of-carla").unwrap();
        assert!(!sealed.windows(8).any(|it| it == b"of-carla"));
        ring.rotate().unwrap();
        let later = ring.seal(b"later").unwrap();
        // A start in between has both.
        let again = keys(folder.path());
        assert_eq!(again.open_record(&sealed).unwrap(), b"/invoices/of-carla");
        again.retire().unwrap();
        assert_eq!(again.open_record(&sealed), None);
        assert_eq!(again.open_record(&later).unwrap(), b"later");
        let again = keys(folder.path());
        assert_eq!(again.open_record(&sealed), None);
        assert_eq!(again.open_record(&later).unwrap(), b"later");
    }

    #[test]
    fn what_no_key_here_sealed_opens_to_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let ring = keys(folder.path());
        let sealed = ring.seal(b"record").unwrap();
        for place in 0..sealed.len() {
            let mut altered = sealed.to_vec();
            altered[place] ^= 1;
            assert_eq!(ring.open_record(&altered), None);
        }
        assert_eq!(ring.open_record(b"{\"stream\":\"doors/all\"}"), None);
        assert_eq!(ring.open_record(b""), None);
        let other = tempfile::tempdir().unwrap();
        assert_eq!(keys(other.path()).open_record(&sealed), None);
    }
}
