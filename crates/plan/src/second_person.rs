//! Who could be the second person, as far as catalogs tell: in person, and signed where signatures are demanded, is the
//! server's to ask.

use std::collections::BTreeSet;

use locum_domain::catalog::{Application, Role};
use locum_domain::{ApplicationId, Catalog, PrincipalId};

use crate::loosening::Loosening;
use crate::{Plan, Version};

impl Plan {
    /// Whoever held the authority that everything loosened here concerns before it, and gains nothing by it (R33).
    /// Nobody where nothing loosens, or before the founding. Whoever proposes it is still among them.
    pub fn could_confirm(&self, before: Option<&Version>, after: &Version) -> Vec<PrincipalId> {
        let loosens = self.loosens();
        let Some(before) = before.filter(|_| !loosens.is_empty()) else {
            return Vec::new();
        };
        let (old, new): (&Catalog, &Catalog) = (&before.catalog, &after.catalog);
        let gainers = self.gainers();
        // By either catalog: an account that the change gives or takes away is nobody's second person.
        let gains = |who: &PrincipalId| {
            let is_it = |it: &PrincipalId| old.is_same_human(who, it) || new.is_same_human(who, it);
            gainers.iter().any(is_it)
        };
        let people = old.people.keys();
        let may = |who: &&PrincipalId| held(old, who, &loosens) && !gains(who);
        people.filter(may).cloned().collect()
    }
}

fn held(catalog: &Catalog, who: &PrincipalId, loosens: &[Loosening]) -> bool {
    let Some(person) = catalog.people.get(who).filter(|it| it.is_active) else {
        return false;
    };
    let is_security = |role: &Role| matches!(role, Role::Security | Role::SecurityControlOwner);
    if person.roles.iter().any(is_security) {
        return true;
    }
    let concerned: BTreeSet<Option<&ApplicationId>> =
        loosens.iter().map(|it| it.application.as_ref()).collect();
    concerned.into_iter().all(|id| {
        let application = id.and_then(|it| catalog.applications.get(it));
        application.is_some_and(|it| owns(it, who))
    })
}

fn owns(application: &Application, who: &PrincipalId) -> bool {
    let Application {
        owner,
        product_owner,
        data_owner,
        ..
    } = application;
    owner == who || product_owner.as_ref() == Some(who) || data_owner.as_ref() == Some(who)
}
