//! The identity provider as the login room asks for it.

use async_trait::async_trait;
use locum_connectors::{IdentityProvider, ProviderSilent};
use locum_login::oidc::{FormAnswer, IdentityProviderWeb, Silent};
use secrecy::SecretString;
use serde_json::Value;

/// The way to the identity provider.
pub(crate) struct ProviderWeb(pub(crate) IdentityProvider);

#[async_trait]
impl IdentityProviderWeb for ProviderWeb {
    async fn get_json(
        &self,
        url: &str,
        authorization: Option<&SecretString>,
    ) -> Result<Value, Silent> {
        let answer = self.0.get_json(url, authorization).await;
        answer.map_err(silent)
    }

    async fn post_form(
        &self,
        url: &str,
        authorization: Option<&SecretString>,
        form: String,
    ) -> Result<FormAnswer, Silent> {
        let answer = self.0.post_form(url, authorization, form).await;
        let (status, body) = answer.map_err(silent)?;
        Ok(FormAnswer { status, body })
    }
}

fn silent(ProviderSilent(why): ProviderSilent) -> Silent {
    Silent(why)
}
