//! What applications say about the case's subject.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use locum_control::ports::{SubjectDirectory, SubjectLookupError};
use locum_domain::SubjectId;
use locum_domain::catalog::Application;
use locum_domain::request::SubjectThere;

/// Knows every subject of every application as a customer, until told otherwise.
#[derive(Debug, Default)]
pub struct FakeSubjects {
    said: Mutex<BTreeMap<(String, String), Option<SubjectThere>>>,
    is_unreachable: AtomicBool,
}

impl FakeSubjects {
    fn say(&self, application: &str, subject: &str, what: Option<SubjectThere>) {
        let place = (application.to_owned(), subject.to_owned());
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.insert(place, what);
    }

    /// The application knows this subject so.
    pub fn set(&self, application: &str, subject: &str, there: SubjectThere) {
        self.say(application, subject, Some(there));
    }

    /// The application gives this subject another role.
    pub fn set_role(&self, application: &str, subject: &str, role: &str) {
        let mut there = customer(subject);
        there.attributes.insert("role".to_owned(), role.to_owned());
        self.set(application, subject, there);
    }

    /// The application places this subject in another tenant.
    pub fn set_tenant(&self, application: &str, subject: &str, tenant: &str) {
        let there = SubjectThere {
            tenant: Some(tenant.parse().unwrap()),
            ..customer(subject)
        };
        self.set(application, subject, there);
    }

    /// The application knows no such subject.
    pub fn forget(&self, application: &str, subject: &str) {
        self.say(application, subject, None);
    }

    /// Whether applications give no answer.
    pub fn set_unreachable(&self, is_unreachable: bool) {
        self.is_unreachable.store(is_unreachable, Ordering::SeqCst);
    }
}

fn customer(subject: &str) -> SubjectThere {
    SubjectThere {
        id: subject.to_owned(),
        tenant: None,
        attributes: BTreeMap::from([("role".to_owned(), "customer".to_owned())]),
    }
}

#[async_trait]
impl SubjectDirectory for FakeSubjects {
    async fn look_up(
        &self,
        application: &Application,
        subject: &SubjectId,
    ) -> Result<SubjectThere, SubjectLookupError> {
        if self.is_unreachable.load(Ordering::SeqCst) {
            return Err(SubjectLookupError::Unreachable("it is down".to_owned()));
        }
        let place = (application.id.to_string(), subject.to_string());
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        match said.get(&place) {
            Some(said) => said.clone().ok_or(SubjectLookupError::Unknown),
            None => Ok(customer(subject.as_str())),
        }
    }
}
