//! The key ring: one key for each purpose, found in `keys/` beside `locum.toml`.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use locum_catalog::{SecretRef, Secrets, Settings};
use locum_domain::Catalog;
use locum_domain::catalog::SigningAlgorithm;
use locum_tlog::{LedgerKey, LedgerKeyError};
use locum_token::{Algorithm, KeyError, SigningKey};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::ExposeSecret as _;

/// Every key this process holds. A holder of the ring can sign any history and be anybody anywhere.
pub(crate) struct KeyRing {
    pub(crate) ledger: Arc<LedgerKey>,
    pub(crate) grants: Arc<SigningKey>,
    /// One for each algorithm that some application asks for.
    pub(crate) assertions: Vec<Arc<SigningKey>>,
}

/// Why the ring is not complete.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    #[error("`{0}` cannot be read: {1}")]
    Unreadable(String, String),
    #[error("`{0}` is missing; a ledger that has entries cannot go on under another key")]
    LedgerKeyLost(String),
    #[error("`{0}` is missing; `locum init` writes keys")]
    Missing(String),
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
}

const GRANTS: &str = "grants.key";

fn assertion_file(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::EdDsa => "assertion-eddsa.key",
        Algorithm::Es256 => "assertion-es256.key",
        Algorithm::Rs256 => "assertion-rs256.key",
    }
}

/// Writes the keys that a new deployment needs into `folder`, and leaves those that are there.
pub(crate) fn write_new_keys(folder: &Path, random: &SystemRandom) -> Result<(), KeysError> {
    let unwritable = |source| KeysError::Unwritable {
        path: folder.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let ledger = folder.join("ledger.key");
    if !ledger.exists() {
        write_ledger_key(&ledger, random)?;
    }
    let signing = [
        (GRANTS, Algorithm::EdDsa),
        (assertion_file(Algorithm::EdDsa), Algorithm::EdDsa),
        (assertion_file(Algorithm::Es256), Algorithm::Es256),
    ];
    for (name, algorithm) in signing {
        let path = folder.join(name);
        if !path.exists() {
            write_signing_key(&path, algorithm, random)?;
        }
    }
    Ok(())
}

fn write_ledger_key(path: &Path, random: &SystemRandom) -> Result<(), KeysError> {
    let named = path.display().to_string();
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    let no_random = |_| KeysError::Signing(named.clone(), KeyError::Random);
    random.fill(&mut *seed).map_err(no_random)?;
    let pem = locum_tlog::generate_pem(&seed).map_err(|error| KeysError::Ledger(named, error))?;
    write_private(path, &pem)
}

fn write_signing_key(
    path: &Path,
    algorithm: Algorithm,
    random: &SystemRandom,
) -> Result<(), KeysError> {
    let pem = locum_token::generate_pem(algorithm, random)
        .map_err(|error| KeysError::Signing(path.display().to_string(), error))?;
    write_private(path, &pem)
}

/// Writes a file that only its owner may read, and never over another.
fn write_private(path: &Path, text: &str) -> Result<(), KeysError> {
    let unwritable = |source| KeysError::Unwritable {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(unwritable)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(unwritable)
}

impl KeyRing {
    /// Reads the ring. A development server makes what is missing, except the key of a ledger that has entries.
    pub(crate) fn read(
        settings: &Settings,
        catalog: &Catalog,
        secrets: &dyn Secrets,
        is_new_ledger: bool,
        random: &SystemRandom,
    ) -> Result<Self, KeysError> {
        let may_make = settings.environment == locum_catalog::settings::Environment::Development;
        let folder = settings.folder.join("keys");
        if let SecretRef::File(path) = &settings.ledger.key
            && !path.exists()
        {
            let named = path.display().to_string();
            if !is_new_ledger {
                return Err(KeysError::LedgerKeyLost(named));
            }
            if !may_make {
                return Err(KeysError::Missing(named));
            }
            write_ledger_key(path, random)?;
        }
        let named = settings.ledger.key.to_string();
        let pem = read(secrets, &settings.ledger.key)?;
        let ledger = LedgerKey::from_pem(&settings.ledger.origin, &pem)
            .map_err(|error| KeysError::Ledger(named, error))?;
        let signing = |name: &str, algorithm: Algorithm| -> Result<Arc<SigningKey>, KeysError> {
            let path = folder.join(name);
            if !path.exists() {
                // RSA keys are brought, not made here: the cause says so.
                if may_make || algorithm == Algorithm::Rs256 {
                    write_signing_key(&path, algorithm, random)?;
                } else {
                    return Err(KeysError::Missing(path.display().to_string()));
                }
            }
            let named = path.display().to_string();
            let pem = read(secrets, &SecretRef::File(path))?;
            let key = SigningKey::from_pkcs8_pem(&pem, random)
                .map_err(|error| KeysError::Signing(named.clone(), error))?;
            if key.algorithm() != algorithm {
                return Err(KeysError::OtherAlgorithm(named, algorithm.name()));
            }
            Ok(Arc::new(key))
        };
        let grants = signing(GRANTS, Algorithm::EdDsa)?;
        let mut assertions = Vec::new();
        for algorithm in algorithms(catalog) {
            assertions.push(signing(assertion_file(algorithm), algorithm)?);
        }
        Ok(Self {
            ledger: Arc::new(ledger),
            grants,
            assertions,
        })
    }
}

fn algorithms(catalog: &Catalog) -> Vec<Algorithm> {
    let mut algorithms = Vec::new();
    for application in catalog.applications.values() {
        let algorithm = match application.identity.algorithm {
            SigningAlgorithm::EdDSA | SigningAlgorithm::Ed25519 => Algorithm::EdDsa,
            SigningAlgorithm::ES256 => Algorithm::Es256,
            SigningAlgorithm::RS256 => Algorithm::Rs256,
        };
        if !algorithms.contains(&algorithm) {
            algorithms.push(algorithm);
        }
    }
    algorithms
}

fn read(
    secrets: &dyn Secrets,
    reference: &SecretRef,
) -> Result<zeroize::Zeroizing<String>, KeysError> {
    let secret = secrets.read(reference);
    let secret =
        secret.map_err(|error| KeysError::Unreadable(reference.to_string(), error.to_string()))?;
    Ok(zeroize::Zeroizing::new(secret.expose_secret().to_owned()))
}
