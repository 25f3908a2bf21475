//! What nobody classified: refused requests folded by address, so many for each application. The rarest and oldest
//! go when new ones come, the same way when an event is committed and when the ledger is folded again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use locum_control::ports::{MOST_UNCLASSIFIED, Unclassified, UnclassifiedPage};
use locum_domain::access::folded;
use locum_domain::{ApplicationId, Denial, Event, Recorded};
use rusqlite::{Connection, Row};

use crate::fault::Fault;
use crate::number::{signed, unsigned};

/// A longer one is kept by its beginning: it is only what a client wrote.
const LONGEST_ASKED: usize = 200;

const COLUMNS: &str =
    "method, path, asked, count, first_at, last_at, last_position, last_session, application";

/// A row with its application, as a refusal adds it.
fn refused(recorded: &Recorded) -> Option<(ApplicationId, Unclassified)> {
    let Event::AccessRefused(it) = &recorded.event else {
        return None;
    };
    if it.denial != Denial::UnclassifiedRoute {
        return None;
    }
    let asked = it.asked.as_ref();
    let found = Unclassified {
        route: folded(&it.method, &it.path)?,
        asked: asked.map(|it| it.chars().take(LONGEST_ASKED).collect()),
        count: 1,
        first_at: it.at,
        last_at: it.at,
        last_position: recorded.position,
        last_session: it.session.clone(),
    };
    Some((it.application.clone(), found))
}

fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// Adds an event to the table, if it is one of these.
pub(crate) fn note(connection: &Connection, recorded: &Recorded) -> Result<(), Fault> {
    let Some((application, it)) = refused(recorded) else {
        return Ok(());
    };
    put(connection, &application, &it)?;
    let (application, most) = (application.as_str(), i64::try_from(MOST_UNCLASSIFIED));
    connection
        .prepare_cached(
            "DELETE FROM unclassified WHERE application = ?1 AND last_position IN (
                SELECT last_position FROM unclassified WHERE application = ?1
                ORDER BY count, last_position
                LIMIT max(0, (SELECT count(*) FROM unclassified WHERE application = ?1) - ?2))",
        )?
        .execute((application, most.unwrap_or(i64::MAX)))?;
    Ok(())
}

fn put(
    connection: &Connection,
    application: &ApplicationId,
    it: &Unclassified,
) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO unclassified (method, path, asked, count, first_at, last_at, last_position, last_session,
                application)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (application, method, path, asked) DO UPDATE
             SET count = count + excluded.count, last_at = excluded.last_at,
                 last_position = excluded.last_position, last_session = excluded.last_session",
        )?
        .execute((
            &it.route.method,
            &it.route.path,
            it.asked.as_deref().unwrap_or_default(),
            signed(it.count)?,
            micros(it.first_at),
            micros(it.last_at),
            signed(it.last_position)?,
            it.last_session.as_str(),
            application.as_str(),
        ))?;
    Ok(())
}

/// An application's rows, the last seen first, from before a position on.
pub(crate) fn page(
    connection: &Connection,
    application: &ApplicationId,
    before: Option<u64>,
    limit: u32,
) -> Result<UnclassifiedPage, Fault> {
    let before = before.map_or(Ok(i64::MAX), signed)?;
    let sql = format!(
        "SELECT {COLUMNS} FROM unclassified WHERE application = ?1 AND last_position < ?2
         ORDER BY last_position DESC LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let one_more = i64::from(limit).saturating_add(1);
    let found = statement.query_and_then((application.as_str(), before, one_more), row)?;
    let mut rows = Vec::new();
    for row in found {
        rows.push(row?.1);
    }
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| has_more).map(|it| it.last_position);
    Ok(UnclassifiedPage { rows, next })
}

fn row(row: &Row<'_>) -> Result<(ApplicationId, Unclassified), Fault> {
    let corrupt = || Fault::Corrupt("a row of what is unclassified does not read".to_owned());
    let at = |micros: i64| Timestamp::from_microsecond(micros).map_err(|_| corrupt());
    let (session, application): (String, String) = (row.get(7)?, row.get(8)?);
    let asked: String = row.get(2)?;
    let it = Unclassified {
        route: locum_domain::access::FoldedRoute {
            method: row.get(0)?,
            path: row.get(1)?,
        },
        asked: Some(asked).filter(|it| !it.is_empty()),
        count: unsigned(row.get(3)?)?,
        first_at: at(row.get(4)?)?,
        last_at: at(row.get(5)?)?,
        last_position: unsigned(row.get(6)?)?,
        last_session: session.parse().map_err(|_| corrupt())?,
    };
    Ok((application.parse().map_err(|_| corrupt())?, it))
}

/// The rows of one application, by address and what was asked.
type Rows = BTreeMap<(String, String, String), Unclassified>;

/// The same, folded beside the table.
#[derive(Default)]
pub(crate) struct Gathered(BTreeMap<ApplicationId, Rows>);

impl Gathered {
    /// Adds an event, if it is one of these.
    pub(crate) fn note(&mut self, recorded: &Recorded) {
        let Some((application, it)) = refused(recorded) else {
            return;
        };
        let rows = self.0.entry(application).or_default();
        let asked = it.asked.clone().unwrap_or_default();
        let key = (it.route.method.clone(), it.route.path.clone(), asked);
        match rows.get_mut(&key) {
            Some(known) => {
                known.count = known.count.saturating_add(1);
                known.last_at = it.last_at;
                known.last_position = it.last_position;
                known.last_session = it.last_session;
            }
            None => {
                rows.insert(key, it);
            }
        }
        if rows.len() > MOST_UNCLASSIFIED {
            let rarest = rows
                .iter()
                .min_by_key(|(_, it)| (it.count, it.last_position));
            let rarest = rarest.map(|(key, _)| key.clone());
            rarest.and_then(|key| rows.remove(&key));
        }
    }

    /// The applications whose rows in the table are not these, named as streams are.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub(crate) fn differing(&self, connection: &Connection) -> Result<Vec<String>, Fault> {
        let mut kept: BTreeMap<ApplicationId, Rows> = BTreeMap::new();
        let sql = format!("SELECT {COLUMNS} FROM unclassified");
        let mut statement = connection.prepare(&sql)?;
        for found in statement.query_and_then([], row)? {
            let (application, it) = found?;
            let asked = it.asked.clone().unwrap_or_default();
            let key = (it.route.method.clone(), it.route.path.clone(), asked);
            kept.entry(application).or_default().insert(key, it);
        }
        let names = self.0.keys().chain(kept.keys());
        let differing =
            names.filter(|id| self.0.get(*id).map(truncated) != kept.get(*id).map(truncated));
        let mut differing: Vec<String> = differing.map(|id| format!("unclassified/{id}")).collect();
        differing.sort();
        differing.dedup();
        Ok(differing)
    }

    /// Puts these in the table's place.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub(crate) fn replace(&self, connection: &Connection) -> Result<(), Fault> {
        connection.execute_batch("DELETE FROM unclassified;")?;
        for (application, rows) in &self.0 {
            for it in rows.values() {
                put(connection, application, it)?;
            }
        }
        Ok(())
    }
}

/// The rows as the table keeps them, with times to the microsecond.
fn truncated(rows: &Rows) -> Vec<Unclassified> {
    let to_micros = |at: Timestamp| Timestamp::from_microsecond(micros(at)).unwrap_or(at);
    let rows = rows.values().cloned().map(|it| Unclassified {
        first_at: to_micros(it.first_at),
        last_at: to_micros(it.last_at),
        ..it
    });
    rows.collect()
}
