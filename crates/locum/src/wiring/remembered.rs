//! The newest checkpoint, remembered in a file beside the store: a store that ends before it was wound back.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use locum_control::ledger::LedgerTiles;
use locum_control::ports::{Store, StoreError};
use locum_tlog::{Checkpoint, VerifierKey, verify_checkpoint, verify_consistency};

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
         are lost. Somebody put an older copy back, or cut it. Put the newer store back, or restore a back-up that \
         reaches that far: `locum restore FILE --config locum.toml`",
        .remembered - .found
    )]
    WoundBack {
        found: u64,
        remembered: u64,
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

    /// What is remembered; nothing before the first checkpoint.
    ///
    /// # Errors
    /// When the file cannot be read or is not signed by this ledger's key.
    pub(crate) fn read(&self, key: &VerifierKey) -> Result<Option<Checkpoint>, RememberedError> {
        let note = match std::fs::read_to_string(&self.file) {
            Ok(note) => note,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                let file = self.name();
                return Err(RememberedError::Unreadable { file, source });
            }
        };
        let checkpoint = verify_checkpoint(&note, key).map_err(|source| {
            let file = self.name();
            RememberedError::Unsigned { file, source }
        })?;
        Ok(Some(checkpoint))
    }

    /// Remembers a checkpoint, durable when this returns, whole or not at all.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub(crate) fn keep(&self, note: &str) -> io::Result<()> {
        if std::fs::read_to_string(&self.file).is_ok_and(|known| known == note) {
            return Ok(());
        }
        let mut beside = self.file.as_os_str().to_owned();
        beside.push(".new");
        let mut file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(note.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(beside, &self.file)?;
        let folder = self.file.parent().filter(|it| !it.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }

    /// Refuses a store that does not hold everything that is remembered.
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
        let size = found.as_ref().map_or(0, Checkpoint::size);
        let file = self.name();
        if size < remembered.size() {
            let (found, remembered) = (size, remembered.size());
            return Err(RememberedError::WoundBack {
                found,
                remembered,
                file,
            });
        }
        match found {
            Some(found) if !consistent(store, &remembered, &found).await => {
                let remembered = remembered.size();
                Err(RememberedError::Another { remembered, file })
            }
            _ => Ok(()),
        }
    }
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
