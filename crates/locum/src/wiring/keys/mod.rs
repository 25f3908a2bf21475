//! The key ring: one key for each purpose, in files beside `locum.toml`.
//!
//! ```text
//! keys/ledger.key                  signs checkpoints; `[ledger] key` may name another file
//! keys/grants.key                  signs grants
//! keys/access-tokens.key           signs access tokens
//! keys/assertions/APPLICATION.key  signs assertions to that application and to no other
//! keys/cookies.key                 keys the digests of login cookies
//! keys/payload.key                 wraps the keys that each subject's data is sealed under; in no back-up
//! keys/records.key                 seals access records on their way into the ledger
//! keys/erased                      the ids of those keys that were erased, whatever copy is put back
//! keys/next/KID.key                a new key that waits to be recorded
//! keys/retired/KID.jwk             the public half of one that signs no more
//! ```

mod file;
mod payload;
mod place;
mod retired;
mod rotation;
mod signing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use locum_catalog::settings::Environment;
use locum_catalog::{SecretRef, Secrets, Settings};
use locum_control::ports::{KeyPurpose, PublicHalf};
use locum_domain::{ApplicationId, Catalog};
use locum_gateway::AssertionKeys;
use locum_tlog::{LedgerKey, LedgerKeyError};
use locum_token::{Algorithm, JwkSet, KeyError, SigningKey};
use ring::rand::SystemRandom;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

pub(crate) use file::{move_over, write_private};
use file::{write_ledger_key, write_secret_bytes, write_signing_key};
pub(crate) use payload::{options_for_restoring, store_options};
use place::{Place, algorithm_of};
use signing::Signing;

/// Why the ring is not complete.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    #[error("`{0}` cannot be read: {1}")]
    Unreadable(String, String),
    #[error("`{0}` is missing; a ledger that has entries cannot go on under another key")]
    LedgerKeyLost(String),
    #[error("`{0}` is missing; `{1}` makes it, for the server's account alone to read")]
    Missing(String, String),
    #[error("`{path}` cannot be written")]
    Unwritable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the ledger key `{0}` cannot be used")]
    Ledger(String, #[source] LedgerKeyError),
    #[error("the key `{0}` cannot be used")]
    Signing(String, #[source] KeyError),
    #[error("`{0}` holds no {1} key")]
    OtherAlgorithm(String, &'static str),
    #[error("`{0}` does not hold 32 bytes in hexadecimal")]
    NoKeyBytes(String),
    #[error(
        "`{0}` is missing, and the store is there: without it nobody reads the personal data in it. Put it back; no \
         back-up holds it"
    )]
    PayloadKeyLost(String),
}

/// Every key this process holds. A holder of the ring can sign any history and be anybody anywhere.
pub(crate) struct KeyRing {
    pub(crate) ledger: Arc<LedgerKey>,
    /// Keys the digests of login cookies: whoever has it and the process's memory can be whoever is signed in.
    pub(crate) cookies: Zeroizing<[u8; 32]>,
    folder: PathBuf,
    /// Whether what is missing is made: in development.
    may_make: bool,
    random: SystemRandom,
    signing: ArcSwap<Signing>,
    retired: ArcSwap<Vec<PublicHalf>>,
    /// Held while keys are exchanged.
    exchange: Mutex<()>,
}

/// Writes the keys that every deployment needs into `folder`, and leaves those that are there. An application's
/// own key is made when the application is known.
pub(crate) fn write_new_keys(folder: &Path, random: &SystemRandom) -> Result<(), KeysError> {
    let ledger = folder.join("ledger.key");
    if !ledger.exists() {
        write_ledger_key(&ledger, random)?;
    }
    for purpose in [KeyPurpose::Grant, KeyPurpose::AccessToken] {
        let path = Place::of(&purpose).path(folder);
        if !path.exists() {
            write_signing_key(&path, Algorithm::EdDsa, "", random)?;
        }
    }
    for name in [place::COOKIES, place::PAYLOADS] {
        let path = folder.join(name);
        if !path.exists() {
            write_secret_bytes(&path, random)?;
        }
    }
    Ok(())
}

