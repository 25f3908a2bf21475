//! A catalog with its index, so that no question searches ten thousand people or a thousand eligibilities.
//!
//! The index finds candidates; Cedar judges each of them. What Cedar is told about an entry of the catalog is worked
//! out when it is first asked about, and kept.

mod accounts;
mod eligibilities;
mod kept;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Deref;
use std::sync::Arc;

use cedar_policy_core::ast::Entity;
use locum_domain::catalog::{Application, Eligibility, Person, Role};
use locum_domain::{ApplicationId, Catalog, PrincipalId, Refusal, VendorId};

use accounts::Accounts;
use eligibilities::Eligibilities;
use kept::Kept;

use crate::known::Known;

/// A catalog that knows where its entries are. It reads as the catalog it is of.
#[derive(Debug)]
pub struct Indexed {
    catalog: Catalog,
    index: Arc<Index>,
    /// Whose roles are fewer here than when the index was made.
    trimmed: BTreeSet<PrincipalId>,
}

/// What no login changes.
#[derive(Debug)]
struct Index {
    roles: BTreeMap<Role, Vec<Holder>>,
    standings: HashMap<PrincipalId, Standing>,
    emergencies: BTreeMap<PrincipalId, BTreeSet<ApplicationId>>,
    accounts: Accounts,
    eligibilities: Eligibilities,
    kept: Kept,
}

/// Somebody in a role, with every role they have.
#[derive(Debug)]
struct Holder {
    id: PrincipalId,
    roles: BTreeSet<Role>,
}

/// What somebody is, as far as others can be the same: two people of one standing differ in nothing but who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Standing(usize);

impl Deref for Indexed {
    type Target = Catalog;

    fn deref(&self) -> &Catalog {
        &self.catalog
    }
}

impl Indexed {
    /// Reads the catalog once.
    pub fn of(catalog: Catalog) -> Self {
        let mut emergencies: BTreeMap<PrincipalId, BTreeSet<ApplicationId>> = BTreeMap::new();
        for line in &catalog.break_glass {
            let answered = emergencies.entry(line.person.clone()).or_default();
            answered.extend(line.applications.iter().cloned());
        }
        let index = Index {
            roles: holders(&catalog),
            standings: standings(&catalog, &emergencies),
            emergencies,
            accounts: Accounts::of(&catalog),
            eligibilities: Eligibilities::of(&catalog),
            kept: Kept::of(&catalog),
        };
        Self {
            catalog,
            index: Arc::new(index),
            trimmed: BTreeSet::new(),
        }
    }

    /// The same, with everything that Cedar is told about applications and eligibilities worked out, so that nobody who
    /// files first waits for it.
    pub fn worked_out(self) -> Self {
        let Index { kept, .. } = &*self.index;
        for application in self.catalog.applications.values() {
            // What could not be worked out is told to whoever asks.
            let _ = kept.around(&self, application);
        }
        for place in 0..self.catalog.eligibilities.len() {
            kept.eligibility(&self.catalog, place);
        }
        self
    }

    /// The same catalog with fewer roles for one person. Cheap: the index is shared.
    pub fn without(&self, person: &PrincipalId, withheld: &BTreeSet<Role>) -> Self {
        let mut catalog = self.catalog.clone();
        if let Some(found) = catalog.people.get_mut(person) {
            found.roles.retain(|role| !withheld.contains(role));
        }
        let trimmed = self.trimmed.iter().chain([person]);
        Self {
            catalog,
            index: Arc::clone(&self.index),
            trimmed: trimmed.cloned().collect(),
        }
    }

    /// The people of these roles, role by role, each once.
    pub(crate) fn in_roles(&self, roles: &[Role]) -> Vec<&PrincipalId> {
        let mut found = Vec::new();
        for (place, role) in roles.iter().enumerate() {
            let holders = self.index.roles.get(role).into_iter().flatten();
            let in_it = holders.filter(|it| self.still_holds(it, *role));
            let before = || roles.iter().take(place);
            let is_new = |it: &&Holder| !before().any(|role| self.still_holds(it, *role));
            found.extend(in_it.filter(is_new).map(|it| &it.id));
        }
        found
    }

