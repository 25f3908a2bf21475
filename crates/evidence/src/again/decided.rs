//! What came of deciding again.

use locum_domain::RulesInForce;
use serde::Serialize;

/// How many decisions came out as recorded, and what did not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DecidedAgain {
    /// In one sentence.
    pub sentence: String,
    /// Decisions that were decided again and came out as recorded.
    pub as_recorded: usize,
    /// The entries of decisions whose facts are not on the record.
    pub without_facts: Vec<u64>,
    /// The entries of decisions whose request was erased.
    pub erased: Vec<u64>,
    /// The decisions that the rules in force would not have taken so.
    pub differences: Vec<Difference>,
    /// The rules that decisions stand on.
    pub rules: Vec<RulesTold>,
}

/// A decision that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The entry of the decision.
    pub position: u64,
    pub sentence: String,
}

/// Rules on the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RulesTold {
    /// The entry that holds their texts.
    pub position: u64,
    pub digest: String,
    /// The digest under which files and settings were applied.
    pub applied: String,
    /// The operator's policies, by name.
    pub policies: Vec<String>,
    /// In what Locum's own guardrails on the record are not those of this verifier, a sentence each.
    pub guardrails_differ: Vec<String>,
    /// The rules themselves, for whoever proves them.
    #[serde(skip)]
    pub rules: RulesInForce,
}

impl DecidedAgain {
    /// Why this is not deciding everything again by the verifier's own guardrails, if it is not.
    pub(crate) fn lacks(&self) -> Option<String> {
        let differ = self.rules.iter().flat_map(|it| &it.guardrails_differ);
        let differ: Vec<&str> = differ.map(String::as_str).collect();
        if !self.erased.is_empty() || !self.without_facts.is_empty() {
            return Some(self.sentence.clone());
        }
        let differ = differ.join(", ");
        (!differ.is_empty()).then(|| format!("{}: {differ}", self.sentence))
    }

    /// Puts it in words.
    pub(super) fn told(mut self) -> Self {
        let mut parts = Vec::new();
        match (self.as_recorded, self.differences.len()) {
            (0, 0) => {}
            (count, 0) => parts.push(format!(
                "decided again: {}, as recorded: approved by those whom the rules in force demanded",
                decisions(count)
            )),
            (count, others) => parts.push(format!(
                "decided again: {} as recorded, {} otherwise",
                decisions(count),
                decisions(others)
            )),
        }
        if !self.erased.is_empty() {
            let count = decisions(self.erased.len());
            parts.push(format!("{count} cannot be decided again: erased"));
        }
        if !self.without_facts.is_empty() {
            let count = decisions(self.without_facts.len());
            parts.push(format!(
                "{count} cannot be decided again: what was read is not on the record"
            ));
        }
        if self.rules.iter().any(|it| !it.guardrails_differ.is_empty()) {
            parts.push("the guardrails on the record are not those of this verifier".to_owned());
        }
        self.sentence = match parts.is_empty() {
            true => "nothing was decided in it".to_owned(),
            false => parts.join("; "),
        };
        self
    }
}

fn decisions(count: usize) -> String {
    match count {
        1 => "1 decision".to_owned(),
        more => format!("{more} decisions"),
    }
}
