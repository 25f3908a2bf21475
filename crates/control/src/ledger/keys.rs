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
        let is_above = goes_on(count, *last);
        *last = count.max(*last);
        is_above
    }

    /// The first key among those that signed these events whose count does not go on from what was seen, here or in
    /// `taken`: other signatures that are about to be recorded before these. Where there is none, these are taken, too.
    pub(crate) fn overtaken<'e>(
        &self,
        events: impl IntoIterator<Item = &'e Event>,
        taken: &mut HashMap<AuthenticatorId, u32>,
    ) -> Option<AuthenticatorId> {
        let mut more = HashMap::new();
        for signature in events.into_iter().filter_map(signature_of) {
            let (id, count) = (signature.authenticator(), signature.count());
            let last = more.get(id).or_else(|| taken.get(id));
            let last = last.or_else(|| self.counts.get(id)).copied();
            if !goes_on(count, last.unwrap_or(0)) {
                return Some(id.clone());
            }
            more.insert(id.clone(), count);
        }
        taken.extend(more);
        None
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
            _ => {}
        }
        if let Some(signature) = signature_of(event) {
            self.raise(signature.authenticator(), signature.count());
        }
    }

    fn belongs(&mut self, authenticator: &Authenticator) {
        let person = &authenticator.person;
        self.people.insert(authenticator.id.clone(), person.clone());
        if let Some(id) = authenticator.credential_id() {
            self.credentials.insert(id.to_owned(), person.clone());
        }
    }
}

/// The signature that an event carries.
fn signature_of(event: &Event) -> Option<&Signature> {
    match event {
        Event::RequestApproved { approval, .. } | Event::RequestCountersigned { approval, .. } => {
            approval.signature.as_ref()
        }
        Event::ExceptionConfirmed { signature, .. } | Event::ChangeApplied { signature, .. } => {
            signature.as_ref()
        }
        Event::EnrolmentApproved { signature, .. } | Event::FoundingSigned { signature, .. } => {
            Some(signature)
        }
        _ => None,
    }
}

/// Whether a key that was seen with `last` and never counted back may be seen with `count`.
fn goes_on(count: u32, last: u32) -> bool {
    count > last || (count == 0 && last == 0)
}

#[cfg(test)]
mod tests {
    use locum_domain::authenticator::{Means, PublicKey};

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

    /// Signed with a count of four times the number: 36 zero bytes in base64url, and one that its first digit says.
    fn signed(number: u8) -> Event {
        let data = format!("{}{}A", "A".repeat(48), char::from(b'A' + number));
        Event::FoundingSigned {
            by: "sam@corp.example".parse().unwrap(),
            signature: Signature::Passkey {
                authenticator: AuthenticatorId::from_bytes([1; 16]),
                authenticator_data: data,
                client_data_json: String::new(),
                signature: String::new(),
            },
            at: "2026-08-03T08:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn of_two_signatures_by_one_key_the_one_that_counts_less_is_not_recorded_after_the_other() {
        let mut keys = Keys::default();
        keys.remember(&signed(5));
        assert_eq!(keys.count(&AuthenticatorId::from_bytes([1; 16])), Some(20));
        let id = Some(AuthenticatorId::from_bytes([1; 16]));
        let mut taken = HashMap::new();
        assert_eq!(keys.overtaken(&[signed(5)], &mut taken), id);
        assert_eq!(keys.overtaken(&[signed(7)], &mut taken), None);
        // Those that are refused take nothing from the next.
        assert_eq!(keys.overtaken(&[signed(9), signed(6)], &mut taken), id);
        assert_eq!(keys.overtaken(&[signed(6)], &mut taken), id);
        assert_eq!(keys.overtaken(&[signed(8)], &mut taken), None);
        let nobody = Event::FounderEnrolled {
            authenticator: Box::new(Authenticator::new(
                "sam@corp.example".parse().unwrap(),
                "a key".to_owned(),
                PublicKey::ed25519(&[1; 32]),
                Means::KeyFile,
            )),
            at: "2026-08-03T08:00:00Z".parse().unwrap(),
        };
        assert_eq!(keys.overtaken(&[nobody], &mut taken), None);
        // An authenticator that does not count never overtakes itself.
        let never = Keys::default();
        let mut taken = HashMap::new();
        assert_eq!(never.overtaken(&[signed(0)], &mut taken), None);
        assert_eq!(never.overtaken(&[signed(0)], &mut taken), None);
    }
}
