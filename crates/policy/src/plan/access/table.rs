//! Everything that differs, gathered group by group.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use locum_domain::catalog::{Application, Eligibility};
use locum_domain::{ApplicationId, Authority, OperationId, PrincipalId};

use super::circle::{Circle, circle};
use super::staffed::{Own, are_alike, own, staffed};
use super::{AccessChange, Standings, told};
use crate::filing::Circumstances;
use crate::plan::asking::{Reach, Terms, Urgency};
use crate::plan::bench::{ALL, At, usual_rule};
use crate::plan::deciders::{lent, people_are_alike};
use crate::plan::judge::Judge;
use crate::plan::moment::{days, moments, when};
use crate::plan::rules;
use crate::plan::standing::Standing;
use crate::plan::verdict::{Named, Verdict};

/// One thing that differs, before people and operations are put together.
type Difference = (ApplicationId, Urgency, Option<Reach>, Option<Reach>, Own);

/// When, and which operations.
type Extent = BTreeMap<OperationId, BTreeSet<(Date, u8)>>;

pub(super) struct Table<'j, 'a> {
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

/// Benches that keep as many people are never short: no route has more steps, no circle that many people.
const ENOUGH: usize = 16;

impl<'j, 'a> Table<'j, 'a> {
    pub(super) fn new(before: &'j Judge<'a>, after: &'j Judge<'a>, today: Date) -> Self {
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

    pub(super) fn group(&mut self, standings: &Standings<'a>, members: &[&'a PrincipalId]) {
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
                    circle(self.before, old, id, true),
                    circle(self.after, new, id, true),
                );
                old != new || old.special().len() + ALL.len() > ENOUGH
            })
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
                it.map(|it| circle(judge, it, id, managers_matter))
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
                self.push(difference, extent, &asked, &members);
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
        let names = |id: &PrincipalId| self.named(id);
        let mut known: BTreeMap<(&Option<Terms>, &Option<Terms>), Option<Difference>> =
            BTreeMap::new();
        for (operation, (old, new)) in &asked.terms {
            let difference = known.entry((old, new)).or_insert_with(|| {
                let staff =
                    |judge: &Judge<'a>, terms: &Option<Terms>, it, circle: &Option<Circle<'a>>| {
                        let (terms, application, circle) = (terms.as_ref()?, it?, circle.as_ref()?);
                        Some(staffed(
                            judge,
                            (asked.urgency, asked.at),
                            terms,
                            application,
                            circle,
                            first,
                            &names,
                        ))
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

    fn named(&self, id: &PrincipalId) -> Named {
        Named::of(id, self.before.side.catalog, self.after.side.catalog)
    }

    fn push(
        &mut self,
        difference: Difference,
        extent: Extent,
        asked: &[Asked<'a>],
        members: &[&PrincipalId],
    ) {
        let mut by_time: BTreeMap<Option<String>, BTreeSet<OperationId>> = BTreeMap::new();
        for (operation, held) in extent {
            // A day on which neither side lets them ask for it says nothing about the difference.
            let of_it = asked.iter().filter(|it| it.urgency == difference.1);
            let days: BTreeSet<Date> = of_it
                .clone()
                .filter(|it| it.terms.contains_key(&operation))
                .map(|it| it.at.today)
                .collect();
            let all = of_it.map(|it| it.at).filter(|it| days.contains(&it.today));
            let all: Vec<Circumstances> = all.collect();
            let when = when(&held, &all, self.today, self.before.reading);
            by_time.entry(when).or_default().insert(operation);
        }
        for (when, operations) in by_time {
            let who: Vec<Named> = members.iter().map(|id| self.named(id)).collect();
            let row = (difference.clone(), operations, when);
            self.rows.entry(row).or_default().extend(who);
        }
    }

    pub(super) fn rows(self) -> Vec<AccessChange> {
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
