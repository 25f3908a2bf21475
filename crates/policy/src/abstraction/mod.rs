//! The route function over a finite abstraction of everything it can be asked.
//!
//! Cedar judges one person and one authority at a time, so that no formula over policies says anything about *two*
//! people, or about two routes. What the route function looks at is finite, though: tiers and data classes, one
//! application or two, ordinary or emergency, who asks, reading or writing, who vouches for the case, what happened
//! before, and whether enough people are there. [`Situation::all`] lists these, [`World`] makes a small synthetic
//! catalog of each, and [`examine`] takes every one through the real route function and holds the promises against
//! what comes out. The oracle of each promise is written here anew and asks neither Cedar nor the route's own parts.

mod begun;
mod closed_case;
mod examine;
mod extent;
mod guarantee;
#[cfg(test)]
mod guardrail_gone;
mod kind;
mod lengths;
mod more_rules;
mod part;
mod promise;
mod relation;
mod routing;
mod situation;
mod staff;
mod world;

pub use examine::{Examined, Failure, examine};
pub use extent::Extent;
pub use guarantee::Guarantee;
pub use kind::Kind;
pub use part::{Part, promises, together};
pub use promise::Promise;
pub use routing::Routing;
pub use situation::{Asker, CaseOrigin, Does, Past, People, Situation};
pub use world::World;
