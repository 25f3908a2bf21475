//! `locum check`: every problem of configuration, catalog and policy at once, and which ceremony is next; with
//! `--live`, the case systems and the identity provider too.

mod ceremony;
mod live;

use std::collections::BTreeMap;

use locum_catalog::{Checked, Deployment, Problem, policies_of};
use locum_cli::{CheckArgs, Failure, Output, policy_problems, tell_problems};
use locum_policy::Policies;

pub(crate) async fn run(args: &CheckArgs, output: &Output) -> Result<(), Failure> {
    let variables = super::variables();
    let (deployment, mut problems) =
        match Deployment::read(&args.config, &variables, super::today()) {
            Ok(Checked { value, warnings }) => (Some(value), warnings),
            Err(problems) => (None, problems),
        };
    let mut errors = if deployment.is_some() {
        0
    } else {
        problems.iter().filter(|it| it.is_error()).count()
    };
    let operator = policies_of(&args.config, &variables);
    let policy_problems = policies(&operator, deployment.as_ref());
    errors += policy_problems.len();
    problems.extend(policy_problems);
    let mut live = Vec::new();
    if let (true, Some(deployment)) = (args.live, &deployment) {
        live = live::probe(deployment).await?;
        errors += live.iter().filter(|finding| finding.is_problem).count();
    }
    let next = match &deployment {
        Some(deployment) => ceremony::next(deployment).await,
        None => None,
    };
    let others = deployment.as_ref().and_then(ceremony::others);
    if !output.is_json() {
        tell_problems(&problems);
    }
    let document = serde_json::json!({
        "config": args.config,
        "is_valid": errors == 0,
        "problems": problems.iter().map(json).collect::<Vec<_>>(),
        "live": live.iter().map(|it| serde_json::json!({
            "connector": it.asked, "finding": it.finding, "is_problem": it.is_problem,
        })).collect::<Vec<_>>(),
        "next": next,
        "others": others,
    });
    output.answer(&document, || {
        let mut lines: Vec<String> = live
            .iter()
            .map(|it| format!("{}: {}", it.asked, it.finding))
            .collect();
        if errors == 0 {
            lines.push(format!("{} is in order", args.config.display()));
            lines.extend(next.clone());
            lines.extend(others.clone());
        }
        lines.join("\n")
    })?;
    match errors {
        0 => Ok(()),
        1 => Err(Failure::Usage("1 problem".to_owned())),
        count => Err(Failure::Usage(format!("{count} problems"))),
    }
}

/// What is wrong with the policies and with the tables that test them, each beside its line.
fn policies(operator: &BTreeMap<String, String>, deployment: Option<&Deployment>) -> Vec<Problem> {
    let policies = match Policies::load(operator) {
        Ok(policies) => policies,
        Err(found) => return policy_problems(found, operator),
    };
    let Some(deployment) = deployment else {
        return Vec::new();
    };
    let tables = deployment.bundle.policy_tests();
    let tables: BTreeMap<String, String> = tables
        .map(|(file, text)| (file.to_owned(), text.to_owned()))
        .collect();
    let tested = policies.test(&deployment.catalog, &tables, super::today());
    policy_problems(tested.err().unwrap_or_default(), &tables)
}

fn json(problem: &Problem) -> serde_json::Value {
    serde_json::to_value(problem).unwrap_or_default()
}
