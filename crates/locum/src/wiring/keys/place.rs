//! Where each key lies, and how one is made by hand.

use std::path::{Path, PathBuf};

use locum_control::ports::KeyPurpose;
use locum_domain::catalog::{Application, SigningAlgorithm};
use locum_token::Algorithm;

/// The file of the key of login cookies.
pub(super) const COOKIES: &str = "cookies.key";
/// The file of the key that wraps the subjects' keys.
pub(super) const PAYLOADS: &str = "payload.key";
/// The list of subjects' keys that were erased.
pub(super) const ERASED: &str = "erased";
/// The folder of new keys that wait to be recorded.
pub(super) const NEXT: &str = "next";

/// A key's file, relative to `keys/`.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn of(purpose: &KeyPurpose) -> Self {
        Self(match purpose {
            KeyPurpose::Grant => PathBuf::from("grants.key"),
            KeyPurpose::AccessToken => PathBuf::from("access-tokens.key"),
            // The catalog lets an application have no other name than a DNS label, which no path can be.
            KeyPurpose::Assertion(application) => {
                Path::new("assertions").join(format!("{application}.key"))
            }
        })
    }

    pub(crate) fn path(&self, folder: &Path) -> PathBuf {
        folder.join(&self.0)
    }
}

/// The algorithm in which an application wants its assertions.
pub(crate) fn algorithm_of(application: &Application) -> Algorithm {
    match application.identity.algorithm {
        SigningAlgorithm::EdDSA | SigningAlgorithm::Ed25519 => Algorithm::EdDsa,
        SigningAlgorithm::ES256 => Algorithm::Es256,
        SigningAlgorithm::RS256 => Algorithm::Rs256,
    }
}

/// The command that makes such a key.
pub(super) fn command(path: &Path, algorithm: Algorithm) -> String {
    let kind = match algorithm {
        Algorithm::EdDsa => "ed25519",
        Algorithm::Es256 => "EC -pkeyopt ec_paramgen_curve:P-256",
        Algorithm::Rs256 => "RSA -pkeyopt rsa_keygen_bits:3072",
    };
    format!("openssl genpkey -algorithm {kind} -out {}", path.display())
}
