//! The operator's files as one value: what the founding records and what the catalog is rebuilt from.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use locum_domain::Catalog;
use locum_domain::rules::{applied_digest, text_digest};
use serde::{Deserialize, Serialize};

use crate::catalog::{self, reference};
use crate::problem::{Checked, Problem, Problems};
use crate::settings::{Governed, Settings};
use crate::unread;

/// No file of a catalog is larger, in bytes.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// Every file that decides about access, by its path relative to the folder of `locum.toml`, and the settings
/// that do. Catalog and policies always stand under `catalog/` and `policies/` here, wherever they lie on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bundle {
    pub files: BTreeMap<String, String>,
    pub settings: Governed,
}

/// A bundle cannot be made of what was recorded.
#[derive(Debug, thiserror::Error)]
#[error("the recorded settings are not those of this version")]
pub struct NotSettings(#[source] serde_json::Error);

impl Bundle {
    /// Reads the folders that the settings name.
    ///
    /// # Errors
    /// Every file that cannot be read.
    pub fn read(settings: &Settings) -> Result<Checked<Bundle>, Vec<Problem>> {
        let problems = Problems::default();
        let disk = Disk::of(settings);
        let files = disk.read(&problems);
        problems.settle(Some(Bundle {
            files,
            settings: settings.governed(),
        }))
    }

    /// The bundle that was recorded.
    ///
    /// # Errors
    /// When the settings have another shape.
    pub fn recorded(
        files: BTreeMap<String, String>,
        settings: serde_json::Value,
    ) -> Result<Self, NotSettings> {
        let settings = serde_json::from_value(settings).map_err(NotSettings)?;
        Ok(Self { files, settings })
    }

    /// The settings as they are recorded.
    pub fn settings_value(&self) -> serde_json::Value {
        // A struct of texts and numbers always has a JSON form.
        serde_json::to_value(&self.settings).unwrap_or_default()
    }

    /// SHA-256 in hexadecimal over the digests of files and settings: whoever holds one file can show that it is among
    /// what was applied, and need not show the others.
    pub fn digest(&self) -> String {
        applied_digest(&self.file_digests(), &self.settings_digest())
    }

    /// SHA-256 of every file, in hexadecimal.
    pub fn file_digests(&self) -> BTreeMap<String, String> {
        let files = self.files.iter();
        files
            .map(|(path, text)| (path.clone(), text_digest(text)))
            .collect()
    }

    /// SHA-256 over the canonical JSON (RFC 8785) of the settings, in hexadecimal.
    pub fn settings_digest(&self) -> String {
        // Texts and numbers always have a canonical form; if not, different settings must still differ.
        let settings = &self.settings;
        let canonical = json_canon::to_string(settings).unwrap_or_else(|_| format!("{settings:?}"));
        text_digest(&canonical)
    }

    /// The Cedar policies, by file.
    pub fn policies(&self) -> impl Iterator<Item = (&str, &str)> {
        self.under("policies/", ".cedar")
    }

    /// The policies' table tests, by file.
    pub fn policy_tests(&self) -> impl Iterator<Item = (&str, &str)> {
        self.under("policies/tests/", ".toml")
    }

    /// The files that nothing reads: whoever put them here may think that they count.
    pub fn unread(&self) -> Vec<&str> {
        let policies = self.policies().chain(self.policy_tests());
        let policies: BTreeSet<&str> = policies.map(|(path, _)| path).collect();
        let named = reference::named_files(&self.files);
        let named = named
            .iter()
            .filter_map(|(by, path)| reference::find(&self.files, by, path));
        let named: BTreeSet<&str> = named.map(|(path, _)| path).collect();
        let is_read = |path: &str| {
            policies.contains(path)
                || named.contains(path)
                || (path.starts_with("catalog/") && catalog::is_read(path, &self.files))
        };
        let paths = self.files.keys().map(String::as_str);
        paths.filter(|path| !is_read(path)).collect()
    }

    fn under(
        &self,
        folder: &'static str,
        ending: &'static str,
    ) -> impl Iterator<Item = (&str, &str)> {
        let is_direct = move |path: &str| {
            path.strip_prefix(folder)
                .is_some_and(|rest| rest.ends_with(ending) && !rest.contains('/'))
        };
        self.files
            .iter()
            .filter(move |(path, _)| is_direct(path))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The catalog that these texts declare. Depends on nothing else: what was recorded once parses for ever.
    ///
    /// # Errors
    /// Every problem, when one of them is an error.
    pub fn parse(&self) -> Result<Catalog, Vec<Problem>> {
        self.judge(None).map(|checked| checked.value)
    }

    /// The same, judged on a day: delegations and certifications have ends.
    ///
    /// # Errors
    /// Every problem, when one of them is an error.
    pub fn check(&self, today: Date) -> Result<Checked<Catalog>, Vec<Problem>> {
        self.judge(Some(today))
    }

    fn judge(&self, today: Option<Date>) -> Result<Checked<Catalog>, Vec<Problem>> {
        let problems = Problems::default();
        let parsed = catalog::parse(
            &self.files,
            self.settings.environment,
            today,
            &str::to_owned,
            &problems,
        );
        problems.settle(Some(parsed.catalog))
    }
}

/// Where the files of a bundle lie.
pub(crate) struct Disk<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) catalog: &'a Path,
    pub(crate) policies: &'a Path,
}

