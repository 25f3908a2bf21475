//! What became of keyed requests, so that one sent twice is done once.
//!
//! A key is remembered for a day. One whose request died with the process stays `Running` for that day: whether
//! it was done is for its sender to look up, never for us to guess by doing it again.

use jiff::{SignedDuration, Timestamp};
use locum_control::ports::Idempotent;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::fault::Fault;

const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// What is known of the key; from now on, at least that it is running.
pub(crate) fn begin(
    connection: &mut Connection,
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
            "SELECT digest, status, body FROM idempotency WHERE principal = ?1 AND key = ?2",
        )?
        .query_row((principal, key), |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, Option<u16>>(1)?,
                row.get::<_, Option<String>>(2)?,
            ))
        })
        .optional()?;
    let answer = match known {
        Some((before, ..)) if before != digest => Idempotent::OtherBody,
        Some((_, Some(status), body)) => Idempotent::Answered(status, body.unwrap_or_default()),
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

/// Keeps the answer, or forgets the key.
pub(crate) fn finish(
    connection: &Connection,
    principal: &str,
    key: &str,
    answer: Option<(u16, String)>,
) -> Result<(), Fault> {
    match answer {
        Some((status, body)) => connection
            .prepare_cached(
                "UPDATE idempotency SET status = ?3, body = ?4 WHERE principal = ?1 AND key = ?2",
            )?
            .execute((principal, key, status, body))?,
        None => connection
            .prepare_cached("DELETE FROM idempotency WHERE principal = ?1 AND key = ?2")?
            .execute((principal, key))?,
    };
    Ok(())
}
