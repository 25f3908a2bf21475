//! What the operator wrote, as the rooms want to hear it.

use std::collections::BTreeMap;

use locum_catalog::settings::{Environment, SignatureRule};
use locum_catalog::{Deployment, SecretRef, Secrets as _};
use locum_control::witnessing::WitnessSettings;
use locum_control::{Budgets, ControlSettings};
use locum_gateway::GatewaySettings;
use secrecy::ExposeSecret as _;

use super::StartFailure;

pub(super) fn gateway_settings(
    deployment: &Deployment,
    port: u16,
    connections: usize,
) -> GatewaySettings {
    let settings = &deployment.settings;
    let public = settings
        .gateway
        .public_url
        .as_deref()
        .and_then(|url| url.split_once("://"));
    let (is_https, domain, port) = match public {
        Some((scheme, authority)) => match authority.rsplit_once(':') {
            Some((host, port)) => (scheme == "https", host.to_owned(), port.parse().ok()),
            None => (scheme == "https", authority.to_owned(), None),
        },
        None => (false, settings.gateway.domain.clone(), Some(port)),
    };
    GatewaySettings {
        domain,
        is_https,
        port,
        issuer: settings.server.public_url.clone(),
        public_url: settings.server.public_url.clone(),
        // Only there does a browser keep a cookie that any program on the way could read.
        is_cleartext_loopback: !is_https && settings.gateway.listen.ip().is_loopback(),
        is_development: settings.environment == Environment::Development,
        limits: locum_gateway::Limits {
            connections,
            ..locum_gateway::Limits::default()
        },
    }
}

pub(super) fn control_settings(deployment: &Deployment) -> Result<ControlSettings, StartFailure> {
    let settings = &deployment.settings;
    let zone = &settings.policies.time_zone;
    let budgets = settings.budgets;
    Ok(ControlSettings {
        issuer: settings.server.public_url.clone(),
        is_production: settings.environment == Environment::Production,
        overdue_reviews: settings.overdue_reviews,
        signature_demanded: settings.approvals_signature == SignatureRule::Required,
        time_zone: jiff::tz::TimeZone::get(zone)
            .map_err(|_| StartFailure::TimeZone(zone.clone()))?,
        budgets: Budgets {
            open_requests: budgets.open_requests,
            live_sessions: budgets.live_sessions,
            subjects_per_day: budgets.subjects_per_day,
        },
        witnesses: WitnessSettings::read(settings.ledger.witnesses.as_ref())
            .map_err(StartFailure::Witnesses)?,
    })
}

pub(super) fn read_secret(
    settings: locum_catalog::Settings,
    variables: BTreeMap<String, String>,
) -> crate::wiring::ReadSecret {
    Box::new(move |reference| {
        let reference: SecretRef = settings
            .secret_of_catalog(reference)
            .map_err(|error| error.to_string())?;
        let secret = variables
            .read(&reference)
            .map_err(|error| error.to_string())?;
        Ok(secret.expose_secret().to_owned())
    })
}
