//! `locum backup`: store and unsequenced records as of one moment, in one file, while the server runs or not.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use locum_catalog::settings::Store as StoreSettings;
use locum_cli::{BackupArgs, Failure, Output};
use locum_control::ports::StoreError;
use locum_store_sqlite::{Copied, SqliteStore};
use locum_tlog::LedgerKey;
use ring::rand::SystemRandom;

use super::archive::{self, FORM, Manifest, Member};
use crate::server::records_beside;
use crate::wiring::{ledger_key, signed_in_any_epoch};

/// The store's name inside.
pub(super) const STORE: &str = "store.db";
/// While a copy was made, the recorder may have deleted the segment that it goes on from. Then it is made again.
const TRIES: u32 = 5;

pub(crate) async fn run(args: &BackupArgs, output: &Output) -> Result<(), Failure> {
    let settings = super::deployment(&args.config)?.settings;
    let StoreSettings::Sqlite { path } = settings.store.clone();
    if !path.exists() {
        let name = path.display();
        return Err(Failure::Usage(format!(
            "`{name}` is not there: nothing was recorded yet"
        )));
    }
    let key = ledger_key(&settings, &super::variables(), false, &SystemRandom::new())
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let file = args.file.clone();
    let work = tokio::task::spawn_blocking(move || make(&path, &file, &key));
    let made = output.waiting("copying the store", work).await;
    let manifest = made.map_err(|error| Failure::State(error.to_string()))??;
    output.answer(&manifest, || {
        format!(
            "{} entries of {} are in {}, without any key",
            manifest.size,
            manifest.origin,
            args.file.display()
        )
    })
}

fn make(database: &Path, file: &Path, key: &LedgerKey) -> Result<Manifest, Failure> {
    let name = file.display();
    let failed = |error: io::Error| Failure::State(format!("`{name}`: {error}"));
    if file.exists() {
        return Err(Failure::Usage(format!(
            "`{name}` is there and is left alone"
        )));
    }
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // For its owner alone, and gone with the end of this.
    let beside = tempfile::Builder::new()
        .prefix(".locum-backup-")
        .tempdir_in(folder)
        .map_err(failed)?;
    let (copied, segments) = copy(database, beside.path())?;
    let note = copied
        .checkpoint
        .ok_or_else(|| Failure::State("nothing was recorded yet".to_owned()))?;
    let signed = signed_in_any_epoch(&note, key.verifier_key()).map_err(|error| {
        Failure::Unverified(format!("the store's checkpoint is not its own: {error}"))
    })?;
    let names = std::iter::once(STORE.to_owned()).chain(segments);
    let files = names.map(|name| Member::of(&name, &beside.path().join(&name)));
    let manifest = Manifest {
        form: FORM,
        origin: signed.origin().to_owned(),
        size: signed.size(),
        root: hex::encode(signed.root().as_bytes()),
        checkpoint: note.clone(),
        schema: copied.schema,
        files: files.collect::<io::Result<_>>().map_err(failed)?,
    };
    // Under its name only once it is whole.
    let whole = beside.path().join("whole");
    let mut out = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&whole)
        .map_err(failed)?;
    archive::write(&mut out, &manifest, beside.path()).map_err(failed)?;
    out.sync_all().map_err(failed)?;
    fs::hard_link(&whole, file).map_err(failed)?;
    File::open(folder)
        .and_then(|it| it.sync_all())
        .map_err(failed)?;
    Ok(manifest)
}

/// Copies the store, then the segments from its mark on: what is sequenced between the two is in both, and the mark
/// tells where the store ends.
fn copy(database: &Path, to: &Path) -> Result<(Copied, Vec<String>), Failure> {
    let unavailable = |error: StoreError| Failure::State(error.to_string());
    let failed = |error: io::Error| Failure::State(format!("the records: {error}"));
    let store = to.join(STORE);
    for _ in 0..TRIES {
        let copied = SqliteStore::copy(database, &store).map_err(unavailable)?;
        let from = copied.mark.map_or(0, |mark| mark.segment);
        match segments(&records_beside(database), from, to) {
            Ok(names) if from == 0 || names.contains(&segment(from)) => return Ok((copied, names)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        for file in fs::read_dir(to).map_err(failed)? {
            fs::remove_file(file.map_err(failed)?.path()).map_err(failed)?;
        }
    }
    Err(Failure::State(
        "the recorder's segments go faster than they can be copied, or one is missing".to_owned(),
    ))
}

fn segment(number: u64) -> String {
    format!("segment-{number:08}.log")
}

/// Copies the segments from number `from` on and answers their names, in order.
fn segments(records: &Path, from: u64, to: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    if !records.exists() {
        return Ok(names);
    }
    for file in fs::read_dir(records)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        if name.starts_with("segment-") && name.ends_with(".log") && name >= segment(from) {
            names.push(name);
        }
    }
    names.sort_unstable();
    for name in &names {
        fs::copy(records.join(name), to.join(name))?;
    }
    Ok(names)
}
