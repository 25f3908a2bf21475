//! Evidence: export, verification without any server, and the ledger's own check.

use std::path::Path;

use locum_api::{Client, LedgerState};
use locum_evidence::{VerifyOptions, verify as verify_pack};
use locum_tlog::VerifierKey;

use crate::failure::Failure;
use crate::output::Output;

pub(crate) async fn export(
    client: &Client,
    output: &Output,
    event: &str,
    file: &Path,
) -> Result<(), Failure> {
    let pack = client
        .bytes(&format!("/api/v1/events/{event}/evidence"))
        .await?;
    std::fs::write(file, &pack)
        .map_err(|error| Failure::Usage(format!("`{}`: {error}", file.display())))?;
    let written = serde_json::json!({ "event": event, "file": file, "bytes": pack.len() });
    output.answer(&written, || {
        format!("{} bytes in {}", pack.len(), file.display())
    })
}

pub(crate) fn verify(
    file: &Path,
    key: Option<&str>,
    strict: bool,
    output: &Output,
) -> Result<(), Failure> {
    let unreadable =
        |error: std::io::Error| Failure::Usage(format!("`{}`: {error}", file.display()));
    let pack = std::fs::read(file).map_err(unreadable)?;
    let trusted_key = key.map(trusted_key).transpose()?;
    let options = VerifyOptions {
        trusted_key,
        strict,
    };
    match verify_pack(&pack, &options) {
        Ok(verified) => output.answer(&verified, || verified.sentence.clone()),
        Err(failure) => {
            if output.is_json() {
                output.line(
                    &serde_json::json!({ "verified": false, "sentence": failure.to_string() })
                        .to_string(),
                )?;
            }
            Err(Failure::Unverified(failure.to_string()))
        }
    }
}

/// The key itself, or the file that holds it.
fn trusted_key(text: &str) -> Result<VerifierKey, Failure> {
    if let Ok(key) = VerifierKey::parse(text.trim()) {
        return Ok(key);
    }
    let held = std::fs::read_to_string(text).map_err(|error| {
        Failure::Usage(format!(
            "`{text}` is neither a verifier key nor a readable file: {error}"
        ))
    })?;
    VerifierKey::parse(held.trim())
        .map_err(|error| Failure::Usage(format!("`{text}` holds no verifier key: {error}")))
}

pub(crate) async fn ledger(client: &Client, output: &Output) -> Result<(), Failure> {
    let state: LedgerState = client.get("/api/v1/ledger/verify").await?;
    output.answer(&state, || {
        if state.is_consistent {
            format!(
                "{} entries: tables, ledger and signed checkpoint agree",
                state.entries
            )
        } else {
            state.faults.join("\n")
        }
    })?;
    if state.is_consistent {
        Ok(())
    } else {
        Err(Failure::State(
            "the ledger and the tables disagree".to_owned(),
        ))
    }
}