/// Reads the ledger's key alone. A development server makes the one of a ledger that has no entries yet.
pub(crate) fn ledger_key(
    settings: &Settings,
    secrets: &dyn Secrets,
    is_new_ledger: bool,
    random: &SystemRandom,
) -> Result<LedgerKey, KeysError> {
    if let SecretRef::File(path) = &settings.ledger.key
        && !path.exists()
    {
        let named = path.display().to_string();
        if !is_new_ledger {
            return Err(KeysError::LedgerKeyLost(named));
        }
        if settings.environment != Environment::Development {
            let command = place::command(path, Algorithm::EdDsa);
            return Err(KeysError::Missing(named, command));
        }
        write_ledger_key(path, random)?;
    }
    let named = settings.ledger.key.to_string();
    let pem = read(secrets, &settings.ledger.key)?;
    LedgerKey::from_pem(&settings.ledger.origin, &pem)
        .map_err(|error| KeysError::Ledger(named, error))
}

impl KeyRing {
    /// The ring of another epoch of the ledger: the same keys, of which the ledger's signs under that epoch's origin.
    pub(crate) fn of_epoch(self, number: u32) -> Result<Self, KeysError> {
        let ledger = self.ledger.of_epoch(number);
        let ledger =
            ledger.map_err(|error| KeysError::Ledger(self.ledger.origin().to_owned(), error))?;
        Ok(Self {
            ledger: Arc::new(ledger),
            ..self
        })
    }

    /// Reads the ring. A development server makes what is missing, except the key of a ledger that has entries.
    ///
    /// The first start needs the keys of every application of the files, which it is about to record. Later an
    /// application's key is read when it is served: the files may name more than what was applied.
    pub(crate) fn read(
        settings: &Settings,
        catalog: &Catalog,
        secrets: &dyn Secrets,
        is_new_ledger: bool,
        random: &SystemRandom,
    ) -> Result<Self, KeysError> {
        let ledger = ledger_key(settings, secrets, is_new_ledger, random)?;
        let may_make = settings.environment == Environment::Development;
        let ring = Self::open(settings, secrets, ledger, may_make, random)?;
        if is_new_ledger {
            ring.hold_assertion_keys(catalog)?;
        }
        Ok(ring)
    }

    /// Reads the keys that are there, and makes none.
    pub(crate) fn look(
        settings: &Settings,
        catalog: &Catalog,
        secrets: &dyn Secrets,
        random: &SystemRandom,
    ) -> Result<Self, KeysError> {
        let ledger = ledger_key(settings, secrets, false, random)?;
        let ring = Self::open(settings, secrets, ledger, false, random)?;
        for (id, application) in &catalog.applications {
            let purpose = KeyPurpose::Assertion(id.clone());
            if Place::of(&purpose).path(&ring.folder).exists() {
                ring.hold(purpose, algorithm_of(application))?;
            }
        }
        Ok(ring)
    }

    fn open(
        settings: &Settings,
        secrets: &dyn Secrets,
        ledger: LedgerKey,
        may_make: bool,
        random: &SystemRandom,
    ) -> Result<Self, KeysError> {
        let folder = settings.folder.join("keys");
        let cookies = folder.join(place::COOKIES);
        if !cookies.exists() {
            if !may_make {
                let command = format!("openssl rand -hex -out {} 32", cookies.display());
                return Err(KeysError::Missing(cookies.display().to_string(), command));
            }
            write_secret_bytes(&cookies, random)?;
        }
        Ok(Self {
            ledger: Arc::new(ledger),
            cookies: cookie_key(secrets, cookies)?,
            may_make,
            random: random.clone(),
            signing: ArcSwap::from_pointee(Signing {
                grant: found(
                    &folder,
                    &KeyPurpose::Grant,
                    Algorithm::EdDsa,
                    may_make,
                    random,
                )?,
                access_token: found(
                    &folder,
                    &KeyPurpose::AccessToken,
                    Algorithm::EdDsa,
                    may_make,
                    random,
                )?,
                assertions: BTreeMap::new(),
            }),
            retired: ArcSwap::from_pointee(retired::read(&folder.join(retired::FOLDER))?),
            exchange: Mutex::default(),
            folder,
        })
    }

