//! States as documents, and the keys they are found under.

use locum_control::ports::{Page, Query, Versioned};
use locum_domain::{Aggregate, Stream, Whose};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use crate::fault::Fault;
use crate::number::{signed, unsigned};
use crate::sealed::{Keys, Owner, key_value};
use crate::vault::{KeyId, Vault};

/// The state of one stream.
pub(crate) fn load(
    connection: &Connection,
    vault: Option<&Vault>,
    stream: &Stream,
) -> Result<Versioned, Fault> {
    let found = connection
        .prepare_cached(
            "SELECT version, state, subject_key, sealed FROM projection WHERE kind = ?1 AND id = ?2",
        )?
        .query_row((stream.kind(), stream.id()), |row| Kept::read(row, 0))
        .optional()?;
    let Some(kept) = found else {
        return Ok(Versioned {
            version: 0,
            state: None,
        });
    };
    let name = stream.to_string();
    let mut keys = Keys::new(vault, connection);
    Ok(Versioned {
        version: unsigned(kept.version)?,
        state: Some(read(&name, &kept.document(&mut keys, &name)?)?),
    })
}

/// A state as the table has it: in clear, or sealed under its subject's key.
pub(crate) struct Kept {
    version: i64,
    state: String,
    key: Option<KeyId>,
    sealed: Option<Vec<u8>>,
}

impl Kept {
    /// Reads version, state, key and sealed state from this column on.
    pub(crate) fn read(row: &Row<'_>, from: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            version: row.get(from)?,
            state: row.get(from + 1)?,
            key: row.get(from + 2)?,
            sealed: row.get(from + 3)?,
        })
    }

    /// How many events made it.
    pub(crate) fn version(&self) -> Result<u64, Fault> {
        unsigned(self.version)
    }

    /// Its document.
    pub(crate) fn document(self, keys: &mut Keys<'_>, stream: &str) -> Result<String, Fault> {
        let version = self.version()?;
        match (self.key, self.sealed) {
            (None, None) => Ok(self.state),
            (Some(key), Some(sealed)) if self.state.is_empty() => {
                keys.open_state(stream, version, key, &sealed)
            }
            _ => Err(Fault::Corrupt(format!(
                "the state of `{stream}` is neither sealed nor in clear"
            ))),
        }
    }
}

/// States of one kind, newest first. The first key asked for leads; the others are looked up for each of its
/// states, so the rarest one should come first.
pub(crate) fn list(
    connection: &Connection,
    vault: Option<&Vault>,
    kind: &str,
    query: &Query,
) -> Result<Page, Fault> {
    let (sql, values) = listing(vault, kind, query)?;
    let mut keys = Keys::new(vault, connection);
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
        let name = format!("{kind}/{id}");
        let document = Kept::read(row, 1)?.document(&mut keys, &name)?;
        states.push(read(&name, &document)?);
        last = Some(id);
    }
    Ok(Page { states, next: None })
}

/// The statement and its values: one row more than asked for tells whether there is a next page.
fn listing(
    vault: Option<&Vault>,
    kind: &str,
    query: &Query,
) -> Result<(String, Vec<Value>), Fault> {
    let mut values: Vec<Value> = vec![kind.to_owned().into()];
    let mut keys = query.keys.iter();
    let mut sql = match keys.next() {
        None => "SELECT lead.id, lead.version, lead.state, lead.subject_key, lead.sealed
             FROM projection lead WHERE lead.kind = ?"
            .to_owned(),
        Some((key, value)) => {
            values.extend([key.clone().into(), key_value(vault, key, value)?.into()]);
            "SELECT lead.id, p.version, p.state, p.subject_key, p.sealed FROM projection_key lead
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
        values.extend([key.clone().into(), key_value(vault, key, value)?.into()]);
    }
    if let Some(before) = &query.before {
        sql.push_str(" AND lead.id < ?");
        values.push(before.clone().into());
    }
    sql.push_str(" ORDER BY lead.id DESC LIMIT ?");
    values.push(i64::from(query.limit).saturating_add(1).into());
    Ok((sql, values))
}

/// How many states of `kind` carry `key = value`, counted no further than one beyond `most`.
pub(crate) fn count(
    connection: &Connection,
    vault: Option<&Vault>,
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
        .query_row((kind, key, key_value(vault, key, value)?, enough), |row| {
            row.get(0)
        })?;
    unsigned(count)
}

/// Whether a state is sealed at all: what the whole house stands on names no subject.
fn is_sealed(state: &Aggregate) -> bool {
    state.whose() != Whose::Nobodys
}

/// Puts a state in place of the one before, with its keys.
pub(crate) fn put(
    connection: &Connection,
    vault: Option<&Vault>,
    keys: &mut Keys<'_>,
    stream: &Stream,
    version: u64,
    (state, owner): (&Aggregate, &Owner),
) -> Result<(), Fault> {
    let (kind, id) = (stream.kind(), stream.id());
    let document = serde_json::to_string(state)
        .map_err(|error| Fault::Unwritable(format!("`{stream}` has no JSON form: {error}")))?;
    let (clear, key, sealed) = match owner {
        Owner::Of(owner) if is_sealed(state) => {
            let name = stream.to_string();
            let (key, sealed) = keys.seal_state(owner, &name, version, &document)?;
            (String::new(), Some(key), Some(sealed))
        }
        Owner::Of(_) | Owner::Erased => (document, None, None),
    };
    connection
        .prepare_cached(
            "INSERT INTO projection (kind, id, version, state, subject_key, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (kind, id) DO UPDATE
             SET version = excluded.version, state = excluded.state,
                 subject_key = excluded.subject_key, sealed = excluded.sealed",
        )?
        .execute((kind, &id, signed(version)?, clear, key, sealed))?;
    connection
        .prepare_cached("DELETE FROM projection_key WHERE kind = ?1 AND id = ?2")?
        .execute((kind, &id))?;
    let mut add = connection.prepare_cached(
        "INSERT OR IGNORE INTO projection_key (kind, key, value, id) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (key, value) in state.keys() {
        add.execute((kind, key, key_value(vault, key, &value)?, &id))?;
    }
    Ok(())
}

fn read(stream: &str, document: &str) -> Result<Aggregate, Fault> {
    serde_json::from_str(document)
        .map_err(|error| Fault::Corrupt(format!("the state of `{stream}` does not read: {error}")))
}
