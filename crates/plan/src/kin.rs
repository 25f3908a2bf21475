//! Who is whom, and who answers for whom, by both catalogs of a change: what it gives or takes away makes nobody a
//! second person.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use locum_domain::catalog::{Account, Principal};
use locum_domain::{Catalog, PrincipalId};

use crate::Version;

/// Somebody who gains by a change, and what somebody else is to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gain {
    /// Who gains.
    pub gainer: PrincipalId,
    pub tie: Tie,
}

/// What somebody is to whoever gains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// The gainer.
    Oneself,
    /// The same human by another account.
    SameHuman,
    /// Their sponsor, or the accountable owner of their company's chain.
    AnswersFor,
}

impl Gain {
    /// Why whoever it concerns confirms nothing, told to them.
    pub fn says(&self) -> String {
        let gainer = &self.gainer;
        match self.tie {
            Tie::Oneself => "you gain by it".to_owned(),
            Tie::SameHuman => format!("`{gainer}` gains by it, and is you by another account"),
            Tie::AnswersFor => format!("`{gainer}` gains by it, and you answer for them"),
        }
    }
}

/// Whether two accounts are one human's, by the catalogs together: also by way of a third one, and where an account
/// passes from one to the other.
pub fn is_same_human(
    before: &Version,
    after: &Version,
    one: &PrincipalId,
    other: &PrincipalId,
) -> bool {
    let kin = Kin::of([&before.catalog, &after.catalog]);
    kin.same_human(one).contains(other)
}

/// The accounts of two catalogs, pooled.
pub(crate) struct Kin<'c> {
    catalogs: [&'c Catalog; 2],
    /// Whose each account is.
    holders: BTreeMap<&'c Account, BTreeSet<&'c PrincipalId>>,
    /// Who has an account that is written like this.
    written: BTreeMap<&'c str, BTreeSet<&'c PrincipalId>>,
}

impl<'c> Kin<'c> {
    pub(crate) fn of(catalogs: [&'c Catalog; 2]) -> Self {
        let mut kin = Self {
            catalogs,
            holders: BTreeMap::new(),
            written: BTreeMap::new(),
        };
        for catalog in catalogs {
            let people = catalog.people.values().map(|it| (&it.id, &it.accounts));
            let agents = catalog.agents.values().map(|it| (&it.id, &it.accounts));
            for (id, accounts) in people.chain(agents) {
                for account in accounts {
                    kin.holders.entry(account).or_default().insert(id);
                    kin.written.entry(&account.id).or_default().insert(id);
                }
            }
        }
        kin
    }

    /// Everybody who is kept from confirming by what these gain, and by whose gain and why.
    pub(crate) fn behind(&self, gainers: BTreeSet<PrincipalId>) -> BTreeMap<PrincipalId, Gain> {
        let mut found: BTreeMap<PrincipalId, Gain> = BTreeMap::new();
        let own = |gainer: PrincipalId| {
            let tie = Tie::Oneself;
            (gainer.clone(), Gain { gainer, tie })
        };
        let mut waiting: VecDeque<(PrincipalId, Gain)> = gainers.into_iter().map(own).collect();
        while let Some((who, gain)) = waiting.pop_front() {
            if found.contains_key(&who) {
                continue;
            }
            let tied = |tie| Gain {
                tie,
                ..gain.clone()
            };
            let same = match gain.tie {
                Tie::Oneself => tied(Tie::SameHuman),
                _ => gain.clone(),
            };
            let doubles = self.doubles(&who).into_iter();
            waiting.extend(doubles.map(|it| (it.clone(), same.clone())));
            let answerable = self.answerable(&who).into_iter();
            waiting.extend(answerable.map(|it| (it.clone(), tied(Tie::AnswersFor))));
            found.insert(who, gain);
        }
        found
    }

    /// Everybody who is this human, themselves among them.
    pub(crate) fn same_human(&self, who: &PrincipalId) -> BTreeSet<PrincipalId> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![who.clone()];
        while let Some(who) = waiting.pop() {
            if found.insert(who.clone()) {
                waiting.extend(self.doubles(&who).into_iter().cloned());
            }
        }
        found
    }

    /// Who shares an account with them, or has one that is written like their id, or the other way round.
    fn doubles(&self, who: &PrincipalId) -> BTreeSet<&'c PrincipalId> {
        let principals = self.catalogs.iter().filter_map(|it| it.principal(who));
        let accounts = principals.flat_map(|it| match it {
            Principal::Person(person) => &person.accounts,
            Principal::Agent(agent) => &agent.accounts,
        });
        let mut found: BTreeSet<&PrincipalId> = BTreeSet::new();
        for account in accounts {
            found.extend(self.holders.get(account).into_iter().flatten());
            let named = self.catalogs.iter().filter_map(|it| entry(it, &account.id));
            found.extend(named);
        }
        found.extend(self.written.get(who.as_str()).into_iter().flatten());
        found
    }

    /// Their sponsors, and who answers for the chain of the company they work for.
    fn answerable(&self, who: &PrincipalId) -> BTreeSet<&'c PrincipalId> {
        let mut found = BTreeSet::new();
        for catalog in self.catalogs {
            found.extend(catalog.sponsor_of(who));
            let person = catalog.people.get(who);
            let chain = person
                .filter(|it| it.employer.is_some())
                .and_then(|_| catalog.chain_of(who));
            found.extend(chain.map(|it| &it.accountable_owner));
        }
        found
    }
}

/// Whose id this is.
fn entry<'c>(catalog: &'c Catalog, text: &str) -> Option<&'c PrincipalId> {
    let id: PrincipalId = text.parse().ok()?;
    catalog.principal(&id).map(|it| it.id())
}
