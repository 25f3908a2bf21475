//! `locum ledger verify --config`: the store read without asking the server.

use std::path::Path;

use locum_catalog::settings::Store as StoreSettings;
use locum_cli::{Failure, LedgerVerifyArgs, Output};
use locum_control::ledger::verify_ledger;
use locum_control::ports::{Store as _, StoreError};
use locum_store_sqlite::{Look, OpenError, SqliteStore};
use locum_tlog::LedgerKey;
use ring::rand::SystemRandom;

use crate::wiring::{KeysError, epoch_of_note, ledger_key, store_options};

pub(crate) async fn verify(args: &LedgerVerifyArgs, output: &Output) -> Result<(), Failure> {
    let config = args
        .config
        .as_ref()
        .ok_or_else(|| Failure::Usage("--config is missing".to_owned()))?;
    let (store, key) = opened(config, !args.rebuild).await?;
    let rebuilt = if args.rebuild {
        store.rebuild().await.map_err(unavailable)?
    } else {
        Vec::new()
    };
    let mut findings = verify_ledger(&store, key.verifier_key())
        .await
        .map_err(unavailable)?;
    let damage = store.damage(Look::Whole).await.map_err(unavailable)?;
    let damage = damage.iter().map(|it| format!("the file is damaged: {it}"));
    findings.faults.splice(0..0, damage);
    let document = serde_json::json!({ "findings": findings, "rebuilt": rebuilt });
    output.answer(&document, || {
        let mut lines: Vec<String> = rebuilt
            .iter()
            .map(|stream| format!("rebuilt: {stream} differed"))
            .collect();
        lines.extend(findings.faults.iter().cloned());
        if findings.faults.is_empty() {
            lines.push(format!(
                "{} entries: tables, ledger and signed checkpoint agree",
                findings.entries
            ));
        }
        lines.join("\n")
    })?;
    if findings.faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::Unverified(format!(
            "{} faults",
            findings.faults.len()
        )))
    }
}

/// The store of a deployment, and the ledger's key. Beside a running server it is a copy of the moment, where one `may_copy`.
pub(super) async fn opened(
    config: &Path,
    may_copy: bool,
) -> Result<(SqliteStore, LedgerKey), Failure> {
    let deployment = super::deployment(config)?;
    let StoreSettings::Sqlite { path } = &deployment.settings.store;
    if !path.exists() {
        return Err(Failure::Usage(format!(
            "`{}` is not there: nothing was recorded yet",
            path.display()
        )));
    }
    let random = SystemRandom::new();
    let key = ledger_key(&deployment.settings, &super::variables(), false, &random)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let secrets = super::variables();
    let usage = |error: KeysError| Failure::Usage(error.to_string());
    let options = store_options(&deployment.settings, &secrets, &random).map_err(usage)?;
    let payload_key = options.payload_key.clone();
    let store = match SqliteStore::open(path, options) {
        // A server is running: what it holds at this moment is looked at in a copy.
        Err(OpenError::InUse { .. }) if may_copy => SqliteStore::snapshot_with(path, payload_key),
        opened => opened,
    };
    let store = store.map_err(|error| Failure::Usage(error.to_string()))?;
    let newest = store.checkpoint().await.map_err(unavailable)?;
    let key = key.of_epoch(epoch_of_note(newest.as_deref()));
    Ok((
        store,
        key.map_err(|error| Failure::Usage(error.to_string()))?,
    ))
}

/// Why the store gave no answer.
pub(super) fn unavailable(error: StoreError) -> Failure {
    match error {
        StoreError::Corrupt(_) => Failure::Unverified(error.to_string()),
        StoreError::Unavailable(_) => Failure::State(error.to_string()),
    }
}
