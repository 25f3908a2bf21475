//! Which delegations of an application count: those that whoever lent the authority has confirmed on the record.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::catalog::Delegate;
use crate::event::Event;
use crate::ids::{ApplicationId, PrincipalId};

/// The confirmed delegations of one application, as they were written then.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Delegations {
    pub confirmed: Vec<ConfirmedDelegation>,
}

/// One delegation and who stands for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmedDelegation {
    pub delegation: Delegate,
    /// The delegator. `None` for what stood in the founding, and for what a development server applied by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PrincipalId>,
    pub at: Timestamp,
}

impl Delegations {
    /// Whether exactly this delegation was confirmed: another end or another person is another delegation.
    pub fn confirm(&self, delegation: &Delegate) -> bool {
        self.confirmed.iter().any(|it| it.delegation == *delegation)
    }

    /// The event by which a delegation counts.
    pub fn confirmation(
        application: &ApplicationId,
        delegation: &Delegate,
        by: Option<&PrincipalId>,
        at: Timestamp,
    ) -> Event {
        Event::DelegationConfirmed {
            application: application.clone(),
            confirmed: Box::new(ConfirmedDelegation {
                delegation: delegation.clone(),
                by: by.cloned(),
                at,
            }),
        }
    }

    /// Folds an event of this application's delegations.
    pub fn evolve(state: Option<Delegations>, event: &Event) -> Option<Delegations> {
        match event {
            Event::DelegationConfirmed { confirmed, .. } => {
                let mut delegations = state.unwrap_or_default();
                delegations.confirmed.push((**confirmed).clone());
                Some(delegations)
            }
            _ => state,
        }
    }
}