impl<'a> Disk<'a> {
    pub(crate) fn of(settings: &'a Settings) -> Self {
        Self {
            folder: &settings.folder,
            catalog: &settings.catalog_directory,
            policies: &settings.policies.directory,
        }
    }

    /// Reads every file that counts, and no other.
    pub(crate) fn read(&self, problems: &Problems) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        for (folder, ending) in unread::FOLDERS {
            self.read_folder(folder, ending, &mut files, problems);
        }
        self.read_referenced(&mut files, problems);
        unread::leave_out(self, &mut files, problems);
        files
    }

    /// Where a path of the bundle lies on disk.
    pub(crate) fn path(&self, key: &str) -> PathBuf {
        match key.split_once('/') {
            Some(("catalog", rest)) => self.catalog.join(rest),
            Some(("policies", rest)) => self.policies.join(rest),
            _ if key == "catalog" => self.catalog.to_owned(),
            _ if key == "policies" => self.policies.to_owned(),
            _ => self.folder.join(key),
        }
    }

    /// How a path of the bundle is shown: relative to the folder where that is shorter.
    pub(crate) fn shown(&self, key: &str) -> String {
        let path = self.path(key);
        path.strip_prefix(self.folder)
            .unwrap_or(&path)
            .display()
            .to_string()
    }

    fn read_folder(
        &self,
        folder: &str,
        ending: &str,
        files: &mut BTreeMap<String, String>,
        problems: &Problems,
    ) {
        let path = self.path(folder);
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            // An empty catalog is a catalog; policies and their tests are the operator's to have.
            Err(error) if error.kind() == ErrorKind::NotFound && folder != "catalog" => return,
            Err(error) => {
                problems.push(Problem::of_file(
                    self.shown(folder),
                    format!("cannot be read: {error}"),
                ));
                return;
            }
        };
        for entry in entries {
            let name = match entry {
                Ok(entry) => entry.file_name(),
                Err(error) => {
                    problems.push(Problem::of_file(
                        self.shown(folder),
                        format!("cannot be read: {error}"),
                    ));
                    continue;
                }
            };
            let Some(name) = name
                .to_str()
                .filter(|name| name.ends_with(ending) && !name.starts_with('.'))
            else {
                continue;
            };
            let key = format!("{folder}/{name}");
            if let Some(text) = self.read_file(&key, &self.path(&key), problems) {
                files.insert(key, text);
            }
        }
    }

    fn read_file(&self, key: &str, path: &Path, problems: &Problems) -> Option<String> {
        match read_text(path) {
            Ok(text) => Some(text),
            Err(error) => {
                let message = format!("cannot be read: {error}");
                problems.push(Problem::of_file(self.shown(key), message));
                None
            }
        }
    }

    /// Files that the catalog names: public keys and lists of subjects. Missing ones are the parser's to report.
    fn read_referenced(&self, files: &mut BTreeMap<String, String>, problems: &Problems) {
        for (by, named) in reference::named_files(files) {
            let candidates = reference::candidates(&by, &named);
            if candidates.iter().any(|key| files.contains_key(key)) {
                continue;
            }
            // From where the naming file really lies, which need not be below our folder.
            let beside = self.path(&by).parent().unwrap_or(self.folder).join(&named);
            let places = [beside, self.folder.join(&named)];
            let found = candidates
                .into_iter()
                .zip(places)
                .find(|(_, path)| path.is_file());
            if let Some((key, path)) = found
                && let Some(text) = self.read_file(&key, &path, problems)
            {
                files.insert(key, text);
            }
        }
    }
}

/// Reads a text file of reasonable size.
pub(crate) fn read_text(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > LARGEST_FILE {
        return Err(std::io::Error::new(
            ErrorKind::FileTooLarge,
            "larger than 4 MiB",
        ));
    }
    std::fs::read_to_string(path)
}