    fn still_holds(&self, holder: &Holder, role: Role) -> bool {
        let is_in_role = |it: &Person| it.roles.contains(&role);
        holder.roles.contains(&role)
            && (!self.is_trimmed(&holder.id)
                || self.catalog.people.get(&holder.id).is_some_and(is_in_role))
    }

    fn is_trimmed(&self, id: &PrincipalId) -> bool {
        self.trimmed.contains(id)
    }

    /// What somebody is, where the index can tell.
    pub(crate) fn standing(&self, id: &PrincipalId) -> Option<Standing> {
        match self.is_trimmed(id) {
            true => None,
            false => self.index.standings.get(id).copied(),
        }
    }

    /// The applications whose emergencies this person may answer alone.
    pub(crate) fn emergencies(&self, id: &PrincipalId) -> impl Iterator<Item = &ApplicationId> {
        self.index.emergencies.get(id).into_iter().flatten()
    }

    /// The people whom this text names in a system: by an account there, or by their own id.
    pub(crate) fn called<'a>(
        &'a self,
        system: &'a str,
        text: &str,
    ) -> impl Iterator<Item = &'a PrincipalId> + use<'a> {
        self.index.accounts.called(Some(system), text)
    }

    /// The people whom this text names anywhere.
    pub(crate) fn called_anywhere(&self, text: &str) -> impl Iterator<Item = &PrincipalId> {
        self.index.accounts.called(None, text)
    }

    /// Whether this text names anybody of ours, however it is capitalised.
    pub(crate) fn is_ours(&self, text: &str) -> bool {
        self.index.accounts.is_ours(text)
    }

    /// The people who are the same human as this principal, entered again.
    pub(crate) fn entered_again<'a>(
        &'a self,
        id: &'a PrincipalId,
    ) -> impl Iterator<Item = &'a PrincipalId> {
        self.index.accounts.entered_again(&self.catalog, id)
    }

    /// The eligibilities for this application whose holder the principal could be, or the agent they ask for, each as
    /// Cedar sees it too.
    pub(crate) fn eligibilities_of(
        &self,
        application: &ApplicationId,
        id: &PrincipalId,
        agent: Option<&PrincipalId>,
    ) -> impl Iterator<Item = (&Eligibility, Arc<Entity>)> {
        let Index {
            eligibilities,
            kept,
            ..
        } = &*self.index;
        let places = eligibilities.places(&self.catalog, application, id, agent);
        places.into_iter().filter_map(|place| {
            let eligibility = self.catalog.eligibilities.get(place)?;
            let entity = kept.eligibility(&self.catalog, place)?;
            Some((eligibility, entity))
        })
    }

    /// A principal as Cedar sees them, who is nobody else.
    pub(crate) fn principal_alone(&self, id: &PrincipalId) -> Arc<Entity> {
        self.index.kept.principal(self, id)
    }

    /// An application as Cedar sees it.
    pub(crate) fn application_alone(&self, application: &Application) -> Arc<Entity> {
        self.index.kept.application(self, application)
    }

    /// An application and those who hold authority over it, as Cedar sees them.
    pub(crate) fn around(&self, application: &Application) -> Result<Known, Refusal> {
        self.index.kept.around(self, application)
    }
}

fn holders(catalog: &Catalog) -> BTreeMap<Role, Vec<Holder>> {
    let mut holders: BTreeMap<Role, Vec<Holder>> = BTreeMap::new();
    for person in catalog.people.values() {
        for role in &person.roles {
            holders.entry(*role).or_default().push(Holder {
                id: person.id.clone(),
                roles: person.roles.clone(),
            });
        }
    }
    holders
}

fn standings(
    catalog: &Catalog,
    emergencies: &BTreeMap<PrincipalId, BTreeSet<ApplicationId>>,
) -> HashMap<PrincipalId, Standing> {
    type Traits<'c> = (
        bool,
        Option<&'c VendorId>,
        &'c BTreeSet<Role>,
        Option<&'c BTreeSet<ApplicationId>>,
    );
    let mut known: BTreeMap<Traits<'_>, Standing> = BTreeMap::new();
    let mut standings = HashMap::new();
    for person in catalog.people.values() {
        let traits = (
            person.is_active,
            person.employer.as_ref(),
            &person.roles,
            emergencies.get(&person.id),
        );
        let next = Standing(known.len());
        standings.insert(person.id.clone(), *known.entry(traits).or_insert(next));
    }
    standings
}
