//! Why a question was answered as it was: the policies that decided, what they looked at, and what would have
//! to change.

mod change;
mod fact;
mod grounds;
mod part;
mod rule;
mod told;

pub use fact::{Fact, Names, facts, noun, told_as_json};
pub use rule::Rule;
pub use told::{Explained, ExplainedRule, Thing, verb};
