//! A refusal together with what its rule read: whoever filed nothing leaves nothing behind but their refusal, so that
//! what it stood on is kept with it.

use locum_domain::{Read, Refusal};

use super::fact::Fact;
use super::told::Explained;
use crate::policies::Policies;

impl Policies {
    /// What `ask` answers; a refusal is asked for once more, and carries what the rule that decided read. Whatever is
    /// asked must not depend on how often it is.
    ///
    /// # Errors
    /// Those of `ask`.
    pub fn with_grounds<T>(
        &self,
        ask: impl Fn(&Policies) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let refusal = match ask(self) {
            Ok(answer) => return Ok(answer),
            Err(refusal) => refusal,
        };
        let Some(rule) = refusal.rule.clone() else {
            return Err(refusal);
        };
        let traced = self.tracing();
        let _ = ask(traced.policies());
        let asked = traced.asked();
        let turned = asked.iter().rfind(|it| it.turned_on(&rule));
        let read: Vec<Read> = turned
            .map(|asked| read(&traced.explain(asked), &rule))
            .unwrap_or_default();
        Err(Refusal {
            read: (!read.is_empty()).then(|| read.into_boxed_slice()),
            ..refusal
        })
    }
}

fn read(explained: &Explained, rule: &str) -> Vec<Read> {
    let mut rules = explained.rules.iter();
    let facts = rules.find(|it| it.rule.id == rule).map(|it| &it.facts);
    let told = facts.into_iter().flatten();
    told.filter(|fact| is_for_whoever_asked(explained, fact))
        .map(|fact| Read {
            path: fact.path.clone(),
            of: fact.of.clone(),
            is: fact.is.clone(),
        })
        .collect()
}

/// Whoever is refused has not shown yet that the case is theirs, or what they may know of the user and of others.
fn is_for_whoever_asked(explained: &Explained, fact: &Fact) -> bool {
    let is_theirs = !matches!(explained.resource.kind.as_str(), "Case" | "Subject");
    let is_of_others = explained.action == "approve";
    match fact.path.split('.').next() {
        Some("resource") => is_theirs,
        Some("principal") => !is_of_others && fact.path != "principal.accounts",
        _ => true,
    }
}
