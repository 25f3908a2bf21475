//! What no request can ever do, proved over the whole policy set.
//!
//! Cedar's symbolic compiler turns the operator's rules and Locum's guardrails into formulas, and a solver (cvc5, a
//! process of its own) looks for a request that breaks a promise. Finding none is a proof for every possible request,
//! not for those somebody thought of. What it finds is put to Cedar's own authorizer before it is told.
//!
//! The promises stand in `policies/invariants.cedar`. A solver that is missing, silent or wrong never proves anything.

mod assumption;
mod counter_example;
mod engine;
mod failing;
mod loosened;
mod property;
mod prove;
mod report;
mod solver;
mod vacuity;

pub use counter_example::CounterExample;
pub use locum_policy::{Fact, Thing};
pub use loosened::{Comparison, Difference, Loosening, Question, RuleChange, loosened};
pub use property::{Claim, Property, properties};
pub use prove::prove;
pub use report::{Finding, Proof, Verdict};
pub use solver::{Solver, SolverError};
