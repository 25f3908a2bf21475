//! States as documents, and the keys they are found under.

use locum_control::ports::{Page, Query, Versioned};
use locum_domain::{Aggregate, Stream};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use crate::fault::Fault;
use crate::number::{signed, unsigned};

/// The state of one stream.
pub(crate) fn load(connection: &Connection, stream: &Stream) -> Result<Versioned, Fault> {
    let found = connection
        .prepare_cached("SELECT version, state FROM projection WHERE kind = ?1 AND id = ?2")?
        .query_row((stream.kind(), stream.id()), |row| {
            Ok((row.get(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    let Some((version, state)) = found else {
        return Ok(Versioned {
            version: 0,
            state: None,
        });
    };
    Ok(Versioned {
        version: unsigned(version)?,
        state: Some(read(&stream.to_string(), &state)?),
    })
}

/// States of one kind, newest first. The first key asked for leads; the others are looked up for each of its
/// states, so the rarest one should come first.
pub(crate) fn list(connection: &Connection, kind: &str, query: &Query) -> Result<Page, Fault> {
    let (sql, values) = listing(kind, query);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(values))?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let mut states = Vec::new();
    let mut last = None;
    while let Some(row) = found.next()? {
        if states.len() == limit {
            return Ok(Page { states, next: last });
        }
        let id: String = row.get(0)?;
        let state: String = row.get(1)?;
        states.push(read(&format!("{kind}/{id}"), &state)?);
        last = Some(id);
    }
    Ok(Page { states, next: None })
}

/// The statement and its values: one row more than asked for tells whether there is a next page.
fn listing(kind: &str, query: &Query) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = vec![kind.to_owned().into()];
    let mut keys = query.keys.iter();
    let mut sql = match keys.next() {
        None => "SELECT lead.id, lead.state FROM projection lead WHERE lead.kind = ?".to_owned(),
        Some((key, value)) => {
            values.extend([key.clone().into(), value.clone().into()]);
            "SELECT lead.id, p.state FROM projection_key lead
             CROSS JOIN projection p ON p.kind = lead.kind AND p.id = lead.id
             WHERE lead.kind = ? AND lead.key = ? AND lead.value = ?"
                .to_owned()
        }
    };
    for (key, value) in keys {
        sql.push_str(
            " AND EXISTS (SELECT 1 FROM projection_key k
               WHERE k.kind = lead.kind AND k.key = ? AND k.value = ? AND k.id = lead.id)",
        );
        values.extend([key.clone().into(), value.clone().into()]);
    }
    if let Some(before) = &query.before {
        sql.push_str(" AND lead.id < ?");
        values.push(before.clone().into());
    }
    sql.push_str(" ORDER BY lead.id DESC LIMIT ?");
    values.push(i64::from(query.limit).saturating_add(1).into());
    (sql, values)
}

/// How many states of `kind` carry `key = value`, counted no further than one beyond `most`.
pub(crate) fn count(
    connection: &Connection,
    kind: &str,
    key: &str,
    value: &str,
    most: u64,
) -> Result<u64, Fault> {
    let enough = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let count = connection
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM projection_key
              WHERE kind = ?1 AND key = ?2 AND value = ?3 LIMIT ?4)",
        )?
        .query_row((kind, key, value, enough), |row| row.get(0))?;
    unsigned(count)
}

/// Puts a state in place of the one before, with its keys.
pub(crate) fn put(
    connection: &Connection,
    stream: &Stream,
    version: u64,
    state: &Aggregate,
) -> Result<(), Fault> {
    let (kind, id) = (stream.kind(), stream.id());
    let document = serde_json::to_string(state)
        .map_err(|error| Fault::Unwritable(format!("`{stream}` has no JSON form: {error}")))?;
    connection
        .prepare_cached(
            "INSERT INTO projection (kind, id, version, state) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (kind, id) DO UPDATE
             SET version = excluded.version, state = excluded.state",
        )?
        .execute((kind, &id, signed(version)?, document))?;
    connection
        .prepare_cached("DELETE FROM projection_key WHERE kind = ?1 AND id = ?2")?
        .execute((kind, &id))?;
    let mut add = connection.prepare_cached(
        "INSERT OR IGNORE INTO projection_key (kind, key, value, id) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (key, value) in state.keys() {
        add.execute((kind, key, value, &id))?;
    }
    Ok(())
}

fn read(stream: &str, document: &str) -> Result<Aggregate, Fault> {
    serde_json::from_str(document)
        .map_err(|error| Fault::Corrupt(format!("the state of `{stream}` does not read: {error}")))
}
