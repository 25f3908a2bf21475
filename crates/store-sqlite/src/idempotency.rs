//! What became of keyed requests, so that one sent twice is done once.
//!
//! A key is remembered for a day. One whose request died with the process stays `Running` for that day: whether
//! it was done is for its sender to look up, never for us to guess by doing it again.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use locum_control::ports::Idempotent;
use locum_domain::Stream;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::fault::Fault;
use crate::vault::Vault;

const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// What is known of the key; from now on, at least that it is running.
pub(crate) fn begin(
    connection: &mut Connection,
    vault: Option<&Vault>,
    principal: &str,
    key: &str,
    digest: &str,
    now: Timestamp,
) -> Result<Idempotent, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let forgotten = now.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
    transaction
        .prepare_cached("DELETE FROM idempotency WHERE begun <= ?1")?
        .execute((forgotten.as_microsecond(),))?;
    let known = transaction
        .prepare_cached(
            "SELECT digest, status, sealed FROM idempotency WHERE principal = ?1 AND key = ?2",
        )?
        .query_row((principal, key), |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, Option<u16>>(1)?,
                row.get::<_, Option<Vec<u8>>>(2)?,
            ))
        })
        .optional()?;
    let answer = match known {
        Some((before, ..)) if before != digest => Idempotent::OtherBody,
        Some((_, Some(status), sealed)) => {
            let answer = sealed.zip(vault);
            let answer = answer
                .and_then(|(sealed, vault)| vault.open_answer(&place(principal, key), &sealed));
            let answer = answer.ok_or_else(|| {
                Fault::Corrupt("an answer that was kept does not open".to_owned())
            })?;
            Idempotent::Answered(status, answer)
        }
        Some((_, None, _)) => Idempotent::Running,
        None => {
            transaction
                .prepare_cached(
                    "INSERT INTO idempotency (principal, key, digest, begun) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((principal, key, digest, now.as_microsecond()))?;
            Idempotent::Fresh
        }
    };
    transaction.commit()?;
    Ok(answer)
}

/// Forgets what was answered about these streams or this subject. Whoever asks again with such a key hears that it is
/// not answered, and looks it up.
pub(crate) fn forget(
    connection: &Connection,
    vault: &Vault,
    streams: &BTreeSet<Stream>,
    subject: Option<&str>,
) -> Result<(), Fault> {
    let mut words: Vec<String> = streams.iter().map(Stream::id).collect();
    // As it stands inside a JSON text.
    let quoted = subject.map(|subject| serde_json::Value::from(subject).to_string());
    words.extend(quoted.map(|quoted| quoted.trim_matches('"').to_owned()));
    let mut statement = connection
        .prepare("SELECT principal, key, sealed FROM idempotency WHERE sealed IS NOT NULL")?;
    let kept = statement
        .query_map([], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, Vec<u8>>(2)?,
            ))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    for (principal, key, sealed) in kept {
        let answer = vault.open_answer(&place(&principal, &key), &sealed);
        if answer.is_none_or(|answer| words.iter().any(|word| answer.contains(word))) {
            connection.execute(
                "UPDATE idempotency SET status = NULL, sealed = NULL, digest = ''
                 WHERE principal = ?1 AND key = ?2",
                (principal, key),
            )?;
        }
    }
    Ok(())
}

fn place(principal: &str, key: &str) -> String {
    format!("answer {principal}\n{key}")
}

/// Keeps the answer, or forgets the key.
pub(crate) fn finish(
    connection: &Connection,
    vault: Option<&Vault>,
    principal: &str,
    key: &str,
    answer: Option<(u16, String)>,
) -> Result<(), Fault> {
    match answer {
        Some((status, answer)) => {
            let none =
                || Fault::Unwritable("answers are kept sealed, and no key is given".to_owned());
            let sealed = vault.ok_or_else(none)?;
            let sealed = sealed.seal_answer(&place(principal, key), &answer)?;
            connection
                .prepare_cached(
                    "UPDATE idempotency SET status = ?3, sealed = ?4 WHERE principal = ?1 AND key = ?2",
                )?
                .execute((principal, key, status, sealed))?
        }
        None => connection
            .prepare_cached("DELETE FROM idempotency WHERE principal = ?1 AND key = ?2")?
            .execute((principal, key))?,
    };
    Ok(())
}
