//! Key files: written whole or not at all, for their owner alone, and never over another.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use locum_token::{Algorithm, KeyError, SigningKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::KeysError;

pub(super) fn write_ledger_key(path: &Path, random: &SystemRandom) -> Result<(), KeysError> {
    let named = path.display().to_string();
    let seed = bytes(path, random)?;
    let pem = locum_tlog::generate_pem(&seed).map_err(|error| KeysError::Ledger(named, error))?;
    write_private(path, &pem)
}

/// Writes a new signing key. What stands before the PEM block is a note for whoever reads the file.
pub(super) fn write_signing_key(
    path: &Path,
    algorithm: Algorithm,
    note: &str,
    random: &SystemRandom,
) -> Result<(), KeysError> {
    let pem = locum_token::generate_pem(algorithm, random)
        .map_err(|error| KeysError::Signing(path.display().to_string(), error))?;
    write_private(path, &Zeroizing::new(format!("{note}{}", *pem)))
}

/// Writes 32 random bytes, in hexadecimal.
pub(super) fn write_secret_bytes(path: &Path, random: &SystemRandom) -> Result<(), KeysError> {
    let key = bytes(path, random)?;
    let text = Zeroizing::new(hex::encode(key.as_slice()));
    write_private(path, &format!("{}\n", *text))
}

fn bytes(path: &Path, random: &SystemRandom) -> Result<Zeroizing<[u8; 32]>, KeysError> {
    let mut bytes = Zeroizing::new([0; 32]);
    random
        .fill(&mut *bytes)
        .map_err(|_| KeysError::Signing(path.display().to_string(), KeyError::Random))?;
    Ok(bytes)
}

/// Reads a signing key.
pub(super) fn read_signing_key(
    path: &Path,
    random: &SystemRandom,
) -> Result<SigningKey, KeysError> {
    let named = || path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| KeysError::Unreadable(named(), error.to_string()))?;
    SigningKey::from_pkcs8_pem(&Zeroizing::new(text), random)
        .map_err(|error| KeysError::Signing(named(), error))
}

/// Writes a file that only its owner may read. When this answers it will be there after a crash, too.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), KeysError> {
    let unwritable = |source| KeysError::Unwritable {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(unwritable)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(unwritable)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| sync_folder(path))
        .map_err(unwritable)
}

/// Moves a file to where another may stand, for good.
pub(crate) fn move_over(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::rename(from, to)?;
    sync_folder(to)?;
    sync_folder(from)
}

/// A name is as durable as the folder it stands in.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
