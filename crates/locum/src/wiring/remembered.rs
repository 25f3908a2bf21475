//! The newest checkpoint, remembered in a file beside the store: a store that ends before it was wound back.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use locum_control::ledger::{LedgerTiles, restorations};
use locum_control::ports::{Store, StoreError};
use locum_domain::restoration::NewEpoch;
use locum_tlog::{
    Checkpoint, CheckpointError, VerifierKey, epoch_of, verify_checkpoint, verify_consistency,
};

/// Why a store is not the one that is remembered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RememberedError {
    #[error("`{file}` cannot be read")]
    Unreadable { file: String, source: io::Error },
    #[error("the checkpoint that `{file}` remembers is not signed by this ledger's key")]
    Unsigned {
        file: String,
        source: locum_tlog::CheckpointError,
    },
    #[error(
        "the store was wound back: it ends after {found} entries, and {remembered} were acknowledged (`{file}`), so {} \
         are lost. Somebody put an older copy back, or cut it. {REMEDY}",
        .remembered - .found
    )]
    WoundBack {
        found: u64,
        remembered: u64,
        file: String,
    },
    #[error(
        "the store was wound back: it goes on after {kept} entries as another epoch, and the restore that began that \
         epoch did not know of the {remembered} that were acknowledged (`{file}`). {REMEDY}"
    )]
    Unnamed {
        kept: u64,
        remembered: u64,
        file: String,
    },
    #[error(
        "the store was wound back: it is of epoch {found} of the ledger, and epoch {remembered} has begun (`{file}`). \
         {REMEDY}"
    )]
    EarlierEpoch {
        found: u32,
        remembered: u32,
        file: String,
    },
    #[error(
        "the store tells another history than the one whose first {remembered} entries were acknowledged (`{file}`). \
         Keep both as evidence, and put the right store back"
    )]
    Another { remembered: u64, file: String },
    #[error("the store cannot be compared with what is remembered")]
    Store(#[from] StoreError),
}

/// What to do about a store that was wound back.
pub(crate) const REMEDY: &str = "Put the newer store back, or restore a back-up that reaches that far: `locum restore \
    FILE --config locum.toml`. Where there is none, `--new-epoch` goes on from an older one, on the record";

/// The file. Whoever can take it away is not kept from winding the store back; witnesses are for that.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    file: PathBuf,
}

impl Remembered {
    pub(crate) fn beside(database: &Path) -> Self {
        let mut file = database.as_os_str().to_owned();
        file.push(".remembered");
        Self { file: file.into() }
    }

    fn name(&self) -> String {
        self.file.display().to_string()
    }

    /// What is remembered, of whatever epoch; nothing before the first checkpoint.
    ///
    /// # Errors
    /// When the file cannot be read or is not signed by this ledger's key.
    pub(crate) fn read(&self, key: &VerifierKey) -> Result<Option<Checkpoint>, RememberedError> {
        let Some(note) = self.note()? else {
            return Ok(None);
        };
        let checkpoint = signed_in_any_epoch(&note, key).map_err(|source| {
            let file = self.name();
            RememberedError::Unsigned { file, source }
        })?;
        Ok(Some(checkpoint))
    }

    /// The checkpoint that is remembered, unproved.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn note(&self) -> Result<Option<String>, RememberedError> {
        match std::fs::read_to_string(&self.file) {
            Ok(note) => Ok(Some(note)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => {
                let file = self.name();
                Err(RememberedError::Unreadable { file, source })
            }
        }
    }

    /// Remembers a checkpoint, durable when this returns, whole or not at all.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub(crate) fn keep(&self, note: &str) -> io::Result<()> {
        keep_beside(&self.file, note)
    }

    /// Refuses a store that does not hold everything that is remembered. `key` is that of the store's own epoch.
    ///
    /// # Errors
    /// As [`RememberedError`] says. A store whose own checkpoint does not verify is left to whoever takes it up.
    pub(crate) async fn compare(
        &self,
        store: &dyn Store,
        key: &VerifierKey,
    ) -> Result<(), RememberedError> {
        let Some(remembered) = self.read(key)? else {
            return Ok(());
        };
        let found = match store.checkpoint().await? {
            Some(note) => match verify_checkpoint(&note, key) {
                Ok(found) => Some(found),
                Err(_) => return Ok(()),
            },
            None if store.size().await? > 0 => return Ok(()),
            None => None,
        };
        let epochs = (epoch(key.name()), epoch(remembered.origin()));
        let size = found.as_ref().map_or(0, Checkpoint::size);
        let held = held_of(store, found.as_ref(), epochs.0, &remembered).await?;
        let (file, remembered) = (self.name(), remembered.size());
        Err(match held {
            Held::All => return Ok(()),
            Held::Fewer => RememberedError::WoundBack {
                found: size,
                remembered,
                file,
            },
            Held::EarlierEpoch => RememberedError::EarlierEpoch {
                found: epochs.0,
                remembered: epochs.1,
                file,
            },
            Held::Unnamed { kept } => RememberedError::Unnamed {
                kept,
                remembered,
                file,
            },
            Held::Another => RememberedError::Another { remembered, file },
        })
    }
}

