//! `locum keys list --config`: the key ring read without asking the server. Public halves only.

use std::path::Path;

use locum_catalog::settings::Store as StoreSettings;
use locum_cli::{Failure, Output};
use locum_control::ports::KeyRing as _;
use ring::rand::SystemRandom;
use serde::Serialize;

use crate::wiring::{KeyRing, Remembered, epoch_of_note};

/// One key, as it is shown.
#[derive(Serialize)]
struct Shown {
    purpose: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<String>,
    kid: String,
    algorithm: &'static str,
    /// RFC 7638, SHA-256, base64url.
    thumbprint: String,
    /// Where its private half lies; a retired key has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retired_at: Option<String>,
}

pub(crate) fn list(config: &Path, output: &Output) -> Result<(), Failure> {
    let deployment = super::deployment(config)?;
    let (variables, random) = (super::variables(), SystemRandom::new());
    let ring = KeyRing::look(
        &deployment.settings,
        &deployment.catalog,
        &variables,
        &random,
    );
    let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
    let ring = ring.map_err(|error| usage(&error))?;
    // The store may be in use; the file beside it tells which epoch it is in.
    let StoreSettings::Sqlite { path } = &deployment.settings.store;
    let newest = Remembered::beside(path)
        .note()
        .map_err(|error| usage(&error))?;
    let ring = ring.of_epoch(epoch_of_note(newest.as_deref()));
    let ring = ring.map_err(|error| usage(&error))?;
    let files = ring.files();
    let keys: Vec<Shown> = ring
        .public_halves()
        .into_iter()
        .map(|half| Shown {
            purpose: half.purpose.as_str().to_owned(),
            application: half.purpose.application().map(ToString::to_string),
            kid: half.key.kid().to_owned(),
            algorithm: half.key.algorithm().name(),
            thumbprint: half.key.thumbprint(),
            file: match half.retired_at {
                None => files.get(&half.purpose).cloned(),
                Some(_) => None,
            },
            retired_at: half.retired_at.map(|at| at.to_string()),
        })
        .collect();
    let vkey = ring.ledger.verifier_key().to_string();
    let document = serde_json::json!({ "ledger_vkey": vkey, "keys": keys });
    output.answer(&document, || {
        let mut lines = vec![format!("ledger            {vkey}")];
        lines.extend(keys.iter().map(|key| {
            let named = match &key.application {
                Some(application) => format!("{} {application}", key.purpose),
                None => key.purpose.clone(),
            };
            let place = match (&key.file, &key.retired_at) {
                (Some(file), _) => file.clone(),
                (None, at) => format!("retired {}", at.as_deref().unwrap_or_default()),
            };
            format!("{named:<17} {}  {:<5}  {place}", key.kid, key.algorithm)
        }));
        lines.join("\n")
    })
}
