//! Who may decide: for every authority, who joins and who leaves.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use locum_domain::catalog::{Application, Role, Tier};
use locum_domain::{ApplicationId, Authority, Catalog, PrincipalId};
use serde::{Deserialize, Serialize};

use super::asking::Urgency;
use super::bench::{ALL, At, is_of_application, usual_rule};
use super::judge::Judge;
use super::moment::{days, moments, when};
use super::verdict::{Named, Verdict, listed};

/// What somebody may be asked for, or may do, beyond asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Office {
    ApplicationOwner,
    Delegate,
    ManagerOrSecurityControlOwner,
    SecurityOrPrivacyOrCompliance,
    BreakGlass,
    NextAuthority,
    Reviewer,
    SeesEverything,
    RunsLocum,
}

impl Office {
    /// What its holders do, after "may" or "may no longer".
    pub fn does(self) -> &'static str {
        match self {
            Office::ApplicationOwner => "decide as application-owner",
            Office::Delegate => "decide as delegate",
            Office::ManagerOrSecurityControlOwner => "decide as manager-or-security-control-owner",
            Office::SecurityOrPrivacyOrCompliance => "decide as security-or-privacy-or-compliance",
            Office::BreakGlass => "answer emergencies",
            Office::NextAuthority => "decide as next-authority",
            Office::Reviewer => "review",
            Office::SeesEverything => "see every request, session and event",
            Office::RunsLocum => "run Locum's own privileged acts",
        }
    }
}

impl From<Authority> for Office {
    fn from(authority: Authority) -> Self {
        match authority {
            Authority::ApplicationOwner => Office::ApplicationOwner,
            Authority::Delegate => Office::Delegate,
            Authority::ManagerOrSecurityControlOwner => Office::ManagerOrSecurityControlOwner,
            Authority::SecurityOrPrivacyOrCompliance => Office::SecurityOrPrivacyOrCompliance,
            Authority::BreakGlass => Office::BreakGlass,
            Authority::NextAuthority => Office::NextAuthority,
        }
    }
}

/// One office whose holders differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeciderChange {
    /// Absent for offices over the whole house.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationId>,
    pub office: Office,
    pub joins: Vec<Named>,
    pub leaves: Vec<Named>,
    /// Absent when it is so at all times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    pub verdict: Verdict,
    pub says: Vec<String>,
}

pub(crate) fn compare<'a>(
    before: &Judge<'a>,
    after: &Judge<'a>,
    today: Date,
) -> Vec<DeciderChange> {
    let mut found = Found {
        before,
        after,
        today,
        changes: Vec::new(),
    };
    let ids: BTreeSet<&ApplicationId> = [before, after]
        .iter()
        .flat_map(|it| it.side.catalog.applications.keys())
        .collect();
    for id in &ids {
        found.of_application(id);
    }
    if !before.reading.decides {
        let first = |judge: &Judge<'a>| judge.side.catalog.applications.values().next();
        let ones = (first(before), first(after));
        for authority in ALL.into_iter().filter(|it| !is_of_application(*it)) {
            found.authority(None, ones, authority);
        }
    }
    for (office, roles) in OFFICES {
        found.office(
            None,
            *office,
            in_roles(before, roles),
            in_roles(after, roles),
        );
    }
    found.changes
}

/// What roles open beside deciding.
const OFFICES: &[(Office, &[Role])] = &[
    (Office::SeesEverything, &[Role::Security, Role::Auditor]),
    (
        Office::RunsLocum,
        &[Role::Security, Role::SecurityControlOwner],
    ),
];

fn in_roles<'a>(judge: &Judge<'a>, roles: &[Role]) -> BTreeSet<&'a PrincipalId> {
    let people = judge.side.catalog.people.values();
    let has = |role: &Role, it: &locum_domain::catalog::Person| it.roles.contains(role);
    people
        .filter(|it| it.is_active && roles.iter().any(|role| has(role, it)))
        .map(|it| &it.id)
        .collect()
}

struct Found<'j, 'a> {
    before: &'j Judge<'a>,
    after: &'j Judge<'a>,
    today: Date,
    changes: Vec<DeciderChange>,
}

