//! Ending logins. Nothing here can begin one.

use locum_domain::{AuthenticatorId, PrincipalId};

use super::Logins;
use super::entry::Entry;
use crate::cookie::LOGIN;
use crate::how::How;
use crate::login::{Ended, LoginId};
use crate::tokens::BEARER;

impl Logins {
    /// The value of `Set-Cookie` that takes the cookie away.
    pub fn ended_cookie(&self) -> String {
        LOGIN.ended(self.settings.is_secure)
    }

    /// Ends one login of this person, if it is theirs.
    pub fn end(&self, owner: &PrincipalId, id: &LoginId) -> Option<Ended> {
        self.end_where(|entry| entry.principal == *owner && entry.id == *id)
            .pop()
    }

    /// Ends every login of a person but this one.
    pub fn end_others(&self, owner: &PrincipalId, this: &LoginId) -> Vec<Ended> {
        let now = self.ports.now();
        self.end_where(|entry| {
            entry.principal == *owner && entry.id != *this && !entry.is_over(now)
        })
    }

    /// Ends the login whose bearer token this is (RFC 7009).
    pub fn end_token(&self, token: &str) -> Option<Ended> {
        let digest = self.ports.digest(BEARER, token);
        self.live().remove(&digest).map(Entry::ended)
    }

    /// Ends what the identity provider says is over: one of its sessions, or everything of an account, and the devices
    /// that were let in from there.
    pub fn end_at_provider(
        &self,
        issuer: &str,
        subject: Option<&str>,
        session: Option<&str>,
    ) -> Vec<Ended> {
        if subject.is_none() && session.is_none() {
            return Vec::new();
        }
        self.end_where(|entry| {
            let hangs_on = entry.how.provider_session();
            hangs_on.is_some_and(|it| it.is_meant(issuer, subject, session))
        })
    }

    /// Ends what a passkey that was revoked began, stepped up, or let in: whoever showed it may not be its owner.
    pub fn end_by_authenticator(&self, authenticator: &AuthenticatorId) -> Vec<Ended> {
        self.end_where(|entry| entry.shown.contains(authenticator))
    }

    /// Ends what founders' links began. They are for the founding alone, and it is complete.
    pub fn end_founding_links(&self) -> Vec<Ended> {
        self.end_where(|entry| entry.how == How::FoundingLink)
    }

    fn end_where(&self, is_to_end: impl Fn(&Entry) -> bool) -> Vec<Ended> {
        let mut live = self.live();
        let digests: Vec<_> = live
            .iter()
            .filter(|(_, entry)| is_to_end(entry))
            .map(|(digest, _)| *digest)
            .collect();
        let ended = digests.iter().filter_map(|digest| live.remove(digest));
        ended.map(Entry::ended).collect()
    }
}
