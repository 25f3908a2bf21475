//! The identity provider as its client sees it: going there, coming back, signing out.

use std::sync::Arc;

use http::HeaderMap;
use locum_token::{ExpectedIdToken, IdToken, LogoutToken};
use secrecy::{ExposeSecret as _, SecretString};

use super::answer::Answer;
use super::exchange::exchange;
use super::failure::ProviderFailure;
use super::identity::identity;
use super::known::Memories;
use super::pending::{Pending, Wish};
use super::settings::ProviderSettings;
use super::web::IdentityProviderWeb;
use crate::cookie::SIGN_IN;
use crate::how::{OidcSignIn, STEPPED_UP};
use crate::login::Ended;
use crate::logins::Logins;
use crate::ports::Ports;
use crate::used_once::UsedOnce;

/// How far the provider's clock may be from ours.
const LEEWAY_SECONDS: u8 = 30;
/// A session at the provider that is older than any login of ours is no reason to begin one.
const OLDEST_SESSION_SECONDS: i64 = 8 * 3600;

/// Most sign-ins of one account within the time that one may take.
const MOST_SIGN_INS: usize = 1_000;
/// Most logout tokens that are remembered, which the provider alone can make.
const MOST_LOGOUTS: usize = 10_000;

/// Servers read addresses of about 8 KiB.
const LONGEST_HINT: usize = 6 * 1024;

/// A sign-in that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Where the browser goes.
    pub location: String,
    /// The value of `Set-Cookie` that binds the sign-in to this browser.
    pub set_cookie: String,
}

/// A sign-in that came back from the provider.
#[derive(Debug)]
pub struct Finished {
    pub wish: Wish,
    /// The value of the account claim; `person_of` knows whose it is.
    pub account: String,
    pub sign_in: OidcSignIn,
    /// What the provider asks to see again at logout.
    pub id_token: SecretString,
    /// The value of `Set-Cookie` that takes the sign-in's cookie away.
    pub set_cookie: String,
}

/// The identity provider.
pub struct Provider {
    settings: ProviderSettings,
    web: Arc<dyn IdentityProviderWeb>,
    ports: Ports,
    memories: Memories,
    /// The sign-ins that were finished.
    finished: UsedOnce,
    logout_tokens: UsedOnce,
}

impl Provider {
    /// A provider that nobody has asked yet: it may be down when Locum starts.
    pub fn new(
        settings: ProviderSettings,
        web: Arc<dyn IdentityProviderWeb>,
        ports: Ports,
    ) -> Self {
        Self {
            settings,
            web,
            ports,
            memories: Memories::default(),
            finished: UsedOnce::new(MOST_SIGN_INS),
            logout_tokens: UsedOnce::new(MOST_LOGOUTS),
        }
    }

