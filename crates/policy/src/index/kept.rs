//! What Cedar was told about entries of the catalog, for the next question about them.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use cedar_policy::{Entities, Entity};
use locum_domain::{ApplicationId, Catalog, PrincipalId, Refusal};

use super::Indexed;
use crate::entities::{self, owners};
use crate::question::broken;

type Once<T> = OnceLock<Result<T, Refusal>>;

#[derive(Debug)]
pub(super) struct Kept {
    principals: HashMap<PrincipalId, Once<Entity>>,
    /// In the catalog's order.
    eligibilities: Vec<Once<Entity>>,
    applications: BTreeMap<ApplicationId, Once<Entity>>,
    around: BTreeMap<ApplicationId, Once<Entities>>,
}

impl Kept {
    /// Room for everything of the catalog, and nothing in it yet.
    pub(super) fn of(catalog: &Catalog) -> Self {
        let principals = catalog.people.keys().chain(catalog.agents.keys()).cloned();
        let applications = || catalog.applications.keys().cloned();
        Self {
            principals: principals.map(|id| (id, Once::new())).collect(),
            eligibilities: catalog.eligibilities.iter().map(|_| Once::new()).collect(),
            applications: applications().map(|id| (id, Once::new())).collect(),
            around: applications().map(|id| (id, Once::new())).collect(),
        }
    }

    pub(super) fn principal(&self, catalog: &Indexed, id: &PrincipalId) -> Result<Entity, Refusal> {
        let make = || entities::alone(catalog, id);
        match self.principals.get(id) {
            Some(place) if !catalog.is_trimmed(id) => place.get_or_init(make).clone(),
            _ => make(),
        }
    }

    pub(super) fn eligibility(
        &self,
        catalog: &Catalog,
        place: usize,
    ) -> Option<Result<Entity, Refusal>> {
        let eligibility = catalog.eligibilities.get(place)?;
        let once = self.eligibilities.get(place)?;
        Some(
            once.get_or_init(|| entities::eligibility(eligibility))
                .clone(),
        )
    }

    pub(super) fn application(
        &self,
        catalog: &Catalog,
        id: &ApplicationId,
    ) -> Result<Entity, Refusal> {
        let known = catalog.applications.get(id).zip(self.applications.get(id));
        let unknown = || broken(format!("no application is called `{id}`"));
        let (application, place) = known.ok_or_else(unknown)?;
        place
            .get_or_init(|| entities::application(catalog, application))
            .clone()
    }

    pub(super) fn around(
        &self,
        catalog: &Indexed,
        id: &ApplicationId,
    ) -> Result<Entities, Refusal> {
        let Some(application) = catalog.applications.get(id) else {
            return Ok(Entities::empty());
        };
        let delegates = application.delegates.iter().map(|it| &it.person);
        let people = || owners(application).into_iter().chain(delegates.clone());
        let make = || {
            let mut cast = vec![self.application(catalog, id)?];
            for id in people() {
                let entity = self.principal(catalog, id)?;
                // Somebody may be owner and delegate at once.
                if !cast.iter().any(|it| it.uid() == entity.uid()) {
                    cast.push(entity);
                }
            }
            Entities::from_entities(cast, None).map_err(broken)
        };
        match self.around.get(id) {
            Some(place) if !people().any(|id| catalog.is_trimmed(id)) => {
                place.get_or_init(make).clone()
            }
            _ => make(),
        }
    }
}
