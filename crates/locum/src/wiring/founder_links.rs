//! Each founder's one-time link in a file of its own, for its owner alone to read, until it is needed no more.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use locum_domain::PrincipalId;

use super::keys::{KeysError, write_private};

/// The ending of a link's file.
const LINK: &str = "link";

/// `keys/founding/`.
pub(crate) struct FounderLinks(pub(crate) PathBuf);

impl FounderLinks {
    /// Keeps a founder's link in place of an older one, and says where.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn keep(&self, founder: &PrincipalId, link: &str) -> Result<PathBuf, KeysError> {
        let file = self.file(founder);
        gone(&file);
        write_private(&file, &format!("{link}\n"))?;
        Ok(file)
    }

    /// Takes one founder's away.
    pub(crate) fn take_away(&self, founder: &PrincipalId) {
        gone(&self.file(founder));
    }

    /// Takes every link away, those of earlier starts, too, and the folder when nothing else is in it.
    pub(crate) fn take_all_away(&self) {
        // There is none, most of the time.
        let Ok(entries) = std::fs::read_dir(&self.0) else {
            return;
        };
        let files = entries.flatten().map(|entry| entry.path());
        for file in files.filter(|it| it.extension().is_some_and(|it| it == LINK)) {
            gone(&file);
        }
        let _ = std::fs::remove_dir(&self.0);
    }

    fn file(&self, founder: &PrincipalId) -> PathBuf {
        self.0.join(format!("{}.{LINK}", file_name(founder)))
    }
}

/// The person's id as one file's name: a person's id may hold anything but control characters. No two share one.
fn file_name(person: &PrincipalId) -> String {
    let escaped = person.as_str().replace('%', "%25").replace('/', "%2F");
    match escaped.strip_prefix('.') {
        Some(rest) => format!("%2E{rest}"),
        None => escaped,
    }
}

fn gone(file: &Path) {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::warn!(%error, file = %file.display(), "a founder's old link stays in its file; it opens nothing");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn r33_a_founders_link_is_one_file_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let links = FounderLinks(folder.path().join("founding"));
        let founder: PrincipalId = "sam@corp.example".parse().unwrap();
        links.keep(&founder, "https://old").unwrap();
        let file = links.keep(&founder, "https://new").unwrap();
        assert!(file.ends_with("founding/sam@corp.example.link"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "https://new\n");
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(&links.0)), (0o600, 0o700));
        links.take_away(&founder);
        links.take_away(&founder);
        assert!(!file.exists());
        links.keep(&founder, "https://again").unwrap();
        links.take_all_away();
        assert!(!links.0.exists());
    }

    #[test]
    fn a_persons_id_leads_to_no_other_folder() {
        let name = |id: &str| file_name(&id.parse().unwrap());
        assert_eq!(name("../../etc/passwd"), "%2E.%2F..%2Fetc%2Fpasswd");
        assert_eq!(name("a%2Fb"), "a%252Fb");
        assert_eq!(name("Ann Ärmel"), "Ann Ärmel");
    }
}
