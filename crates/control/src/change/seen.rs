//! Changes to look at: each as its own ledger entries tell it.

use std::cell::OnceCell;

use locum_domain::change::ChangeState;
use locum_domain::{Aggregate, Change, ChangeId, Denial, PrincipalId, Recorded, Refusal, Stream};
use locum_plan::{Plan, Version};

use super::judge::recorded;
use super::party::Parties;
use super::restart::waits_for_a_restart;
use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::governance::InForce;
use crate::sight::{self, SECURITY};

/// One change as the caller stands to it.
#[derive(Debug, Clone)]
pub struct ChangeSeen {
    pub change: Change,
    /// The difference as it was computed when it was proposed.
    pub plan: Plan,
    /// Why the caller may not confirm it, if they may not; the proof that it takes is another matter.
    pub may_confirm: Result<(), Refusal>,
    /// Everybody who may; nobody once it is decided.
    pub could_confirm: Vec<PrincipalId>,
    /// What of it waits for the next start, a sentence each.
    pub restart: Vec<String>,
    /// Whether every word of it is the caller's to see, and not only what differs.
    pub sees_every_word: bool,
    /// It is applied on the record, and this server does not count by all of it yet; it goes on by itself.
    pub is_taking_effect: bool,
}

/// The changes that the caller may see, newest first; `state` is `waiting`, `applied`, `denied` or `withdrawn`.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub async fn changes(
    control: &Control,
    caller: &Caller,
    state: Option<&str>,
) -> Result<Vec<ChangeSeen>, Refusal> {
    let keys = state.map(|state| ("state".to_owned(), state.to_owned()));
    let found = control
        .all_with("change", keys.into_iter().collect())
        .await?;
    let (in_force, base) = (control.in_force(), OnceCell::new());
    let mut seen = Vec::new();
    for state in found {
        let Aggregate::Change(listed) = state else {
            continue;
        };
        if !control.may_see_change(caller, &listed) {
            continue;
        }
        // What a list is read for is told by the ledger too: somebody acts on it.
        let (change, _) = control.recorded_change(&listed.id).await?;
        seen.push(control.as_seen(caller, change, &in_force, &base)?);
    }
    let about = Stream::Principal(caller.principal.clone());
    control.looked(caller, &about, "changes").await?;
    Ok(seen)
}

/// One change: for whoever proposed it, for whoever holds the authority it concerns, for security and auditors.
///
/// # Errors
/// `not-found` for what is not the caller's to see.
pub async fn change(
    control: &Control,
    caller: &Caller,
    id: &ChangeId,
) -> Result<ChangeSeen, Refusal> {
    let (change, _) = control.visible_change(caller, id).await?;
    let about = Stream::Change(id.clone());
    control.looked(caller, &about, id.as_str()).await?;
    control.as_seen(caller, change, &control.in_force(), &OnceCell::new())
}

impl Control {
    /// The change after a verb of the caller's, by what it recorded: the store is not asked again, for what is on the
    /// record must not be answered as if it were not.
    pub(super) fn change_after(
        &self,
        caller: &Caller,
        before: Option<Change>,
        events: &[Recorded],
    ) -> Result<ChangeSeen, Refusal> {
        let evolve = |change, recorded: &Recorded| Change::evolve(change, &recorded.event);
        let change = events.iter().fold(before, evolve);
        let change = change.ok_or_else(|| unavailable("nothing was recorded of a change"))?;
        self.as_seen(caller, change, &self.in_force(), &OnceCell::new())
    }

    /// The change by its own entries, if it is the caller's to see.
    pub(super) async fn visible_change(
        &self,
        caller: &Caller,
        id: &ChangeId,
    ) -> Result<(Change, u64), Refusal> {
        let (change, version) = self.recorded_change(id).await?;
        match self.may_see_change(caller, &change) {
            true => Ok((change, version)),
            false => Err(Denial::NotFound.because("no such change")),
        }
    }

    /// Whether the change is there and the caller's to see.
    pub(crate) async fn sees_change(
        &self,
        caller: &Caller,
        id: &ChangeId,
    ) -> Result<bool, Refusal> {
        self.visible_change(caller, id).await.map(|_| true)
    }

