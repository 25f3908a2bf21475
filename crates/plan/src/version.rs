//! One version of what counts.

use std::collections::BTreeMap;
use std::fmt::Display;

use locum_catalog::Bundle;
use locum_catalog::settings::Governed;
use locum_policy::{Indexed, Policies};

/// Catalog, policies and settings of one bundle, with the texts they were read from.
#[derive(Debug)]
pub struct Version {
    /// The bundle's.
    pub digest: String,
    pub catalog: Indexed,
    pub policies: Policies,
    pub settings: Governed,
    pub files: BTreeMap<String, String>,
}

impl Version {
    /// Reads a bundle as the server does when it puts one in force.
    ///
    /// # Errors
    /// Every problem of catalog and policies, as `file:line:column: message`.
    pub fn of(bundle: &Bundle) -> Result<Version, Vec<String>> {
        let operator: BTreeMap<String, String> = bundle
            .policies()
            .map(|(file, text)| (file.to_owned(), text.to_owned()))
            .collect();
        match (bundle.parse(), Policies::load(&operator)) {
            (Ok(catalog), Ok(policies)) => Ok(Version {
                digest: bundle.digest(),
                catalog: Indexed::of(catalog),
                policies,
                settings: bundle.settings.clone(),
                files: bundle.files.clone(),
            }),
            (catalog, policies) => {
                let mut problems = sentences(catalog.err().unwrap_or_default());
                problems.extend(sentences(policies.err().unwrap_or_default()));
                Err(problems)
            }
        }
    }

    /// Reads what was recorded.
    ///
    /// # Errors
    /// As for [`Version::of`], and what is wrong with the settings.
    pub fn recorded(
        files: &BTreeMap<String, String>,
        settings: &serde_json::Value,
    ) -> Result<Version, Vec<String>> {
        let bundle = Bundle::recorded(files.clone(), settings.clone());
        Self::of(&bundle.map_err(|error| vec![error.to_string()])?)
    }
}

fn sentences<P: Display>(problems: Vec<P>) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}
