//! Every combination through the route function, and every promise held against what comes out.

use std::collections::BTreeSet;

use locum_domain::Route;
use serde::Serialize;

use super::extent::Extent;
use super::part::{Part, together};
use super::promise::{OF_ONE_ROUTE, Promise, Seen};
use super::relation::{OF_TWO_ROUTES, Routed};
use super::routing::Routing;
use super::situation::Situation;
use super::world::World;

/// How one promise fared.
#[derive(Debug, Clone, Serialize)]
pub struct Examined {
    #[serde(flatten)]
    pub promise: Promise,
    /// The combinations that were looked at: of two routes beside each other, the pairs.
    pub combinations: usize,
    /// How many of them the promise says something about: for the others there is no route, or it is not due.
    pub routed: usize,
    /// The first combination that breaks it.
    pub failure: Option<Failure>,
}

/// A combination that breaks a promise.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// What is asked, in a sentence.
    pub sentence: String,
    /// What is so besides.
    pub facts: Vec<String>,
    /// The route in words, a step a line.
    pub route: Vec<String>,
    /// What is wrong with it.
    pub because: String,
    pub situation: Situation,
    /// The combination that it is held against, where two are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<Situation>,
}

impl Examined {
    pub(super) fn none_yet(promise: Promise) -> Self {
        Self {
            promise,
            combinations: 0,
            routed: 0,
            failure: None,
        }
    }

    /// Whether something was looked at, and all of it was as promised.
    pub fn holds(&self) -> bool {
        self.failure.is_none() && self.routed > 0
    }

    /// Takes in one combination.
    pub(super) fn see(&mut self, is_routed: bool, failure: impl FnOnce() -> Option<Failure>) {
        self.combinations = self.combinations.saturating_add(1);
        if is_routed {
            self.routed = self.routed.saturating_add(1);
            if self.failure.is_none() {
                self.failure = failure();
            }
        }
    }
}

impl Failure {
    pub(super) fn of(situation: &Situation, route: &Route, because: String) -> Self {
        Self {
            sentence: situation.to_string(),
            facts: situation.facts(),
            route: aloud(route),
            because,
            situation: situation.clone(),
            beside: None,
        }
    }
}

/// Takes every combination through `routing`, part after part. `told` hears how many of a part are done, and of how
/// many.
pub fn examine(
    routing: &dyn Routing,
    extent: &Extent,
    mut told: impl FnMut(usize, usize),
) -> Vec<Examined> {
    let parts = Part::ALL.into_iter();
    together(parts.flat_map(|part| part.examine(routing, extent, &mut told)))
}

/// The promises about one route and about two beside each other.
pub(super) fn routes(
    routing: &dyn Routing,
    extent: &Extent,
    mut told: impl FnMut(usize, usize),
) -> Vec<Examined> {
    let situations = extent.situations.clone();
    let all = situations.len();
    let mut found: Vec<Examined> = OF_ONE_ROUTE
        .iter()
        .map(|(promise, ..)| Examined::none_yet(*promise))
        .collect();
    let mut routed = Routed::new();
    for (done, situation) in situations.into_iter().enumerate() {
        if done.is_multiple_of(64) {
            told(done, all);
        }
        let world = World::of(&situation);
        let route = routing.route(&world);
        let seen = route.as_ref().ok().map(|route| Seen {
            situation: &situation,
            world: &world,
            route,
        });
        for ((_, due, check), examined) in OF_ONE_ROUTE.iter().zip(&mut found) {
            let seen = seen.as_ref().filter(|seen| due(seen));
            examined.see(seen.is_some(), || {
                let seen = seen?;
                Some(Failure::of(&situation, seen.route, check(seen)?))
            });
        }
        routed.insert(situation, route);
    }
    found.extend(OF_TWO_ROUTES.iter().map(|relation| {
        let mut examined = Examined::none_yet(relation.promise);
        for (situation, route) in &routed {
            let others: BTreeSet<Situation> = (relation.others)(situation).into_iter().collect();
            for other in &others {
                let Some(beside) = routed.get(other) else {
                    continue;
                };
                let both: Option<(&Route, &Route)> = route.as_ref().ok().zip(beside.as_ref().ok());
                examined.see(both.is_some(), || {
                    let (one, two) = both?;
                    let because = (relation.wrong)(one, two, situation, other)?;
                    Some(Failure {
                        beside: Some(situation.clone()),
                        ..Failure::of(other, two, because)
                    })
                });
            }
        }
        examined
    }));
    told(all, all);
    found
}

/// `application-owner` of `first`, by `guard-owner-decides`: ann, bob.
pub(super) fn aloud(route: &Route) -> Vec<String> {
    let before = route.steps.iter().map(|step| (step, ""));
    let afterwards = route.afterwards.iter().map(|step| (step, "afterwards "));
    before
        .chain(afterwards)
        .map(|(step, when)| {
            let of = step.application.as_ref().map(|it| format!(" of `{it}`"));
            let people: Vec<&str> = step.approvers.iter().map(|it| it.as_str()).collect();
            format!(
                "{when}`{}`{} by `{}`: {}",
                step.authority.as_str(),
                of.unwrap_or_default(),
                step.rule,
                match people.is_empty() {
                    true => "nobody".to_owned(),
                    false => people.join(", "),
                }
            )
        })
        .collect()
}
