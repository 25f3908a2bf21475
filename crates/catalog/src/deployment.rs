//! Everything that `locum.toml` leads to, read and judged at once.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use jiff::civil::Date;
use locum_domain::{ApplicationId, Catalog};

use crate::address::clash;
use crate::bundle::{Bundle, Disk, read_text};
use crate::own_doors::no_upstream_is_ours;
use crate::problem::{Checked, Problem, Problems};
use crate::read::{Node, Value, document};
use crate::secret::SecretRef;
use crate::settings::{self, Settings};
use crate::source::{At, Place, Source};
use crate::tokens::{self, DevelopmentTokens};
use crate::{catalog, overrides};

/// One deployment as its files describe it.
#[derive(Debug, Clone)]
pub struct Deployment {
    pub settings: Settings,
    pub bundle: Bundle,
    pub catalog: Catalog,
    /// Nobody, in production.
    pub development_tokens: DevelopmentTokens,
}

impl Settings {
    /// Parses `locum.toml`. `variables` is the environment, from which only `LOCUM__SECTION__KEY` are taken;
    /// relative paths start at `folder`.
    ///
    /// # Errors
    /// Every problem, when one of them is an error.
    pub fn parse(
        text: &str,
        variables: &BTreeMap<String, String>,
        folder: &Path,
    ) -> Result<Checked<Settings>, Vec<Problem>> {
        let problems = Problems::default();
        let (_, partial) = read_settings("locum.toml", text, variables, folder, &problems);
        problems.settle(partial.settings)
    }

    /// Where a secret is kept that the catalog names.
    ///
    /// # Errors
    /// When the text is no reference.
    pub fn secret_of_catalog(&self, reference: &str) -> Result<SecretRef, crate::NotAReference> {
        match reference.strip_prefix("file:catalog/") {
            Some(path) => Ok(SecretRef::File(self.catalog_directory.join(path))),
            None => SecretRef::parse(reference, &self.folder),
        }
    }
}

impl Deployment {
    /// Reads `locum.toml` and every file it leads to. All problems of all files are found in one go, so that
    /// a mistake in the settings hides none in the catalog.
    ///
    /// # Errors
    /// Every problem, when one of them is an error.
    pub fn read(
        config: &Path,
        variables: &BTreeMap<String, String>,
        today: Date,
    ) -> Result<Checked<Deployment>, Vec<Problem>> {
        let problems = Problems::default();
        let file = config
            .file_name()
            .map_or_else(|| "locum.toml".into(), |name| name.to_string_lossy());
        let text = match read_text(config) {
            Ok(text) => text,
            Err(error) => {
                let problem = Problem::of_file(
                    config.display().to_string(),
                    format!("cannot be read: {error}"),
                );
                return Err(vec![
                    problem.with_hint("`locum init DIR` writes a working one"),
                ]);
            }
        };
        let folder = config.parent().unwrap_or(Path::new(""));
        let (root, partial) = read_settings(&file, &text, variables, folder, &problems);
        let disk = Disk {
            folder,
            catalog: &partial.catalog_directory,
            policies: &partial.policies_directory,
        };
        let files = disk.read(&problems);
        let shown = |key: &str| disk.shown(key);
        let parsed = catalog::parse(&files, partial.environment, Some(today), &shown, &problems);
        let tokens_file = partial
            .settings
            .as_ref()
            .and_then(|settings| settings.login.development_tokens.as_ref());
        let development_tokens = match (tokens_file, &partial.tokens_place) {
            (Some(reference), Some(place)) => read_tokens(
                reference,
                place,
                folder,
                variables,
                &parsed.catalog,
                &problems,
            ),
            _ => DevelopmentTokens::default(),
        };
        settings::settle_founders(&partial.founders, &parsed.catalog, &problems);
        if let Some(settings) = &partial.settings {
            distinct_ports(settings, &parsed.addresses, &problems);
            let (addresses, upstreams) = (&parsed.addresses, &parsed.upstreams);
            no_upstream_is_ours(settings, addresses, upstreams, &problems);
            missing_secrets(&root, settings, variables, &problems);
        }
        let deployment = partial.settings.map(|settings| {
            let bundle = Bundle {
                files,
                settings: settings.governed(),
            };
            Deployment {
                settings,
                bundle,
                catalog: parsed.catalog,
                development_tokens,
            }
        });
        problems.settle(deployment)
    }
}

