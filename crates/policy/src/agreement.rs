//! Whether Cedar's authorizer, told by the schema what a question must look like and given every policy of the set,
//! answers as [`crate::engine`] does. Asked of every question wherever debug assertions are on, which is in all tests;
//! it takes longer than the answer, so that a release does without.

use std::collections::BTreeSet;

use cedar_policy::{AuthorizationError, Authorizer, Context, Decision, Entities, Entity, Request};
use cedar_policy_core::ast;
use locum_domain::Refusal;

use crate::engine::Answer;
use crate::known::Known;
use crate::policies::Policies;
use crate::question::broken;

impl Policies {
    /// # Errors
    /// `policy-error` where the question is not as the schema wants it.
    pub(crate) fn agree(
        &self,
        request: &ast::Request,
        known: &Known,
        answer: &Answer<'_>,
    ) -> Result<(), Refusal> {
        let schema = Some(self.schema());
        let entities = known.entities().iter().cloned().map(Entity::from);
        let entities = Entities::from_entities(entities, schema).map_err(broken)?;
        let asked = Request::from(request.clone());
        let asked = asked
            .principal()
            .zip(asked.action())
            .zip(asked.resource())
            .zip(request.context());
        let unknown = || broken("a part of the question is unknown");
        let (((principal, action), resource), context) = asked.ok_or_else(unknown)?;
        let request = Request::new(
            principal.clone(),
            action.clone(),
            resource.clone(),
            Context::from(context.clone()),
            schema,
        );
        let request = request.map_err(broken)?;
        let theirs = Authorizer::new().is_authorized(&request, self.set(), &entities);
        let errors = theirs.diagnostics().errors();
        let errors = errors.map(|AuthorizationError::PolicyEvaluationError(error)| {
            (error.policy_id().to_string(), error.inner().to_string())
        });
        let reason = theirs.diagnostics().reason().map(ToString::to_string);
        let theirs = (
            theirs.decision() == Decision::Allow,
            reason.collect::<BTreeSet<_>>(),
            errors.collect::<BTreeSet<_>>(),
        );
        let errors = answer.errors.iter();
        let errors = errors.map(|(rule, error)| (rule.id.clone(), error.to_string()));
        let ours = (
            answer.is_allowed(),
            answer.rules().into_iter().collect(),
            errors.collect(),
        );
        debug_assert_eq!(ours, theirs, "the authorizer answers otherwise: {request}");
        Ok(())
    }
}
