//! The store port on SQLite: own SQL, migrations, one writer thread with group commit.
