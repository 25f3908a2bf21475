//! What a change that is applied does to delegations: those of whoever asked for it count with it, and those that it takes
//! out of the files end.

use std::collections::BTreeSet;

use locum_domain::catalog::Delegate;
use locum_domain::{
    Aggregate, ApplicationId, Catalog, Change, Delegations, Happened, PrincipalId, Refusal, Stream,
    Timestamp,
};

use super::confirm::{is_still_to_come, may_lend};
use crate::caller::Caller;
use crate::control::Control;
use crate::governance::InForce;
use crate::in_person::just_proved;
use crate::ports::Guard;

/// Events for the proposal that applies, with the guards by which a confirmation of the same moment is not lost.
pub(crate) struct Standing {
    pub(crate) events: Vec<Happened>,
    pub(crate) guards: Vec<Guard>,
}

impl Control {
    /// Whoever proposed in person and whoever confirms now lend what they wrote down themselves; nothing of it is on the
    /// record before the change counts.
    pub(crate) async fn delegations_with(
        &self,
        in_force: &InForce,
        change: &Change,
        caller: &Caller,
        after: &Catalog,
        at: Timestamp,
    ) -> Result<Standing, Refusal> {
        let demanded = self.settings().signature_demanded;
        let is_here = just_proved(caller, demanded, "lends no authority").is_ok();
        let is_lender = |who: &PrincipalId| {
            (change.lends && *who == change.by) || (is_here && *who == caller.principal)
        };
        let today = self.circumstances(at).today;
        let mut standing = Standing {
            events: Vec::new(),
            guards: Vec::new(),
        };
        for id in concerned(in_force, after) {
            let written = after.applications.get(&id);
            let written: &[Delegate] = written.map_or(&[], |it| &it.delegates);
            let lent = written.iter().filter(|it| {
                is_lender(&it.by)
                    && is_still_to_come(it, today).is_ok()
                    && may_lend(&in_force.catalog, &it.by, &id).is_ok()
            });
            let stream = Stream::Delegations(id.clone());
            let (state, version) = self.verified_with_version(&stream).await?;
            let known = match state {
                Some(Aggregate::Delegations(known)) => *known,
                _ => Delegations::default(),
            };
            let confirmed = lent
                .filter(|it| !known.confirm(it))
                .map(|it| Delegations::confirmation(&id, it, Some(&it.by), at));
            let events: Vec<_> = known
                .ends(&id, written, at)
                .into_iter()
                .chain(confirmed)
                .collect();
            standing.guards.push(Guard::Version {
                stream: stream.clone(),
                version,
            });
            standing
                .events
                .extend(events.into_iter().map(|event| Happened {
                    stream: stream.clone(),
                    at,
                    event,
                }));
        }
        Ok(standing)
    }
}

/// The applications in whose delegations anything differs, counting or not.
fn concerned(in_force: &InForce, after: &Catalog) -> BTreeSet<ApplicationId> {
    let ids = in_force
        .catalog
        .applications
        .keys()
        .chain(after.applications.keys());
    let before = |id: &ApplicationId| -> Vec<&Delegate> {
        let counting = in_force.catalog.applications.get(id);
        let counting = counting.into_iter().flat_map(|it| &it.delegates);
        let waiting = in_force.waiting.iter().filter(|it| it.application == *id);
        counting.chain(waiting.map(|it| &it.delegation)).collect()
    };
    let differs = |id: &&ApplicationId| {
        let (before, after) = (before(id), after.applications.get(*id));
        let after: Vec<&Delegate> = after.into_iter().flat_map(|it| &it.delegates).collect();
        before.len() != after.len() || !before.iter().all(|it| after.contains(it))
    };
    ids.filter(differs).cloned().collect()
}
