//! Which eligibilities could apply: by application, and by who holds them.

use std::collections::{BTreeMap, HashMap};

use locum_domain::catalog::{Holder, Principal, Role};
use locum_domain::{ApplicationId, Catalog, PrincipalId, VendorId};

/// Places in the catalog's list.
type Places = Vec<usize>;

#[derive(Debug)]
pub(super) struct Eligibilities(HashMap<ApplicationId, Held>);

/// The eligibilities for one application.
#[derive(Debug, Default)]
struct Held {
    by_roles: BTreeMap<Role, Places>,
    by_vendors: BTreeMap<VendorId, Places>,
    by_people: HashMap<PrincipalId, Places>,
    by_agents: HashMap<PrincipalId, Places>,
}

impl Eligibilities {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let mut all: HashMap<ApplicationId, Held> = HashMap::new();
        for (place, eligibility) in catalog.eligibilities.iter().enumerate() {
            for application in &eligibility.applications {
                let held = all.entry(application.clone()).or_default();
                let places = match &eligibility.holder {
                    Holder::Role(role) => held.by_roles.entry(*role).or_default(),
                    Holder::Vendor(vendor) => held.by_vendors.entry(vendor.clone()).or_default(),
                    Holder::Person(id) => held.by_people.entry(id.clone()).or_default(),
                    Holder::Agent(id) => held.by_agents.entry(id.clone()).or_default(),
                };
                places.push(place);
            }
        }
        Self(all)
    }

    /// Those whose holder the principal could be, or the agent they ask for; in the catalog's order.
    pub(super) fn places(
        &self,
        catalog: &Catalog,
        application: &ApplicationId,
        id: &PrincipalId,
        agent: Option<&PrincipalId>,
    ) -> Places {
        let Some(held) = self.0.get(application) else {
            return Places::new();
        };
        let mut found: Places = Vec::new();
        if let Some(Principal::Person(person)) = catalog.principal(id) {
            let roles = person.roles.iter().filter_map(|it| held.by_roles.get(it));
            let employer = person.employer.as_ref();
            let vendors = employer.and_then(|it| held.by_vendors.get(it));
            found.extend(roles.chain(vendors).flatten());
        }
        found.extend(held.by_people.get(id).into_iter().flatten());
        let agents = [Some(id), agent.filter(|it| *it != id)];
        let of_agents = agents
            .into_iter()
            .flatten()
            .filter_map(|it| held.by_agents.get(it));
        found.extend(of_agents.flatten());
        found.sort_unstable();
        found
    }
}
