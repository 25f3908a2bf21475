//! Evidence: export, verification without any server, and the ledger's own check.

use std::path::Path;

use locum_api::LedgerState;
use locum_evidence::{
    DecidedAgain, Founders, SignatureVerified, Verified, VerifyOptions, is_population, verify_from,
    verify_population,
};
use locum_tlog::{TrustPolicy, VerifierKey};
use serde::Serialize;

use super::population;
use crate::args::EvidenceVerifyArgs;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::uri::encoded;

pub(crate) async fn export(
    client: &Connection<'_>,
    output: &Output,
    event: &str,
    file: &Path,
) -> Result<(), Failure> {
    let pack = client
        .bytes(&format!("/api/v1/events/{}/evidence", encoded(event)))
        .await?;
    std::fs::write(file, &pack)
        .map_err(|error| Failure::Usage(format!("`{}`: {error}", file.display())))?;
    let written = serde_json::json!({ "event": event, "file": file, "bytes": pack.len() });
    output.answer(&written, || {
        format!("{} bytes in {}", pack.len(), file.display())
    })
}

/// The verdict as a machine reads it.
#[derive(Serialize)]
struct Verdict<'a> {
    verified: bool,
    #[serde(flatten)]
    pack: &'a Verified,
}

pub(crate) async fn verify(args: &EvidenceVerifyArgs, output: &Output) -> Result<(), Failure> {
    let file = &args.file;
    let unreadable =
        |error: std::io::Error| Failure::Usage(format!("`{}`: {error}", file.display()));
    let pack = std::fs::File::open(file).map_err(unreadable)?;
    let length = pack.metadata().map_err(unreadable)?.len();
    let options = VerifyOptions {
        trusted_key: args.key.as_deref().map(trusted_key).transpose()?,
        strict: args.strict,
        must_decide_again: args.decided_again,
        trust: args.policy.as_deref().map(trust).transpose()?,
        founders: args.founders.as_deref().map(founders).transpose()?,
    };
    let what = format!("verifying {} ({} KiB)", file.display(), length / 1024);
    if is_population(&pack) {
        let work = tokio::task::spawn_blocking(move || verify_population(pack, &options));
        let verified = judged(output, output.waiting(&what, work).await)?;
        let document = population::Verdict {
            verified: true,
            population: &verified,
        };
        return output.answer(&document, || population::told(output, &verified));
    }
    let work = tokio::task::spawn_blocking(move || verify_from(pack, &options));
    let pack = judged(output, output.waiting(&what, work).await)?;
    let document = Verdict {
        verified: true,
        pack: &pack,
    };
    output.answer(&document, || told(output, &pack))
}

/// What verified. What did not is told to machines as a document, and fails.
fn judged<T, E: std::fmt::Display>(
    output: &Output,
    verdict: Result<Result<T, E>, tokio::task::JoinError>,
) -> Result<T, Failure> {
    let sentence = match verdict {
        Ok(Ok(verified)) => return Ok(verified),
        Ok(Err(failure)) => failure.to_string(),
        // What the verifier cannot get through is not verified.
        Err(broken) => format!("the verifier broke off: {broken}"),
    };
    if output.is_json() {
        let document = serde_json::json!({ "verified": false, "sentence": sentence });
        output.line(&document.to_string())?;
    }
    Err(Failure::Unverified(sentence))
}

/// The verdict in one sentence, what came of deciding again, and who signed what with which key.
fn told(output: &Output, pack: &Verified) -> String {
    let verdict = format!("{}\n{}", pack.sentence, decided_again(&pack.decided_again));
    if pack.signatures.is_empty() {
        return verdict;
    }
    let row = |it: &SignatureVerified| {
        let seconds = it.enrolled_before_request_seconds;
        let age = match seconds {
            0.. => format!("{} before the request", duration(seconds)),
            _ => format!("{} AFTER the request", duration(-seconds)),
        };
        let enrolled_by = it.signed_by.enrolled_by.as_ref();
        let under = it.enrolled_under.as_ref().map(|it| {
            let when = it.witnessed_at;
            format!("the first {} entries, witnessed {when}", it.entries)
        });
        [
            it.by.to_string(),
            it.signs.to_string(),
            it.request.to_string(),
            it.signed_by.authenticator.to_string(),
            it.signed_by.thumbprint.to_string(),
            age,
            enrolled_by.map_or_else(|| "a founder".to_owned(), ToString::to_string),
            under.unwrap_or_else(|| "nothing that was checked".to_owned()),
        ]
    };
    let columns = [
        "SIGNED BY",
        "WHAT",
        "REQUEST",
        "WITH",
        "FINGERPRINT",
        "ENROLLED",
        "BY",
        "UNDER",
    ];
    let table = output.table(columns, pack.signatures.iter().map(row));
    format!("{verdict}\n\n{table}")
}

/// Whether the rules that were in force demanded just these approvals, and where their texts stand.
fn decided_again(again: &DecidedAgain) -> String {
    let mut lines = vec![again.sentence.clone()];
    for rules in &again.rules {
        let position = rules.position;
        let own = match rules.policies.len() {
            0 => "Locum's guardrails alone".to_owned(),
            _ => format!("Locum's guardrails and {}", rules.policies.join(", ")),
        };
        lines.push(format!(
            "  rules of entry {position} (`policy/{position}.cedar`): {own}, applied as {}; `locum policy prove \
             PACK` proves them",
            rules.applied
        ));
        let differ = rules.guardrails_differ.iter();
        lines.extend(differ.map(|it| format!("    other than this verifier's: {it}")));
    }
    lines.join("\n")
}

/// Seconds in the largest two units that say something.
fn duration(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3_600);
    match (hours / 24, hours % 24, minutes % 60) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Whom an auditor trusts beside the operator.
fn trust(file: &Path) -> Result<TrustPolicy, Failure> {
    let unusable =
        |error: &dyn std::fmt::Display| Failure::Usage(format!("`{}`: {error}", file.display()));
    let text = std::fs::read(file).map_err(|error| unusable(&error))?;
    TrustPolicy::parse(text).map_err(|error| unusable(&error))
}

/// The fingerprints that somebody kept since the founding.
fn founders(file: &Path) -> Result<Founders, Failure> {
    let wrong =
        |why: &dyn std::fmt::Display| Failure::Usage(format!("`{}`: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(&error))?;
    Founders::parse(&text).map_err(|error| wrong(&error))
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

pub(crate) async fn ledger(client: &Connection<'_>, output: &Output) -> Result<(), Failure> {
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
        Err(Failure::Unverified(
            "the ledger and the tables disagree".to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_old_a_key_was_is_said_in_words() {
        for (seconds, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_600, "1 h 0 min"),
            (93_600, "1 d 2 h"),
        ] {
            assert_eq!(duration(seconds), words);
        }
    }

    #[test]
    fn r33_fingerprints_that_are_none_are_wrong_usage() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("founders.txt");
        assert!(matches!(founders(&file), Err(Failure::Usage(_))));
        std::fs::write(&file, "sam@corp.example nonsense").unwrap();
        let failure = founders(&file).unwrap_err();
        assert!(failure.to_string().contains("line 1"), "{failure}");
        let thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        std::fs::write(&file, format!("sam@corp.example {thumbprint}")).unwrap();
        assert!(founders(&file).is_ok());
    }
}