/// What a store holds of the entries that a checkpoint signed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// Every one of them, or the restore that began its epoch says that they were lost.
    All,
    /// It ends before the last of them.
    Fewer,
    /// It is of an epoch before the checkpoint's.
    EarlierEpoch,
    /// It is of a later epoch, which kept fewer and does not say that these were lost.
    Unnamed { kept: u64 },
    /// Other ones.
    Another,
}

/// Compares a store, whose own checkpoint and epoch these are, with a checkpoint of the same ledger.
///
/// # Errors
/// When the store gives no answer.
pub(crate) async fn held_of(
    store: &dyn Store,
    found: Option<&Checkpoint>,
    found_epoch: u32,
    known: &Checkpoint,
) -> Result<Held, StoreError> {
    let known_epoch = epoch(known.origin());
    if found_epoch < known_epoch {
        return Ok(Held::EarlierEpoch);
    }
    if found_epoch > known_epoch {
        let restorations = restorations(store).await?.into_iter();
        let later: Vec<NewEpoch> = restorations
            .filter_map(|restoration| restoration.epoch)
            .filter(|it| it.number > known_epoch)
            .collect();
        let mut lost = later.iter().flat_map(|it| &it.lost);
        if lost.any(|it| it.origin == known.origin() && it.entries >= known.size()) {
            return Ok(Held::All);
        }
        let kept = later.iter().map(|it| it.kept).min().unwrap_or_default();
        if known.size() > kept {
            return Ok(Held::Unnamed { kept });
        }
    }
    match found {
        Some(found) if found.size() < known.size() => Ok(Held::Fewer),
        Some(found) if !consistent(store, known, found).await => Ok(Held::Another),
        None if known.size() > 0 => Ok(Held::Fewer),
        _ => Ok(Held::All),
    }
}

/// Verifies a checkpoint of this ledger, of whatever epoch it is.
///
/// # Errors
/// When this ledger's key did not sign it.
pub(crate) fn signed_in_any_epoch(
    note: &str,
    key: &VerifierKey,
) -> Result<Checkpoint, CheckpointError> {
    let origin = Checkpoint::parse_unverified(note)?.origin;
    match key.of_epoch(epoch(&origin)) {
        Ok(key) => verify_checkpoint(note, &key),
        Err(_) => verify_checkpoint(note, key),
    }
}

/// Which epoch a checkpoint says it is of; the first where there is none. Whoever goes by it verifies the checkpoint
/// with the key of that epoch.
pub(crate) fn epoch_of_note(note: Option<&str>) -> u32 {
    let claim = note.and_then(|note| Checkpoint::parse_unverified(note).ok());
    claim.map_or(1, |claim| epoch(&claim.origin))
}

/// Which epoch an origin is of.
pub(crate) fn epoch(origin: &str) -> u32 {
    epoch_of(origin).1
}

/// Writes a private file, durable when this returns, whole or not at all.
///
/// # Errors
/// Whatever the file system says.
pub(super) fn keep_beside(path: &Path, text: &str) -> io::Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|known| known == text) {
        return Ok(());
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(beside, path)?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Whether the store's tiles prove that the history of `new`, its own checkpoint, begins with that of `old`.
pub(crate) async fn consistent(store: &dyn Store, old: &Checkpoint, new: &Checkpoint) -> bool {
    if old.size() == new.size() {
        return old.root() == new.root();
    }
    let proof = LedgerTiles::at(store, new.size())
        .consistency(old.size())
        .await;
    proof.is_ok_and(|proof| {
        verify_consistency(&proof, old.size(), old.root(), new.size(), new.root()).is_ok()
    })
}
