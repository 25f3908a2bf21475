//! Beginning a login, and proving oneself again within it.

use std::collections::BTreeMap;

use http::HeaderMap;
use jiff::Timestamp;
use locum_domain::PrincipalId;
use secrecy::SecretString;

use super::entry::{Entry, ShownBy, longest};
use super::{COOKIE, Logins};
use crate::cookie::LOGIN;
use crate::how::How;
use crate::login::{LoginId, NewLogin, NotBegun, NotSignedIn, NotSteppedUp, Started, Token};
use crate::secret::SecretDigest;
use crate::seen_from::SeenFrom;
use crate::tokens::BEARER;

/// Most logins of one person; the oldest gives way.
const MOST_PER_PERSON: usize = 20;
/// Most tokens of one program, which may be many processes and takes a new one every few minutes.
const MOST_PER_PROGRAM: usize = 1_000;

impl Logins {
    /// Signs in whom somebody picked. `None` outside development, or without randomness.
    pub fn pick(&self, principal: PrincipalId, seen_from: SeenFrom) -> Option<Started> {
        if self.settings.is_picking_allowed {
            self.begin(NewLogin::new(principal, How::Picked, seen_from))
        } else {
            None
        }
    }

    /// Signs in somebody whose identity was proved, in a browser. Its cookie is new: whatever was put into the browser
    /// before is worth nothing. `None` when there is no randomness.
    pub fn begin(&self, login: NewLogin) -> Option<Started> {
        let secret = self.ports.secret()?;
        let digest = self.ports.digest(COOKIE, &secret);
        let id = self.keep(login, ShownBy::Cookie, digest, &secret).ok()?;
        let set_cookie = LOGIN.begun(&secret, self.settings.is_secure);
        Some(Started { id, set_cookie })
    }

    /// Signs in a device or a program, which shows a bearer token.
    ///
    /// # Errors
    /// Without randomness, and when the login that let a device in has ended before the device heard of it: it may have
    /// ended because somebody else was there.
    pub fn begin_token(&self, login: NewLogin) -> Result<Token, NotBegun> {
        // The prefix lets scanners of leaked secrets know it for what it is.
        let token = format!(
            "locum_{}",
            self.ports.secret().ok_or(NotBegun::NoRandomness)?
        );
        let digest = self.ports.digest(BEARER, &token);
        let seconds = longest(&login.how).as_secs();
        let id = self.keep(login, ShownBy::Token, digest, &token)?;
        Ok(Token {
            id,
            token: SecretString::from(token),
            expires_in_seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
        })
    }

    fn keep(
        &self,
        login: NewLogin,
        shown_by: ShownBy,
        digest: SecretDigest,
        secret: &str,
    ) -> Result<LoginId, NotBegun> {
        let now = self.ports.now();
        let id = self.ports.derived("locum-login-id/v1", secret);
        let id = LoginId(id.chars().take(32).collect());
        let judgement = &self.settings.judgement;
        let entry = Entry {
            id: id.clone(),
            principal: login.principal,
            stepped_up_at: judgement.stepped_up_at(&login.how, now),
            withheld_roles: judgement.withheld_roles(&login.how),
            shown: login.how.shown(),
            how: login.how,
            shown_by,
            seen_from: login.seen_from,
            began_at: now,
            last_seen_at: now,
            id_token: login.id_token,
        };
        let mut live = self.live();
        live.retain(|_, entry| !entry.is_over(now));
        if let How::Device(parent) = &entry.how
            && !live.values().any(|it| it.id == parent.login)
        {
            return Err(NotBegun::ParentEnded);
        }
        make_room(&mut live, &entry);
        live.insert(digest, entry);
        Ok(id)
    }

    /// Notes that the person of this login proved themselves again, by a passkey or at the identity provider. The
    /// login goes on under a new cookie: the old one, which somebody may have put there, gains nothing.
    ///
    /// # Errors
    /// When nobody is signed in, the proof is another person's, or it proves no authenticator.
    pub fn step_up(&self, headers: &HeaderMap, proof: NewLogin) -> Result<Started, NotSteppedUp> {
        let old = LOGIN
            .read(headers, self.settings.is_secure)
            .ok_or(NotSignedIn::Nothing)?;
        let old = self.ports.digest(COOKIE, old);
        let now = self.ports.now();
        let judgement = &self.settings.judgement;
        let at = judgement.stepped_up_at(&proof.how, now);
        let secret = self.ports.secret().ok_or(NotSteppedUp::NoRandomness)?;
        let mut live = self.live();
        let entry = live.get(&old).filter(|entry| !entry.is_over(now));
        let entry = entry.ok_or(NotSignedIn::LoginEnded)?;
        if entry.principal != proof.principal {
            return Err(NotSteppedUp::SomebodyElse);
        }
        let at = at.ok_or(NotSteppedUp::NotProved)?;
        let mut entry = live.remove(&old).ok_or(NotSignedIn::LoginEnded)?;
        entry.last_seen_at = entry.last_seen_at.max(now);
        entry.stepped_up_at = entry.stepped_up_at.max(Some(at));
        entry.shown.extend(proof.how.shown());
        if matches!(proof.how, How::Oidc(_)) {
            // The provider's new session is the one that its logout will name.
            entry.withheld_roles = judgement.withheld_roles(&proof.how);
            entry.how = proof.how;
            entry.id_token = proof.id_token;
        }
        let id = entry.id.clone();
        live.insert(self.ports.digest(COOKIE, &secret), entry);
        let set_cookie = LOGIN.begun(&secret, self.settings.is_secure);
        Ok(Started { id, set_cookie })
    }
}

fn make_room(live: &mut BTreeMap<SecretDigest, Entry>, next: &Entry) {
    let most = match next.how {
        How::Program => MOST_PER_PROGRAM,
        _ => MOST_PER_PERSON,
    };
    let mut theirs: Vec<(Timestamp, SecretDigest)> = live
        .iter()
        .filter(|(_, entry)| entry.principal == next.principal)
        .map(|(digest, entry)| (entry.began_at, *digest))
        .collect();
    theirs.sort();
    let surplus = theirs.len().saturating_sub(most - 1);
    for (_, digest) in theirs.into_iter().take(surplus) {
        live.remove(&digest);
    }
}
