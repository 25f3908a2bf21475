//! What a witness remembers: the newest checkpoint that it cosigned of each ledger, one file each.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use locum_tlog::{Checkpoint, CosignatureError, CosignerKey, UnverifiedCheckpoint};
use sha2::{Digest as _, Sha256};

/// More proofs against one ledger than anybody reads; a bound for the disk.
const MOST_KEPT: usize = 100;

/// Held open and locked, so that two processes never share one memory.
const LOCK: &str = "lock";

/// The newest cosigned checkpoints, in a folder of their own.
#[derive(Debug)]
pub struct Memory {
    folder: PathBuf,
    newest: BTreeMap<String, Remembered>,
    _lock: File,
}

/// A checkpoint with the ledger's signature and the witness's own.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    pub(crate) note: String,
    pub(crate) claim: UnverifiedCheckpoint,
}

/// Why a memory cannot be used. A witness without its memory must not sign.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The folder is not there: make it with [`Memory::create`], once.
    #[error("`{0}` is not there: a witness never starts without the memory it had")]
    Missing(PathBuf),
    /// The folder is there already.
    #[error("`{0}` is there already")]
    Exists(PathBuf),
    /// Another process has it.
    #[error("`{0}` is in use by another witness")]
    InUse(PathBuf),
    /// It cannot be read or written.
    #[error("`{path}` cannot be used: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file holds something that this witness did not write.
    #[error("`{path}` is not a checkpoint that this witness cosigned{}", because(source.as_ref()))]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Why, when it is a checkpoint at all.
        source: Option<CosignatureError>,
    },
}

fn because(source: Option<&CosignatureError>) -> String {
    source.map_or_else(String::new, |source| format!(": {source}"))
}

impl Memory {
    /// Makes an empty memory. Only for a key that never signed: with it a witness would sign any
    /// history of any ledger it knows.
    ///
    /// # Errors
    /// [`MemoryError::Exists`], or [`MemoryError::Io`] when the folder cannot be made.
    pub fn create(folder: &Path) -> Result<(), MemoryError> {
        match fs::create_dir(folder) {
            Ok(()) => sync(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(MemoryError::Exists(folder.to_owned()))
            }
            Err(source) => Err(io_error(folder, source)),
        }
    }

    /// Takes up the memory of the witness with this key, and holds it against other processes.
    ///
    /// # Errors
    /// [`MemoryError`] when it is missing, in use, not readable, or not of this witness.
    pub fn open(folder: &Path, key: &CosignerKey) -> Result<Self, MemoryError> {
        if !folder.is_dir() {
            return Err(MemoryError::Missing(folder.to_owned()));
        }
        let lock = locked(&folder.join(LOCK))?;
        let mut newest = BTreeMap::new();
        let entries = fs::read_dir(folder).map_err(|source| io_error(folder, source))?;
        for entry in entries {
            let path = entry.map_err(|source| io_error(folder, source))?.path();
            if path.extension().is_some_and(|it| it == "checkpoint") {
                let remembered = read(&path, key)?;
                newest.insert(remembered.claim.origin.clone(), remembered);
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            newest,
            _lock: lock,
        })
    }

    pub(crate) fn newest(&self, origin: &str) -> Option<&Remembered> {
        self.newest.get(origin)
    }

    pub(crate) fn by_origin_hash(&self, hash: &str) -> Option<&Remembered> {
        self.newest
            .values()
            .find(|it| origin_hash(&it.claim.origin) == hash)
    }

    /// Replaces what is remembered of a ledger; it is on the disk when this returns.
    pub(crate) fn remember(&mut self, remembered: Remembered) -> Result<(), MemoryError> {
        let origin = remembered.claim.origin.clone();
        let path = self.folder.join(file_name(&origin));
        replace(&path, &remembered.note).map_err(|source| io_error(&path, source))?;
        self.newest.insert(origin, remembered);
        Ok(())
    }

    /// Keeps a text beside the memory, once, and a hundred of them at most; for what convicts a
    /// ledger.
    pub(crate) fn keep(&self, name: &str, text: &str) -> Result<(), MemoryError> {
        let path = self.folder.join(name);
        let entries = fs::read_dir(&self.folder);
        let entries = entries.map_err(|source| io_error(&self.folder, source))?;
        if path.exists() || entries.count() > self.newest.len() + MOST_KEPT {
            return Ok(());
        }
        replace(&path, text).map_err(|source| io_error(&path, source))
    }
}

/// The lower-case hexadecimal SHA-256 of an origin (C2SP tlog-witness, "Monitor Retrieval").
pub(crate) fn origin_hash(origin: &str) -> String {
    hex::encode(Sha256::digest(origin))
}

fn file_name(origin: &str) -> String {
    format!("{}.checkpoint", origin_hash(origin))
}

fn read(path: &Path, key: &CosignerKey) -> Result<Remembered, MemoryError> {
    let note = fs::read_to_string(path).map_err(|source| io_error(path, source))?;
    let foreign = |source| MemoryError::Foreign {
        path: path.to_owned(),
        source,
    };
    let cosignature = key.cosignature(&note);
    let cosignature = cosignature.map_err(|error| foreign(Some(error)))?;
    let claim = Checkpoint::parse_unverified(&note)
        .map_err(|error| foreign(Some(CosignatureError::Checkpoint(error))))?;
    let name = file_name(&claim.origin);
    if cosignature.is_none() || path.file_name().is_none_or(|it| *it != *name) {
        return Err(foreign(None));
    }
    Ok(Remembered { note, claim })
}

/// Whoever reads finds the old text or the new one, and the new one once this returns.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(folder)?.sync_all()
}

fn sync(folder: &Path) -> Result<(), MemoryError> {
    let above = folder.parent().filter(|it| !it.as_os_str().is_empty());
    let above = above.unwrap_or_else(|| Path::new("."));
    File::open(above)
        .and_then(|file| file.sync_all())
        .map_err(|source| io_error(above, source))
}

fn locked(path: &Path) -> Result<File, MemoryError> {
    let mut options = File::options();
    let file = options.create(true).truncate(false).write(true).open(path);
    let file = file.map_err(|source| io_error(path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(MemoryError::InUse(path.parent().unwrap_or(path).to_owned()))
        }
        Err(TryLockError::Error(source)) => Err(io_error(path, source)),
    }
}

fn io_error(path: &Path, source: io::Error) -> MemoryError {
    MemoryError::Io {
        path: path.to_owned(),
        source,
    }
}
