//! Authenticators: the keys by which named people sign what they decide, and how a key comes to count.

mod enrolment;
mod founding;
mod invitation;
mod public_key;
mod signature;
mod statement;

use serde::{Deserialize, Serialize};

use crate::ids::{AuthenticatorId, PrincipalId};

pub use enrolment::{
    Approving, Asked, Asking, Decided, Enrolled, Enrolment, Held, Revoked, SIGNS_REGULATED_AFTER,
};
pub use founding::Founding;
pub use invitation::INVITED_FOR;
pub use public_key::{PublicKey, Thumbprint};
pub use signature::Signature;
pub use statement::{
    ApprovalStatement, ConfirmationStatement, CountersignatureStatement, EnrolmentStatement,
    FindingStatement, FoundingStatement, FoundingStatementKey, Statement, StatementDigest,
};

/// One key of one person, as it was enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticator {
    pub id: AuthenticatorId,
    pub person: PrincipalId,
    /// What its owner calls it.
    pub name: String,
    pub public_key: PublicKey,
    pub means: Means,
}

/// Where the private half is kept, and what a signature by it must look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Means {
    /// A WebAuthn credential that verifies its user.
    Passkey {
        /// base64url, as WebAuthn writes it.
        credential_id: String,
        rp_id: String,
        /// Where it was made, and the only place whose signatures count.
        origin: String,
        /// Whether its maker may copy it to other devices (the backup eligibility flag).
        is_synced: bool,
    },
    /// A file on somebody's disk: enough for `low` applications and nothing else.
    KeyFile,
}

impl Authenticator {
    /// The authenticator with this key. Its id is made from the key.
    pub fn new(person: PrincipalId, name: String, public_key: PublicKey, means: Means) -> Self {
        Self {
            id: public_key.thumbprint().authenticator_id(),
            person,
            name,
            public_key,
            means,
        }
    }

    /// What auditors keep: the key's fingerprint.
    pub fn thumbprint(&self) -> Thumbprint {
        self.public_key.thumbprint()
    }

    /// Whether it verifies who uses it.
    pub fn is_passkey(&self) -> bool {
        matches!(self.means, Means::Passkey { .. })
    }

    /// The credential id, of a passkey.
    pub fn credential_id(&self) -> Option<&str> {
        match &self.means {
            Means::Passkey { credential_id, .. } => Some(credential_id),
            Means::KeyFile => None,
        }
    }

    /// Whether the id is the key's own: anything else is somebody's invention.
    pub fn is_named_by_its_key(&self) -> bool {
        self.id == self.thumbprint().authenticator_id()
    }
}