    async fn recorded_change(&self, id: &ChangeId) -> Result<(Change, u64), Refusal> {
        let stream = Stream::Change(id.clone());
        match self.verified_with_version(&stream).await? {
            (Some(Aggregate::Change(change)), version) => Ok((*change, version)),
            _ => Err(Denial::NotFound.because("no such change")),
        }
    }

    fn may_see_change(&self, caller: &Caller, change: &Change) -> bool {
        let (catalog, who) = (self.catalog_for(caller), &caller.principal);
        catalog.is_same_human(who, &change.by)
            || sight::sees_all(&catalog, who)
            || self.has_a_say(caller, change)
    }

    /// Whether it is of the caller's concern: security's always, an owner's where it is about their application.
    pub(super) fn has_a_say(&self, caller: &Caller, change: &Change) -> bool {
        let (catalog, who) = (self.catalog_for(caller), &caller.principal);
        if sight::has_role(&catalog, who, SECURITY) {
            return true;
        }
        let works_here = catalog.people.get(who).is_some_and(|it| it.is_active);
        let plan = plan_of(change).ok().filter(|_| works_here);
        let applications = plan.map(|plan| plan.applications()).unwrap_or_default();
        applications.iter().any(|id| sight::owns(&catalog, who, id))
    }

    /// `base` is filled with what is in force where it is read for the first time.
    fn as_seen(
        &self,
        caller: &Caller,
        change: Change,
        in_force: &InForce,
        base: &OnceCell<Version>,
    ) -> Result<ChangeSeen, Refusal> {
        let plan = plan_of(&change)?;
        let applied = &in_force.applied;
        let is_waiting = matches!(change.state, ChangeState::Waiting);
        let sees_every_word = self.sees_every_word(caller, &change);
        if !is_waiting || change.base != applied.digest {
            let is_taking_effect = self.is_taking_effect(&change, in_force);
            return Ok(ChangeSeen {
                is_taking_effect,
                ..decided(change, plan, sees_every_word)
            });
        }
        let before = match base.get() {
            Some(before) => before,
            None => {
                let before = recorded(&applied.files, &applied.settings)?;
                base.get_or_init(|| before)
            }
        };
        let after = recorded(&change.files, &change.settings)?;
        let parties = Parties {
            by: &change.by,
            before,
            after: &after,
            plan: &plan,
        };
        let may_confirm = parties.may_confirm(&self.catalog_for(caller), &caller.principal);
        Ok(ChangeSeen {
            could_confirm: parties.confirmers(),
            restart: waits_for_a_restart(before, &after),
            may_confirm,
            sees_every_word,
            is_taking_effect: false,
            plan,
            change,
        })
    }

    fn is_taking_effect(&self, change: &Change, in_force: &InForce) -> bool {
        let ChangeState::Applied { at, .. } = change.state else {
            return false;
        };
        let applied = &in_force.applied;
        let is_it = applied.change.as_ref() == Some(&change.id);
        (is_it && self.applying.is_stale()) || (!is_it && applied.at < at)
    }

    /// Whoever proposed it wrote every word of it.
    fn sees_every_word(&self, caller: &Caller, change: &Change) -> bool {
        let (catalog, who) = (self.catalog_for(caller), &caller.principal);
        catalog.is_same_human(who, &change.by) || sight::sees_every_word(&catalog, who)
    }
}

/// One that nobody can confirm: it is decided, or stands on what is not in force any more.
fn decided(change: Change, plan: Plan, sees_every_word: bool) -> ChangeSeen {
    let denial = match change.state {
        ChangeState::Waiting => {
            Denial::StaleApproval.because("something else was applied meanwhile: plan it again")
        }
        _ => Denial::AlreadyDecided.because(format!("the change is {}", change.state.as_str())),
    };
    ChangeSeen {
        may_confirm: Err(denial),
        could_confirm: Vec::new(),
        restart: Vec::new(),
        sees_every_word,
        is_taking_effect: false,
        plan,
        change,
    }
}

fn plan_of(change: &Change) -> Result<Plan, Refusal> {
    serde_json::from_value(change.plan.clone()).map_err(unavailable)
}
