//! One login, as its owner and the doors see it.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use locum_control::{Assurance, Caller, Door};
use locum_domain::catalog::Role;
use locum_domain::{AuthenticatorId, PrincipalId};
use secrecy::SecretString;

use crate::how::How;
use crate::seen_from::SeenFrom;

/// Names a login without being able to continue it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoginId(pub(crate) String);

impl LoginId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LoginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for LoginId {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Somebody who showed who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub principal: PrincipalId,
    /// `Api` for a bearer token, `Console` for a login's cookie.
    pub door: Door,
    pub how: How,
    /// How sure of them we are now.
    pub assurance: Assurance,
    /// Roles of the catalog that this login does not carry.
    pub withheld_roles: BTreeSet<Role>,
    /// The authenticators that were shown within it.
    pub shown: BTreeSet<AuthenticatorId>,
    /// The login; a development token is none.
    pub login: Option<LoginId>,
    /// What every form of this login must carry, when a cookie showed it.
    pub csrf: Option<String>,
}

impl SignedIn {
    /// As the use cases take it.
    pub fn caller(&self) -> Caller {
        Caller::new(self.principal.clone(), self.door)
            .with_assurance(self.assurance)
            .withholding(self.withheld_roles.iter().copied())
    }
}

/// Why nobody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSignedIn {
    #[error("nothing says who is asking")]
    Nothing,
    /// An `Authorization` header that is not one bearer token.
    #[error("the authorization is not a bearer token")]
    NotBearer,
    #[error("the bearer token is nobody's")]
    UnknownToken,
    #[error("the login has ended")]
    LoginEnded,
}

impl NotSignedIn {
    /// A word for counting.
    pub fn code(self) -> &'static str {
        match self {
            NotSignedIn::Nothing => "no-credential",
            NotSignedIn::NotBearer => "not-bearer",
            NotSignedIn::UnknownToken => "unknown-token",
            NotSignedIn::LoginEnded => "login-ended",
        }
    }
}

/// Why no login began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotBegun {
    #[error("no random bytes")]
    NoRandomness,
    /// The login that let a device in has ended since.
    #[error("the login that let this device in has ended")]
    ParentEnded,
}

/// Why a login was not stepped up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSteppedUp {
    #[error(transparent)]
    NotSignedIn(#[from] NotSignedIn),
    /// The proof is another person's than the login.
    #[error("the proof is somebody else's")]
    SomebodyElse,
    /// The identity provider did not confirm an authenticator, or not recently.
    #[error("the identity provider confirmed no authenticator just now")]
    NotProved,
    #[error("no random bytes")]
    NoRandomness,
}

/// Somebody whose identity was proved, about to be signed in.
#[derive(Debug, Clone)]
pub struct NewLogin {
    pub principal: PrincipalId,
    pub how: How,
    pub seen_from: SeenFrom,
    /// The ID token, which the identity provider asks to see again at logout.
    pub id_token: Option<SecretString>,
}

impl NewLogin {
    /// A login that no identity provider knows of.
    pub fn new(principal: PrincipalId, how: How, seen_from: SeenFrom) -> Self {
        Self {
            principal,
            how,
            seen_from,
            id_token: None,
        }
    }

    /// The same, with the ID token for the logout.
    pub fn with_id_token(self, id_token: SecretString) -> Self {
        Self {
            id_token: Some(id_token),
            ..self
        }
    }
}

/// A login that has just begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    pub id: LoginId,
    /// The value of `Set-Cookie`.
    pub set_cookie: String,
}

/// A login whose secret is a bearer token.
#[derive(Debug, Clone)]
pub struct Token {
    pub id: LoginId,
    pub token: SecretString,
    pub expires_in_seconds: u32,
}

/// A login that was ended before its time.
#[derive(Debug, Clone)]
pub struct Ended {
    pub id: LoginId,
    pub principal: PrincipalId,
    /// How it had begun.
    pub how: How,
    /// What the identity provider asks to see at logout.
    pub id_token: Option<SecretString>,
}

/// A login as its owner sees it in their list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginView {
    pub id: LoginId,
    /// How it began, as [`How::as_str`] says it.
    pub how: &'static str,
    pub seen_from: SeenFrom,
    pub began_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub end_by: Timestamp,
    /// Whether it is the one that asks.
    pub is_this: bool,
}
