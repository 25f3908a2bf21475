//! The entities of a question: those that an answer can turn on, and no others.

use std::sync::Arc;

use cedar_policy_core::ast::{Entity, EntityUID};
use cedar_policy_core::entities::{Dereference, Entities, NoEntitiesSchema, TCComputation};
use cedar_policy_core::extensions::Extensions;
use locum_domain::Refusal;

use crate::question::broken;

/// What a principal is in is in nothing itself (see [`crate::entities::tagged`]), so that Cedar need not work out who is
/// in what through others.
const IN_WHAT: TCComputation = TCComputation::AssumeAlreadyComputed;
/// The shape of entities is decided by this crate alone, and every test holds it to the schema
/// (see [`crate::agreement`]).
const UNCHECKED: Option<&NoEntitiesSchema> = None;

#[derive(Debug, Clone, Default)]
pub(crate) struct Known(Entities);

impl Known {
    pub(crate) fn of(cast: impl IntoIterator<Item = Arc<Entity>>) -> Result<Self, Refusal> {
        Self::default().with(cast)
    }

    /// These beside those that are known. One that is given again is as it is given last.
    pub(crate) fn with(self, cast: impl IntoIterator<Item = Arc<Entity>>) -> Result<Self, Refusal> {
        let is_known = |it: &Arc<Entity>| self.get(it.uid()).is_some();
        let (again, new): (Vec<_>, Vec<_>) = cast.into_iter().partition(is_known);
        let mut known = self.0;
        known = known
            .add_entities(new, UNCHECKED, IN_WHAT, Extensions::none())
            .map_err(broken)?;
        if !again.is_empty() {
            known = known
                .upsert_entities(again, UNCHECKED, IN_WHAT, Extensions::none())
                .map_err(broken)?;
        }
        Ok(Self(known))
    }

    /// Whether this very entity is among them.
    pub(crate) fn holds(&self, entity: &Arc<Entity>) -> bool {
        let known = self.get(entity.uid());
        known.is_some_and(|it| std::ptr::eq(it, &**entity))
    }

    pub(crate) fn get(&self, uid: &EntityUID) -> Option<&Entity> {
        match self.0.entity(uid) {
            Dereference::Data(entity) => Some(entity),
            Dereference::NoSuchEntity | Dereference::Residual(_) => None,
        }
    }

    pub(crate) fn entities(&self) -> &Entities {
        &self.0
    }
}
