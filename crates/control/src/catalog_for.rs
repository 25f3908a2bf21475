//! The catalog as it counts for one login: without the roles that the login does not carry.

use std::sync::Arc;

use locum_domain::Catalog;

use crate::caller::Caller;
use crate::control::Control;

impl Control {
    /// The catalog by which this caller is judged: the one in force, where their login withholds nothing they have.
    pub(crate) fn catalog_for(&self, caller: &Caller) -> Arc<Catalog> {
        let catalog = self.in_force().catalog.clone();
        let person = catalog.people.get(&caller.principal);
        let is_withheld = |role| caller.withheld_roles.contains(role);
        if !person.is_some_and(|person| person.roles.iter().any(is_withheld)) {
            return catalog;
        }
        let mut trimmed = (*catalog).clone();
        if let Some(person) = trimmed.people.get_mut(&caller.principal) {
            person
                .roles
                .retain(|role| !caller.withheld_roles.contains(role));
        }
        Arc::new(trimmed)
    }
}
