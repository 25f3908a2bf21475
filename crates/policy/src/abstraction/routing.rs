//! What is examined: the program's way from a filing to its route, and from a route to a session.

use cedar_policy::{Policy, PolicyId};
use locum_domain::{Provisions, Refusal, Request, Route};

use super::world::World;
use crate::filing::Filing;
use crate::policies::Policies;

/// The way of a filing. The examination knows nothing else of the program, so that it can be shown a broken one.
pub trait Routing {
    /// The route of what this world asks for.
    ///
    /// # Errors
    /// Why it cannot be asked for, or that nobody is left to decide it.
    fn route(&self, world: &World) -> Result<Route, Refusal>;

    /// Whether a session begins on this request.
    ///
    /// # Errors
    /// Why none does.
    fn begin(&self, world: &World, request: &Request) -> Result<(), Refusal>;

    /// The same with one more rule.
    ///
    /// # Errors
    /// When the rule is none.
    fn with(&self, rule: &str) -> Result<Box<dyn Routing + '_>, String>;
}

impl Routing for Policies {
    fn route(&self, world: &World) -> Result<Route, Refusal> {
        let filing = world.filing();
        let allowed = self.may_file(&filing)?;
        let finding = self.judge_case(&filing, &world.case, &world.subject)?;
        let (case, history) = (&world.case, &world.history);
        Policies::route(self, &filing, &allowed, case, &finding, history, false)
    }

    fn begin(&self, world: &World, request: &Request) -> Result<(), Refusal> {
        let circumstances = world.filing().circumstances;
        let filing = Filing::again(&world.catalog, Provisions::NONE, request, circumstances);
        self.may_activate(&filing, request, &world.case).map(|_| ())
    }

    fn with(&self, rule: &str) -> Result<Box<dyn Routing + '_>, String> {
        let rule = Policy::parse(Some(PolicyId::new("one-more")), rule);
        let rule = rule.map_err(|error| error.to_string())?;
        let mut set = self.set().clone();
        set.add(rule).map_err(|error| error.to_string())?;
        Ok(Box::new(self.with_set(set)))
    }
}
