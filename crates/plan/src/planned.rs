//! A plan as it is handed out: the difference, and what it takes to apply it.

use serde::{Deserialize, Serialize};

use crate::{Loosening, Named, Plan};

/// What was found by asking the same question for everybody.
const TABLE: &str = "table";

/// The difference, and what it takes to apply it. One form for all who tell it: the command and the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Whether anything differs, be it a comment.
    pub differs: bool,
    /// What it was compared with, in words.
    pub against: String,
    #[serde(flatten)]
    pub plan: Plan,
    /// What of it loosens: with anything here it waits for a second person.
    pub loosens: Vec<Loosening>,
    /// Who could be that person. Where nobody proposed it yet, whoever will is still among them.
    pub could_confirm: Vec<Named>,
    /// Why two owners do not let it count between themselves, where an owner could be one of the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_security: Option<String>,
    /// By which methods it was found.
    pub methods: Vec<String>,
}

impl Planned {
    /// A difference that was computed over everybody.
    pub fn of(plan: Plan, against: String, could_confirm: Vec<Named>) -> Self {
        Self {
            differs: !plan.is_empty(),
            against,
            loosens: plan.loosens(),
            could_confirm,
            needs_security: plan.needs_security(),
            methods: vec![TABLE.to_owned()],
            plan,
        }
    }
}
