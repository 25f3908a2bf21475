//! What one asker may ask for in one application: which operations, for how long, and whose approval it takes.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::catalog::{Application, Effect, Operation};
use locum_domain::{Authority, Minutes, OperationId, PrincipalId, Refusal, Scope};
use serde::{Deserialize, Serialize};

use super::judge::Judge;
use super::verdict::Named;
use crate::eligibility::Coverage;
use crate::filing::{Circumstances, Filing};
use crate::limits::Limits;
use crate::question::No;
use crate::route::History;

/// How pressing a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    Ordinary,
    Emergency,
}

impl Urgency {
    pub(crate) const ALL: [Urgency; 2] = [Urgency::Ordinary, Urgency::Emergency];

    pub(crate) fn is_emergency(self) -> bool {
        self == Urgency::Emergency
    }
}

/// What somebody may ask for, and what it takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reach {
    pub longest_minutes: u32,
    /// The approvals it takes, in the order of the route.
    pub needs: Vec<Need>,
    /// The authority for which nobody is left, so that a request is refused at filing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nobody_left_for: Option<Authority>,
}

/// One approval that a request takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Need {
    pub authority: Authority,
    /// The `@id` of the rule that demands it.
    pub rule: String,
    /// Who may give it.
    pub people: Vec<Named>,
}

/// The same before anybody is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Terms {
    pub(crate) longest: Minutes,
    pub(crate) demands: Vec<(Authority, String)>,
}

impl<'a> Judge<'a> {
    /// What this principal may ask for in an application, operation by operation, each asked for alone. Closed
    /// operations are never among it; assets go with every grant.
    pub(crate) fn terms(
        &self,
        asker: &'a PrincipalId,
        application: &'a Application,
        urgency: Urgency,
        circumstances: Circumstances,
    ) -> BTreeMap<&'a OperationId, Terms> {
        self.heard(self.ask(asker, application, urgency, circumstances))
    }

    fn ask(
        &self,
        asker: &'a PrincipalId,
        application: &'a Application,
        urgency: Urgency,
        circumstances: Circumstances,
    ) -> Result<BTreeMap<&'a OperationId, Terms>, Refusal> {
        let is_open = |it: &&Operation| it.closed.is_none() && it.effect != Effect::Asset;
        let open = application.operations.values().filter(is_open);
        let mut terms = BTreeMap::new();
        for (operations, shortest) in self.alike(asker, application, open, circumstances)? {
            let Some(first) = operations.first() else {
                continue;
            };
            let scope = scope(application, [*first]);
            let filing = self.filing(asker, &scope, urgency, circumstances);
            if let Some(found) = self.terms_of(&filing, application, first, shortest)? {
                terms.extend(operations.iter().map(|it| (&it.id, found.clone())));
            }
        }
        Ok(terms)
    }

    /// The operations that some eligibility covers, those together that no rule about filing tells apart.
    fn alike(
        &self,
        asker: &'a PrincipalId,
        application: &'a Application,
        open: impl Iterator<Item = &'a Operation> + Clone,
        circumstances: Circumstances,
    ) -> Result<Vec<(Vec<&'a Operation>, u32)>, Refusal> {
        let scope = scope(application, open.clone());
        let filing = self.filing(asker, &scope, Urgency::Ordinary, circumstances);
        let coverage = self.side.policies.coverage(&filing, asker)?;
        let mut groups: BTreeMap<_, Vec<&Operation>> = BTreeMap::new();
        for operation in open {
            let key = (&application.id, &operation.id);
            let Some(shortest) = coverage.shortest.get(&key) else {
                continue;
            };
            let by_name = self.reading.files_by_operation.then_some(&operation.id);
            let group = (*shortest, operation.effect, by_name);
            groups.entry(group).or_default().push(operation);
        }
        let groups = groups.into_iter();
        Ok(groups
            .map(|((shortest, ..), them)| (them, shortest))
            .collect())
    }

    fn terms_of(
        &self,
        filing: &Filing<'_>,
        application: &Application,
        operation: &Operation,
        shortest: u32,
    ) -> Result<Option<Terms>, Refusal> {
        let limits = Limits::of(application.tier);
        let longest = limits.longest(Some(shortest), filing.break_glass);
        let mut coverage = Coverage {
            longest: Some(shortest),
            ..Coverage::default()
        };
        let eligible = BTreeSet::from([&operation.id]);
        coverage.eligible.insert(&application.id, eligible);
        for duration in self.durations(longest) {
            let filing = Filing {
                duration,
                ..*filing
            };
            let policies = self.side.policies;
            let asked = [operation];
            match policies.file_one(&filing, filing.actor, application, &asked, &coverage) {
                Ok(_) => {
                    let demands = policies.demanded(&filing, &History::default(), false)?;
                    let demands = demands.into_iter().map(|it| (it.authority, it.rule));
                    return Ok(Some(Terms {
                        longest: duration,
                        demands: demands.collect(),
                    }));
                }
                Err(No::Objections(objections)) if !objections.is_empty() => {}
                Err(no) => return Err(no.refusal()),
            }
        }
        Ok(None)
    }

    /// The longest time, then those below it at which a rule may answer otherwise.
    fn durations(&self, longest: Minutes) -> impl Iterator<Item = Minutes> {
        let below = self.reading.minutes.range(..longest.0).rev();
        let longest = Some(longest).filter(|it| it.0 > 0);
        longest.into_iter().chain(below.map(|it| Minutes(*it)))
    }
}

fn scope<'o>(
    application: &Application,
    operations: impl IntoIterator<Item = &'o Operation>,
) -> Scope {
    let operations = operations.into_iter().map(|it| it.id.clone()).collect();
    Scope([(application.id.clone(), operations)].into())
}
