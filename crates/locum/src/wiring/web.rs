//! Console and API on one listener.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use ipnet::IpNet;
use locum_catalog::settings::Environment;
use locum_console::{ConsoleState, Guide};
use locum_demo::world::World;
use locum_domain::{Denial, PrincipalId};
use locum_gateway::Gateway;
use locum_http::{HttpState, OAuthSettings, WebhookReceiver};

use super::development::loopback_only;
use super::proxies::by_client;
use crate::server::WebParts;

/// The router of everything that `public_url` answers.
pub(crate) fn web(parts: WebParts<'_>) -> Router {
    let settings = &parts.deployment.settings;
    let is_development = settings.environment == Environment::Development;
    let sign_in = parts.sign_in;
    let webhooks: BTreeMap<String, Arc<dyn WebhookReceiver>> = parts
        .webhooks
        .into_iter()
        .map(|(name, receiver)| (name, Arc::new(receiver) as _))
        .collect();
    let control = parts.control.clone();
    let gateway_closed = parts.gateway_closed;
    let http = locum_http::router(HttpState {
        control: parts.control.clone(),
        logins: Arc::clone(&sign_in.logins),
        devices: Arc::clone(&sign_in.devices),
        invitation_codes: Arc::clone(&sign_in.invitation_codes),
        attempts: Arc::clone(&sign_in.attempts),
        provider: sign_in.provider.as_ref().map(|it| Arc::clone(&it.provider)),
        webhooks,
        strangers: Arc::clone(&parts.strangers),
        oauth: OAuthSettings {
            random: Arc::new(parts.random),
        },
        readiness: Arc::new(move || {
            if !control.is_recording() {
                Err("nothing can be recorded".to_owned())
            } else if gateway_closed.is_cancelled() {
                Err("the gateway takes no requests".to_owned())
            } else {
                Ok(())
            }
        }),
    });
    let console = locum_console::router(ConsoleState {
        control: parts.control,
        logins: sign_in.logins,
        identity_provider: sign_in.provider,
        passkeys: sign_in.passkeys,
        founding_codes: sign_in.founding_codes,
        invitation_codes: sign_in.invitation_codes,
        devices: sign_in.devices,
        attempts: sign_in.attempts,
        strangers: parts.strangers,
        confirm_pass: confirm_pass(parts.gateway),
        public_url: settings.server.public_url.as_str().into(),
        guide: parts.guide.map(Arc::new),
    });
    // One answer to unknown addresses, which asks what the client prefers to read.
    let router = http.merge(console.reset_fallback());
    if is_development {
        return router.layer(from_fn(loopback_only));
    }
    let trusted = &settings.server.trusted_proxies;
    if trusted.is_empty() {
        return router;
    }
    let trusted: Arc<[IpNet]> = trusted.as_slice().into();
    router.layer(from_fn_with_state(trusted, by_client))
}

fn confirm_pass(gateway: Gateway) -> locum_console::ConfirmPass {
    Arc::new(move |token: &str, by: &PrincipalId| {
        gateway
            .confirm_pass(token, by)
            .map_err(|error| Denial::SessionEnded.because(error.to_string()))
    })
}

/// What the demonstration says on its first screen.
pub(crate) fn demo_guide(world: &World) -> Guide {
    Guide {
        title: "Play every part yourself".to_owned(),
        steps: vec![
            "Sign in as Alice, who works on case desk:7, and ask to act as its customer in billing.".to_owned(),
            "Sign in as the people the request names, approve it, and as Alice again activate it and look around in billing.".to_owned(),
            "Close the case at the desk and watch the session end under your hands; then read the access event as Audrey.".to_owned(),
        ],
        places: vec![("the case desk".to_owned(), format!("http://127.0.0.1:{}", world.ports.desk))],
    }
}
