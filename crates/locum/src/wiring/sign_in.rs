//! How people sign in: what was recorded decides it, the files give the secrets.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use locum_catalog::settings::{Environment, GovernedLogin, GovernedOidc};
use locum_catalog::{Deployment, SecretError, Secrets as _, Settings};
use locum_connectors::{IdentityProvider, WebClient};
use locum_control::Control;
use locum_login::attempts::Attempts;
use locum_login::device::Devices;
use locum_login::oidc::{Provider, ProviderSettings};
use locum_login::passkeys::{PasskeySettings, Passkeys};
use locum_login::{
    BearerTokens, FoundingCodes, InvitationCodes, Judgement, LoginSettings, Logins, Now, Ports,
    SecretKey,
};
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::SecretString;

use super::identity_provider::ProviderWeb;

/// The login room, open.
pub(crate) struct SignIn {
    pub(crate) logins: Arc<Logins>,
    pub(crate) passkeys: Arc<Passkeys>,
    pub(crate) founding_codes: Arc<FoundingCodes>,
    pub(crate) invitation_codes: Arc<InvitationCodes>,
    pub(crate) devices: Arc<Devices>,
    pub(crate) attempts: Arc<Attempts>,
    pub(crate) provider: Option<Arc<locum_console::IdentityProvider>>,
}

impl SignIn {
    /// Opens it. `web` asks the identity provider, which need not be up yet.
    ///
    /// # Errors
    /// When the client's secret cannot be read.
    pub(crate) fn open(
        deployment: &Deployment,
        control: &Control,
        cookies: &[u8; 32],
        variables: &BTreeMap<String, String>,
        web: WebClient,
        random: SystemRandom,
    ) -> Result<Self, SecretError> {
        let settings = &deployment.settings;
        let in_force = control.in_force();
        let login = &in_force.login;
        let now: Now = Arc::new(Timestamp::now);
        let draw = move || {
            let mut bytes = [0; 32];
            random.fill(&mut bytes).ok().map(|()| bytes)
        };
        let ports = Ports::new(SecretKey::new(cookies), Arc::clone(&now), Arc::new(draw));
        let provider = match &login.oidc {
            None => None,
            Some(oidc) => {
                let settings = provider_settings(settings, oidc, variables)?;
                let web = Arc::new(ProviderWeb(IdentityProvider::new(web)));
                let provider = Arc::new(Provider::new(settings, web, ports.clone()));
                Some(Arc::new(locum_console::IdentityProvider {
                    provider,
                    issuer: oidc.issuer.clone(),
                    system: oidc.system.clone(),
                }))
            }
        };
        let is_signature_optional = !control.settings().signature_demanded;
        let login_settings = login_settings(deployment, login, is_signature_optional);
        Ok(Self {
            logins: Arc::new(Logins::new(login_settings, ports.clone())),
            passkeys: Arc::new(Passkeys::new(
                passkey_settings(settings, login),
                ports.clone(),
            )),
            founding_codes: Arc::new(FoundingCodes::new(ports.clone())),
            invitation_codes: Arc::new(InvitationCodes::new(ports.clone())),
            devices: Arc::new(Devices::new(ports)),
            attempts: Arc::new(Attempts::new(now)),
            provider,
        })
    }
}

fn login_settings(
    deployment: &Deployment,
    login: &GovernedLogin,
    is_signature_optional: bool,
) -> LoginSettings {
    let settings = &deployment.settings;
    let is_development = settings.environment == Environment::Development;
    let tokens: BearerTokens = deployment
        .development_tokens
        .iter()
        .map(|(token, person)| (token, person.clone()))
        .collect();
    let oidc = login.oidc.as_ref();
    LoginSettings {
        is_secure: is_secure(settings),
        tokens,
        is_picking_allowed: is_development && settings.login.development_tokens.is_some(),
        judgement: Judgement {
            is_signature_optional: is_development && is_signature_optional,
            stepped_up_acr: oidc.map_or_else(Vec::new, |oidc| oidc.stepped_up_acr.clone()),
            roles: oidc.map_or_else(BTreeMap::new, |oidc| oidc.roles.clone()),
        },
    }
}

fn passkey_settings(settings: &Settings, login: &GovernedLogin) -> PasskeySettings {
    // A ledger from before there were passkeys recorded no name for them.
    let rp_id = match login.rp_id.as_str() {
        "" => settings.login.rp_id.clone(),
        recorded => recorded.to_owned(),
    };
    PasskeySettings {
        rp_id,
        rp_name: "Locum".to_owned(),
        origin: settings.server.public_url.clone(),
        is_secure: is_secure(settings),
    }
}

/// The provider's settings: those in force, with the secret that the files name now.
pub(crate) fn provider_settings(
    settings: &Settings,
    oidc: &GovernedOidc,
    variables: &BTreeMap<String, String>,
) -> Result<ProviderSettings, SecretError> {
    let stated = settings.login.oidc.as_ref();
    let reference = stated.and_then(|stated| stated.client_secret.as_ref());
    let client_secret: Option<SecretString> = reference
        .map(|reference| variables.read(reference))
        .transpose()?;
    let public_url = &settings.server.public_url;
    Ok(ProviderSettings {
        issuer: oidc.issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_secret,
        scopes: oidc.scopes.clone(),
        account_claim: oidc.account_claim.clone(),
        groups_claim: (!oidc.roles.is_empty()).then(|| oidc.groups_claim.clone()),
        stepped_up_acr: oidc.stepped_up_acr.clone(),
        redirect_uri: format!("{public_url}/login/oidc/callback"),
        post_logout_redirect_uri: format!("{public_url}/login"),
        is_secure: is_secure(settings),
    })
}

fn is_secure(settings: &Settings) -> bool {
    settings.server.public_url.starts_with("https:")
}
