//! A person's own key in a file: made here, read here, and its private half goes nowhere.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use ed25519_dalek::{Signer as _, SigningKey};
use locum_domain::authenticator::{PublicKey, StatementDigest};
use locum_domain::ids::AuthenticatorId;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// An Ed25519 key that signs what is shown on this machine. Whoever reads the file signs as its owner.
pub(crate) struct KeyFile(SigningKey);

impl KeyFile {
    /// Reads the file: PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes it too.
    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        Self::read_if_there(file)?
            .ok_or_else(|| Failure::Usage(format!("`{}` is not there", file.display())))
    }

    /// Reads the file, or makes it with a new key in it for its owner alone.
    pub(crate) fn read_or_make(file: &Path) -> Result<Self, Failure> {
        match Self::read_if_there(file)? {
            Some(key) => Ok(key),
            None => Self::make(file),
        }
    }

    fn read_if_there(file: &Path) -> Result<Option<Self>, Failure> {
        let wrong =
            |why: &dyn std::fmt::Display| Failure::Usage(format!("`{}`: {why}", file.display()));
        let pem = match std::fs::read_to_string(file) {
            Ok(pem) => Zeroizing::new(pem),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(wrong(&error)),
        };
        let metadata = std::fs::metadata(file).map_err(|error| wrong(&error))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            let why =
                "others may read this key: `chmod 600` it, or make another and enrol that one";
            return Err(wrong(&why));
        }
        // The cause is left out: it could quote the key.
        let key = SigningKey::from_pkcs8_pem(pem.trim())
            .map_err(|_| wrong(&"it is not an Ed25519 private key in PKCS#8 PEM"))?;
        Ok(Some(Self(key)))
    }

    fn make(file: &Path) -> Result<Self, Failure> {
        let wrong =
            |why: &dyn std::fmt::Display| Failure::Usage(format!("`{}`: {why}", file.display()));
        let mut seed = Zeroizing::new([0; 32]);
        SystemRandom::new()
            .fill(&mut *seed)
            .map_err(|_| wrong(&"no random bytes for a key"))?;
        let pem = locum_tlog::generate_pem(&seed).map_err(|error| wrong(&error))?;
        if let Some(folder) = file.parent().filter(|it| !it.as_os_str().is_empty()) {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
            made.map_err(|error| wrong(&error))?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let made = options.open(file).and_then(|mut made| {
            made.write_all(pem.as_bytes())?;
            made.sync_all()
        });
        made.map_err(|error| wrong(&error))?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// The public half's one coordinate (RFC 8037), in base64url.
    pub(crate) fn x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.verifying_key().as_bytes())
    }

    /// The public half.
    pub(crate) fn public_key(&self) -> PublicKey {
        PublicKey::ed25519(self.0.verifying_key().as_bytes())
    }

    /// The id under which it is enrolled.
    pub(crate) fn id(&self) -> AuthenticatorId {
        self.public_key().thumbprint().authenticator_id()
    }

    /// The proof that whoever asks for its enrolment holds it.
    pub(crate) fn possession(&self) -> String {
        let message = locum_api::possession_message(&self.public_key().thumbprint());
        URL_SAFE_NO_PAD.encode(self.0.sign(&message).to_bytes())
    }

    /// The signature over a statement's digest, in base64url.
    pub(crate) fn sign(&self, digest: &StatementDigest) -> String {
        let message = locum_evidence::key_file_message(&digest.0);
        URL_SAFE_NO_PAD.encode(self.0.sign(&message).to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_for_its_owner_alone_and_is_the_same_when_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys/key.pem");
        let made = KeyFile::read_or_make(&file).unwrap();
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = KeyFile::read_or_make(&file).unwrap();
        assert_eq!(made.id(), again.id());
        assert_eq!(KeyFile::read(&file).unwrap().x(), made.x());
    }

    #[test]
    fn a_key_that_others_may_read_signs_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key.pem");
        KeyFile::read_or_make(&file).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        for read in [KeyFile::read(&file), KeyFile::read_or_make(&file)] {
            let failure = read.err().unwrap();
            assert!(failure.to_string().contains("chmod 600"), "{failure}");
        }
    }

    #[test]
    fn what_is_no_key_is_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key.pem");
        let mut options = OpenOptions::new();
        let mut written = options
            .write(true)
            .create(true)
            .mode(0o600)
            .open(&file)
            .unwrap();
        written.write_all(b"hunter2").unwrap();
        let failure = KeyFile::read(&file).err().unwrap();
        assert!(!failure.to_string().contains("hunter2"), "{failure}");
        assert!(KeyFile::read(&folder.path().join("none")).is_err());
    }
}
