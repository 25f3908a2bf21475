//! Whom a text could name: by id, or by an account in some system.

use std::collections::{HashMap, HashSet};

use locum_domain::{Catalog, PrincipalId};

#[derive(Debug)]
pub(super) struct Accounts {
    named: HashMap<String, Named>,
    /// Ids and accounts of people and agents, in small letters.
    ours: HashSet<String>,
}

/// The people whom one text names.
#[derive(Debug, Default)]
struct Named {
    by_id: Option<PrincipalId>,
    /// Each with the account's system.
    by_account: Vec<(String, PrincipalId)>,
}

impl Accounts {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let mut named: HashMap<String, Named> = HashMap::new();
        let mut ours = HashSet::new();
        for person in catalog.people.values() {
            let of_id = named.entry(person.id.to_string()).or_default();
            of_id.by_id = Some(person.id.clone());
            ours.insert(person.id.as_str().to_ascii_lowercase());
            for account in &person.accounts {
                let of_account = named.entry(account.id.clone()).or_default();
                let holder = (account.system.clone(), person.id.clone());
                of_account.by_account.push(holder);
                ours.insert(account.id.to_ascii_lowercase());
            }
        }
        for agent in catalog.agents.values() {
            ours.insert(agent.id.as_str().to_ascii_lowercase());
            ours.extend(agent.accounts.iter().map(|it| it.id.to_ascii_lowercase()));
        }
        Self { named, ours }
    }

    pub(super) fn is_ours(&self, text: &str) -> bool {
        self.ours.contains(&text.to_ascii_lowercase())
    }

    /// The people with this id, or with an account of this id, there or anywhere.
    pub(super) fn called<'a>(
        &'a self,
        system: Option<&'a str>,
        text: &str,
    ) -> impl Iterator<Item = &'a PrincipalId> + use<'a> {
        self.named.get(text).into_iter().flat_map(move |named| {
            let is_there = move |of: &str| system.is_none_or(|system| of == system);
            let by_account = named.by_account.iter();
            let there = by_account.filter(move |(of, _)| is_there(of));
            named.by_id.iter().chain(there.map(|(_, id)| id))
        })
    }

    /// Whom [`Catalog::is_same_human`] finds among the people, but for the principal itself: who shares an account
    /// with it, whose account is its id, and whose id is an account of it.
    pub(super) fn entered_again<'a>(
        &'a self,
        catalog: &'a Catalog,
        id: &'a PrincipalId,
    ) -> impl Iterator<Item = &'a PrincipalId> + use<'a> {
        let accounts = catalog.people.get(id).map(|it| &it.accounts);
        let of_accounts = accounts.into_iter().flatten();
        let through_accounts =
            of_accounts.flat_map(|account| self.called(Some(&account.system), &account.id));
        through_accounts
            .chain(self.called(None, id.as_str()))
            .filter(move |other| *other != id)
    }
}
