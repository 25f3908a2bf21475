//! What somebody may ask for, with everybody who may give each approval.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::catalog::Application;
use locum_domain::{Authority, PrincipalId};

use super::circle::Circle;
use crate::filing::Circumstances;
use crate::plan::asking::{Need, Reach, Terms, Urgency};
use crate::plan::bench::{At, left_alone};
use crate::plan::judge::Judge;
use crate::plan::verdict::Named;

/// Who may decide for these askers in particular, and who may no longer, though they hold no other office than before.
pub(super) type Own = (BTreeSet<PrincipalId>, BTreeSet<PrincipalId>);

/// A reach, and who would staff it for a stranger.
pub(super) struct Staffed {
    pub(super) reach: Reach,
    strangers: BTreeMap<Authority, BTreeSet<PrincipalId>>,
}

/// Whether both may ask for as long, with the same approvals, and somebody is left to give them.
pub(super) fn are_alike(old: Option<&Reach>, new: Option<&Reach>) -> bool {
    let seen = |it: &Reach| {
        let needs: BTreeSet<Authority> = it.needs.iter().map(|it| it.authority).collect();
        (it.longest_minutes, needs, it.nobody_left_for)
    };
    old.map(seen) == new.map(seen)
}

/// Who may decide for these and could not, and the other way round, without joining or leaving the bench itself.
pub(super) fn own(old: Option<&Staffed>, new: Option<&Staffed>) -> Own {
    let (Some(old), Some(new)) = (old, new) else {
        return Own::default();
    };
    let mut own = Own::default();
    for need in &new.reach.needs {
        let Some(was) = old
            .reach
            .needs
            .iter()
            .find(|it| it.authority == need.authority)
        else {
            continue;
        };
        let people = |it: &Need| -> BTreeSet<PrincipalId> {
            it.people.iter().map(|it| it.id.clone()).collect()
        };
        let (before, after) = (people(was), people(need));
        let bench = |it: &Staffed, id| {
            let bench = it.strangers.get(&need.authority);
            bench.is_some_and(|it| it.contains(id))
        };
        let joined = after
            .difference(&before)
            .filter(|it| bench(old, it) || !bench(new, it));
        own.0.extend(joined.cloned());
        let left = before
            .difference(&after)
            .filter(|it| bench(new, it) || !bench(old, it));
        own.1.extend(left.cloned());
    }
    own
}

/// The terms with everybody who may give each approval to this asker.
pub(super) fn staffed<'a>(
    judge: &Judge<'a>,
    (urgency, circumstances): (Urgency, Circumstances),
    terms: &Terms,
    application: &'a Application,
    circle: &Circle<'a>,
    asker: &'a PrincipalId,
    named: &dyn Fn(&PrincipalId) -> Named,
) -> Staffed {
    let special = circle.special();
    let mut needs = Vec::new();
    let mut steps = Vec::new();
    let mut strangers = BTreeMap::new();
    for (authority, rule) in &terms.demands {
        let at = At {
            authority: *authority,
            application,
            urgency,
            circumstances,
        };
        let people = judge.approvers(at, rule, asker, &special);
        let bench = judge.bench(at, rule);
        strangers.insert(*authority, bench.iter().map(|it| (*it).clone()).collect());
        needs.push(Need {
            authority: *authority,
            rule: rule.clone(),
            people: people.iter().map(|id| named(id)).collect(),
        });
        steps.push((*authority, people));
    }
    Staffed {
        reach: Reach {
            longest_minutes: terms.longest.0,
            nobody_left_for: left_alone(&steps),
            needs,
        },
        strangers,
    }
}
