//! A key ring in memory whose next keys are foreseeable, and which can be told to leave things half done.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use locum_control::ports::{KeyPurpose, KeyRing, KeyRingError, NextKey, PublicHalf};
use locum_domain::{ApplicationId, PrincipalId, Timestamp};
use locum_token::{SigningKey, VerifyingKey};
use ring::rand::SystemRandom;

/// The keys of a house. They outlive a restart.
#[derive(Debug)]
pub struct FakeKeyRing {
    keys: Mutex<Keys>,
    breaks_before_switching: AtomicBool,
}

#[derive(Debug)]
struct Keys {
    signing: BTreeMap<KeyPurpose, Arc<SigningKey>>,
    retired: Vec<PublicHalf>,
    prepared: Vec<(NextKey, Arc<SigningKey>)>,
    made: u8,
}

impl Default for FakeKeyRing {
    fn default() -> Self {
        let crm: ApplicationId = "crm".parse().unwrap();
        let signing = BTreeMap::from([
            (KeyPurpose::Grant, key(9)),
            (KeyPurpose::AccessToken, key(11)),
            (KeyPurpose::Assertion(crm), key(13)),
        ]);
        Self {
            keys: Mutex::new(Keys {
                signing,
                retired: Vec::new(),
                prepared: Vec::new(),
                made: 100,
            }),
            breaks_before_switching: AtomicBool::new(false),
        }
    }
}

impl FakeKeyRing {
    /// The files cannot be moved, as if the process ended between the record and the switch.
    pub fn break_before_switching(&self, breaks: bool) {
        self.breaks_before_switching.store(breaks, Ordering::SeqCst);
    }

    /// The public half of what signs for a purpose.
    pub fn verifying(&self, purpose: &KeyPurpose) -> VerifyingKey {
        self.signing(purpose).verifying_key().clone()
    }

    fn signing(&self, purpose: &KeyPurpose) -> Arc<SigningKey> {
        Arc::clone(&self.keys().signing[purpose])
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyRing for FakeKeyRing {
    fn public_halves(&self) -> Vec<PublicHalf> {
        let keys = self.keys();
        let signing = keys.signing.iter().map(|(purpose, key)| PublicHalf {
            purpose: purpose.clone(),
            key: key.verifying_key().clone(),
            retired_at: None,
        });
        signing.chain(keys.retired.iter().cloned()).collect()
    }

    fn grant_key(&self) -> Arc<SigningKey> {
        self.signing(&KeyPurpose::Grant)
    }

    fn access_token_key(&self) -> Arc<SigningKey> {
        self.signing(&KeyPurpose::AccessToken)
    }

    fn prepare(&self, purpose: &KeyPurpose, by: &PrincipalId) -> Result<NextKey, KeyRingError> {
        let mut keys = self.keys();
        let old = keys.signing.get(purpose);
        let old = old.ok_or_else(|| KeyRingError::NoSuchKey(purpose.clone()))?;
        let old = old.verifying_key().clone();
        if keys
            .prepared
            .iter()
            .any(|(next, _)| next.purpose == *purpose)
        {
            return Err(KeyRingError::UnderWay(purpose.clone()));
        }
        keys.made += 1;
        let new = key(keys.made);
        let next = NextKey {
            purpose: purpose.clone(),
            by: by.clone(),
            old,
            new: new.verifying_key().clone(),
        };
        keys.prepared.push((next.clone(), new));
        Ok(next)
    }

    fn switch(&self, next: &NextKey, at: Timestamp) -> Result<(), KeyRingError> {
        if self.breaks_before_switching.load(Ordering::SeqCst) {
            return Err(KeyRingError::File("as told".into()));
        }
        let mut keys = self.keys();
        let Some(index) = keys.prepared.iter().position(|(known, _)| known == next) else {
            return Ok(());
        };
        let (next, new) = keys.prepared.remove(index);
        keys.signing.insert(next.purpose.clone(), new);
        keys.retired.push(PublicHalf {
            purpose: next.purpose,
            key: next.old,
            retired_at: Some(at),
        });
        Ok(())
    }

    fn discard(&self, next: &NextKey) {
        self.keys().prepared.retain(|(known, _)| known != next);
    }

    fn left_over(&self) -> Vec<NextKey> {
        let keys = self.keys();
        keys.prepared.iter().map(|(next, _)| next.clone()).collect()
    }
}

fn key(seed: u8) -> Arc<SigningKey> {
    let pem = locum_tlog::generate_pem(&[seed; 32]).unwrap();
    Arc::new(SigningKey::from_pkcs8_pem(&pem, &SystemRandom::new()).unwrap())
}
