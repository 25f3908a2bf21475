//! Which delegations of an application count: those that whoever lent the authority has confirmed on the record, for as
//! long as they stand in what counts.

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

    /// The events by which what was confirmed ends, because it is not written down any more: written again, it waits
    /// again.
    pub fn ends(
        &self,
        application: &ApplicationId,
        written: &[Delegate],
        at: Timestamp,
    ) -> Vec<Event> {
        let ended = self.confirmed.iter().map(|it| &it.delegation);
        let ended = ended.filter(|it| !written.contains(it));
        ended
            .map(|delegation| Event::DelegationEnded {
                application: application.clone(),
                delegation: Box::new(delegation.clone()),
                at,
            })
            .collect()
    }

    /// Folds an event of this application's delegations.
    pub fn evolve(state: Option<Delegations>, event: &Event) -> Option<Delegations> {
        match event {
            Event::DelegationConfirmed { confirmed, .. } => {
                let mut delegations = state.unwrap_or_default();
                delegations.confirmed.push((**confirmed).clone());
                Some(delegations)
            }
            Event::DelegationEnded { delegation, .. } => {
                let mut delegations = state.unwrap_or_default();
                let is_another = |it: &ConfirmedDelegation| it.delegation != **delegation;
                delegations.confirmed.retain(is_another);
                Some(delegations)
            }
            _ => state,
        }
    }
}
