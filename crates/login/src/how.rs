//! How somebody signed in, and how sure of them that makes us.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use locum_control::Assurance;
use locum_domain::AuthenticatorId;
use locum_domain::catalog::Role;

use crate::device::{Parent, ProviderSession};

/// A proof with an authenticator counts this long.
pub const STEPPED_UP: SignedDuration = SignedDuration::from_mins(15);

/// How somebody signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// A bearer token of the operator's file, in development.
    DevelopmentToken,
    /// Picked from a list, in development.
    Picked,
    /// At the identity provider.
    Oidc(OidcSignIn),
    /// With a passkey.
    Passkey {
        /// The authenticator's id.
        authenticator: AuthenticatorId,
    },
    /// With a founder's one-time link, before there is any authenticator.
    FoundingLink,
    /// A device that a signed-in person let in (RFC 8628).
    Device(Parent),
    /// A program that showed its key (`private_key_jwt`).
    Program,
}

/// What the identity provider said about a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcSignIn {
    pub issuer: String,
    /// The provider's own name for the account, which names it for back-channel logout too.
    pub subject: String,
    /// The provider's session, when it tells.
    pub session: Option<String>,
    /// Authentication context class.
    pub acr: Option<String>,
    /// Authentication methods (RFC 8176).
    pub amr: Vec<String>,
    /// When the person last proved themselves to the provider, when it tells.
    pub authenticated_at: Option<Timestamp>,
    pub groups: BTreeSet<String>,
}

impl How {
    /// The word for records and lists.
    pub fn as_str(&self) -> &'static str {
        match self {
            How::DevelopmentToken => "development-token",
            How::Picked => "picked",
            How::Oidc(_) => "oidc",
            How::Passkey { .. } => "passkey",
            How::FoundingLink => "founding-link",
            How::Device(_) => "device",
            How::Program => "program",
        }
    }

    /// The authenticators that were shown for it.
    pub(crate) fn shown(&self) -> BTreeSet<AuthenticatorId> {
        match self {
            How::Passkey { authenticator } => BTreeSet::from([authenticator.clone()]),
            How::Device(parent) => parent.shown.clone(),
            _ => BTreeSet::new(),
        }
    }

    /// The session at the identity provider that it hangs on.
    pub(crate) fn provider_session(&self) -> Option<ProviderSession> {
        match self {
            How::Oidc(sign_in) => Some(ProviderSession::of(sign_in)),
            How::Device(parent) => parent.provider.clone(),
            _ => None,
        }
    }

    fn groups(&self) -> Option<&BTreeSet<String>> {
        match self {
            How::Oidc(sign_in) => Some(&sign_in.groups),
            _ => None,
        }
    }
}

/// What the operator's configuration makes of a way to sign in.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// Whether approvals work without a signature: only in development, where a token or a pick counts as
    /// stepped up.
    pub is_signature_optional: bool,
    /// The values of `acr` that stand for a proof with an authenticator.
    pub stepped_up_acr: Vec<String>,
    /// Which group of the identity provider confirms which role.
    pub roles: BTreeMap<String, Role>,
}

impl Judgement {
    /// When this sign-in proved an authenticator, if it did.
    pub(crate) fn stepped_up_at(&self, how: &How, now: Timestamp) -> Option<Timestamp> {
        match how {
            How::Passkey { .. } => Some(now),
            How::Oidc(sign_in) => {
                let acr = sign_in.acr.as_ref()?;
                if !self.stepped_up_acr.contains(acr) {
                    return None;
                }
                // The provider may have answered from a session that is hours old; it was asked when.
                sign_in.authenticated_at.map(|at| at.min(now))
            }
            _ => None,
        }
    }

    /// How sure we are at `now`, when an authenticator was last shown at `stepped_up_at`.
    pub(crate) fn assurance(
        &self,
        how: &How,
        stepped_up_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Assurance {
        match how {
            How::Device(_) => return Assurance::Device,
            How::Program => return Assurance::SteppedUp,
            How::DevelopmentToken | How::Picked if self.is_signature_optional => {
                return Assurance::SteppedUp;
            }
            _ => {}
        }
        match stepped_up_at {
            Some(at) if now.duration_since(at) < STEPPED_UP => Assurance::SteppedUp,
            _ => Assurance::Ordinary,
        }
    }

    /// The roles that the table names and this sign-in does not confirm. Whoever signs in without the identity
    /// provider confirms none of them.
    pub(crate) fn withheld_roles(&self, how: &How) -> BTreeSet<Role> {
        if let How::Device(parent) = how {
            return parent.withheld_roles.clone();
        }
        let confirmed: BTreeSet<Role> = how
            .groups()
            .into_iter()
            .flatten()
            .filter_map(|group| self.roles.get(group).copied())
            .collect();
        let named: BTreeSet<Role> = self.roles.values().copied().collect();
        named.difference(&confirmed).copied().collect()
    }
}