/// The Cedar policies that a configuration leads to, by file, whatever is wrong with the rest of it: a mistake in
/// the catalog must not hide one in a policy.
pub fn policies_of(
    config: &Path,
    variables: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let unheard = Problems::default();
    let text = read_text(config).unwrap_or_default();
    let folder = config.parent().unwrap_or(Path::new(""));
    let (_, partial) = read_settings("locum.toml", &text, variables, folder, &unheard);
    let disk = Disk {
        folder,
        catalog: &partial.catalog_directory,
        policies: &partial.policies_directory,
    };
    let mut files = disk.read(&unheard);
    files.retain(|path, _| path.starts_with("policies/") && path.ends_with(".cedar"));
    files
}

fn read_settings(
    file: &str,
    text: &str,
    variables: &BTreeMap<String, String>,
    folder: &Path,
    problems: &Problems,
) -> (Node, settings::Partial) {
    let mut root = document(&Source::new(file, text), problems);
    overrides::lay_over(&mut root, variables, problems);
    let partial = settings::read(&root, folder, problems);
    (root, partial)
}

/// Secrets that are not there yet. A warning: whoever checks need not be whoever may read them.
fn missing_secrets(
    root: &Node,
    settings: &Settings,
    variables: &BTreeMap<String, String>,
    problems: &Problems,
) {
    for (path, secret) in settings.secrets() {
        let (is_there, hint) = match secret {
            SecretRef::Variable(name) => (variables.contains_key(name), "set the variable"),
            SecretRef::File(path) => (
                path.is_file(),
                "write the file, readable for the server only",
            ),
        };
        if !is_there {
            let place = path
                .split('.')
                .try_fold(root, |node, name| match &node.value {
                    Value::Table(table) => table.get(name),
                    _ => None,
                });
            let place = place.map_or(&root.place, |node| &node.place);
            let message = format!(
                "the secret `{path}` is not there: {}",
                relative(secret, settings)
            );
            problems.warning(place, message, hint);
        }
    }
}

/// A reference as the operator would write it.
fn relative(secret: &SecretRef, settings: &Settings) -> String {
    match secret {
        SecretRef::File(path) => {
            let path = path.strip_prefix(&settings.folder).unwrap_or(path);
            format!("file:{}", path.display())
        }
        variable => variable.to_string(),
    }
}

fn read_tokens(
    reference: &SecretRef,
    place: &Place,
    folder: &Path,
    variables: &BTreeMap<String, String>,
    catalog: &Catalog,
    problems: &Problems,
) -> DevelopmentTokens {
    let (name, text) = match reference {
        SecretRef::File(path) => {
            let name = path
                .strip_prefix(folder)
                .unwrap_or(path)
                .display()
                .to_string();
            (name, read_text(path).map_err(|error| error.to_string()))
        }
        SecretRef::Variable(name) => (
            format!("${name}"),
            variables
                .get(name)
                .cloned()
                .ok_or_else(|| "it is not set".to_owned()),
        ),
    };
    match text {
        Ok(text) => tokens::read(&name, &text, Some(catalog), problems),
        Err(error) => {
            let message = format!("the development tokens in {name} cannot be read: {error}");
            problems.error_with(place, message, "lines of \"token\" = \"person\"");
            DevelopmentTokens::default()
        }
    }
}

/// No two listeners can have one port.
fn distinct_ports(
    settings: &Settings,
    addresses: &BTreeMap<SocketAddr, At<ApplicationId>>,
    problems: &Problems,
) {
    let doors = [
        ("[server]", settings.server.listen),
        ("[gateway]", settings.gateway.listen),
    ];
    for (address, application) in addresses {
        for (door, _) in doors.iter().filter(|(_, listen)| clash(listen, address)) {
            let message = format!("{address} is where {door} listens already");
            problems.error_with(
                &application.place,
                message,
                "each listener needs a port of its own",
            );
        }
    }
}
