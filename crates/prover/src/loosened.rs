//! Whether one version of the rules permits anything that another denied, for every possible request.

use cedar_policy::{Effect, EntityUid, Policy, PolicyId, PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::CompiledPolicy;
use serde::Serialize;
use serde_json::Value;

use crate::assumption::assuming;
use crate::counter_example::CounterExample;
use crate::engine::Engine;
use crate::prove::{compile, rules};
use crate::solver::{Solver, SolverError};
use crate::vacuity::quoted;

/// What a comparison of two versions found, or one question of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// The solver excluded every request that only the later version permits.
    NotLoosened,
    /// Something is permitted that was not, or can no longer fail and be refused for it.
    Loosened,
    /// The solver gave no answer: nothing is known.
    Undecided,
}

/// How one rule differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Difference {
    New,
    Gone,
    Changed,
}

/// A rule that is not the same in both versions.
#[derive(Debug, Clone, Serialize)]
pub struct RuleChange {
    /// Its `@id`.
    pub rule: String,
    /// `permit` or `forbid`; of a changed rule, the later one.
    pub effect: &'static str,
    pub is: Difference,
}

/// One type of request, and whether it gained anything.
#[derive(Debug, Clone, Serialize)]
pub struct Question {
    /// The types of who asks and of what it is about, and the action.
    pub principal: String,
    pub action: String,
    pub resource: String,
    pub verdict: Comparison,
    /// Why it is loosened or undecided, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counter_example: Option<CounterExample>,
}

/// All of it.
#[derive(Debug, Clone, Serialize)]
pub struct Loosening {
    /// `not-loosened` only when the solver answered every question so.
    pub verdict: Comparison,
    pub questions: Vec<Question>,
    /// Every rule that differs, by its `@id`.
    pub rules: Vec<RuleChange>,
}

/// Asks the solver, for each type of request, whether `after` permits anything that `before` did not. Both are whole
/// sets, with Locum's guardrails; what the proofs take for granted is taken for granted here. `told` hears after each
/// question how many are done, and of how many.
///
/// # Errors
/// When there is no solver, or it is none: nothing is known then. One that fails later leaves questions undecided.
pub async fn loosened(
    before: &PolicySet,
    after: &PolicySet,
    schema: &Schema,
    solver: &Solver,
    mut told: impl FnMut(usize, usize),
) -> Result<Loosening, SolverError> {
    let mut engine = Engine::start(solver).await?;
    let sides = Sides {
        before,
        after,
        schema,
        rules: differences(before, after).map_err(SolverError::Inexpressible)?,
    };
    let mut envs: Vec<RequestEnv> = schema.request_envs().collect();
    envs.sort_by_key(|env| (env.action().to_string(), env.principal().to_string()));
    let mut questions = Vec::new();
    for (done, env) in envs.iter().enumerate() {
        told(done, envs.len());
        let answer = sides.judge(&mut engine, env).await;
        let (verdict, because, counter_example) =
            answer.unwrap_or_else(|because| (Comparison::Undecided, Some(because), None));
        questions.push(Question {
            principal: env.principal().basename().to_owned(),
            action: env.action().id().unescaped().to_owned(),
            resource: env.resource().basename().to_owned(),
            verdict,
            because,
            counter_example,
        });
    }
    told(envs.len(), envs.len());
    let any = |verdict| questions.iter().any(|it| it.verdict == verdict);
    let verdict = if any(Comparison::Loosened) {
        Comparison::Loosened
    } else if questions.is_empty() || any(Comparison::Undecided) {
        Comparison::Undecided
    } else {
        Comparison::NotLoosened
    };
    Ok(Loosening {
        verdict,
        questions,
        rules: sides.rules,
    })
}

type Answer = (Comparison, Option<String>, Option<CounterExample>);

struct Sides<'p> {
    before: &'p PolicySet,
    after: &'p PolicySet,
    schema: &'p Schema,
    rules: Vec<RuleChange>,
}

