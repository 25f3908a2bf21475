//! Keys in a house: its founding, everybody's enrolment, and approvals that are signed.

use locum_control::approve::Approve;
use locum_control::approve_enrolment::{self, approve_enrolment};
use locum_control::ask_enrolment::ask_enrolment;
use locum_control::enrol_founder::enrol_founder;
use locum_control::sign_founding::sign_founding;
use locum_control::{Assurance, Caller, approve, founding};
use locum_domain::authenticator::Enrolment;
use locum_domain::{Refusal, Request, RequestId};

use super::{House, SoftAuthenticator};

/// Who founds a house that is founded.
pub const FOUNDERS: [&str; 2] = ["prya@corp.example", "sam@corp.example"];

impl House {
    /// Somebody, through the API, who proved a moment ago who they are.
    pub fn sure(&self, id: &str) -> Caller {
        self.caller(id).with_assurance(Assurance::SteppedUp)
    }

    /// The founding, from beginning to end: the founders' keys, in the order of [`FOUNDERS`].
    pub async fn founded(&self) -> [SoftAuthenticator; 2] {
        let keys = FOUNDERS.map(|person| SoftAuthenticator::passkey(person, 1));
        for key in &keys {
            let caller = self.caller(key.person());
            enrol_founder(&self.control, &caller, &key.public)
                .await
                .unwrap();
        }
        for key in &keys {
            let caller = self.caller(key.person());
            let to_sign = founding::statement(&self.control, &caller).await.unwrap();
            let signature = key.sign(&to_sign);
            sign_founding(&self.control, &caller, &signature)
                .await
                .unwrap();
        }
        keys
    }

    /// Asks that a key count.
    pub async fn ask_to_enrol(&self, key: &SoftAuthenticator) -> Result<Enrolment, Refusal> {
        let caller = self.caller(key.person());
        ask_enrolment(&self.control, &caller, &key.public, None).await
    }

    /// Signs somebody's enrolment, and may be refused.
    pub async fn let_count(
        &self,
        by: &SoftAuthenticator,
        enrolment: &Enrolment,
    ) -> Result<(), Refusal> {
        let caller = self.caller(by.person());
        let to_sign = approve_enrolment::statement(&self.control, &caller, &enrolment.id).await;
        // Whoever may not sign tries all the same.
        let signature = match to_sign {
            Ok(to_sign) => by.sign(&to_sign),
            Err(_) => by.sign_digest(&[0; 32]),
        };
        let control = &self.control;
        approve_enrolment(control, &caller, &enrolment.id, &signature)
            .await
            .map(drop)
    }

    /// A passkey of this person that counts since now.
    pub async fn enrolled(&self, person: &str, by: &SoftAuthenticator) -> SoftAuthenticator {
        let key = SoftAuthenticator::passkey(person, 1);
        let enrolment = self.ask_to_enrol(&key).await.unwrap();
        self.let_count(by, &enrolment).await.unwrap();
        key
    }

    /// The approval of a request as it stands now, signed with this key.
    pub async fn signed_approval(
        &self,
        key: &SoftAuthenticator,
        id: &RequestId,
    ) -> Result<Approve, Refusal> {
        let words = self.approval_of(id).await;
        let caller = self.caller(key.person());
        let to_sign = approve::statement(&self.control, &caller, id, &words.words()).await?;
        Ok(Approve {
            signature: Some(key.sign(&to_sign)),
            ..words
        })
    }

    /// Approves with a signature, and may be refused.
    pub async fn approve_signed(
        &self,
        key: &SoftAuthenticator,
        id: &RequestId,
    ) -> Result<Request, Refusal> {
        let caller = self.caller(key.person());
        let words = match self.signed_approval(key, id).await {
            Ok(words) => words,
            // Whoever may not sign tries all the same.
            Err(_) => Approve {
                signature: Some(key.sign_digest(&[0; 32])),
                ..self.approval_of(id).await
            },
        };
        approve::approve(&self.control, &caller, id, &words).await
    }
}
