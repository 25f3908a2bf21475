//! What was known at a place in the ledger. Everything a decision stood on was recorded before it, so that it can be
//! put together again: the files in force, the requests beside it, the request itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use locum_domain::{
    Aggregate, Case, Delegations, Event, PrincipalId, Provisions, Recorded, Refusal, Request,
    Stream, Timestamp,
};
use locum_policy::{Filing, History, Indexed, Policies};

use crate::control::{Control, unavailable};
use crate::governance;

/// Catalog and policies as they were in force at one place in the ledger.
pub(super) struct Then {
    pub(super) catalog: Arc<Indexed>,
    pub(super) policies: Arc<Policies>,
}

impl Control {
    /// What was in force just before this position.
    pub(super) async fn in_force_before(&self, position: u64) -> Result<Then, Refusal> {
        let governance = self.recorded_of(&Stream::Governance).await?;
        let applied = governance
            .iter()
            .filter_map(|recorded| match &recorded.event {
                Event::Founded { applied } | Event::Applied { applied } => {
                    Some((recorded.position, applied))
                }
                _ => None,
            });
        let applied: Vec<_> = applied.collect();
        let at = applied.iter().rposition(|(at, _)| *at < position);
        let in_force = self.in_force();
        let then = at.and_then(|at| applied.get(at)).map(|(_, it)| it);
        let is_same = then.is_none_or(|it| it.digest == in_force.applied.digest);
        let mut lent = BTreeMap::new();
        for id in in_force.catalog.applications.keys() {
            let confirmed = self.recorded_of(&Stream::Delegations(id.clone())).await?;
            lent.insert(id.clone(), confirmed);
        }
        let is_later = |it: &Recorded| it.position >= position;
        let is_lent_since = lent.values().flatten().any(is_later);
        match then {
            Some(then) if !is_same || is_lent_since => {
                let (mut catalog, policies, _) = governance::read(then).map_err(unavailable)?;
                for application in catalog.applications.values_mut() {
                    let confirmed = lent.get(&application.id).map(Vec::as_slice);
                    if let Some(confirmed) = lent_before(confirmed.unwrap_or_default(), position) {
                        application.delegates.retain(|it| confirmed.confirm(it));
                    }
                }
                Ok(Then {
                    catalog: Arc::new(Indexed::of(catalog)),
                    policies: Arc::new(policies),
                })
            }
            // What counts now counted then.
            _ => Ok(Then {
                catalog: Arc::clone(&in_force.catalog),
                policies: Arc::clone(&in_force.policies),
            }),
        }
    }

    /// The provisions at that time, as far as the record still tells them.
    pub(super) async fn provisions_of(
        &self,
        request: &Request,
        at: Timestamp,
    ) -> Result<Provisions, Refusal> {
        let askers: [&PrincipalId; 2] = [&request.actor, &request.requester];
        self.provisions(&askers, at).await
    }

    /// What happened before this request was filed, as far as its route depended on it.
    pub(super) async fn history_before(
        &self,
        filing: &Filing<'_>,
        request: &Request,
        case: &Case,
        position: u64,
    ) -> Result<History, Refusal> {
        let at = request.filed_at;
        let reference = case.reference.to_string();
        let mut earlier = self
            .earlier(filing, &reference, &request.subject, at)
            .await?;
        for list in [
            &mut earlier.of_case,
            &mut earlier.of_subject,
            &mut earlier.of_actor,
            &mut earlier.of_requester,
        ] {
            let mut then = Vec::with_capacity(list.len());
            for other in std::mem::take(list) {
                if other.id == request.id || other.filed_at > at {
                    continue;
                }
                let stream = Stream::Request(other.id.clone());
                then.extend(before(&self.recorded_of(&stream).await?, position));
            }
            *list = then;
        }
        Ok(earlier.history(filing, case, at))
    }
}

/// The delegations that were confirmed before this position; `None` for a ledger that does not say so of any, where
/// what was applied counted as it was written.
fn lent_before(events: &[Recorded], position: u64) -> Option<Delegations> {
    let earlier = events.iter().filter(|it| it.position < position);
    earlier.fold(None, |state, it| Delegations::evolve(state, &it.event))
}

/// A request as it stood before this position.
pub(super) fn before(events: &[Recorded], position: u64) -> Option<Request> {
    let earlier = events.iter().filter(|it| it.position < position);
    match earlier.fold(None, Aggregate::evolve) {
        Some(Aggregate::Request(request)) => Some(*request),
        _ => None,
    }
}