impl<'a> Found<'_, 'a> {
    fn of_application(&mut self, id: &ApplicationId) {
        let of = |judge: &Judge<'a>| judge.side.catalog.applications.get(id);
        let ones = (of(self.before), of(self.after));
        let is_low = [ones.0, ones.1]
            .iter()
            .flatten()
            .any(|it| it.tier == Tier::Low);
        for authority in ALL {
            let is_asked = match authority {
                Authority::Delegate => is_low,
                _ => is_of_application(authority) || self.before.reading.decides,
            };
            if is_asked {
                self.authority(Some(id), ones, authority);
            }
        }
        let reviewer = |it: Option<&'a Application>| it.map(|it| it.reviewer.as_ref());
        if reviewer(ones.0) != reviewer(ones.1) {
            let before = reviewers(self.before, ones.0);
            self.office(
                Some(id),
                Office::Reviewer,
                before,
                reviewers(self.after, ones.1),
            );
        }
    }

    fn authority(
        &mut self,
        id: Option<&ApplicationId>,
        ones: (Option<&'a Application>, Option<&'a Application>),
        authority: Authority,
    ) {
        let mut when_looked = days(self.today, self.before.reading);
        when_looked.extend(lent(ones, self.today));
        let all = moments(&when_looked, self.before.reading);
        let mut joins: BTreeMap<&PrincipalId, BTreeSet<(Date, u8)>> = BTreeMap::new();
        let mut leaves = joins.clone();
        for urgency in Urgency::ALL {
            let is_emergencys = authority == Authority::BreakGlass;
            let is_usual = urgency.is_emergency() == is_emergencys;
            let is_told_apart = self.before.reading.decides && !is_emergencys;
            if !is_usual && !is_told_apart {
                continue;
            }
            for moment in &all {
                let bench = |judge: &Judge<'a>, application: Option<&'a Application>| {
                    let Some(application) = application else {
                        return BTreeSet::new();
                    };
                    let at = At {
                        authority,
                        application,
                        urgency,
                        circumstances: *moment,
                    };
                    let bench = judge.bench(at, usual_rule(authority));
                    bench.iter().copied().collect::<BTreeSet<_>>()
                };
                let (old, new) = (bench(self.before, ones.0), bench(self.after, ones.1));
                let at = (moment.today, moment.local_hour);
                for id in new.difference(&old) {
                    joins.entry(id).or_default().insert(at);
                }
                for id in old.difference(&new) {
                    leaves.entry(id).or_default().insert(at);
                }
            }
        }
        let mut by_time: BTreeMap<Option<String>, (Vec<Named>, Vec<Named>)> = BTreeMap::new();
        let told = |held: &_| when(held, &all, self.today, self.before.reading);
        for (id, held) in &joins {
            by_time
                .entry(told(held))
                .or_default()
                .0
                .push(self.named(id));
        }
        for (id, held) in &leaves {
            by_time
                .entry(told(held))
                .or_default()
                .1
                .push(self.named(id));
        }
        for (when, (joins, leaves)) in by_time {
            self.push(id, authority.into(), joins, leaves, when);
        }
    }

    fn office(
        &mut self,
        application: Option<&ApplicationId>,
        office: Office,
        before: BTreeSet<&PrincipalId>,
        after: BTreeSet<&PrincipalId>,
    ) {
        let joins: Vec<Named> = after.difference(&before).map(|id| self.named(id)).collect();
        let leaves: Vec<Named> = before.difference(&after).map(|id| self.named(id)).collect();
        if !joins.is_empty() || !leaves.is_empty() {
            self.push(application, office, joins, leaves, None);
        }
    }

    fn named(&self, id: &PrincipalId) -> Named {
        Named::of(id, self.before.side.catalog, self.after.side.catalog)
    }

    fn push(
        &mut self,
        application: Option<&ApplicationId>,
        office: Office,
        joins: Vec<Named>,
        leaves: Vec<Named>,
        when: Option<String>,
    ) {
        let place = application.map_or_else(String::new, |it| format!(" in {it}"));
        let time = when
            .as_ref()
            .map_or_else(String::new, |it| format!(", {it}"));
        let sentence = |who: &[Named], may: &str| {
            let names = listed(who.iter().map(|it| it.name.as_str()));
            (!who.is_empty()).then(|| format!("{names} {may} {}{place}{time}", office.does()))
        };
        let says = [
            sentence(&joins, "may now"),
            sentence(&leaves, "may no longer"),
        ];
        self.changes.push(DeciderChange {
            application: application.cloned(),
            office,
            verdict: if joins.is_empty() {
                Verdict::Tightens
            } else {
                Verdict::Loosens
            },
            joins,
            leaves,
            when,
            says: says.into_iter().flatten().collect(),
        });
    }
}

/// Whoever reviews first: the application's reviewer, else a security control owner.
fn reviewers<'a>(
    judge: &Judge<'a>,
    application: Option<&'a Application>,
) -> BTreeSet<&'a PrincipalId> {
    match application.map(|it| it.reviewer.as_ref()) {
        None => BTreeSet::new(),
        Some(Some(reviewer)) => BTreeSet::from([reviewer]),
        Some(None) => in_roles(judge, &[Role::SecurityControlOwner]),
    }
}

/// The days after today on which a delegation begins or is over, where the delegations differ.
pub(crate) fn lent(
    ones: (Option<&Application>, Option<&Application>),
    today: Date,
) -> BTreeSet<Date> {
    let delegates = |it: Option<&Application>| it.map_or(&[][..], |it| &it.delegates).to_vec();
    let (old, new) = (delegates(ones.0), delegates(ones.1));
    let differs = old.iter().filter(|it| !new.contains(it));
    let differs = differs.chain(new.iter().filter(|it| !old.contains(it)));
    differs
        .flat_map(|it| [it.from, it.until.tomorrow().ok()])
        .flatten()
        .filter(|day| *day > today)
        .collect()
}

/// Everything of a catalog that benches and their conflicts are made of.
pub(crate) fn people_are_alike(before: &Catalog, after: &Catalog) -> bool {
    before.people == after.people
        && before.agents == after.agents
        && before.vendors == after.vendors
        && before.break_glass == after.break_glass
}
