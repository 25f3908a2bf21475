//! Who gains and who loses: operations, time, and the approvals they take.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use locum_domain::catalog::{Application, Eligibility};
use locum_domain::{ApplicationId, Authority, OperationId, PrincipalId};
use serde::{Deserialize, Serialize};

use super::asking::{Need, Reach, Terms, Urgency};
use super::bench::{ALL, At, left_alone, usual_rule};
use super::deciders::{lent, people_are_alike};
use super::judge::Judge;
use super::kin::concerned;
use super::moment::{days, moments, when};
use super::rules;
use super::standing::Standing;
use super::verdict::{Named, Verdict};
use crate::filing::Circumstances;

mod told;

/// People who may ask for some operations otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessChange {
    pub application: ApplicationId,
    pub urgency: Urgency,
    pub operations: BTreeSet<OperationId>,
    pub who: Vec<Named>,
    /// Absent when it is so at all times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Absent where they could not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Reach>,
    /// Absent where they can no longer ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Reach>,
    pub verdict: Verdict,
    pub says: Vec<String>,
}

impl AccessChange {
    /// Whether they can ask and could not.
    pub fn is_gain(&self) -> bool {
        self.before.is_none()
    }

    /// Whether they could ask and no longer can.
    pub fn is_loss(&self) -> bool {
        self.after.is_none()
    }
}

pub(crate) fn compare<'a>(
    before: &Judge<'a>,
    after: &Judge<'a>,
    today: Date,
    progress: &mut dyn FnMut(usize, usize),
) -> Vec<AccessChange> {
    let groups = groups(before, after);
    let mut table = Table::new(before, after, today);
    for (done, (standings, members)) in groups.iter().enumerate() {
        progress(done, groups.len());
        table.group(standings, members);
    }
    progress(groups.len(), groups.len());
    table.rows()
}

type Standings<'a> = (Option<Standing<'a>>, Option<Standing<'a>>);

/// Everybody who might be eligible for anything on some side, those of the same standing on both together.
fn groups<'a>(
    before: &Judge<'a>,
    after: &Judge<'a>,
) -> BTreeMap<Standings<'a>, Vec<&'a PrincipalId>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let catalogs = [before.side.catalog, after.side.catalog];
    let people = catalogs.iter().flat_map(|it| it.people.keys());
    let agents = catalogs.iter().flat_map(|it| it.agents.keys());
    let everybody: BTreeSet<&PrincipalId> = people.chain(agents).collect();
    for id in everybody {
        let standings = (before.standings.standing(id), after.standings.standing(id));
        if standings != (None, None) {
            groups.entry(standings).or_default().push(id);
        }
    }
    groups
}

/// One thing that differs, before people and operations are put together.
type Difference = (ApplicationId, Urgency, Option<Reach>, Option<Reach>, Own);

/// Who may decide for these askers in particular, and who may no longer, though they hold no other office than before.
type Own = (BTreeSet<PrincipalId>, BTreeSet<PrincipalId>);

/// When, and which operations.
type Extent = BTreeMap<OperationId, BTreeSet<(Date, u8)>>;

struct Table<'j, 'a> {
    before: &'j Judge<'a>,
    after: &'j Judge<'a>,
    today: Date,
    rules_of_asking_are_alike: bool,
    benches_are_alike: bool,
    /// For each application, whether its benches differ so that somebody might find nobody left.
    short: BTreeMap<ApplicationId, bool>,
    rows: BTreeMap<(Difference, BTreeSet<OperationId>, Option<String>), BTreeSet<Named>>,
}

/// The two forms of one application.
type Ones<'a> = (Option<&'a Application>, Option<&'a Application>);

/// What somebody may ask for at one moment, on both sides.
struct Asked<'a> {
    urgency: Urgency,
    at: Circumstances,
    terms: BTreeMap<&'a OperationId, (Option<Terms>, Option<Terms>)>,
}

/// The holders of authorities to whom somebody is more than a stranger: those that may be barred, and the manager.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Circle<'a> {
    concerned: BTreeSet<&'a PrincipalId>,
    manager: Option<&'a PrincipalId>,
    /// Where rules about deciding look at whose request it is.
    alone: Option<&'a PrincipalId>,
}

