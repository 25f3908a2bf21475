//! One policy as a person reads it: its name, its sentence, the requirement it stands for, its text and where
//! that stands.

use cedar_policy::{Effect, Policy, PolicyId};

use crate::policies::Policies;
use crate::problem::LoadProblem;

/// A policy in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its `@id`.
    pub id: String,
    pub permits: bool,
    /// Whether it came with Locum; otherwise it is the operator's own.
    pub is_locums: bool,
    /// What it says, in a sentence.
    pub because: String,
    /// What somebody whom it stops can do, where it says so.
    pub remedy: Option<String>,
    /// The requirement it stands for.
    pub row: Option<String>,
    /// As it was written.
    pub text: String,
    /// The file it stands in, and the line it begins on.
    pub file: String,
    pub line: usize,
}

impl Policies {
    /// The policy of this `@id`, if it is in force.
    pub fn rule(&self, id: &str) -> Option<Rule> {
        let policy = self.set().policy(&PolicyId::new(id))?;
        let text = policy.to_cedar().unwrap_or_else(|| policy.to_string());
        let (file, line) = self.place(&text);
        let annotation = |name| policy.annotation(name).map(ToOwned::to_owned);
        Some(Rule {
            id: id.to_owned(),
            permits: policy.effect() == Effect::Permit,
            is_locums: is_locums(id),
            because: annotation("because").unwrap_or_else(|| unsaid(policy)),
            remedy: annotation("remedy"),
            row: annotation("row"),
            text,
            file,
            line,
        })
    }

    /// The file and line at which a policy of this text begins.
    fn place(&self, text: &str) -> (String, usize) {
        self.texts()
            .find_map(|(file, whole)| {
                let at = whole.find(text)?;
                Some((file.to_owned(), LoadProblem::at(file, whole, at, "").line))
            })
            .unwrap_or_default()
    }
}

/// Whether a policy of this name came with Locum: an operator's cannot be called so.
fn is_locums(id: &str) -> bool {
    id.starts_with("guard-") || id.starts_with("locum-")
}

/// The sentence of a policy that brings none.
fn unsaid(policy: &Policy) -> String {
    let id = policy.id();
    match policy.effect() {
        Effect::Permit if is_locums(id.as_ref()) => "what no rule forbids is allowed".to_owned(),
        Effect::Permit => format!("the policy `{id}` allows it"),
        Effect::Forbid => format!("the policy `{id}` forbids it"),
    }
}
