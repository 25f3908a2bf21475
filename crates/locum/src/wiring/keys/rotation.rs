//! How one key gives way to another: prepared beside it, recorded by the control room, then moved into its place.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, MutexGuard, PoisonError};

use locum_control::ports::{KeyPurpose, KeyRing as Port, KeyRingError, NextKey, PublicHalf};
use locum_domain::{ApplicationId, PrincipalId, Timestamp};
use locum_token::{Algorithm, SigningKey, VerifyingKey};

use super::file::{move_over, read_signing_key, write_signing_key};
use super::{KeyRing, KeysError, Place, place, retired};

impl Port for KeyRing {
    fn public_halves(&self) -> Vec<PublicHalf> {
        let signing = self.signing.load();
        let now = signing.all().map(|(purpose, key)| PublicHalf {
            purpose,
            key: key.verifying_key().clone(),
            retired_at: None,
        });
        // A crash may leave the key that signs among those that do not.
        let retired = self.retired.load();
        let signs = |half: &&PublicHalf| {
            signing
                .all()
                .any(|(_, key)| *key.verifying_key() == half.key)
        };
        let before = retired.iter().filter(|half| !signs(half)).cloned();
        now.chain(before).collect()
    }

    fn grant_key(&self) -> Arc<SigningKey> {
        Arc::clone(&self.signing.load().grant)
    }

    fn access_token_key(&self) -> Arc<SigningKey> {
        Arc::clone(&self.signing.load().access_token)
    }

    fn prepare(&self, purpose: &KeyPurpose, by: &PrincipalId) -> Result<NextKey, KeyRingError> {
        let _alone = self.alone();
        let current = self
            .current(purpose)
            .ok_or_else(|| KeyRingError::NoSuchKey(purpose.clone()))?;
        if current.algorithm() == Algorithm::Rs256 {
            return Err(KeyRingError::NotMadeHere);
        }
        if self
            .waiting()
            .iter()
            .any(|(_, next)| next.purpose == *purpose)
        {
            return Err(KeyRingError::UnderWay(purpose.clone()));
        }
        let folder = self.folder.join(place::NEXT);
        // Named after the old key, of which one waits at most; moved to the new one's name it would say no more.
        let path = folder.join(format!("{}.key", current.kid()));
        write_signing_key(&path, current.algorithm(), &note(purpose, by), &self.random)
            .map_err(failed)?;
        let new = read_signing_key(&path, &self.random).map_err(failed)?;
        Ok(NextKey {
            purpose: purpose.clone(),
            by: by.clone(),
            old: current.verifying_key().clone(),
            new: new.verifying_key().clone(),
        })
    }

    fn switch(&self, next: &NextKey, at: Timestamp) -> Result<(), KeyRingError> {
        let _alone = self.alone();
        let current = self
            .current(&next.purpose)
            .ok_or_else(|| KeyRingError::NoSuchKey(next.purpose.clone()))?;
        if *current.verifying_key() == next.new {
            return Ok(());
        }
        let half = PublicHalf {
            purpose: next.purpose.clone(),
            key: current.verifying_key().clone(),
            retired_at: Some(at),
        };
        retired::write(&self.folder.join(retired::FOLDER), &half, at).map_err(failed)?;
        let own = Place::of(&next.purpose).path(&self.folder);
        let waiting = self.next_path(&next.old);
        let key = read_signing_key(&waiting, &self.random).map_err(failed)?;
        if *key.verifying_key() != next.new {
            return Err(KeyRingError::File(
                "another key than the recorded one waits".into(),
            ));
        }
        move_over(&waiting, &own).map_err(|error| KeyRingError::File(error.into()))?;
        self.put(next.purpose.clone(), Arc::new(key));
        self.retired.rcu(|retired| {
            let mut retired = Vec::clone(retired);
            retired.push(half.clone());
            retired
        });
        Ok(())
    }

    fn discard(&self, next: &NextKey) {
        let _alone = self.alone();
        let path = self.next_path(&next.old);
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(%error, path = %path.display(), "a key that is not needed stays");
        }
    }

    fn left_over(&self) -> Vec<NextKey> {
        let waiting = self.waiting().into_iter();
        waiting.map(|(_, next)| next).collect()
    }
}

impl KeyRing {
    fn current(&self, purpose: &KeyPurpose) -> Option<Arc<SigningKey>> {
        self.signing.load().get(purpose).map(Arc::clone)
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        self.exchange.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_path(&self, old: &VerifyingKey) -> PathBuf {
        let folder = self.folder.join(place::NEXT);
        folder.join(format!("{}.key", old.kid()))
    }

    /// The prepared keys that wait in their files.
    fn waiting(&self) -> Vec<(PathBuf, NextKey)> {
        let Ok(entries) = fs::read_dir(self.folder.join(place::NEXT)) else {
            return Vec::new();
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        paths
            .filter(|path| path.extension().is_some_and(|ending| ending == "key"))
            .filter_map(|path| match self.next(&path) {
                Ok(next) => Some((path, next)),
                Err(error) => {
                    tracing::warn!(%error, path = %path.display(), "what waits there is no key of ours");
                    None
                }
            })
            .collect()
    }

    fn next(&self, path: &Path) -> Result<NextKey, KeyRingError> {
        let wrong = |why: &str| KeyRingError::File(why.to_owned().into());
        let text = fs::read_to_string(path).map_err(|error| KeyRingError::File(error.into()))?;
        let (purpose, by) =
            read_note(&text).ok_or_else(|| wrong("it does not say what it is for"))?;
        let current = self
            .current(&purpose)
            .ok_or_else(|| KeyRingError::NoSuchKey(purpose.clone()))?;
        let new = read_signing_key(path, &self.random).map_err(failed)?;
        if self.next_path(current.verifying_key()) != path {
            return Err(wrong("it waits for another key to go"));
        }
        Ok(NextKey {
            purpose,
            by,
            old: current.verifying_key().clone(),
            new: new.verifying_key().clone(),
        })
    }
}

/// What stands before the PEM block of a new key.
fn note(purpose: &KeyPurpose, by: &PrincipalId) -> String {
    let application = purpose.application().map(ToString::to_string);
    format!(
        "purpose: {}\napplication: {}\nby: {by}\n",
        purpose.as_str(),
        application.unwrap_or_default()
    )
}

fn read_note(text: &str) -> Option<(KeyPurpose, PrincipalId)> {
    let value = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    };
    let application = value("application").filter(|it| !it.is_empty());
    let application: Option<ApplicationId> = application.map(str::parse).transpose().ok()?;
    let purpose = KeyPurpose::parse(value("purpose")?, application).ok()?;
    Some((purpose, value("by")?.parse().ok()?))
}

fn failed(error: KeysError) -> KeyRingError {
    KeyRingError::File(error.into())
}