impl Sides<'_> {
    async fn judge(&self, engine: &mut Engine<'_>, env: &RequestEnv) -> Result<Answer, String> {
        let old = compile(self.before, env, self.schema)?;
        let new = compile(&within(self.after, env.action())?, env, self.schema)?;
        let answer = engine
            .ask(async |it| it.check_implies_with_counterexample_opt(&new, &old).await)
            .await;
        match answer {
            Ok(None) => self.that_failed(engine, env).await,
            Ok(Some(found)) => {
                let example = CounterExample::between(self.before, self.after, &found);
                let Some((example, forbade)) = example else {
                    return Err("Cedar does not repeat what the solver found".to_owned());
                };
                let because = self.because(&example, &forbade);
                Ok((Comparison::Loosened, Some(because), Some(example)))
            }
            Err(because) => Err(because),
        }
    }

    /// Locum refuses where a rule fails: an earlier rule that may fail and is no longer there refused something.
    async fn that_failed(
        &self,
        engine: &mut Engine<'_>,
        env: &RequestEnv,
    ) -> Result<Answer, String> {
        let mut failing = Vec::new();
        for effect in [Effect::Permit, Effect::Forbid] {
            for rule in rules(self.before, effect, env.action()) {
                let id = rule.id().to_string();
                let is_kept = self.rules.iter().all(|it| it.rule != id);
                if is_kept {
                    continue;
                }
                let assumed = assuming(&rule, env.action(), &id)?;
                let compiled = CompiledPolicy::compile(&assumed, env, self.schema)
                    .map_err(|error| format!("`{id}` cannot be compiled: {error}"))?;
                let never = engine
                    .ask(async |it| it.check_never_errors_opt(&compiled).await)
                    .await;
                if !never.map_err(|because| format!("`{id}`: {because}"))? {
                    failing.push(id);
                }
            }
        }
        if failing.is_empty() {
            return Ok((Comparison::NotLoosened, None, None));
        }
        failing.sort();
        let because = format!(
            "{} could fail, which Locum refused, and is no longer what it was",
            quoted(&failing)
        );
        Ok((Comparison::Loosened, Some(because), None))
    }

    fn because(&self, example: &CounterExample, forbade: &[String]) -> String {
        let mut said = example.because();
        if forbade.is_empty() {
            said.push_str("; no rule permitted it before");
        }
        for rule in forbade {
            let change = self.rules.iter().find(|it| it.rule == *rule);
            let is = match change.map(|it| it.is) {
                Some(Difference::Gone) => "is gone",
                _ => "is changed",
            };
            said.push_str(&format!("; `{rule}`, which forbade it before, {is}"));
        }
        said
    }
}

/// The set, permitting nothing that the program never asks.
fn within(set: &PolicySet, action: &EntityUid) -> Result<PolicySet, String> {
    let never = Policy::parse(
        Some(PolicyId::new("outside")),
        "forbid (principal, action, resource) unless { true };",
    )
    .map_err(|error| error.to_string())?;
    let all = Policy::parse(None, "permit (principal, action, resource);")
        .map_err(|error| error.to_string())?;
    let assumed = assuming(&all, action, "assumed")?;
    let mut outside = never.to_json().map_err(|error| error.to_string())?;
    let assumed = assumed.to_json().map_err(|error| error.to_string())?;
    let body = assumed.pointer("/conditions/0/body").cloned();
    match (outside.pointer_mut("/conditions/0/body"), body) {
        (Some(place), Some(body)) => *place = body,
        _ => return Err("an assumption without a condition in its JSON".to_owned()),
    }
    let outside = Policy::from_json(Some(PolicyId::new("locum-outside-the-assumption")), outside)
        .map_err(|error| error.to_string())?;
    PolicySet::from_policies(set.policies().cloned().chain([outside]))
        .map_err(|error| error.to_string())
}

/// Every rule that differs in what it says; words beside it (annotations) decide nothing.
fn differences(before: &PolicySet, after: &PolicySet) -> Result<Vec<RuleChange>, String> {
    let change = |rule: &Policy, is| RuleChange {
        rule: rule.id().to_string(),
        effect: match rule.effect() {
            Effect::Permit => "permit",
            Effect::Forbid => "forbid",
        },
        is,
    };
    let mut found = Vec::new();
    for rule in before.policies() {
        match after.policy(rule.id()) {
            None => found.push(change(rule, Difference::Gone)),
            Some(later) if said(rule)? != said(later)? => {
                found.push(change(later, Difference::Changed));
            }
            Some(_) => {}
        }
    }
    let new = after.policies();
    let new = new.filter(|rule| before.policy(rule.id()).is_none());
    found.extend(new.map(|rule| change(rule, Difference::New)));
    found.sort_by(|one, other| one.rule.cmp(&other.rule));
    Ok(found)
}

fn said(rule: &Policy) -> Result<Value, String> {
    let mut text = rule.to_json().map_err(|error| error.to_string())?;
    if let Some(object) = text.as_object_mut() {
        object.remove("annotations");
    }
    Ok(text)
}
