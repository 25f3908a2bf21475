//! The login that lets a device in, and what of it the device has.

use std::collections::BTreeSet;

use locum_domain::catalog::Role;
use locum_domain::{AuthenticatorId, PrincipalId};

use crate::how::{How, OidcSignIn};
use crate::login::{LoginId, NewLogin, SignedIn};
use crate::seen_from::SeenFrom;

/// What a device has of the login that let it in. Whatever shows that somebody else may have been at that login, a
/// passkey that is revoked or an end that the identity provider orders, ends the device with it. That its owner merely
/// signs out of a browser does not: the device stands in their list of logins, where they end it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    pub login: LoginId,
    /// What it did not carry then.
    pub withheld_roles: BTreeSet<Role>,
    /// The authenticators that were shown within it.
    pub shown: BTreeSet<AuthenticatorId>,
    /// Where it had come from the identity provider.
    pub provider: Option<ProviderSession>,
}

/// A session at the identity provider, as a logout token names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSession {
    pub issuer: String,
    pub subject: String,
    pub session: Option<String>,
}

impl ProviderSession {
    pub(crate) fn of(sign_in: &OidcSignIn) -> Self {
        Self {
            issuer: sign_in.issuer.clone(),
            subject: sign_in.subject.clone(),
            session: sign_in.session.clone(),
        }
    }

    /// Whether a logout token that names this account or this session means it.
    pub(crate) fn is_meant(
        &self,
        issuer: &str,
        subject: Option<&str>,
        session: Option<&str>,
    ) -> bool {
        self.issuer == issuer
            && subject.is_none_or(|subject| self.subject == subject)
            && session.is_none_or(|session| self.session.as_deref() == Some(session))
    }
}

/// Who lets a device in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LettingIn {
    pub principal: PrincipalId,
    pub parent: Parent,
}

impl LettingIn {
    /// Whoever is signed in so. `None` for what is no login, or of a device itself.
    pub fn by(signed_in: &SignedIn) -> Option<Self> {
        let provider = match &signed_in.how {
            How::Device(_) | How::Program => return None,
            How::Oidc(sign_in) => Some(ProviderSession::of(sign_in)),
            _ => None,
        };
        Some(Self {
            principal: signed_in.principal.clone(),
            parent: Parent {
                login: signed_in.login.clone()?,
                withheld_roles: signed_in.withheld_roles.clone(),
                shown: signed_in.shown.clone(),
                provider,
            },
        })
    }

    /// The device's own login.
    pub fn device(self, seen_from: SeenFrom) -> NewLogin {
        NewLogin::new(self.principal, How::Device(self.parent), seen_from)
    }
}
