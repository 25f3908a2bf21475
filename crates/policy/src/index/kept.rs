//! What Cedar was told about entries of the catalog, for the next question about them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use cedar_policy_core::ast::Entity;
use locum_domain::catalog::Application;
use locum_domain::{ApplicationId, Catalog, PrincipalId, Refusal};

use super::Indexed;
use crate::entities::{self, owners};
use crate::known::Known;

#[derive(Debug)]
pub(super) struct Kept {
    principals: HashMap<PrincipalId, OnceLock<Arc<Entity>>>,
    /// In the catalog's order.
    eligibilities: Vec<OnceLock<Arc<Entity>>>,
    applications: BTreeMap<ApplicationId, OnceLock<Arc<Entity>>>,
    around: BTreeMap<ApplicationId, OnceLock<Result<Known, Refusal>>>,
}

impl Kept {
    /// Room for everything of the catalog, and nothing in it yet.
    pub(super) fn of(catalog: &Catalog) -> Self {
        let principals = catalog.people.keys().chain(catalog.agents.keys()).cloned();
        let applications = || catalog.applications.keys().cloned();
        Self {
            principals: principals.map(|id| (id, OnceLock::new())).collect(),
            eligibilities: catalog
                .eligibilities
                .iter()
                .map(|_| OnceLock::new())
                .collect(),
            applications: applications().map(|id| (id, OnceLock::new())).collect(),
            around: applications().map(|id| (id, OnceLock::new())).collect(),
        }
    }

    pub(super) fn principal(&self, catalog: &Indexed, id: &PrincipalId) -> Arc<Entity> {
        let make = || entities::alone(catalog, id);
        match self.principals.get(id) {
            Some(place) if !catalog.is_trimmed(id) => Arc::clone(place.get_or_init(make)),
            _ => make(),
        }
    }

    pub(super) fn eligibility(&self, catalog: &Catalog, place: usize) -> Option<Arc<Entity>> {
        let eligibility = catalog.eligibilities.get(place)?;
        let once = self.eligibilities.get(place)?;
        let make = || entities::eligibility(eligibility);
        Some(Arc::clone(once.get_or_init(make)))
    }

    pub(super) fn application(&self, catalog: &Catalog, application: &Application) -> Arc<Entity> {
        let make = || entities::application(catalog, application);
        match self.applications.get(&application.id) {
            Some(place) => Arc::clone(place.get_or_init(make)),
            None => make(),
        }
    }

    pub(super) fn around(
        &self,
        catalog: &Indexed,
        application: &Application,
    ) -> Result<Known, Refusal> {
        let delegates = application.delegates.iter().map(|it| &it.person);
        let people = || owners(application).into_iter().chain(delegates.clone());
        let make = || {
            let people = people().map(|id| self.principal(catalog, id));
            Known::of(
                [self.application(catalog, application)]
                    .into_iter()
                    .chain(people),
            )
        };
        let is_trimmed = || people().any(|id| catalog.is_trimmed(id));
        match self.around.get(&application.id) {
            Some(place) if !is_trimmed() => place.get_or_init(make).clone(),
            _ => make(),
        }
    }
}
