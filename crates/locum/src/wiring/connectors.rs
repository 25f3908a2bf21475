//! Case systems and webhook receivers out of the settings, with their secrets resolved.

use std::collections::BTreeMap;
use std::sync::Arc;

use locum_catalog::settings::{self, Common, Connector, WebhookSignature};
use locum_catalog::{SecretRef, Secrets};
use locum_connectors::webhook::{Scheme, WebhookSettings, WebhookVerifier};
use locum_connectors::{
    CaseMap, Generic, GenericSettings, NumberCheck, Pace, Roundup, RoundupFields, RoundupSettings,
    SettingsError, WebClient, WriteProbe,
};
use locum_control::ports::{CaseSystem, CaseSystems};
use secrecy::SecretString;

use super::webhooks::Receiver;

/// Why a connector cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectorsError {
    #[error("[connectors.{0}]: {1}")]
    Settings(String, SettingsError),
    #[error("[connectors.{0}]: {1}")]
    Secret(String, String),
}

/// Every configured case system.
pub(crate) fn case_systems(
    connectors: &BTreeMap<String, Connector>,
    secrets: &dyn Secrets,
    web: &WebClient,
) -> Result<CaseSystems, ConnectorsError> {
    let mut systems = CaseSystems::new();
    for (name, connector) in connectors {
        let system: Arc<dyn CaseSystem> = match connector {
            Connector::Generic(settings) => Arc::new(generic(name, settings, secrets, web)?),
            Connector::Roundup(settings) => Arc::new(roundup(name, settings, secrets, web)?),
        };
        systems.insert(name.clone(), system);
    }
    Ok(systems)
}

/// One declared case system.
pub(crate) fn generic(
    name: &str,
    settings: &settings::GenericSettings,
    secrets: &dyn Secrets,
    web: &WebClient,
) -> Result<Generic, ConnectorsError> {
    let auth = settings
        .auth
        .as_ref()
        .map(|(header, value)| secret(name, value, secrets).map(|value| (header.clone(), value)));
    let number = settings
        .id_pattern
        .clone()
        .map(|pattern| NumberCheck::new(move |number| pattern.matches(number)));
    let map = settings.map.clone();
    let resolved = GenericSettings {
        url: settings.url.clone(),
        auth: auth.transpose()?,
        number,
        map: CaseMap {
            state: map.state,
            open: map.open,
            assignee: map.assignee,
            subject: map.subject,
            tenant: map.tenant,
            id: map.id,
            title: map.title,
            opened_at: map.opened_at,
            opened_by: map.opened_by,
            subject_set_by: map.subject_set_by,
            priority: map.priority,
            queue: map.queue,
        },
        pace: pace(&settings.common),
        probe: WriteProbe {
            case: settings.live.case.clone(),
            method: settings.live.write_method.clone(),
            url: settings.live.write_url.clone(),
        },
    };
    Generic::new(resolved, web.clone())
        .map_err(|error| ConnectorsError::Settings(name.to_owned(), error))
}

/// One Roundup tracker.
pub(crate) fn roundup(
    name: &str,
    settings: &settings::RoundupSettings,
    secrets: &dyn Secrets,
    web: &WebClient,
) -> Result<Roundup, ConnectorsError> {
    let fields = settings.fields.clone();
    let resolved = RoundupSettings {
        url: settings.url.clone(),
        user: settings.user.clone(),
        password: secret(name, &settings.password, secrets)?,
        fields: RoundupFields {
            state: fields.state,
            open: fields.open,
            assignee: fields.assignee,
            subject: fields.subject,
            title: fields.title,
            opened_at: fields.opened_at,
            opened_by: fields.opened_by,
            priority: fields.priority,
            tenant: fields.tenant,
            queue: fields.queue,
        },
        pace: pace(&settings.common),
    };
    Roundup::new(resolved, web.clone())
        .map_err(|error| ConnectorsError::Settings(name.to_owned(), error))
}

/// The webhook receivers of every case system that tells us of changes.
pub(crate) fn receivers(
    connectors: &BTreeMap<String, Connector>,
    secrets: &dyn Secrets,
) -> Result<BTreeMap<String, Receiver>, ConnectorsError> {
    let mut receivers = BTreeMap::new();
    for (name, connector) in connectors {
        let Some(webhook) = &connector.common().webhook else {
            continue;
        };
        let open = match connector {
            Connector::Generic(generic) => &generic.map.open,
            Connector::Roundup(roundup) => &roundup.fields.open,
        };
        let scheme = match webhook.signature {
            WebhookSignature::Standard => Scheme::Standard,
            WebhookSignature::Zendesk => Scheme::Zendesk,
            WebhookSignature::Github => Scheme::Github,
            WebhookSignature::Jira => Scheme::Jira,
        };
        let settings = WebhookSettings {
            connector: name.clone(),
            scheme,
            secrets: vec![secret(name, &webhook.secret, secrets)?],
            id: webhook.id.clone(),
            state: webhook.state.clone(),
            open: open.clone(),
        };
        let verifier = WebhookVerifier::new(settings)
            .map_err(|error| ConnectorsError::Settings(name.clone(), error))?;
        receivers.insert(
            name.clone(),
            Receiver {
                connector: name.clone(),
                verifier,
            },
        );
    }
    Ok(receivers)
}

fn pace(common: &Common) -> Pace {
    Pace {
        poll_seconds: common.poll_seconds,
        grace_seconds: common.grace_seconds,
    }
}

fn secret(
    name: &str,
    reference: &SecretRef,
    secrets: &dyn Secrets,
) -> Result<SecretString, ConnectorsError> {
    secrets
        .read(reference)
        .map_err(|error| ConnectorsError::Secret(name.to_owned(), error.to_string()))
}
