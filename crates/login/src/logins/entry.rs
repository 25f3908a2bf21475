//! What is kept of one login.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use locum_domain::catalog::Role;
use locum_domain::{AuthenticatorId, PrincipalId};
use secrecy::SecretString;

use crate::how::How;
use crate::login::{Ended, LoginId, LoginView};
use crate::seen_from::SeenFrom;

/// A person's login ends this long after it began, whatever happens.
const LONGEST: SignedDuration = SignedDuration::from_hours(8);
/// A login that nobody used for this long has ended.
const IDLE: SignedDuration = SignedDuration::from_hours(1);
/// A program proves itself anew each time.
const LONGEST_OF_PROGRAM: SignedDuration = SignedDuration::from_mins(10);

/// What shows a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShownBy {
    Cookie,
    Token,
}

pub(super) struct Entry {
    pub(super) id: LoginId,
    pub(super) principal: PrincipalId,
    pub(super) how: How,
    pub(super) shown_by: ShownBy,
    pub(super) seen_from: SeenFrom,
    pub(super) began_at: Timestamp,
    pub(super) last_seen_at: Timestamp,
    pub(super) stepped_up_at: Option<Timestamp>,
    /// The authenticators that were shown within it, the one it began with among them.
    pub(super) shown: BTreeSet<AuthenticatorId>,
    pub(super) withheld_roles: BTreeSet<Role>,
    pub(super) id_token: Option<SecretString>,
}

/// How long a login of this kind lasts at most.
pub(super) fn longest(how: &How) -> SignedDuration {
    match how {
        How::Program => LONGEST_OF_PROGRAM,
        _ => LONGEST,
    }
}

impl Entry {
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        let since = |at: Timestamp| now.duration_since(at);
        since(self.began_at) >= longest(&self.how) || since(self.last_seen_at) >= IDLE
    }

    pub(super) fn view(&self, this: Option<&LoginId>) -> LoginView {
        LoginView {
            id: self.id.clone(),
            how: self.how.as_str(),
            seen_from: self.seen_from.clone(),
            began_at: self.began_at,
            last_seen_at: self.last_seen_at,
            end_by: self
                .began_at
                .saturating_add(longest(&self.how))
                .unwrap_or(self.began_at),
            is_this: this == Some(&self.id),
        }
    }

    pub(super) fn ended(self) -> Ended {
        Ended {
            id: self.id,
            principal: self.principal,
            how: self.how,
            id_token: self.id_token,
        }
    }
}
