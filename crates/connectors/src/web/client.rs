//! The one client for everything we ask outside systems.
//!
//! TLS is configured here instead of being left to the process: `reqwest` without a chosen provider panics
//! when none was installed, even for cleartext addresses, and a panic on the way to a case system would be a
//! refusal nobody can read. So the client carries its own `ring` provider and Mozilla's roots, and depends
//! neither on who starts it nor on what the machine trusts. Proxies named in the environment are not used:
//! they would carry the case system's credential somewhere the configuration does not say.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use crate::settings::SettingsError;

/// What an outside system may cost us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub connect: Duration,
    /// From the first byte sent to the last one read.
    pub total: Duration,
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            total: Duration::from_secs(5),
            body_bytes: 256 * 1024,
        }
    }
}

/// Sends requests; cheap to clone, connections are shared.
#[derive(Debug, Clone)]
pub struct WebClient {
    client: reqwest::Client,
    limits: Limits,
}

/// Why there is no answer to go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// The system answered that there is no such thing: 404 or 410.
    NotThere,
    /// Anything else, in words that hold neither address nor credential.
    Because(String),
}

impl NoAnswer {
    pub(crate) fn because(cause: impl Into<String>) -> Self {
        Self::Because(cause.into())
    }
}

/// The header that proves us to an outside system.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proof(Option<(HeaderName, HeaderValue)>);

impl Proof {
    pub(crate) fn header(auth: Option<&(String, SecretString)>) -> Result<Self, SettingsError> {
        let Some((name, value)) = auth else {
            return Ok(Self(None));
        };
        let name: HeaderName = name.parse().map_err(|_| SettingsError::Header)?;
        Self::of(name, value.expose_secret())
    }

    /// Basic authentication (RFC 7617).
    pub(crate) fn basic(user: &str, password: &SecretString) -> Result<Self, SettingsError> {
        use base64::Engine as _;
        if user.contains(':') {
            return Err(SettingsError::Header);
        }
        let pair = format!("{user}:{}", password.expose_secret());
        let coded = base64::engine::general_purpose::STANDARD.encode(pair);
        Self::of(AUTHORIZATION, &format!("Basic {coded}"))
    }

    fn of(name: HeaderName, value: &str) -> Result<Self, SettingsError> {
        let mut value = HeaderValue::from_str(value).map_err(|_| SettingsError::Header)?;
        value.set_sensitive(true);
        Ok(Self(Some((name, value))))
    }
}

impl WebClient {
    /// A client with these limits.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(limits: Limits) -> Result<Self, SettingsError> {
        let failed = |error: &dyn std::fmt::Display| SettingsError::Client(error.to_string());
        let roots =
            rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .retry(reqwest::retry::never())
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            .user_agent(concat!("locum/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| failed(&error))?;
        Ok(Self { client, limits })
    }

    /// One GET that must be answered with 200 and JSON.
    pub(crate) async fn get_json(&self, url: Url, proof: &Proof) -> Result<Value, NoAnswer> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let answer = self.send(Method::GET, url, headers, proof, None).await?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => return Err(NoAnswer::NotThere),
            status if status.is_redirection() => {
                let cause = format!(
                    "it redirects ({}), and redirects are not followed",
                    status.as_u16()
                );
                return Err(NoAnswer::Because(cause));
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let cause = format!("it refused our credential ({})", answer.status().as_u16());
                return Err(NoAnswer::Because(cause));
            }
            status => {
                return Err(NoAnswer::Because(format!(
                    "it answered {}",
                    status.as_u16()
                )));
            }
        }
        let body = self.body(answer).await?;
        // The body decides, not its declared type: small desks declare none, and a login page is no JSON.
        serde_json::from_slice(&body).map_err(|_| NoAnswer::because("its answer is not JSON"))
    }

    /// One request that should be refused: its status, and what it says in text.
    pub(crate) async fn attempt(
        &self,
        method: Method,
        url: Url,
        mut headers: HeaderMap,
        proof: &Proof,
        body: &Value,
    ) -> Result<(StatusCode, String), NoAnswer> {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = Some(body.to_string());
        let answer = self.send(method, url, headers, proof, body).await?;
        let status = answer.status();
        // The status is the answer; words that are too long or break off change nothing about it.
        let said = self.body(answer).await.unwrap_or_default();
        Ok((status, String::from_utf8_lossy(&said).into_owned()))
    }

    /// One request, whatever the answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: Url,
        mut headers: HeaderMap,
        proof: &Proof,
        body: Option<String>,
    ) -> Result<reqwest::Response, NoAnswer> {
        if let Some((name, value)) = &proof.0 {
            headers.insert(name.clone(), value.clone());
        }
        let mut request = self.client.request(method, url).headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        request.send().await.map_err(|error| self.cause(&error))
    }

    /// The answer's body, if it is short enough.
    pub(crate) async fn body(&self, mut answer: reqwest::Response) -> Result<Vec<u8>, NoAnswer> {
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.cause(&error))? {
            if body.len() + chunk.len() > self.limits.body_bytes {
                let cause = format!("its answer is longer than {} bytes", self.limits.body_bytes);
                return Err(NoAnswer::Because(cause));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Our own words: the library's hold the whole address.
    fn cause(&self, error: &reqwest::Error) -> NoAnswer {
        NoAnswer::Because(if is_of_tls(error) {
            "no trusted TLS connection to it can be made".to_owned()
        } else if error.is_connect() {
            "it cannot be connected to".to_owned()
        } else if error.is_timeout() {
            format!(
                "it gave no answer within {} ms",
                self.limits.total.as_millis()
            )
        } else {
            "its answer broke off or is no HTTP".to_owned()
        })
    }
}

/// Whether TLS is what failed, as with a certificate that no public authority signed.
fn is_of_tls(error: &reqwest::Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        // An input or output error wraps what happened and names only that one's source as its own.
        let wrapped = error.downcast_ref::<std::io::Error>();
        next = match wrapped.and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}
