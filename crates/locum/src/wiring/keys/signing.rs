//! The keys that sign now.

use std::collections::BTreeMap;
use std::sync::Arc;

use locum_control::ports::KeyPurpose;
use locum_domain::ApplicationId;
use locum_token::SigningKey;

/// One key for each purpose.
#[derive(Clone)]
pub(super) struct Signing {
    pub(super) grant: Arc<SigningKey>,
    pub(super) access_token: Arc<SigningKey>,
    pub(super) assertions: BTreeMap<ApplicationId, Arc<SigningKey>>,
}

impl Signing {
    pub(super) fn get(&self, purpose: &KeyPurpose) -> Option<&Arc<SigningKey>> {
        match purpose {
            KeyPurpose::Grant => Some(&self.grant),
            KeyPurpose::AccessToken => Some(&self.access_token),
            KeyPurpose::Assertion(application) => self.assertions.get(application),
        }
    }

    pub(super) fn put(&mut self, purpose: KeyPurpose, key: Arc<SigningKey>) {
        match purpose {
            KeyPurpose::Grant => self.grant = key,
            KeyPurpose::AccessToken => self.access_token = key,
            KeyPurpose::Assertion(application) => {
                self.assertions.insert(application, key);
            }
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (KeyPurpose, &Arc<SigningKey>)> {
        let assertions = self.assertions.iter();
        let assertions = assertions.map(|(id, key)| (KeyPurpose::Assertion(id.clone()), key));
        [
            (KeyPurpose::Grant, &self.grant),
            (KeyPurpose::AccessToken, &self.access_token),
        ]
        .into_iter()
        .chain(assertions)
    }
}
