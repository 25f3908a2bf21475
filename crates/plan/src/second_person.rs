//! Who could be the second person, as far as catalogs tell: in person, and signed where signatures are demanded, is the
//! server's to ask.

use locum_domain::catalog::{Application, Role};
use locum_domain::{Catalog, PrincipalId};

use crate::{Plan, Version};

impl Plan {
    /// Whoever held the authority that everything loosened here concerns before it, and gains nothing by it (R33).
    /// Nobody where nothing loosens, or before the founding. Whoever proposes it is still among them.
    pub fn could_confirm(&self, before: Option<&Version>, after: &Version) -> Vec<PrincipalId> {
        let Some(before) = before.filter(|_| !self.loosens().is_empty()) else {
            return Vec::new();
        };
        let people = before.catalog.people.keys();
        let may = |who: &&PrincipalId| {
            self.is_within_authority(&before.catalog, who)
                && self.gainer(before, after, who).is_none()
        };
        people.filter(may).cloned().collect()
    }

    /// Whether this person holds, by this catalog, the authority that everything loosened here concerns: security over
    /// anything, the owners of an application over what concerns that application alone.
    pub fn is_within_authority(&self, catalog: &Catalog, who: &PrincipalId) -> bool {
        let Some(person) = catalog.people.get(who).filter(|it| it.is_active) else {
            return false;
        };
        let is_security = |role: &Role| matches!(role, Role::Security | Role::SecurityControlOwner);
        if person.roles.iter().any(is_security) {
            return true;
        }
        let loosens = self.loosens();
        let owns_it = |application: &Application| {
            let owners = [&application.product_owner, &application.data_owner];
            application.owner == *who || owners.into_iter().flatten().any(|it| it == who)
        };
        !loosens.is_empty()
            && loosens.iter().all(|it| {
                let id = it.application.as_ref();
                let application = id.and_then(|id| catalog.applications.get(id));
                application.is_some_and(owns_it)
            })
    }

    /// Through which account this person gains by it, if they do. By either catalog: an account that it gives or takes
    /// away is nobody's second person.
    pub fn gainer(
        &self,
        before: &Version,
        after: &Version,
        who: &PrincipalId,
    ) -> Option<PrincipalId> {
        let mut gainers = self.gainers().into_iter();
        gainers.find(|gainer| is_same_human(before, after, who, gainer))
    }
}

/// Whether two accounts are one human's, by the one catalog or the other.
pub fn is_same_human(
    before: &Version,
    after: &Version,
    one: &PrincipalId,
    other: &PrincipalId,
) -> bool {
    before.catalog.is_same_human(one, other) || after.catalog.is_same_human(one, other)
}
