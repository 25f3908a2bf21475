//! The schema's numbered steps. Each runs once, in a transaction of its own, and may never change afterwards.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use sha2::{Digest, Sha256};

use crate::open::OpenError;

/// One step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    pub(crate) version: u32,
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

/// Every step there is, in order.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "ledger",
        sql: include_str!("../migrations/0001_ledger.sql"),
    },
    Migration {
        version: 2,
        name: "projections",
        sql: include_str!("../migrations/0002_projections.sql"),
    },
    Migration {
        version: 3,
        name: "work",
        sql: include_str!("../migrations/0003_work.sql"),
    },
    Migration {
        version: 4,
        name: "unclassified",
        sql: include_str!("../migrations/0004_unclassified.sql"),
    },
    Migration {
        version: 5,
        name: "witnessed",
        sql: include_str!("../migrations/0005_witnessed.sql"),
    },
    Migration {
        version: 6,
        name: "personal",
        sql: include_str!("../migrations/0006_personal.sql"),
    },
];

impl Migration {
    fn checksum(&self) -> String {
        hex::encode(Sha256::digest(self.sql.as_bytes()))
    }
}

/// Brings the schema up to the last of `migrations`.
///
/// # Errors
/// When the database is somebody else's, newer than `migrations`, or was made by a step that reads differently
/// now.
pub(crate) fn migrate(
    connection: &mut Connection,
    migrations: &[Migration],
) -> Result<(), OpenError> {
    let recorded = recorded(connection)?;
    for (version, checksum) in &recorded {
        let known = migrations.iter().find(|it| it.version == *version);
        let known = known.ok_or_else(|| OpenError::NewerSchema {
            found: *version,
            known: migrations.last().map_or(0, |it| it.version),
        })?;
        if known.checksum() != *checksum {
            return Err(OpenError::ChangedMigration {
                version: *version,
                name: known.name,
            });
        }
    }
    for step in migrations {
        if recorded.iter().any(|(version, _)| *version == step.version) {
            continue;
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step.sql)?;
        transaction.execute(
            "INSERT INTO schema_version (version, name, checksum) VALUES (?1, ?2, ?3)",
            (step.version, step.name, step.checksum()),
        )?;
        transaction.commit()?;
        tracing::info!(version = step.version, name = step.name, "schema migrated");
    }
    Ok(())
}

/// The steps that were run, with their checksums. Begins the record in an empty database.
fn recorded(connection: &mut Connection) -> Result<Vec<(u32, String)>, OpenError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let some_table: Option<String> = transaction
        .query_row("SELECT name FROM sqlite_schema LIMIT 1", [], |row| {
            row.get(0)
        })
        .optional()?;
    let is_ours: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'schema_version')",
        [],
        |row| row.get(0),
    )?;
    if let (Some(table), false) = (some_table, is_ours) {
        return Err(OpenError::Foreign { table });
    }
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_version (
            version  INTEGER PRIMARY KEY,
            name     TEXT NOT NULL,
            checksum TEXT NOT NULL
        ) STRICT",
    )?;
    let recorded = transaction
        .prepare("SELECT version, checksum FROM schema_version ORDER BY version")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    transaction.commit()?;
    Ok(recorded)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Migration = Migration {
        version: 1,
        name: "first",
        sql: "CREATE TABLE first (a INTEGER) STRICT;",
    };
    const BROKEN: Migration = Migration {
        version: 2,
        name: "broken",
        sql: "CREATE TABLE second (a INTEGER) STRICT; CREATE TABLE second (a INTEGER) STRICT;",
    };

    fn tables(connection: &Connection) -> Vec<String> {
        let mut statement = connection
            .prepare("SELECT name FROM sqlite_schema ORDER BY name")
            .unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    }

    #[test]
    fn steps_are_numbered_from_one_without_a_gap() {
        for (expected, step) in (1..).zip(MIGRATIONS) {
            assert_eq!(step.version, expected, "{}", step.name);
        }
    }

    #[test]
    fn a_second_run_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let before = tables(&connection);
        migrate(&mut connection, MIGRATIONS).unwrap();
        assert_eq!(tables(&connection), before);
    }

    #[test]
    fn a_step_that_reads_differently_now_refuses_to_open() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &[FIRST]).unwrap();
        let changed = Migration {
            sql: "CREATE TABLE first (a TEXT) STRICT;",
            ..FIRST
        };
        let error = migrate(&mut connection, &[changed]).unwrap_err();
        assert!(
            matches!(
                error,
                OpenError::ChangedMigration {
                    version: 1,
                    name: "first"
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn a_newer_schema_refuses_to_open() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let older = MIGRATIONS.get(..3).unwrap();
        let error = migrate(&mut connection, older).unwrap_err();
        assert!(
            matches!(error, OpenError::NewerSchema { found: 4, known: 3 }),
            "{error}"
        );
    }

    #[test]
    fn a_step_that_fails_leaves_the_steps_before_it_and_nothing_of_its_own() {
        let mut connection = Connection::open_in_memory().unwrap();
        let error = migrate(&mut connection, &[FIRST, BROKEN]).unwrap_err();
        assert!(matches!(error, OpenError::Sqlite(_)), "{error}");
        assert_eq!(tables(&connection), ["first", "schema_version"]);
    }

    #[test]
    fn a_database_of_something_else_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE recipes (a)")
            .unwrap();
        let error = migrate(&mut connection, MIGRATIONS).unwrap_err();
        assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
        assert_eq!(tables(&connection), ["recipes"]);
    }
}
