//! What people do with keys.

use locum_control::activate::activate;
use locum_control::revoke_authenticator::revoke_authenticator;
use locum_domain::Refusal;

use super::Played;
use crate::house::{House, SoftAuthenticator};
use crate::scenario::Step;

impl Played {
    /// What people do with keys. `None` when the step is something else.
    pub(super) async fn keys(&mut self, step: &Step) -> Option<()> {
        let outcome: Result<(), Refusal> = match step {
            Step::ApprovalsAreSigned => {
                self.house.verify().await;
                let house = House::builder().founders().signature_demanded();
                self.house = house.open().await;
                self.house.founded().await;
                Ok(())
            }
            Step::HasKey { who, by } => {
                self.house.enrolled(&self.id(who), &self.key_of(by)).await;
                Ok(())
            }
            Step::AsksForKey(who) => {
                let asked = self.house.ask_to_enrol(&self.key_of(who)).await;
                asked.map(|asked| drop(self.enrolments.insert(self.id(who), asked)))
            }
            Step::LetsCount { who, whose } => {
                let enrolment = &self.enrolments[&self.id(whose)];
                self.house.let_count(&self.key_of(who), enrolment).await
            }
            Step::Signs(who) => self.signs(&self.key_of(who)).await,
            Step::SignsWith { who, whose } => {
                self.signs(&self.key_of(whose).lent_to(&self.id(who))).await
            }
            Step::TakesOutOfUse { who, whose } => {
                let id = self.key_of(whose).public.id;
                let caller = self.house.caller(&self.id(who));
                revoke_authenticator(&self.house.control, &caller, &id, "it was lost")
                    .await
                    .map(drop)
            }
            Step::ActivatesWithProof(who) => {
                let caller = self.house.sure(&self.id(who));
                let activated = activate(&self.house.control, &caller, &self.request()).await;
                activated.map(|activated| self.session = Some(activated.session.id))
            }
            _ => return None,
        };
        self.last = outcome;
        Some(())
    }

    async fn signs(&self, key: &SoftAuthenticator) -> Result<(), Refusal> {
        let request = self.request();
        self.house.approve_signed(key, &request).await.map(drop)
    }

    /// This person's key, whether or not it counts.
    fn key_of(&self, name: &str) -> SoftAuthenticator {
        SoftAuthenticator::passkey(&self.id(name), 1)
    }
}
