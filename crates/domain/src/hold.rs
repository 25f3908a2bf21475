//! The kill switch's second half: what was stopped stays held until a second named person lifts it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::denial::{Denial, Refusal};
use crate::event::Event;
use crate::ids::{ApplicationId, CaseRef, HoldId, PrincipalId, SubjectId, TenantId};

/// What a stop reaches. Revocation is a union: any one of them suffices.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopScope {
    All,
    Application(ApplicationId),
    Actor(PrincipalId),
    Case(CaseRef),
    Subject(SubjectId),
    Tenant(TenantId),
}

/// What a request or session is about, as far as a stop can reach it.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'a> {
    pub applications: &'a [&'a ApplicationId],
    pub actor: &'a PrincipalId,
    pub case: &'a CaseRef,
    pub subject: &'a SubjectId,
    pub tenant: Option<&'a TenantId>,
}

impl StopScope {
    /// Whether this stop reaches it.
    pub fn reaches(&self, reach: Reach<'_>) -> bool {
        match self {
            StopScope::All => true,
            StopScope::Application(id) => reach.applications.contains(&id),
            StopScope::Actor(id) => reach.actor == id,
            StopScope::Case(id) => reach.case == id,
            StopScope::Subject(id) => reach.subject == id,
            StopScope::Tenant(id) => reach.tenant == Some(id),
        }
    }
}

/// A hold: no request, approval or activation in its scope until a second person lifts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub id: HoldId,
    pub scope: StopScope,
    pub by: PrincipalId,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<Lift>,
}

/// Who lifted a hold, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lift {
    pub by: PrincipalId,
    pub at: Timestamp,
}

impl Hold {
    /// Lifts the hold.
    ///
    /// # Errors
    /// When the person who stopped tries to lift, or it is lifted already.
    pub fn lift(&self, by: &PrincipalId, at: Timestamp) -> Result<Event, Refusal> {
        if self.lifted.is_some() {
            return Err(Denial::AlreadyDecided.because("the hold is lifted already"));
        }
        if self.by == *by {
            return Err(
                Denial::SecondPersonRequired.because("whoever stopped cannot lift the hold")
            );
        }
        Ok(Event::HoldLifted {
            hold: self.id.clone(),
            by: by.clone(),
            at,
        })
    }

    /// Folds an event of this hold's stream.
    pub fn evolve(state: Option<Hold>, event: &Event) -> Option<Hold> {
        match (state, event) {
            (None, Event::HoldPlaced { hold }) => Some(hold.clone()),
            (Some(hold), Event::HoldLifted { by, at, .. }) => Some(Hold {
                lifted: Some(Lift {
                    by: by.clone(),
                    at: *at,
                }),
                ..hold
            }),
            (state, _) => state,
        }
    }
}