impl<'a> Circle<'a> {
    fn special(&self) -> BTreeSet<&'a PrincipalId> {
        self.concerned.iter().copied().chain(self.manager).collect()
    }
}

/// Benches that keep as many people are never short: no route has more steps, no circle that many people.
const ENOUGH: usize = 16;

impl<'j, 'a> Table<'j, 'a> {
    fn new(before: &'j Judge<'a>, after: &'j Judge<'a>, today: Date) -> Self {
        let alike = |actions: &[&str]| {
            rules::about(before.side.policies, actions)
                == rules::about(after.side.policies, actions)
        };
        let people = people_are_alike(before.side.catalog, after.side.catalog);
        Self {
            before,
            after,
            today,
            rules_of_asking_are_alike: alike(&["ask", "file", "go-without"]),
            benches_are_alike: alike(&["approve"]) && people,
            short: BTreeMap::new(),
            rows: BTreeMap::new(),
        }
    }

    fn group(&mut self, standings: &Standings<'a>, members: &[&'a PrincipalId]) {
        let candidates = |judge: &Judge<'a>, standing: &Option<Standing<'a>>| {
            let standing = standing.as_ref();
            let found = standing.map(|it| judge.standings.candidates(it).collect());
            found.unwrap_or_default()
        };
        let old: Vec<&Eligibility> = candidates(self.before, &standings.0);
        let new: Vec<&Eligibility> = candidates(self.after, &standings.1);
        let all = old.iter().chain(&new).flat_map(|it| &it.applications);
        let applications: BTreeSet<&ApplicationId> = all.collect();
        for id in applications {
            let of = |them: &[&'a Eligibility]| -> Vec<&'a Eligibility> {
                let of_it = them.iter().filter(|it| it.applications.contains(id));
                of_it.copied().collect()
            };
            let form = |judge: &Judge<'a>| judge.side.catalog.applications.get(id);
            let ones = (form(self.before), form(self.after));
            let (old, new) = (of(&old), of(&new));
            let terms_are_alike = self.rules_of_asking_are_alike
                && ones.0 == ones.1
                && old == new
                && is_like(&standings.0, &standings.1);
            if terms_are_alike && (self.benches_are_alike || !self.is_short(ones, members)) {
                continue;
            }
            let certified = certified(&old, &new, self.today);
            self.application(standings, members, ones, certified);
        }
    }

    /// Whether benches or circles differ so that it could matter to any of these.
    fn is_short(&mut self, ones: Ones<'a>, members: &[&'a PrincipalId]) -> bool {
        let (Some(old), Some(new)) = ones else {
            return true;
        };
        if self.before.reading.decides_by_request {
            return true;
        }
        let known = self.short.get(&old.id).copied();
        let is_short = known.unwrap_or_else(|| {
            let all = moments(&days(self.today, self.before.reading), self.before.reading);
            let differ = |urgency: Urgency, at: &Circumstances, authority: Authority| {
                let bench = |judge: &Judge<'a>, application| {
                    let at = At {
                        authority,
                        application,
                        urgency,
                        circumstances: *at,
                    };
                    let bench = judge.bench(at, usual_rule(authority));
                    bench.iter().copied().collect::<BTreeSet<_>>()
                };
                let (old, new) = (bench(self.before, old), bench(self.after, new));
                old != new && old.len().min(new.len()) < ENOUGH
            };
            let mut each = Urgency::ALL.iter().flat_map(|urgency| {
                let all = &all;
                all.iter()
                    .flat_map(move |at| ALL.map(|authority| (*urgency, at, authority)))
            });
            each.any(|(urgency, at, authority)| differ(urgency, at, authority))
        });
        self.short.insert(old.id.clone(), is_short);
        is_short
            || members.iter().any(|id| {
                let (old, new) = (
                    self.circle(self.before, old, id, true),
                    self.circle(self.after, new, id, true),
                );
                old != new || old.special().len() + ALL.len() > ENOUGH
            })
    }

    fn circle(
        &self,
        judge: &Judge<'a>,
        application: &'a Application,
        id: &'a PrincipalId,
        managers_matter: bool,
    ) -> Circle<'a> {
        let might = judge.everybody_who_might(application);
        let manager = judge.manager(id).filter(|_| managers_matter);
        if judge.reading.decides_by_request {
            return Circle {
                concerned: might,
                manager,
                alone: Some(id),
            };
        }
        let concerned = concerned(judge.side.catalog, id);
        Circle {
            concerned: concerned
                .into_iter()
                .filter(|it| might.contains(it) || Some(*it) == manager)
                .collect(),
            manager,
            alone: None,
        }
    }

    fn application(
        &mut self,
        standings: &Standings<'a>,
        members: &[&'a PrincipalId],
        ones: Ones<'a>,
        certified: BTreeSet<Date>,
    ) {
        let mut when_looked = days(self.today, self.before.reading);
        when_looked.extend(certified);
        when_looked.extend(lent(ones, self.today));
        let all = moments(&when_looked, self.before.reading);
        let asked = self.asked(standings, members, ones, &all);
        let terms = asked.iter().flat_map(|it| it.terms.values());
        let mut terms = terms.flat_map(|(old, new)| [old, new]).flatten();
        let managers_matter = terms.any(Terms::is_of_managers);
        let mut circles: BTreeMap<_, Vec<&PrincipalId>> = BTreeMap::new();
        for id in members {
            let circle = |judge: &Judge<'a>, it: Option<&'a Application>| {
                it.map(|it| self.circle(judge, it, id, managers_matter))
            };
            let pair = (circle(self.before, ones.0), circle(self.after, ones.1));
            circles.entry(pair).or_default().push(id);
        }
        for (circle, members) in circles {
            let mut differences: BTreeMap<Difference, Extent> = BTreeMap::new();
            for asked in &asked {
                self.moment(asked, ones, &circle, &members, &mut differences);
            }
            for (difference, extent) in differences {
                self.push(difference, extent, &all, &members);
            }
        }
    }

    fn asked(
        &self,
        standings: &Standings<'a>,
        members: &[&'a PrincipalId],
        ones: Ones<'a>,
        all: &[Circumstances],
    ) -> Vec<Asked<'a>> {
        let mut asked = Vec::new();
        let Some(first) = members.first() else {
            return asked;
        };
        for urgency in Urgency::ALL {
            for at in all {
                let side = |judge: &Judge<'a>, it: Option<&'a Application>, may_ask: bool| {
                    let it = it.filter(|_| may_ask);
                    it.map(|it| judge.terms(first, it, urgency, *at))
                        .unwrap_or_default()
                };
                let old = side(self.before, ones.0, standings.0.is_some());
                let new = side(self.after, ones.1, standings.1.is_some());
                let mut terms: BTreeMap<_, (Option<Terms>, Option<Terms>)> = BTreeMap::new();
                for (operation, it) in old {
                    terms.entry(operation).or_default().0 = Some(it);
                }
                for (operation, it) in new {
                    terms.entry(operation).or_default().1 = Some(it);
                }
                asked.push(Asked {
                    urgency,
                    at: *at,
                    terms,
                });
            }
        }
        asked
    }

    fn moment(
        &self,
        asked: &Asked<'a>,
        ones: Ones<'a>,
        circle: &(Option<Circle<'a>>, Option<Circle<'a>>),
        members: &[&'a PrincipalId],
        differences: &mut BTreeMap<Difference, Extent>,
    ) {
        let Some(first) = members.first() else {
            return;
        };
        let mut known: BTreeMap<(&Option<Terms>, &Option<Terms>), Option<Difference>> =
            BTreeMap::new();
        for (operation, (old, new)) in &asked.terms {
            let difference = known.entry((old, new)).or_insert_with(|| {
                let staff =
                    |judge: &Judge<'a>, terms: &Option<Terms>, it, circle: &Option<Circle<'a>>| {
                        let (terms, application, circle) = (terms.as_ref()?, it?, circle.as_ref()?);
                        Some(self.staffed(judge, asked, terms, application, circle, first))
                    };
                let old = staff(self.before, old, ones.0, &circle.0);
                let new = staff(self.after, new, ones.1, &circle.1);
                let id = ones.1.or(ones.0).map(|it| it.id.clone())?;
                let own = own(old.as_ref(), new.as_ref());
                let (old, new) = (old.map(|it| it.reach), new.map(|it| it.reach));
                let differs = !are_alike(old.as_ref(), new.as_ref());
                let differs = differs || !own.0.is_empty() || !own.1.is_empty();
                differs.then_some((id, asked.urgency, old, new, own))
            });
            if let Some(difference) = difference {
                let extent = differences.entry(difference.clone()).or_default();
                let held = extent.entry((*operation).clone()).or_default();
                held.insert((asked.at.today, asked.at.local_hour));
            }
        }
    }

    /// The terms with everybody who may give each approval.
    fn staffed(
        &self,
        judge: &Judge<'a>,
        asked: &Asked<'a>,
        terms: &Terms,
        application: &'a Application,
        circle: &Circle<'a>,
        asker: &'a PrincipalId,
    ) -> Staffed {
        let special = circle.special();
        let mut needs = Vec::new();
        let mut steps = Vec::new();
        let mut strangers = BTreeMap::new();
        for (authority, rule) in &terms.demands {
            let at = At {
                authority: *authority,
                application,
                urgency: asked.urgency,
                circumstances: asked.at,
            };
            let people = judge.approvers(at, rule, asker, &special);
            let bench = judge.bench(at, rule);
            strangers.insert(*authority, bench.iter().map(|it| (*it).clone()).collect());
            needs.push(Need {
                authority: *authority,
                rule: rule.clone(),
                people: people.iter().map(|id| self.named(id)).collect(),
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

    fn named(&self, id: &PrincipalId) -> Named {
        Named::of(id, self.before.side.catalog, self.after.side.catalog)
    }

    fn push(
        &mut self,
        difference: Difference,
        extent: Extent,
        all: &[Circumstances],
        members: &[&PrincipalId],
    ) {
        let mut by_time: BTreeMap<Option<String>, BTreeSet<OperationId>> = BTreeMap::new();
        for (operation, held) in extent {
            let when = when(&held, all, self.today, self.before.reading);
            by_time.entry(when).or_default().insert(operation);
        }
        for (when, operations) in by_time {
            let who: Vec<Named> = members.iter().map(|id| self.named(id)).collect();
            let row = (difference.clone(), operations, when);
            self.rows.entry(row).or_default().extend(who);
        }
    }

    fn rows(self) -> Vec<AccessChange> {
        let rows = self.rows.into_iter();
        rows.map(
            |(((application, urgency, before, after, own), operations, when), who)| {
                let mut change = AccessChange {
                    application,
                    urgency,
                    operations,
                    who: who.into_iter().collect(),
                    when,
                    before,
                    after,
                    verdict: Verdict::Loosens,
                    says: Vec::new(),
                };
                let known = [self.before.side.catalog, self.after.side.catalog];
                let names = |ids: &BTreeSet<PrincipalId>| -> Vec<Named> {
                    ids.iter()
                        .map(|id| Named::of(id, known[0], known[1]))
                        .collect()
                };
                told::tell(&mut change, &names(&own.0), &names(&own.1));
                change
            },
        )
        .collect()
    }
}

/// A reach, and who would staff it for a stranger.
struct Staffed {
    reach: Reach,
    strangers: BTreeMap<Authority, BTreeSet<PrincipalId>>,
}

/// Whether both may ask for as long, with the same approvals, and somebody is left to give them.
fn are_alike(old: Option<&Reach>, new: Option<&Reach>) -> bool {
    let seen = |it: &Reach| {
        let needs: BTreeSet<Authority> = it.needs.iter().map(|it| it.authority).collect();
        (it.longest_minutes, needs, it.nobody_left_for)
    };
    old.map(seen) == new.map(seen)
}

/// Who may decide for these and could not, and the other way round, without joining or leaving the bench itself.
fn own(old: Option<&Staffed>, new: Option<&Staffed>) -> Own {
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

/// Whether two standings are the same but for where their eligibilities stand, which are compared by themselves.
fn is_like(old: &Option<Standing<'_>>, new: &Option<Standing<'_>>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => old.is_like(new),
        (None, None) => true,
        _ => false,
    }
}

/// The days after today from which an eligibility no longer covers anybody, where eligibilities differ.
fn certified(old: &[&Eligibility], new: &[&Eligibility], today: Date) -> BTreeSet<Date> {
    let differs = old.iter().filter(|it| !new.contains(it));
    let differs = differs.chain(new.iter().filter(|it| !old.contains(it)));
    differs
        .filter_map(|it| it.certified_until.tomorrow().ok())
        .filter(|day| *day > today)
        .collect()
}
