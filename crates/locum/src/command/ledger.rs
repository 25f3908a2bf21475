//! `locum ledger verify --config`: the store read without asking the server.

use locum_catalog::settings::Store as StoreSettings;
use locum_cli::{Failure, LedgerVerifyArgs, Output};
use locum_control::ledger::verify_ledger;
use locum_control::ports::{Store as _, StoreError};
use locum_store_sqlite::{OpenError, SqliteOptions, SqliteStore};
use ring::rand::SystemRandom;

use crate::wiring::ledger_key;

pub(crate) async fn verify(args: &LedgerVerifyArgs, output: &Output) -> Result<(), Failure> {
    let config = args
        .config
        .as_ref()
        .ok_or_else(|| Failure::Usage("--config is missing".to_owned()))?;
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
    let store = match SqliteStore::open(path, SqliteOptions::default()) {
        // A server is running: what it holds at this moment is looked at in a copy.
        Err(OpenError::InUse { .. }) if !args.rebuild => SqliteStore::snapshot(path),
        opened => opened,
    };
    let store = store.map_err(|error| Failure::Usage(error.to_string()))?;
    let unavailable = |error: StoreError| match error {
        StoreError::Corrupt(_) => Failure::Unverified(error.to_string()),
        StoreError::Unavailable(_) => Failure::State(error.to_string()),
    };
    let rebuilt = if args.rebuild {
        store.rebuild().await.map_err(unavailable)?
    } else {
        Vec::new()
    };
    let findings = verify_ledger(&store, key.verifier_key())
        .await
        .map_err(unavailable)?;
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
