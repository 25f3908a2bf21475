//! Who is asking, through which door, and how sure of it we are.

use std::collections::BTreeSet;

use locum_domain::PrincipalId;
use locum_domain::catalog::Role;

/// The way a command came in. Every door takes the same decisions; the door is evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Api,
    Console,
    Token,
    Gateway,
}

/// How sure the login is that this is the person, now. The strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// Proved a moment ago with an authenticator, or by a key that only this program holds.
    SteppedUp,
    /// Signed in, some time ago or in a way that says nothing about authenticators.
    Ordinary,
    /// A token that a person let another device have (RFC 8628). It carries decisions only under a key of that
    /// person's own, and neither decides nor activates anything that is `regulated`.
    Device,
}

impl Assurance {
    /// The word for records and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Assurance::SteppedUp => "stepped-up",
            Assurance::Ordinary => "ordinary",
            Assurance::Device => "device",
        }
    }
}

/// A known principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub principal: PrincipalId,
    pub door: Door,
    /// The only version of what they act on that they mean; `None` means whatever stands there.
    pub on_version: Option<u64>,
    pub assurance: Assurance,
    /// Roles of the catalog that this login does not carry, because the identity provider did not confirm the
    /// group they hang on.
    pub withheld_roles: BTreeSet<Role>,
}

impl Caller {
    /// This principal, through this door, with no more assurance than having signed in.
    pub fn new(principal: PrincipalId, door: Door) -> Self {
        Self {
            principal,
            door,
            on_version: None,
            assurance: Assurance::Ordinary,
            withheld_roles: BTreeSet::new(),
        }
    }

    /// The same, as sure as their login is.
    pub fn with_assurance(self, assurance: Assurance) -> Self {
        Self { assurance, ..self }
    }

    /// The same without these roles.
    pub fn withholding(self, roles: impl IntoIterator<Item = Role>) -> Self {
        Self {
            withheld_roles: roles.into_iter().collect(),
            ..self
        }
    }

    /// The same, meaning this version and no other; 0 is no version of anything that is there.
    pub fn on_version(self, version: u64) -> Self {
        Self {
            on_version: Some(version),
            ..self
        }
    }
}
