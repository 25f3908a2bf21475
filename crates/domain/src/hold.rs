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

    /// The key under which a standing hold of this scope is found, and no other.
    pub fn key(&self) -> String {
        match self {
            StopScope::All => "all".to_owned(),
            StopScope::Application(id) => format!("application/{id}"),
            StopScope::Actor(id) => format!("actor/{id}"),
            StopScope::Case(id) => format!("case/{id}"),
            StopScope::Subject(id) => format!("subject/{id}"),
            StopScope::Tenant(id) => format!("tenant/{id}"),
        }
    }
}

impl Reach<'_> {
    /// Every scope that reaches this: a hold on any one of them stops it, and a hold on none of them does not.
    pub fn scopes(&self) -> Vec<StopScope> {
        let applications = self.applications.iter();
        let mut scopes = vec![
            StopScope::All,
            StopScope::Actor(self.actor.clone()),
            StopScope::Case(self.case.clone()),
            StopScope::Subject(self.subject.clone()),
        ];
        scopes.extend(applications.map(|id| StopScope::Application((*id).clone())));
        scopes.extend(self.tenant.cloned().map(StopScope::Tenant));
        scopes
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
    /// `already-decided` when it is lifted already, `second-person-required` for whoever stopped, and
    /// `conflict-of-interest` for whoever it stops.
    pub fn lift(&self, by: &PrincipalId, at: Timestamp) -> Result<Event, Refusal> {
        if self.lifted.is_some() {
            return Err(Denial::AlreadyDecided.because("the hold is lifted already"));
        }
        if self.by == *by {
            return Err(
                Denial::SecondPersonRequired.because("whoever stopped cannot lift the hold")
            );
        }
        if self.scope == StopScope::Actor(by.clone()) {
            return Err(Denial::ConflictOfInterest.because("the hold stops you"));
        }
        Ok(Event::HoldLifted {
            hold: self.id.clone(),
            by: by.clone(),
            at,
        })
    }

    /// Under which keys a hold is found: while it stands, also under its scope.
    pub fn keys(&self) -> Vec<(&'static str, String)> {
        match self.lifted {
            Some(_) => vec![("state", "lifted".to_owned())],
            None => vec![("state", "held".to_owned()), ("held", self.scope.key())],
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes() -> Vec<StopScope> {
        vec![
            StopScope::All,
            StopScope::Application("billing".parse().unwrap()),
            StopScope::Application("crm".parse().unwrap()),
            StopScope::Application("wiki".parse().unwrap()),
            StopScope::Actor("alice".parse().unwrap()),
            StopScope::Actor("carla".parse().unwrap()),
            StopScope::Case("desk:7".parse().unwrap()),
            StopScope::Case("desk:8".parse().unwrap()),
            StopScope::Subject("carla".parse().unwrap()),
            StopScope::Subject("alice".parse().unwrap()),
            StopScope::Tenant("acme".parse().unwrap()),
            StopScope::Tenant("globex".parse().unwrap()),
        ]
    }

    #[test]
    fn r18_what_a_stop_reaches_is_found_under_its_key_and_nothing_else_is() {
        let (billing, crm) = ("billing".parse().unwrap(), "crm".parse().unwrap());
        let (alice, case) = ("alice".parse().unwrap(), "desk:7".parse().unwrap());
        let (carla, acme) = ("carla".parse().unwrap(), "acme".parse().unwrap());
        for tenant in [Some(&acme), None] {
            let reach = Reach {
                applications: &[&billing, &crm],
                actor: &alice,
                case: &case,
                subject: &carla,
                tenant,
            };
            let keys: Vec<String> = reach.scopes().iter().map(StopScope::key).collect();
            for scope in scopes() {
                assert_eq!(
                    keys.contains(&scope.key()),
                    scope.reaches(reach),
                    "{scope:?}"
                );
            }
        }
    }

    #[test]
    fn r18_neither_whoever_stopped_nor_whoever_is_stopped_lifts() {
        let hold = |scope| Hold {
            id: HoldId::from_bytes([1; 16]),
            scope,
            by: "sam".parse().unwrap(),
            at: Timestamp::UNIX_EPOCH,
            lifted: None,
        };
        let lift = |hold: &Hold, by: &str| {
            let lifted = hold.lift(&by.parse().unwrap(), Timestamp::UNIX_EPOCH);
            lifted.map(|_| ()).map_err(|refusal| refusal.denial)
        };
        let on_sven = hold(StopScope::Actor("sven".parse().unwrap()));
        assert_eq!(lift(&on_sven, "sam"), Err(Denial::SecondPersonRequired));
        assert_eq!(lift(&on_sven, "sven"), Err(Denial::ConflictOfInterest));
        assert_eq!(lift(&on_sven, "olga"), Ok(()));
        assert_eq!(lift(&hold(StopScope::All), "sven"), Ok(()));
    }
}
