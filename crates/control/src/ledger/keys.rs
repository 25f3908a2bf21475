//! Whose key is whose, and how often each was seen to sign.
//!
//! An index, built from the entries like the rest of the head: it says where to look. What an authenticator is worth
//! is decided by the fold of its person's own history.

use std::collections::HashMap;

use locum_domain::{Authenticator, AuthenticatorId, EnrolmentId, Event, PrincipalId, Signature};

/// Keys, credentials and enrolments by their ids.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    people: HashMap<AuthenticatorId, PrincipalId>,
    credentials: HashMap<String, PrincipalId>,
    enrolments: HashMap<EnrolmentId, PrincipalId>,
    /// The highest count each authenticator was seen with, by records and by logins of this process.
    counts: HashMap<AuthenticatorId, u32>,
}

impl Keys {
    /// Who enrolled this authenticator last, or asked for it.
    pub(crate) fn person_of(&self, id: &AuthenticatorId) -> Option<PrincipalId> {
        self.people.get(id).cloned()
    }

    /// The same by WebAuthn's credential id.
    pub(crate) fn person_of_credential(&self, credential_id: &str) -> Option<PrincipalId> {
        self.credentials.get(credential_id).cloned()
    }

    /// Whose enrolment this is.
    pub(crate) fn person_of_enrolment(&self, id: &EnrolmentId) -> Option<PrincipalId> {
        self.enrolments.get(id).cloned()
    }

    /// The highest count so far; `None` when it was never seen to sign.
    pub(crate) fn count(&self, id: &AuthenticatorId) -> Option<u32> {
        self.counts.get(id).copied()
    }

    /// Takes a count in. `false` when it is not above what was seen, as a copied key's would be; an authenticator
    /// that does not count says 0 for ever.
    pub(crate) fn raise(&mut self, id: &AuthenticatorId, count: u32) -> bool {
        let last = self.counts.entry(id.clone()).or_insert(0);
        let is_above = count > *last || (count == 0 && *last == 0);
        *last = count.max(*last);
        is_above
    }

    /// Takes an event in.
    pub(crate) fn remember(&mut self, event: &Event) {
        match event {
            Event::FounderEnrolled { authenticator, .. } => self.belongs(authenticator),
            Event::EnrolmentAsked { enrolment } => {
                let person = enrolment.authenticator.person.clone();
                self.enrolments.insert(enrolment.id.clone(), person);
                self.belongs(&enrolment.authenticator);
            }
            Event::RequestApproved { approval, .. } => self.signed(approval.signature.as_ref()),
            Event::EnrolmentApproved { signature, .. }
            | Event::FoundingSigned { signature, .. } => {
                self.signed(Some(signature));
            }
            _ => {}
        }
    }

    fn belongs(&mut self, authenticator: &Authenticator) {
        let person = &authenticator.person;
        self.people.insert(authenticator.id.clone(), person.clone());
        if let Some(id) = authenticator.credential_id() {
            self.credentials.insert(id.to_owned(), person.clone());
        }
    }

    fn signed(&mut self, signature: Option<&Signature>) {
        if let Some(signature) = signature {
            self.raise(signature.authenticator(), signature.count());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_does_not_grow_is_seen_and_one_that_is_never_made_is_not() {
        let id = AuthenticatorId::from_bytes([1; 16]);
        let mut keys = Keys::default();
        assert_eq!(keys.count(&id), None);
        assert!(keys.raise(&id, 0) && keys.raise(&id, 0));
        assert!(keys.raise(&id, 7));
        assert!(!keys.raise(&id, 7) && !keys.raise(&id, 0) && !keys.raise(&id, 6));
        assert_eq!(keys.count(&id), Some(7));
        assert!(keys.raise(&id, 8));
    }
}
