//! What is remembered of the provider: its metadata and its keys, for an hour.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use locum_token::{JwkSet, ProviderTokenError, TokenError};

use super::discovery::{self, Metadata};
use super::failure::ProviderFailure;
use super::settings::ProviderSettings;
use super::web::{IdentityProviderWeb, Silent};

/// Metadata and keys are asked for anew after this long: a key that the provider withdrew stops counting.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// An unknown key makes us ask at most this often, so that nobody can make us ask by inventing keys.
const BETWEEN_UNKNOWN_KEYS: SignedDuration = SignedDuration::from_secs(60);
/// A provider that did not answer is left alone for this long.
const AFTER_SILENCE: SignedDuration = SignedDuration::from_secs(5);

/// The provider as it last described itself.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) metadata: Arc<Metadata>,
    keys: Arc<JwkSet>,
    read_at: Timestamp,
}

#[derive(Default)]
struct Memory {
    known: Option<Known>,
    /// When an unknown key last made us ask.
    unknown_key_at: Option<Timestamp>,
    silent_at: Option<Timestamp>,
}

/// Remembers the provider.
#[derive(Default)]
pub(super) struct Memories(Mutex<Memory>);

impl Memories {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The provider, asked if it was not asked within the hour.
    pub(super) async fn known(
        &self,
        web: &dyn IdentityProviderWeb,
        settings: &ProviderSettings,
        now: Timestamp,
    ) -> Result<Known, ProviderFailure> {
        {
            let memory = self.memory();
            let is_fresh = |known: &&Known| now.duration_since(known.read_at) < FRESH;
            if let Some(known) = memory.known.as_ref().filter(is_fresh) {
                return Ok(known.clone());
            }
            let is_recent = |at: Timestamp| now.duration_since(at) < AFTER_SILENCE;
            if memory.silent_at.is_some_and(is_recent) {
                return Err(Silent("it did not answer a moment ago".to_owned()).into());
            }
        }
        let read = read(web, settings, now).await;
        let mut memory = self.memory();
        match read {
            Ok(known) => {
                memory.known = Some(known.clone());
                memory.silent_at = None;
                Ok(known)
            }
            Err(failure) => {
                memory.silent_at = Some(now);
                Err(failure)
            }
        }
    }

    /// Verifies a token of the provider's by its keys. When it was signed by a key we do not know, the provider may
    /// have rotated them: they are asked for once more, at most once a minute.
    pub(super) async fn verify<T>(
        &self,
        web: &dyn IdentityProviderWeb,
        settings: &ProviderSettings,
        now: Timestamp,
        verify: impl Fn(&JwkSet) -> Result<T, ProviderTokenError> + Send,
    ) -> Result<T, ProviderFailure> {
        let known = self.known(web, settings, now).await?;
        let unknown = match verify(&known.keys) {
            Ok(verified) => return Ok(verified),
            Err(error @ ProviderTokenError::Token(TokenError::UnknownKey { .. })) => error,
            Err(error) => return Err(error.into()),
        };
        {
            let mut memory = self.memory();
            let is_recent = |at: Timestamp| now.duration_since(at) < BETWEEN_UNKNOWN_KEYS;
            if memory.unknown_key_at.is_some_and(is_recent) {
                return Err(unknown.into());
            }
            memory.unknown_key_at = Some(now);
        }
        let keys = Arc::new(keys(web, &known.metadata).await?);
        if let Some(known) = &mut self.memory().known {
            known.keys = Arc::clone(&keys);
        }
        Ok(verify(&keys)?)
    }
}

async fn read(
    web: &dyn IdentityProviderWeb,
    settings: &ProviderSettings,
    now: Timestamp,
) -> Result<Known, ProviderFailure> {
    let address = discovery::address(&settings.issuer);
    let document = web.get_json(&address, None).await?;
    let is_secret_known = settings.client_secret.is_some();
    let metadata = Metadata::read(document, &settings.issuer, is_secret_known)?;
    let keys = keys(web, &metadata).await?;
    Ok(Known {
        metadata: Arc::new(metadata),
        keys: Arc::new(keys),
        read_at: now,
    })
}

async fn keys(
    web: &dyn IdentityProviderWeb,
    metadata: &Metadata,
) -> Result<JwkSet, ProviderFailure> {
    let document = web.get_json(metadata.jwks_uri.as_str(), None).await?;
    JwkSet::from_json(&document.to_string())
        .map_err(|error| ProviderFailure::Discovery(format!("its keys: {error}")))
}
