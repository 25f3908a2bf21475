//! `locum restore`: a back-up put in place, after all of it was verified and compared with what is remembered.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use locum_catalog::settings::Store as StoreSettings;
use locum_cli::{Failure, Output, RestoreArgs};
use locum_control::ledger::verify_ledger;
use locum_control::ports::Store as _;
use locum_store_sqlite::{ProcessLock, SqliteStore};
use locum_tlog::{Checkpoint, VerifierKey, verify_checkpoint};
use ring::rand::SystemRandom;

use super::archive::{self, Manifest};
use super::backup::STORE;
use crate::server::records_beside;
use crate::wiring::{Remembered, consistent, ledger_key};

pub(crate) async fn run(args: &RestoreArgs, output: &Output) -> Result<(), Failure> {
    let settings = super::deployment(&args.config)?.settings;
    let StoreSettings::Sqlite { path } = &settings.store;
    let key = ledger_key(&settings, &super::variables(), false, &SystemRandom::new())
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let key = key.verifier_key();
    let _lock = ProcessLock::take(path)
        .map_err(|error| Failure::Usage(format!("a server runs, or something like it: {error}")))?;
    let aside = aside(path, args.aside.as_deref())?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let beside = tempfile::Builder::new()
        .prefix(".locum-restore-")
        .tempdir_in(folder.unwrap_or(Path::new(".")))
        .map_err(|error| failed(path, &error))?;
    let manifest = unpack(&args.file, beside.path())?;
    let store = beside.path().join(STORE);
    let work = judge(&manifest, &store, path, key);
    output.waiting("verifying the back-up", work).await?;
    put_in_place(&manifest, beside.path(), path, aside.as_deref())
        .map_err(|error| failed(path, &error))?;
    output.answer(&manifest, || {
        let moved = aside.map(|aside| format!("; what was there is in {}", aside.display()));
        format!(
            "{} entries of {} are in place{}",
            manifest.size,
            manifest.origin,
            moved.unwrap_or_default()
        )
    })
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::State(format!("`{}`: {error}", path.display()))
}

/// What belongs to a store, beside the file itself.
fn parts(database: &Path) -> Vec<PathBuf> {
    let beside = |ending: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let parts = [database.to_owned(), beside("-wal"), beside("-shm")];
    let parts = parts.into_iter().chain([records_beside(database)]);
    parts.filter(|it| it.exists()).collect()
}

/// Where a store that is there goes.
fn aside(database: &Path, asked: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
    if parts(database).is_empty() {
        return Ok(None);
    }
    let Some(asked) = asked else {
        return Err(Failure::Usage(format!(
            "`{}` is there and is not overwritten: `--aside FOLDER` says where to move it",
            database.display()
        )));
    };
    if asked.exists() {
        return Err(Failure::Usage(format!(
            "`{}` is there already: `--aside` names a new folder",
            asked.display()
        )));
    }
    Ok(Some(asked.to_owned()))
}

fn unpack(file: &Path, to: &Path) -> Result<Manifest, Failure> {
    let name = file.display();
    let mut opened =
        File::open(file).map_err(|error| Failure::Usage(format!("`{name}`: {error}")))?;
    archive::read(&mut opened, to).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            Failure::Unverified(format!("`{name}` is not restored: {error}"))
        }
        _ => Failure::State(format!("`{name}`: {error}")),
    })
}

/// Refuses what does not verify, and what is older than anything that is remembered.
async fn judge(
    manifest: &Manifest,
    unpacked: &Path,
    database: &Path,
    key: &VerifierKey,
) -> Result<(), Failure> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::Unverified(format!("the store in the back-up: {error}"))
    };
    let store = SqliteStore::snapshot(unpacked).map_err(|error| unreadable(&error))?;
    let findings = verify_ledger(&store, key)
        .await
        .map_err(|error| unreadable(&error))?;
    if let Some(fault) = findings.faults.first() {
        return Err(unreadable(fault));
    }
    let own = findings
        .checkpoint
        .filter(|note| *note == manifest.checkpoint)
        .ok_or_else(|| unreadable(&"its checkpoint is not the manifest's"))?;
    let own = verify_checkpoint(&own, key).map_err(|error| unreadable(&error))?;
    if own.size() != manifest.size || hex::encode(own.root().as_bytes()) != manifest.root {
        return Err(unreadable(&"it is not the one of its manifest"));
    }
    for (whose, known) in remembered(database, key).await? {
        let (found, newest) = (own.size(), known.size());
        if found < newest {
            return Err(Failure::State(format!(
                "the back-up ends after {found} entries, and {whose} remembers {newest}: {} entries would be lost. \
                 Nothing was changed. Restore a newer back-up",
                newest - found
            )));
        }
        if !consistent(&store, &known, &own).await {
            return Err(Failure::Unverified(format!(
                "the back-up tells another history than the one that {whose} remembers. Nothing was changed"
            )));
        }
    }
    Ok(())
}

/// Every checkpoint of this ledger that is known here: beside the store, and in it.
async fn remembered(
    database: &Path,
    key: &VerifierKey,
) -> Result<Vec<(&'static str, Checkpoint)>, Failure> {
    let mut all = Vec::new();
    let beside = Remembered::beside(database)
        .read(key)
        .map_err(|error| Failure::Unverified(error.to_string()))?;
    all.extend(beside.map(|it| ("the file beside the store", it)));
    if !database.exists() {
        return Ok(all);
    }
    let Ok(old) = SqliteStore::snapshot(database) else {
        // It is damaged, which is what a restore is for.
        crate::tell(
            &"the store that is there cannot be read, and is not compared with the back-up",
        );
        return Ok(all);
    };
    let notes = [
        ("the store that is there", old.checkpoint().await),
        ("a witnessed checkpoint", old.newest_witnessed().await),
    ];
    for (whose, note) in notes {
        let note = note.ok().flatten();
        // What its own key did not sign is nothing to go by.
        let known = note.and_then(|note| verify_checkpoint(&note, key).ok());
        all.extend(known.map(|it| (whose, it)));
    }
    Ok(all)
}

/// Moves the old store aside and the new one in, records first: a store in place has its records.
fn put_in_place(
    manifest: &Manifest,
    unpacked: &Path,
    database: &Path,
    aside: Option<&Path>,
) -> io::Result<()> {
    let sync = |folder: Option<&Path>| {
        let folder = folder.filter(|it| !it.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    if let Some(aside) = aside {
        DirBuilder::new().mode(0o700).create(aside)?;
        for part in parts(database) {
            if let Some(name) = part.file_name() {
                fs::rename(&part, aside.join(name))?;
            }
        }
        sync(Some(aside))?;
        sync(aside.parent())?;
    }
    let records = records_beside(database);
    DirBuilder::new().mode(0o700).create(&records)?;
    for member in manifest.files.iter().filter(|it| it.name != STORE) {
        fs::rename(unpacked.join(&member.name), records.join(&member.name))?;
    }
    sync(Some(&records))?;
    sync(database.parent())?;
    fs::rename(unpacked.join(STORE), database)?;
    sync(database.parent())
}
