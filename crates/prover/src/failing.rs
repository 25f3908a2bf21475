//! Rules that may fail to be evaluated. Cedar skips such a rule, a `forbid` too; Locum refuses the whole question.

use cedar_policy::Authorizer;
use cedar_policy_symcc::CompiledPolicy;

use crate::assumption::assuming;
use crate::counter_example::CounterExample;
use crate::engine::Engine;
use crate::property::Property;
use crate::prove::{Case, rules};
use crate::report::Finding;
use crate::vacuity::quoted;

/// Refuted with every rule that may fail, and a request on which the first of them does.
pub(crate) async fn judge(
    case: &Case<'_>,
    engine: &mut Engine<'_>,
    property: &Property,
) -> Result<Finding, String> {
    let mut failing: Vec<String> = Vec::new();
    let mut example = None;
    let mut undecided = None;
    for one in &case.types {
        let action = one.env.action();
        for effect in [cedar_policy::Effect::Permit, cedar_policy::Effect::Forbid] {
            for rule in rules(case.set, effect, action) {
                let id = rule.id().to_string();
                if failing.contains(&id) {
                    continue;
                }
                let assumed = assuming(&rule, action, &id)?;
                let compiled =
                    CompiledPolicy::compile(&assumed, &one.env, case.schema).map_err(|error| {
                        format!("`{id}` cannot be compiled for the solver: {error}")
                    })?;
                let answer = engine
                    .ask(async |it| {
                        it.check_never_errors_with_counterexample_opt(&compiled)
                            .await
                    })
                    .await;
                match answer {
                    Ok(None) => {}
                    Ok(Some(found)) => {
                        let again = Authorizer::new().is_authorized(
                            &found.request,
                            case.set,
                            &found.entities,
                        );
                        let mut errors = again.diagnostics().errors();
                        let is_repeated = errors.any(|error| {
                            let cedar_policy::AuthorizationError::PolicyEvaluationError(error) =
                                error;
                            *error.policy_id() == *rule.id()
                        });
                        if is_repeated {
                            let told = CounterExample::told(&rule, &[], &found);
                            example = example.or(Some(told));
                            failing.push(id);
                        } else {
                            let because = "Cedar does not repeat what the solver found";
                            undecided = Some(because.to_owned());
                        }
                    }
                    Err(because) => undecided = Some(format!("`{id}`: {because}")),
                }
            }
        }
    }
    if !failing.is_empty() {
        failing.sort();
        let because = format!("{} may fail, and Locum refuses then", quoted(&failing));
        return Ok(Finding::refuted(property, failing, because, example));
    }
    Ok(match undecided {
        None => Finding::proved(property),
        Some(because) => Finding::undecided(property, because),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Solver, properties};

    /// Cedar skips a `forbid` that fails: a promise that did would be kept by everything.
    #[test]
    fn no_promise_fails_to_be_evaluated() {
        let solver = Solver {
            program: std::env::var_os("CVC5").unwrap_or_else(|| "cvc5".into()),
            patience: Duration::from_secs(60),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut engine = match Engine::start(&solver).await {
                Ok(engine) => engine,
                Err(missing) => {
                    let is_ci = std::env::var_os("LOCUM_CI").is_some_and(|value| value == "1");
                    assert!(!is_ci, "{missing}");
                    eprintln!("NOT RUN: {missing}");
                    return;
                }
            };
            let policies = locum_policy::Policies::load(&Default::default()).unwrap();
            let schema = policies.schema();
            for property in properties().unwrap() {
                let Some((action, promise)) = &property.about else {
                    continue;
                };
                let assumed = assuming(promise, action, "promise").unwrap();
                for env in schema.request_envs().filter(|env| env.action() == action) {
                    let compiled = CompiledPolicy::compile(&assumed, &env, schema).unwrap();
                    let never = engine
                        .ask(async |it| it.check_never_errors_opt(&compiled).await)
                        .await;
                    assert_eq!(never, Ok(true), "{}", property.id);
                }
            }
        });
    }
}
