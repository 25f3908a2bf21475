//! The exchange of one store for another on the disk.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use locum_cli::Failure;

use super::STORE;
use crate::command::archive::Manifest;
use crate::server::records_beside;

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
pub(super) fn aside(database: &Path, asked: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
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

/// Moves the old store aside and the new one in, records first: a store in place has its records.
pub(super) fn put_in_place(
    manifest: &Manifest,
    unpacked: &Path,
    database: &Path,
    aside: Option<&Path>,
) -> io::Result<()> {
    let sync = |folder: Option<&Path>| {
        let folder = folder.filter(|it| !it.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    // Everything is in the one file: whoever wrote to it closed it.
    let log = unpacked.join(format!("{STORE}-wal"));
    if log.exists() {
        return Err(io::Error::other("the unpacked store is still in use"));
    }
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
    File::open(unpacked.join(STORE))?.sync_all()?;
    fs::rename(unpacked.join(STORE), database)?;
    sync(database.parent())
}
