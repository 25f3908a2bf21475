//! Cedar schema, guardrails and routing.
//!
//! Who may file, who must approve, who may approve and what stays closed are Cedar authorization questions;
//! the `@id`s of the policies that decided are kept as evidence. Guardrails are `forbid`s, so no operator
//! `permit` widens anything, and an evaluation error denies: Cedar skips a policy that errors, a `forbid` too.
//! Nothing here reads a clock: the date and the local hour are parameters.

pub mod abstraction;
mod activate;
mod agreement;
mod annotation;
mod case;
mod controls;
mod decide;
mod demand;
mod eligibility;
mod engine;
mod entities;
mod explain;
mod filing;
mod holders;
mod identity;
mod index;
mod known;
mod limits;
mod load;
mod names;
mod needs;
mod parties;
pub mod plan;
mod policies;
mod problem;
mod question;
mod relevant;
mod review;
mod route;
mod seat;
mod slice;
mod subject;
mod table;
mod trace;
mod value;

pub use case::CaseFinding;
pub use explain::{
    Explained, ExplainedRule, Fact, Names, Rule, Thing, facts, noun, told_as_json, verb,
};
pub use filing::{Allowed, Circumstances, Filing};
pub use index::Indexed;
pub use policies::Policies;
pub use problem::LoadProblem;
pub use route::History;
pub use table::TableResult;
pub use trace::{Asked, Traced};
