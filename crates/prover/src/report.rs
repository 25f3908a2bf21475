//! What a proof found, promise by promise.

use std::time::Duration;

use locum_policy::abstraction::Guarantee;
use serde::Serialize;

use crate::counter_example::CounterExample;
use crate::property::{Claim, Property};

/// How a promise fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No possible request breaks it.
    Proved,
    /// Some request breaks it.
    Refuted,
    /// The solver gave no answer: nothing is known.
    Undecided,
}

/// One promise and its verdict.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    pub id: String,
    /// What the promise is part of.
    pub guarantee: Guarantee,
    pub row: String,
    pub says: String,
    pub claim: Claim,
    /// `symbolic`: for every possible request.
    pub method: &'static str,
    pub verdict: Verdict,
    /// The rules that cause a refutation, by their `@id`.
    pub rules: Vec<String>,
    /// Why it is refuted or undecided, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counter_example: Option<CounterExample>,
    /// How long it took. Not in the document, which is the same for the same rules.
    #[serde(skip)]
    pub took: Duration,
}

impl Finding {
    fn of(property: &Property, verdict: Verdict) -> Self {
        Self {
            id: property.id.clone(),
            guarantee: property.guarantee,
            row: property.row.clone(),
            says: property.says.clone(),
            claim: property.claim,
            method: "symbolic",
            verdict,
            rules: Vec::new(),
            because: None,
            counter_example: None,
            took: Duration::ZERO,
        }
    }

    pub(crate) fn proved(property: &Property) -> Self {
        Self::of(property, Verdict::Proved)
    }

    pub(crate) fn undecided(property: &Property, because: String) -> Self {
        Self {
            because: Some(because),
            ..Self::of(property, Verdict::Undecided)
        }
    }

    pub(crate) fn refuted(
        property: &Property,
        rules: Vec<String>,
        because: String,
        counter_example: Option<CounterExample>,
    ) -> Self {
        Self {
            rules,
            because: Some(because),
            counter_example,
            ..Self::of(property, Verdict::Refuted)
        }
    }
}

/// All of it.
#[derive(Debug, Clone, Serialize)]
pub struct Proof {
    /// Whether every promise is proved.
    pub proved: bool,
    /// Rules in force, Locum's own and the operator's.
    pub locums_rules: usize,
    pub operators_rules: usize,
    pub findings: Vec<Finding>,
}

impl Proof {
    /// The findings that are not proved.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.verdict != Verdict::Proved)
    }
}

/// Whether a rule is Locum's own: operators' ids may not begin like these.
pub(crate) fn is_locums(rule: &str) -> bool {
    rule.starts_with("guard-") || rule.starts_with("locum-")
}
