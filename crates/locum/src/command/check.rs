//! `locum check`: every problem of configuration, catalog and policy at once; with `--live`, the case systems
//! too.

use locum_catalog::settings::Connector;
use locum_catalog::{Checked, Deployment, Problem, policies_of};
use locum_cli::{CheckArgs, Failure, Output};
use locum_connectors::probe::ProbeFinding;
use locum_connectors::{Limits, WebClient};
use locum_policy::Policies;

use crate::tell;
use crate::wiring::{generic, roundup};

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
    let policy_problems = Policies::load(&operator).err().unwrap_or_default();
    errors += policy_problems.len();
    let mut live = Vec::new();
    if let (true, Some(deployment)) = (args.live, &deployment) {
        live = probe(deployment).await?;
        errors += live
            .iter()
            .filter(|(_, finding)| finding.is_problem())
            .count();
    }
    if !output.is_json() {
        super::show(&problems);
        for problem in &policy_problems {
            tell(&problem);
        }
    }
    let document = serde_json::json!({
        "config": args.config,
        "is_valid": errors == 0,
        "problems": std::mem::take(&mut problems).iter().map(json).chain(policy_problems.iter().map(|it| serde_json::json!({
            "severity": "error", "file": it.file, "line": it.line, "column": it.column,
            "message": it.message, "hint": it.hint,
        }))).collect::<Vec<_>>(),
        "live": live.iter().map(|(name, finding)| serde_json::json!({
            "connector": name, "finding": finding.to_string(), "is_problem": finding.is_problem(),
        })).collect::<Vec<_>>(),
    });
    output.answer(&document, || {
        let mut lines: Vec<String> = live
            .iter()
            .map(|(name, finding)| format!("{name}: {finding}"))
            .collect();
        if errors == 0 {
            lines.push(format!("{} is in order", args.config.display()));
        }
        lines.join("\n")
    })?;
    match errors {
        0 => Ok(()),
        1 => Err(Failure::Usage("1 problem".to_owned())),
        count => Err(Failure::Usage(format!("{count} problems"))),
    }
}

fn json(problem: &Problem) -> serde_json::Value {
    serde_json::to_value(problem).unwrap_or_default()
}

async fn probe(deployment: &Deployment) -> Result<Vec<(String, ProbeFinding)>, Failure> {
    let wrong = |error: String| Failure::Usage(error);
    let web = WebClient::new(Limits::default()).map_err(|error| wrong(error.to_string()))?;
    let variables = super::variables();
    let mut findings = Vec::new();
    for (name, connector) in &deployment.settings.connectors {
        let found = match connector {
            Connector::Generic(settings) => {
                let system = generic(name, settings, &variables, &web)
                    .map_err(|error| wrong(error.to_string()))?;
                system.probe().await
            }
            Connector::Roundup(settings) => {
                let system = roundup(name, settings, &variables, &web)
                    .map_err(|error| wrong(error.to_string()))?;
                system.probe().await
            }
        };
        findings.extend(found.into_iter().map(|finding| (name.clone(), finding)));
    }
    Ok(findings)
}
