//! The key that wraps the subjects' keys, and the list of those that were erased.

use std::path::{Path, PathBuf};

use locum_catalog::settings::{Environment, Store};
use locum_catalog::{SecretRef, Secrets, Settings};
use locum_store_sqlite::{KEY_BYTES, PayloadKey, SqliteOptions};
use ring::rand::SystemRandom;

use super::{KeysError, file, place, read};

/// How this deployment's store is opened: with its payload key, and with what is remembered of erasures. A development
/// server makes the key of a store that is not there yet.
pub(crate) fn store_options(
    settings: &Settings,
    secrets: &dyn Secrets,
    random: &SystemRandom,
) -> Result<SqliteOptions, KeysError> {
    let path = folder(settings).join(place::PAYLOADS);
    if !path.exists() {
        let named = path.display().to_string();
        let Store::Sqlite { path: database } = &settings.store;
        if database.exists() {
            return Err(KeysError::PayloadKeyLost(named));
        }
        if settings.environment != Environment::Development {
            let command = format!("openssl rand -hex -out {named} 32");
            return Err(KeysError::Missing(named, command));
        }
        file::write_secret_bytes(&path, random)?;
    }
    Ok(SqliteOptions {
        erased: Some(folder(settings).join(place::ERASED)),
        ..SqliteOptions::sealing(payload_key(secrets, &path)?)
    })
}

/// How a store that is put back is opened: with what is there, and nothing is made.
pub(crate) fn options_for_restoring(
    settings: &Settings,
    secrets: &dyn Secrets,
) -> Result<SqliteOptions, KeysError> {
    Ok(SqliteOptions {
        payload_key: payload_key_if_there(settings, secrets)?,
        erased: Some(folder(settings).join(place::ERASED)),
        ..SqliteOptions::default()
    })
}

/// The payload key of this deployment, if it is there: for a look at a store.
pub(crate) fn payload_key_if_there(
    settings: &Settings,
    secrets: &dyn Secrets,
) -> Result<Option<PayloadKey>, KeysError> {
    let path = folder(settings).join(place::PAYLOADS);
    if path.exists() {
        payload_key(secrets, &path).map(Some)
    } else {
        Ok(None)
    }
}

fn folder(settings: &Settings) -> PathBuf {
    settings.folder.join("keys")
}

fn payload_key(secrets: &dyn Secrets, path: &Path) -> Result<PayloadKey, KeysError> {
    let text = read(secrets, &SecretRef::File(path.to_owned()))?;
    let mut key = [0; KEY_BYTES];
    hex::decode_to_slice(text.as_bytes(), &mut key)
        .map_err(|_| KeysError::NoKeyBytes(path.display().to_string()))?;
    Ok(PayloadKey::from_bytes(key))
}
