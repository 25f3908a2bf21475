//! The identity provider that staff sign in at: its metadata and keys, and the exchange of codes.
//!
//! Over TLS, or within this machine: an address that somebody else chose must not carry the client's secret in the
//! clear. Redirects are not followed, and time and size are capped, as everywhere here.

use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::SecretString;
use serde_json::Value;
use url::{Host, Url};

use crate::web::{NoAnswer, Proof, WebClient};

/// Asks the identity provider.
#[derive(Debug, Clone)]
pub struct IdentityProvider {
    web: WebClient,
}

/// The provider gave no usable answer, in words that hold neither address nor secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ProviderSilent(pub String);

impl From<NoAnswer> for ProviderSilent {
    fn from(no_answer: NoAnswer) -> Self {
        match no_answer {
            NoAnswer::NotThere => Self("it answers that there is no such thing".to_owned()),
            NoAnswer::Because(cause) => Self(cause),
        }
    }
}

impl IdentityProvider {
    /// A provider that is asked with this client.
    pub fn new(web: WebClient) -> Self {
        Self { web }
    }

    /// One GET that must be answered with 200 and JSON. `authorization` is the header's whole value.
    ///
    /// # Errors
    /// When the address is no safe one, or there is no such answer.
    pub async fn get_json(
        &self,
        url: &str,
        authorization: Option<&SecretString>,
    ) -> Result<Value, ProviderSilent> {
        let proof = proof(authorization)?;
        Ok(self.web.get_json(safe(url)?, &proof).await?)
    }

    /// One POST of a form, answered with JSON: its status, and what it says. A code is exchanged once, so nothing is
    /// sent twice.
    ///
    /// # Errors
    /// When the address is no safe one, or there is no answer in JSON.
    pub async fn post_form(
        &self,
        url: &str,
        authorization: Option<&SecretString>,
        form: String,
    ) -> Result<(u16, Value), ProviderSilent> {
        let proof = proof(authorization)?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form_type);
        let url = safe(url)?;
        let answer = self
            .web
            .send(Method::POST, url, headers, &proof, Some(form));
        let answer = answer.await?;
        let status = answer.status().as_u16();
        let body = self.web.body(answer).await?;
        let said = serde_json::from_slice(&body);
        let said = said.map_err(|_| ProviderSilent("its answer is not JSON".to_owned()))?;
        Ok((status, said))
    }
}

fn proof(authorization: Option<&SecretString>) -> Result<Proof, ProviderSilent> {
    let header = authorization.map(|value| ("authorization".to_owned(), value.clone()));
    Proof::header(header.as_ref())
        .map_err(|_| ProviderSilent("our credential is no valid header".to_owned()))
}

/// The address, if it is one over TLS or on this machine.
fn safe(url: &str) -> Result<Url, ProviderSilent> {
    let unsafe_address = || ProviderSilent("its address is not https".to_owned());
    let url = Url::parse(url).map_err(|_| unsafe_address())?;
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
    is_safe.then_some(url).ok_or_else(unsafe_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r33_a_secret_leaves_this_machine_over_tls_or_not_at_all() {
        for good in [
            "https://idp.corp.example/token",
            "http://127.0.0.1:3000/token",
            "http://localhost:3000/",
            "http://[::1]:3000/",
        ] {
            assert!(safe(good).is_ok(), "{good}");
        }
        for bad in [
            "http://idp.corp.example/token",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
            "http://192.168.0.1/",
            "ftp://127.0.0.1/",
            "token",
        ] {
            assert!(safe(bad).is_err(), "{bad}");
        }
    }
}
