//! The catalog as it counts for one login: without the roles that the login does not carry.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use locum_domain::PrincipalId;
use locum_domain::catalog::Role;
use locum_policy::Indexed;

use crate::caller::Caller;
use crate::control::Control;

/// How many catalogs are kept: one look at a list asks for the same one hundreds of times.
const MOST_KEPT: usize = 32;

/// Catalogs that were trimmed not long ago.
#[derive(Default)]
pub(crate) struct TrimmedCatalogs(Mutex<VecDeque<Trimmed>>);

struct Trimmed {
    whole: Arc<Indexed>,
    principal: PrincipalId,
    withheld: BTreeSet<Role>,
    catalog: Arc<Indexed>,
}

impl TrimmedCatalogs {
    fn of(&self, whole: Arc<Indexed>, caller: &Caller) -> Arc<Indexed> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |it: &&Trimmed| {
            Arc::ptr_eq(&it.whole, &whole)
                && it.principal == caller.principal
                && it.withheld == caller.withheld_roles
        };
        if let Some(found) = kept.iter().find(is_it) {
            return Arc::clone(&found.catalog);
        }
        let catalog = Arc::new(whole.without(&caller.principal, &caller.withheld_roles));
        if kept.len() >= MOST_KEPT {
            kept.pop_front();
        }
        kept.push_back(Trimmed {
            whole,
            principal: caller.principal.clone(),
            withheld: caller.withheld_roles.clone(),
            catalog: Arc::clone(&catalog),
        });
        catalog
    }
}

impl Control {
    /// The catalog by which this caller is judged: the one in force, where their login withholds nothing they have.
    pub(crate) fn catalog_for(&self, caller: &Caller) -> Arc<Indexed> {
        let catalog = self.in_force().catalog.clone();
        let person = catalog.people.get(&caller.principal);
        let is_withheld = |role| caller.withheld_roles.contains(role);
        if person.is_some_and(|person| person.roles.iter().any(is_withheld)) {
            self.trimmed_catalogs.of(catalog, caller)
        } else {
            catalog
        }
    }
}
