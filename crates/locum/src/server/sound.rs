//! Whether the store's file is whole, looked at before anything is built on it.

use std::path::Path;

use locum_control::ports::StoreError;
use locum_store_sqlite::{Look, OpenError, SqliteStore};

use super::StartFailure;

/// Up to this many bytes indexes are held against their tables at every start, which takes about 1.2 s for each GiB;
/// a larger file has its pages looked at, which takes 0.8 s. `locum ledger verify --config` looks at everything.
const WHOLE_UP_TO: u64 = 512 << 20;

/// Refuses a damaged file.
pub(super) async fn is_sound(store: &SqliteStore, path: &Path) -> Result<(), StartFailure> {
    let bytes = std::fs::metadata(path).map_or(0, |file| file.len());
    let look = match bytes <= WHOLE_UP_TO {
        true => Look::Whole,
        false => Look::Pages,
    };
    let found = match store.damage(look).await {
        Ok(found) => found,
        Err(StoreError::Corrupt(why)) => vec![why],
        Err(error) => return Err(error.into()),
    };
    match found.is_empty() {
        true => Ok(()),
        false => Err(damaged(path, &found)),
    }
}

/// Why a store was not opened: where its file is damaged, that is the reason, and not what tripped over it first.
pub(super) fn unopened(error: OpenError, path: &Path) -> StartFailure {
    if !matches!(error, OpenError::Sqlite(_)) {
        return error.into();
    }
    match SqliteStore::damage_of(path, Look::Pages) {
        Ok(found) if found.is_empty() => error.into(),
        Ok(found) => damaged(path, &found),
        Err(StoreError::Corrupt(why)) => damaged(path, &[why]),
        Err(StoreError::Unavailable(_)) => error.into(),
    }
}

/// The same of what tripped over the damage later.
pub(super) fn unread(error: StoreError, path: &Path) -> StartFailure {
    match &error {
        StoreError::Corrupt(why) => damaged(path, std::slice::from_ref(why)),
        StoreError::Unavailable(_) => error.into(),
    }
}

fn damaged(path: &Path, found: &[String]) -> StartFailure {
    let more = match found.len() {
        0 | 1 => String::new(),
        more => format!(" (and {} more)", more.saturating_sub(1)),
    };
    StartFailure::Damaged {
        file: path.display().to_string(),
        found: format!("{}{more}", found.first().map_or("", String::as_str).trim()),
    }
}