    /// What a gateway needs that serves these applications, and nothing else.
    pub(crate) fn of_gateway(&self, catalog: &Catalog) -> Result<AssertionKeys, KeysError> {
        self.hold_assertion_keys(catalog)?;
        let keys = self.signing.load();
        let own = |id: &ApplicationId| Some((id.clone(), Arc::clone(keys.assertions.get(id)?)));
        Ok(AssertionKeys {
            signing: catalog.applications.keys().filter_map(own).collect(),
            access_tokens: JwkSet::of([keys.access_token.verifying_key().clone()]),
        })
    }

    /// The file of every key that signs.
    pub(crate) fn files(&self) -> BTreeMap<KeyPurpose, String> {
        let signing = self.signing.load();
        let purposes = signing.all().map(|(purpose, _)| purpose);
        purposes
            .map(|purpose| {
                let path = Place::of(&purpose).path(&self.folder);
                (purpose, path.display().to_string())
            })
            .collect()
    }

    fn hold_assertion_keys(&self, catalog: &Catalog) -> Result<(), KeysError> {
        for (id, application) in &catalog.applications {
            let algorithm = algorithm_of(application);
            self.hold(KeyPurpose::Assertion(id.clone()), algorithm)?;
        }
        Ok(())
    }

    /// Takes a key into the ring that is not there yet in this algorithm.
    fn hold(&self, purpose: KeyPurpose, algorithm: Algorithm) -> Result<(), KeysError> {
        let signing = self.signing.load();
        let held = signing.get(&purpose);
        if held.is_some_and(|key| key.algorithm() == algorithm) {
            return Ok(());
        }
        let key = found(
            &self.folder,
            &purpose,
            algorithm,
            self.may_make,
            &self.random,
        )?;
        self.put(purpose, key);
        Ok(())
    }

    fn put(&self, purpose: KeyPurpose, key: Arc<SigningKey>) {
        self.signing.rcu(|signing| {
            let mut signing = Signing::clone(signing);
            signing.put(purpose.clone(), Arc::clone(&key));
            signing
        });
    }
}

/// The key of this purpose and algorithm, made where it may be.
fn found(
    folder: &Path,
    purpose: &KeyPurpose,
    algorithm: Algorithm,
    may_make: bool,
    random: &SystemRandom,
) -> Result<Arc<SigningKey>, KeysError> {
    let path = Place::of(purpose).path(folder);
    if !path.exists() {
        // RSA keys are brought, not made here.
        if !may_make || algorithm == Algorithm::Rs256 {
            let command = place::command(&path, algorithm);
            return Err(KeysError::Missing(path.display().to_string(), command));
        }
        write_signing_key(&path, algorithm, "", random)?;
    }
    let key = file::read_signing_key(&path, random)?;
    if key.algorithm() != algorithm {
        return Err(KeysError::OtherAlgorithm(
            path.display().to_string(),
            algorithm.name(),
        ));
    }
    Ok(Arc::new(key))
}

fn cookie_key(secrets: &dyn Secrets, path: PathBuf) -> Result<Zeroizing<[u8; 32]>, KeysError> {
    let named = path.display().to_string();
    let text = read(secrets, &SecretRef::File(path))?;
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.as_bytes(), &mut *key).map_err(|_| KeysError::NoKeyBytes(named))?;
    Ok(key)
}

fn read(secrets: &dyn Secrets, reference: &SecretRef) -> Result<Zeroizing<String>, KeysError> {
    let secret = secrets.read(reference);
    let secret =
        secret.map_err(|error| KeysError::Unreadable(reference.to_string(), error.to_string()))?;
    Ok(Zeroizing::new(secret.expose_secret().to_owned()))
}
