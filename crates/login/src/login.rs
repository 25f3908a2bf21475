//! One login, as its owner and the doors see it.

use std::fmt;

use jiff::Timestamp;
use locum_control::{Caller, Door};
use locum_domain::PrincipalId;

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
    /// The login, when a cookie showed it.
    pub login: Option<LoginId>,
    /// What every form of this login must carry.
    pub csrf: Option<String>,
}

impl SignedIn {
    /// As the use cases take it.
    pub fn caller(&self) -> Caller {
        Caller::new(self.principal.clone(), self.door)
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

/// A login that has just begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    pub id: LoginId,
    /// The value of `Set-Cookie`.
    pub set_cookie: String,
}

/// A login as its owner sees it in their list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginView {
    pub id: LoginId,
    pub began_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub end_by: Timestamp,
}