    /// Sends a browser to the provider (OpenID Connect Core 1.0, §3.1.2.1).
    ///
    /// # Errors
    /// When the provider cannot be asked or used, or there is no randomness.
    pub async fn begin(&self, wish: Wish) -> Result<Begun, ProviderFailure> {
        let now = self.ports.now();
        let known = self.memories.known(&*self.web, &self.settings, now).await?;
        let pending = Pending::begin(&wish, &self.ports)?;
        let mut location = known.metadata.authorization_endpoint.clone();
        {
            let mut query = location.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &self.settings.client_id)
                .append_pair("redirect_uri", &self.settings.redirect_uri)
                .append_pair("scope", &self.settings.scopes.join(" "))
                .append_pair("state", &pending.state)
                .append_pair("nonce", &pending.nonce)
                .append_pair("code_challenge", &pending.challenge())
                .append_pair("code_challenge_method", "S256");
            if let Some(seconds) = self.max_age(&pending.wish) {
                query.append_pair("max_age", &seconds.to_string());
            }
            if matches!(pending.wish, Wish::StepUp { .. }) {
                query.append_pair("prompt", "login");
                if !self.settings.stepped_up_acr.is_empty() {
                    query.append_pair("acr_values", &self.settings.stepped_up_acr.join(" "));
                }
            }
        }
        Ok(Begun {
            location: location.into(),
            set_cookie: SIGN_IN.begun(&pending.cookie, self.settings.is_secure),
        })
    }

    /// How long ago the person may have proved themselves. It is asked wherever the answer decides something: only
    /// then must the provider say when that was.
    fn max_age(&self, wish: &Wish) -> Option<i64> {
        match wish {
            Wish::StepUp { .. } => Some(STEPPED_UP.as_secs()),
            Wish::SignIn { .. } if self.settings.stepped_up_acr.is_empty() => None,
            Wish::SignIn { .. } => Some(OLDEST_SESSION_SECONDS),
        }
    }

    /// Takes the provider's answer from the browser: its cookie and the callback's query.
    ///
    /// # Errors
    /// When the answer is not to what this browser asked, is another provider's, is a no, or names nobody.
    pub async fn finish(
        &self,
        headers: &HeaderMap,
        query: &str,
    ) -> Result<Finished, ProviderFailure> {
        let answer = Answer::read(query)?;
        let state = answer.state.as_deref().ok_or(ProviderFailure::State)?;
        let is_secure = self.settings.is_secure;
        let pending = Pending::of(headers, state, is_secure, &self.ports)?;
        let (web, settings) = (&*self.web, &self.settings);
        let now = self.ports.now();
        if self.finished.is_used(&pending.cookie, now) {
            return Err(ProviderFailure::NotBegun);
        }
        let known = self.memories.known(web, settings, now).await?;
        let metadata = &known.metadata;
        let code = answer.code(&settings.issuer, metadata.is_issuer_in_answers)?;
        let token_endpoint = metadata.token_endpoint.as_str();
        let tokens = exchange(web, settings, token_endpoint, &code, &pending).await?;
        let id_token = self
            .verified(&pending, &tokens.id_token, &tokens.access_token)
            .await?;
        let userinfo = metadata.userinfo_endpoint.as_ref().map(|url| url.as_str());
        let (account, sign_in) =
            identity(web, settings, userinfo, id_token, &tokens.access_token).await?;
        let (owner, until) = (sign_in.subject.as_str(), pending.expires_at);
        if !self.finished.take(owner, &pending.cookie, until, now) {
            return Err(ProviderFailure::NotBegun);
        }
        Ok(Finished {
            wish: pending.wish,
            account,
            sign_in,
            id_token: tokens.id_token,
            set_cookie: SIGN_IN.ended(is_secure),
        })
    }

    async fn verified(
        &self,
        pending: &Pending,
        id_token: &SecretString,
        access_token: &SecretString,
    ) -> Result<IdToken, ProviderFailure> {
        let now = self.ports.now();
        let expected = ExpectedIdToken {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &pending.nonce,
            access_token: Some(access_token.expose_secret()),
            max_age_seconds: self.max_age(&pending.wish),
            now,
            leeway_seconds: LEEWAY_SECONDS,
        };
        let verify = |keys: &_| IdToken::verify(id_token.expose_secret(), keys, &expected);
        self.memories
            .verify(&*self.web, &self.settings, now, verify)
            .await
    }

    /// Where a browser goes to sign out at the provider too (RP-Initiated Logout 1.0, §2); `None` when the provider
    /// has no such place, or cannot be asked: signing out here must not wait for it.
    pub async fn logout_address(&self, ended: &Ended, state: Option<&str>) -> Option<String> {
        let now = self.ports.now();
        let known = self
            .memories
            .known(&*self.web, &self.settings, now)
            .await
            .ok()?;
        let mut location = known.metadata.end_session_endpoint.clone()?;
        {
            let mut query = location.query_pairs_mut();
            // Without the hint the provider may ask whether this is meant; that is better than an address too long to
            // be read.
            let hint = ended.id_token.as_ref().map(|token| token.expose_secret());
            if let Some(token) = hint.filter(|token| token.len() <= LONGEST_HINT) {
                query.append_pair("id_token_hint", token);
            }
            query
                .append_pair("client_id", &self.settings.client_id)
                .append_pair(
                    "post_logout_redirect_uri",
                    &self.settings.post_logout_redirect_uri,
                );
            if let Some(state) = state {
                query.append_pair("state", state);
            }
        }
        Some(location.into())
    }

    /// Ends the logins that a logout token names (Back-Channel Logout 1.0, §2.6 and §2.7).
    ///
    /// # Errors
    /// When the token is not the provider's word, or was used before.
    pub async fn log_out(
        &self,
        logout_token: &str,
        logins: &Logins,
    ) -> Result<Vec<Ended>, ProviderFailure> {
        let now = self.ports.now();
        let ProviderSettings {
            issuer, client_id, ..
        } = &self.settings;
        let verify = |keys: &_| {
            LogoutToken::verify(logout_token, keys, issuer, client_id, now, LEEWAY_SECONDS)
        };
        let token = self
            .memories
            .verify(&*self.web, &self.settings, now, verify)
            .await?;
        if !self
            .logout_tokens
            .take(issuer, &token.jti, token.expires_at, now)
        {
            return Err(ProviderFailure::Replayed);
        }
        Ok(logins.end_at_provider(issuer, token.subject.as_deref(), token.session.as_deref()))
    }
}
