//! What a restore must not undo, kept in a file beside the store: the holds that stand, and whose data was erased.
//!
//! A back-up of before a stop does not know the stop. The file does, so that the stop stands again before a restored
//! store serves anybody. It is believed as far as it takes away: whoever writes it can hold, and nothing else.

use std::io;
use std::path::{Path, PathBuf};

use locum_domain::hold::Hold;
use serde::{Deserialize, Serialize};

use super::remembered::keep_beside;

/// The file.
#[derive(Debug, Clone)]
pub(crate) struct StandingFile(PathBuf);

/// What stands.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Standing {
    /// By their ids, in order.
    #[serde(default)]
    pub(crate) holds: Vec<Hold>,
}

impl StandingFile {
    pub(crate) fn beside(database: &Path) -> Self {
        let mut file = database.as_os_str().to_owned();
        file.push(".standing");
        Self(file.into())
    }

    pub(crate) fn name(&self) -> String {
        self.0.display().to_string()
    }

    /// What is written there; nothing where there is no file.
    ///
    /// # Errors
    /// When it cannot be read, or does not read.
    pub(crate) fn read(&self) -> io::Result<Standing> {
        match std::fs::read_to_string(&self.0) {
            Ok(text) => serde_json::from_str(&text).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Standing::default()),
            Err(error) => Err(error),
        }
    }

    /// Keeps what stands now, durable when this returns, whole or not at all.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub(crate) fn keep(&self, standing: &Standing) -> io::Result<()> {
        keep_beside(&self.0, &serde_json::to_string(standing)?)
    }
}

impl Standing {
    /// Of holds in whatever order, those that stand.
    pub(crate) fn of(holds: impl IntoIterator<Item = Hold>) -> Self {
        let holds = holds.into_iter().filter(|hold| hold.lifted.is_none());
        let mut holds: Vec<Hold> = holds.collect();
        holds.sort_by(|one, other| one.id.cmp(&other.id));
        holds.dedup_by(|one, other| one.id == other.id);
        Self { holds }
    }
}
