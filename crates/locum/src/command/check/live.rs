//! `--live`: what the outside answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use locum_catalog::Deployment;
use locum_catalog::settings::{Connector, GovernedOidc};
use locum_cli::Failure;
use locum_connectors::probe::ProbeFinding;
use locum_connectors::{IdentityProvider, Limits, WebClient};
use locum_login::oidc::{Provider, Wish};
use locum_login::{Ports, SecretKey};

use crate::wiring::{ProviderWeb, generic, provider_settings, roundup};

/// What one question showed.
pub(super) struct Finding {
    /// A connector's name, or `login.oidc`.
    pub(super) asked: String,
    pub(super) finding: String,
    pub(super) is_problem: bool,
}

/// Asks every case system, and the identity provider.
pub(super) async fn probe(deployment: &Deployment) -> Result<Vec<Finding>, Failure> {
    let wrong = |error: String| Failure::Usage(error);
    let web = WebClient::new(Limits::default()).map_err(|error| wrong(error.to_string()))?;
    let variables = crate::command::variables();
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
        let of = |finding: ProbeFinding| Finding {
            asked: name.clone(),
            finding: finding.to_string(),
            is_problem: finding.is_problem(),
        };
        findings.extend(found.into_iter().map(of));
    }
    if let Some(oidc) = &deployment.bundle.settings.login.oidc {
        findings.push(ask_provider(deployment, oidc, &variables, web).await);
    }
    Ok(findings)
}

/// Begins a sign-in that nobody goes on with: that reads what the provider says of itself and checks it.
async fn ask_provider(
    deployment: &Deployment,
    oidc: &GovernedOidc,
    variables: &BTreeMap<String, String>,
    web: WebClient,
) -> Finding {
    let outcome = match provider_settings(&deployment.settings, oidc, variables) {
        Err(error) => Err(error.to_string()),
        Ok(settings) => {
            // Nothing that is made here outlives the question.
            let ports = Ports::new(
                SecretKey::new(&[0; 32]),
                Arc::new(Timestamp::now),
                Arc::new(|| Some([0; 32])),
            );
            let web = Arc::new(ProviderWeb(IdentityProvider::new(web)));
            let provider = Provider::new(settings, web, ports);
            let to = "/".to_owned();
            let begun = provider.begin(Wish::SignIn { to }).await;
            begun.map_err(|failure| sentence(&failure))
        }
    };
    Finding {
        asked: "login.oidc".to_owned(),
        is_problem: outcome.is_err(),
        finding: match outcome {
            Ok(_) => format!("{} can be signed in at", oidc.issuer),
            Err(why) => format!("nobody can sign in at {}: {why}", oidc.issuer),
        },
    }
}

/// The failure with its causes.
fn sentence(failure: &dyn std::error::Error) -> String {
    let mut text = failure.to_string();
    let mut cause = failure.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
