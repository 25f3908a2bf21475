//! Every promise over the whole set, for every type of request.

use std::time::Instant;

use cedar_policy::{Effect, EntityUid, Policy, PolicyId, PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::CompiledPolicySet;

use crate::assumption::assuming;
use crate::counter_example::CounterExample;
use crate::engine::Engine;
use crate::property::{Claim, Property, properties};
use crate::report::{Finding, Proof, is_locums};
use crate::solver::{Solver, SolverError};
use crate::{failing, vacuity};

/// One type of request (who, what, on what), with the whole set compiled for it.
pub(crate) struct RequestType {
    pub(crate) env: RequestEnv,
    pub(crate) all: CompiledPolicySet,
}

/// The set under proof.
pub(crate) struct Case<'p> {
    pub(crate) set: &'p PolicySet,
    pub(crate) schema: &'p Schema,
    pub(crate) types: Vec<RequestType>,
}

impl Case<'_> {
    /// The types of request with this action, people first.
    pub(crate) fn of<'c>(&'c self, action: &'c EntityUid) -> impl Iterator<Item = &'c RequestType> {
        self.types
            .iter()
            .filter(move |one| one.env.action() == action)
    }
}

/// Proves or refutes every promise of `policies/invariants.cedar` over `set`: guardrails and operator's rules
/// together. `told` hears after each promise how many are done, and of how many.
///
/// # Errors
/// When there is no solver, or it is none. A solver that fails later leaves promises undecided.
pub async fn prove(
    set: &PolicySet,
    schema: &Schema,
    solver: &Solver,
    mut told: impl FnMut(usize, usize),
) -> Result<Proof, SolverError> {
    let properties = properties().map_err(SolverError::Inexpressible)?;
    let mut engine = Engine::start(solver).await?;
    let mut envs: Vec<RequestEnv> = schema.request_envs().collect();
    envs.sort_by_key(|env| {
        let is_machine = env.principal().basename() != "Person";
        (env.action().to_string(), is_machine)
    });
    let mut types = Vec::new();
    for env in envs {
        let all = compile(set, &env, schema).map_err(SolverError::Inexpressible)?;
        types.push(RequestType { env, all });
    }
    let case = Case { set, schema, types };
    let mut findings = Vec::new();
    for (done, property) in properties.iter().enumerate() {
        told(done, properties.len());
        let began = Instant::now();
        let finding = match (&property.about, property.claim) {
            (Some((action, promise)), Claim::Possible) => {
                vacuity::judge(&case, &mut engine, property, action, promise).await
            }
            (Some((action, promise)), _) => {
                judge(&case, &mut engine, property, action, promise).await
            }
            (None, _) => failing::judge(&case, &mut engine, property).await,
        };
        let finding = finding.unwrap_or_else(|because| Finding::undecided(property, because));
        findings.push(Finding {
            took: began.elapsed(),
            ..finding
        });
    }
    told(properties.len(), properties.len());
    let locums = set
        .policies()
        .filter(|it| is_locums(it.id().as_ref()))
        .count();
    Ok(Proof {
        proved: findings
            .iter()
            .all(|it| it.verdict == crate::Verdict::Proved),
        locums_rules: locums,
        operators_rules: set.policies().count().saturating_sub(locums),
        findings,
    })
}

/// Whether the set allows anything that the promise forbids: whether it allows more than everything but that.
async fn judge(
    case: &Case<'_>,
    engine: &mut Engine<'_>,
    property: &Property,
    action: &EntityUid,
    promise: &Policy,
) -> Result<Finding, String> {
    let everything = Policy::parse(
        Some(PolicyId::new("everything")),
        "permit (principal, action, resource);",
    )
    .map_err(|error| error.to_string())?;
    let but = PolicySet::from_policies([everything, assuming(promise, action, "promise")?])
        .map_err(|error| error.to_string())?;
    let mut undecided = None;
    for one in case.of(action) {
        let at_most = compile(&but, &one.env, case.schema)?;
        let answer = engine
            .ask(async |it| {
                it.check_implies_with_counterexample_opt(&one.all, &at_most)
                    .await
            })
            .await;
        match answer {
            Ok(None) => {}
            Ok(Some(found)) => match CounterExample::of(case.set, &but, promise, &found) {
                Some(example) => {
                    let promised = (&but, &at_most);
                    let by = of_operators(case, engine, one, promised, promise).await?;
                    return Ok(refuted(property, by, example));
                }
                None => {
                    let because = "Cedar does not repeat what the solver found";
                    undecided = Some(because.to_owned());
                }
            },
            Err(because) => undecided = Some(because),
        }
    }
    Ok(match undecided {
        None => Finding::proved(property),
        Some(because) => Finding::undecided(property, because),
    })
}

/// The verdict, by the operator's rules before Locum's.
fn refuted(
    property: &Property,
    by: Vec<(String, CounterExample)>,
    example: CounterExample,
) -> Finding {
    let mut rules: Vec<String> = by.iter().map(|(id, _)| id.clone()).collect();
    // What a rule of the operator lets through says more than what any does.
    let theirs = by.into_iter().next().map(|(_, example)| example);
    let example = theirs.unwrap_or(example);
    for rule in &example.allowed_by {
        if !rules.contains(rule) {
            rules.push(rule.clone());
        }
    }
    let because = example.because();
    Finding::refuted(property, rules, because, Some(example))
}

/// Each of the operator's permits that alone breaks the promise, with what it lets through.
async fn of_operators(
    case: &Case<'_>,
    engine: &mut Engine<'_>,
    one: &RequestType,
    (but, at_most): (&PolicySet, &CompiledPolicySet),
    promise: &Policy,
) -> Result<Vec<(String, CounterExample)>, String> {
    let action = one.env.action();
    let mut found = Vec::new();
    for permit in rules(case.set, Effect::Permit, action) {
        let id = permit.id().to_string();
        if is_locums(&id) {
            continue;
        }
        let forbids = rules(case.set, Effect::Forbid, action);
        let alone = PolicySet::from_policies(std::iter::once(permit).chain(forbids))
            .map_err(|error| error.to_string())?;
        let alone = compile(&alone, &one.env, case.schema)?;
        let answer = engine
            .ask(async |it| {
                it.check_implies_with_counterexample_opt(&alone, at_most)
                    .await
            })
            .await;
        // That the promise is broken is known already; this says only by whom.
        let example = answer.ok().flatten();
        let example = example.and_then(|it| CounterExample::of(case.set, but, promise, &it));
        found.extend(example.map(|example| (id, example)));
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(found)
}

pub(crate) fn compile(
    set: &PolicySet,
    env: &RequestEnv,
    schema: &Schema,
) -> Result<CompiledPolicySet, String> {
    CompiledPolicySet::compile(set, env, schema)
        .map_err(|error| format!("the rules cannot be compiled for the solver: {error}"))
}

/// The rules of one effect, without those that name another action.
pub(crate) fn rules<'s>(
    set: &'s PolicySet,
    effect: Effect,
    action: &'s EntityUid,
) -> impl Iterator<Item = Policy> + 's {
    set.policies()
        .filter(move |policy| {
            let is_elsewhere = match policy.action_constraint() {
                cedar_policy::ActionConstraint::Eq(other) => other != *action,
                _ => false,
            };
            policy.effect() == effect && !is_elsewhere
        })
        .cloned()
}
