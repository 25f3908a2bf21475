//! What of a principal the rules about asking can see: people of one standing may ask for the same.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::catalog::{Eligibility, Holder, Person, Principal, Role};
use locum_domain::{ApplicationId, Catalog, PrincipalId, VendorId};

use super::reading::Reading;

/// One standing.
///
/// The schema lets a rule about asking look at a principal and one step further, at nothing else of the catalog. Of what
/// it gives a principal, everything is here but `id`, `accounts`, `also` (empty for whoever asks) and the principal
/// itself; these are here in `who` where [`Reading`] found that a rule looks at them or names this principal. The
/// guardrails look at an asker's own name only to find it in an eligibility, which `held` tells. That is why judging one
/// of a standing judges all of them, exactly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Standing<'a> {
    who: Option<&'a PrincipalId>,
    is_active: bool,
    profile: &'static str,
    roles: BTreeSet<Role>,
    employer: Option<&'a VendorId>,
    sponsor: Option<(&'a PrincipalId, bool)>,
    /// Applications whose emergencies they may answer.
    answers: BTreeSet<&'a ApplicationId>,
    /// The eligibilities that name them, by their place in the catalog.
    held: Vec<usize>,
}

impl Standing<'_> {
    /// Whether nothing differs but which eligibilities name them.
    pub(crate) fn is_like(&self, other: &Standing<'_>) -> bool {
        let seen = |it: &Standing<'_>| {
            let answers: Vec<_> = it.answers.iter().map(|it| (*it).clone()).collect();
            let sponsor = it.sponsor.map(|(id, is_active)| (id.clone(), is_active));
            let (who, employer) = (it.who.cloned(), it.employer.cloned());
            (
                who,
                it.is_active,
                it.profile,
                it.roles.clone(),
                employer,
                sponsor,
                answers,
            )
        };
        seen(self) == seen(other)
    }
}

/// Finds standings, and what somebody of a standing might be eligible by.
pub(crate) struct Standings<'a> {
    catalog: &'a Catalog,
    reading: &'a Reading,
    by_role: BTreeMap<Role, Vec<usize>>,
    by_vendor: BTreeMap<&'a VendorId, Vec<usize>>,
    by_id: BTreeMap<&'a PrincipalId, Vec<usize>>,
    answers: BTreeMap<&'a PrincipalId, BTreeSet<&'a ApplicationId>>,
}

impl<'a> Standings<'a> {
    pub(crate) fn of(catalog: &'a Catalog, reading: &'a Reading) -> Self {
        let mut standings = Self {
            catalog,
            reading,
            by_role: BTreeMap::new(),
            by_vendor: BTreeMap::new(),
            by_id: BTreeMap::new(),
            answers: BTreeMap::new(),
        };
        for (at, eligibility) in catalog.eligibilities.iter().enumerate() {
            let held = match &eligibility.holder {
                Holder::Role(role) => standings.by_role.entry(*role).or_default(),
                Holder::Vendor(vendor) => standings.by_vendor.entry(vendor).or_default(),
                Holder::Person(id) | Holder::Agent(id) => standings.by_id.entry(id).or_default(),
            };
            held.push(at);
        }
        for line in &catalog.break_glass {
            let answers = standings.answers.entry(&line.person).or_default();
            answers.extend(&line.applications);
        }
        standings
    }

    /// The standing of a principal, if there is anything they might be eligible for. Nobody files without an eligibility
    /// that covers what is asked for: `guard-eligibility` is no operator's to undo.
    pub(crate) fn standing(&self, id: &PrincipalId) -> Option<Standing<'a>> {
        let catalog = self.catalog;
        let found = catalog.principal(id)?;
        let who = self.reading.asks_who || self.reading.named.contains(id.as_str());
        let who = who.then_some(found.id());
        let held = self.by_id.get(id).cloned().unwrap_or_default();
        let answers = self.answers.get(id).cloned().unwrap_or_default();
        let profile = found.profile();
        let standing = match found {
            Principal::Person(person) => Standing {
                who,
                is_active: person.is_active,
                profile,
                roles: person.roles.clone(),
                employer: person.employer.as_ref(),
                sponsor: None,
                answers,
                held,
            },
            Principal::Agent(agent) => {
                let sponsor = catalog.people.get(&agent.sponsor);
                let is_active = |it: &Person| it.is_active;
                Standing {
                    who,
                    is_active: agent.is_active,
                    profile,
                    roles: BTreeSet::new(),
                    employer: sponsor.and_then(|it| it.employer.as_ref()),
                    sponsor: Some((&agent.sponsor, sponsor.is_some_and(is_active))),
                    answers,
                    held,
                }
            }
        };
        let may_ask = self.candidates(&standing).next().is_some();
        may_ask.then_some(standing)
    }

    /// The eligibilities that might cover somebody of this standing: the index that `eligibility.rs` asks, by standing.
    pub(crate) fn candidates(
        &self,
        standing: &Standing<'a>,
    ) -> impl Iterator<Item = &'a Eligibility> {
        let is_person = standing.sponsor.is_none();
        let roles = standing.roles.iter().filter_map(|it| self.by_role.get(it));
        let vendor = standing.employer.filter(|_| is_person);
        let vendor = vendor.and_then(|it| self.by_vendor.get(it));
        let all = roles.chain(vendor).flatten().chain(&standing.held);
        let all: BTreeSet<usize> = all.copied().collect();
        let catalog = self.catalog;
        all.into_iter()
            .filter_map(|at| catalog.eligibilities.get(at))
    }
}
