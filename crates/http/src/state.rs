//! What the router needs from the binary, and what it keeps itself.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::ops::Deref;
use std::sync::Arc;

use locum_control::Control;
use locum_control::strangers::Strangers;
use locum_login::attempts::{Attempt, Attempts, TooMany};
use locum_login::device::Devices;
use locum_login::oidc::Provider;
use locum_login::{InvitationCodes, Logins};
use ring::rand::SecureRandom;

use crate::hooks::WebhookReceiver;
use crate::metrics::Metrics;
use crate::oauth::Replays;
use crate::sender::Sender;

/// The listener's name in the record.
const LISTENER: &str = "http";

/// Whether everything that this process promises is there; if not, what is missing.
pub type Readiness = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// What the token endpoint needs besides the control room, whose the issuer and the keys are.
#[derive(Clone)]
pub struct OAuthSettings {
    pub random: Arc<dyn SecureRandom + Send + Sync>,
}

/// What the router answers from.
#[derive(Clone)]
pub struct HttpState {
    pub control: Control,
    pub logins: Arc<Logins>,
    /// The devices that wait to be let in; the console answers them.
    pub devices: Arc<Devices>,
    /// The links of those who were invited to enrol; the console follows them.
    pub invitation_codes: Arc<InvitationCodes>,
    /// Counts who tries too often; shared with the console.
    pub attempts: Arc<Attempts>,
    /// The identity provider, where one is configured.
    pub provider: Option<Arc<Provider>>,
    /// By connector name.
    pub webhooks: BTreeMap<String, Arc<dyn WebhookReceiver>>,
    /// Counts what nobody we know was refused; the binary records it once a minute.
    pub strangers: Arc<Strangers>,
    pub oauth: OAuthSettings,
    pub readiness: Readiness,
}

/// The state that handlers share.
#[derive(Clone)]
pub(crate) struct Front(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) given: HttpState,
    pub(crate) metrics: Metrics,
    pub(crate) replays: Replays,
    pub(crate) openapi: String,
}

impl Front {
    pub(crate) fn new(given: HttpState) -> Self {
        let openapi = crate::openapi::openapi().to_json().unwrap_or_default();
        Self(Arc::new(Inner {
            given,
            metrics: Metrics::new(),
            replays: Replays::default(),
            openapi,
        }))
    }

    pub(crate) fn control(&self) -> &Control {
        &self.0.given.control
    }

    /// Counts a failed attempt of whoever sends from there. Where the listener does not tell, all are one.
    ///
    /// # Errors
    /// When it is one too many.
    pub(crate) fn counted(
        &self,
        attempt: Attempt,
        sender: Sender,
        account: Option<&str>,
    ) -> Result<(), TooMany> {
        let from = sender.address().unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        self.given.attempts.count(attempt, from, account)
    }

    /// Counts what nobody we know was refused.
    pub(crate) fn stranger_refused(&self, reason: &str) {
        self.given.strangers.refused(LISTENER, reason);
    }
}

impl Deref for Front {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}
