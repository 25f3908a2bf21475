//! Secrets stand beside the configuration, never in it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::read::Fields;
use crate::source::At;

/// Where a secret is kept. Nothing here ever holds the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretRef {
    /// `env:NAME`: an environment variable of the server.
    Variable(String),
    /// `file:PATH`: a file's content, without a final line break.
    File(PathBuf),
}

/// The text is no reference. It is not quoted: it may be the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret is given by reference, never inline")]
pub struct NotAReference;

impl SecretRef {
    /// Parses `env:NAME` or `file:PATH`; a relative path starts at `folder`.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, NotAReference> {
        let is_name = |name: &str| {
            !name.is_empty()
                && !name.starts_with(|c: char| c.is_ascii_digit())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if let Some(name) = text.strip_prefix("env:").filter(|name| is_name(name)) {
            return Ok(Self::Variable(name.to_owned()));
        }
        match text.strip_prefix("file:") {
            Some(path) if !path.trim().is_empty() => Ok(Self::File(folder.join(path))),
            _ => Err(NotAReference),
        }
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

/// Why a secret could not be read. The reference is named, the secret never.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the environment variable `{0}` is not set")]
    NotSet(String),
    #[error("the file `{path}` cannot be read")]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("`{0}` is empty")]
    Empty(SecretRef),
}

/// Who can read secrets. A holder sees every secret of the deployment, so only the wiring has one.
pub trait Secrets {
    /// The secret behind a reference.
    ///
    /// # Errors
    /// When it is not there, unreadable or empty.
    fn read(&self, reference: &SecretRef) -> Result<SecretString, SecretError>;
}

/// Secrets from files and from the given environment variables (this crate reads no environment itself).
impl Secrets for BTreeMap<String, String> {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, SecretError> {
        let text = match reference {
            SecretRef::Variable(name) => self
                .get(name)
                .cloned()
                .ok_or_else(|| SecretError::NotSet(name.clone()))?,
            SecretRef::File(path) => {
                std::fs::read_to_string(path).map_err(|source| SecretError::Unreadable {
                    path: path.clone(),
                    source,
                })?
            }
        };
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            Err(SecretError::Empty(reference.clone()))
        } else {
            Ok(SecretString::from(text))
        }
    }
}

/// Reads a secret reference from a table. Whatever is wrong, the value is never quoted.
pub(crate) fn secret(fields: &Fields<'_>, name: &str, folder: &Path) -> Option<At<SecretRef>> {
    let text = secret_text(fields, name)?;
    let parsed = SecretRef::parse(&text.value, folder).ok()?;
    Some(text.map(|_| parsed))
}

/// How people write a key that another process or a device keeps.
const SIGNERS: [&str; 4] = ["unix:", "pkcs11:", "tpm:", "agent:"];

/// Reads the text of a secret reference without binding it to a folder.
pub(crate) fn secret_text(fields: &Fields<'_>, name: &str) -> Option<At<String>> {
    let node = fields.node(name)?;
    let text = match &node.value {
        crate::read::Value::Text(text) | crate::read::Value::Loose(text) => Some(text),
        _ => None,
    };
    match text.filter(|text| SecretRef::parse(text, Path::new("")).is_ok()) {
        Some(text) => Some(At {
            value: text.clone(),
            place: node.place.clone(),
        }),
        None => {
            let is_signer = text.is_some_and(|text| SIGNERS.iter().any(|it| text.starts_with(it)));
            let (message, hint) = if is_signer {
                (
                    format!("`{name}` names a signer, and keys are read from files only so far"),
                    "write \"file:PATH\"; signer sockets come later",
                )
            } else {
                (
                    format!("`{name}` must name where the secret is kept, never hold it"),
                    "write \"env:NAME\" or \"file:PATH\"",
                )
            };
            fields.problems.unquoted(&node.place, message, hint);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_reference_is_a_variable_or_a_file() {
        let folder = Path::new("/srv/locum");
        assert_eq!(
            SecretRef::parse("env:DESK_KEY", folder),
            Ok(SecretRef::Variable("DESK_KEY".into()))
        );
        assert_eq!(
            SecretRef::parse("file:keys/k", folder),
            Ok(SecretRef::File("/srv/locum/keys/k".into()))
        );
        for inline in ["hunter2", "env:", "env:A B", "env:1A", "file:", "ENV:A"] {
            assert!(
                SecretRef::parse(inline, folder).is_err(),
                "{inline} was taken for a reference"
            );
        }
    }

    #[test]
    fn a_secret_is_never_in_what_is_printed() {
        let variables = BTreeMap::from([("DESK_KEY".to_owned(), "hunter2\n".to_owned())]);
        let secret = variables
            .read(&SecretRef::Variable("DESK_KEY".into()))
            .unwrap();
        assert_eq!(secret.expose_secret(), "hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"));
        let missing = variables
            .read(&SecretRef::Variable("OTHER".into()))
            .unwrap_err();
        assert_eq!(
            missing.to_string(),
            "the environment variable `OTHER` is not set"
        );
    }
}
