//! Tokens that `locum login` keeps: one for each server, in a file that its owner alone reads.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// What is kept of one login. Whoever reads it is this person until it ends.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptLogin {
    pub(crate) token: String,
    pub(crate) person: String,
    pub(crate) expires_at: String,
}

/// The file, by the server's address.
pub(crate) struct KeptLogins(PathBuf);

impl KeptLogins {
    /// In this file, or where the XDG Base Directory Specification has a program's state. `None` without a home.
    pub(crate) fn at(told: Option<&Path>) -> Option<Self> {
        if let Some(file) = told.filter(|file| !file.as_os_str().is_empty()) {
            return Some(Self(file.to_owned()));
        }
        let of = |name| std::env::var_os(name).map(PathBuf::from);
        // A relative path is none (XDG Base Directory Specification, section 2).
        let state = of("XDG_STATE_HOME").filter(|path| path.is_absolute());
        let state = state.or_else(|| Some(of("HOME")?.join(".local/state")))?;
        Some(Self(state.join("locum").join("logins.json")))
    }

    fn wrong(&self, why: impl std::fmt::Display) -> Failure {
        Failure::Usage(format!("`{}`: {why}", self.0.display()))
    }

    fn read(&self) -> Result<BTreeMap<String, KeptLogin>, Failure> {
        let text = match std::fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(self.wrong(error)),
        };
        let mode = std::fs::metadata(&self.0)
            .map_err(|error| self.wrong(error))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            return Err(self.wrong("others may read it: `chmod 600` it, and sign in again"));
        }
        serde_json::from_str(&text)
            .map_err(|error| self.wrong(format!("it is not what `locum login` wrote: {error}")))
    }

    /// The login at this server.
    pub(crate) fn of(&self, server: &str) -> Result<Option<KeptLogin>, Failure> {
        Ok(self.read()?.remove(key(server)))
    }

    /// Keeps a login in the place of the one before.
    pub(crate) fn keep(&self, server: &str, login: KeptLogin) -> Result<(), Failure> {
        let mut all = self.read()?;
        all.insert(key(server).to_owned(), login);
        self.write(&all)
    }

    /// Forgets the login at this server.
    pub(crate) fn forget(&self, server: &str) -> Result<(), Failure> {
        let mut all = self.read()?;
        match all.remove(key(server)) {
            Some(_) => self.write(&all),
            None => Ok(()),
        }
    }

    /// Whole or not at all: into a file beside it, which then takes its place.
    fn write(&self, all: &BTreeMap<String, KeptLogin>) -> Result<(), Failure> {
        let wrong = |error: std::io::Error| self.wrong(error);
        if let Some(folder) = self.0.parent().filter(|it| !it.as_os_str().is_empty()) {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
            made.map_err(wrong)?;
        }
        let beside = self.0.with_extension(format!("{}.new", std::process::id()));
        let text = serde_json::to_string_pretty(all).map_err(|error| self.wrong(error))?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(&beside).map_err(wrong)?;
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| std::fs::rename(&beside, &self.0));
        written.map_err(|error| {
            // What is left of it holds a token.
            let _ = std::fs::remove_file(&beside);
            self.wrong(error)
        })
    }
}

/// An address with a slash at its end is the same server.
fn key(server: &str) -> &str {
    server.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(token: &str) -> KeptLogin {
        KeptLogin {
            token: token.to_owned(),
            person: "ann".to_owned(),
            expires_at: "2026-03-02T12:00:00Z".to_owned(),
        }
    }

    #[test]
    fn a_token_is_kept_for_its_server_and_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("locum/logins.json");
        let kept = KeptLogins::at(Some(&file)).unwrap();
        assert!(kept.of("http://a").unwrap().is_none());
        kept.keep("http://a/", login("one")).unwrap();
        kept.keep("http://b", login("two")).unwrap();
        assert_eq!(kept.of("http://a").unwrap().unwrap().token, "one");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(file.parent().unwrap()), 0o700);
        kept.forget("http://a").unwrap();
        assert!(kept.of("http://a").unwrap().is_none());
        assert_eq!(kept.of("http://b/").unwrap().unwrap().token, "two");
        let left: Vec<_> = std::fs::read_dir(file.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn a_file_that_others_may_read_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("logins.json");
        std::fs::write(&file, "{}").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let Err(failure) = KeptLogins::at(Some(&file)).unwrap().of("http://a") else {
            panic!("believed");
        };
        assert!(failure.to_string().contains("chmod 600"), "{failure}");
    }
}
