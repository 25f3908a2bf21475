//! The rules of a pack: found by their digests, their texts held against what was applied, compiled once.

use std::collections::BTreeMap;

use locum_domain::facts::Facts;
use locum_domain::{Event, Recorded, RulesInForce};
use locum_policy::Policies;

use super::decided::RulesTold;
use super::guardrails;

/// Every `rules-in-force` of the pack, in ledger order.
pub(super) struct Rules<'e>(Vec<Found<'e>>);

struct Found<'e> {
    position: u64,
    digest: String,
    rules: &'e RulesInForce,
    policies: Result<Policies, String>,
}

/// The rules that one decision stands on.
pub(super) struct Standing<'r> {
    pub(super) rules: &'r RulesInForce,
    pub(super) policies: &'r Policies,
}

impl<'e> Rules<'e> {
    pub(super) fn of(events: &'e [Recorded]) -> Self {
        let mut compiled: BTreeMap<String, Result<Policies, String>> = BTreeMap::new();
        let mut all = Vec::new();
        for recorded in events {
            let Event::RulesInForce { rules, .. } = &recorded.event else {
                continue;
            };
            let digest = rules.digest();
            let policies = compiled
                .entry(digest.clone())
                .or_insert_with(|| compile(rules));
            all.push(Found {
                position: recorded.position,
                policies: policies.clone(),
                digest,
                rules,
            });
        }
        Self(all)
    }

    /// The rules that these facts name, if they are those in force at the decision.
    pub(super) fn standing(&self, facts: &Facts, position: u64) -> Result<Standing<'_>, String> {
        let newest = self.0.iter().rfind(|it| it.position < position);
        let newest = newest.ok_or("the rules that were in force are not in the pack")?;
        if newest.digest != facts.rules {
            let newer = newest.position;
            return Err(format!(
                "it stands on other rules than those that entry {newer} put in force"
            ));
        }
        match &newest.policies {
            Ok(policies) => Ok(Standing {
                rules: newest.rules,
                policies,
            }),
            Err(why) => Err(why.clone()),
        }
    }

    pub(super) fn told(&self) -> Vec<RulesTold> {
        let told = |it: &Found<'_>| RulesTold {
            position: it.position,
            digest: it.digest.clone(),
            applied: it.rules.applied.clone(),
            policies: it.rules.policies.keys().cloned().collect(),
            guardrails_differ: match &it.policies {
                Ok(policies) => guardrails::differences(&it.rules.built_in, policies),
                Err(_) => Vec::new(),
            },
            rules: it.rules.clone(),
        };
        self.0.iter().map(told).collect()
    }
}

fn compile(rules: &RulesInForce) -> Result<Policies, String> {
    if let Some(fault) = rules.fault() {
        return Err(format!(
            "the rules it stands on are not those that were applied: {fault}"
        ));
    }
    Policies::recorded(&rules.built_in, &rules.policies).map_err(|problems| {
        let first = problems
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        format!("the rules it stands on do not load: {first}")
    })
}
