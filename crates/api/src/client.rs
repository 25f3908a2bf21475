//! The typed client of the API.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{OAuthProblem, Problem};

/// How long an answer may take.
const TIME_OUT: Duration = Duration::from_secs(30);
/// How long a file may take that is made while it is sent.
const DOWNLOAD: Duration = Duration::from_secs(24 * 3_600);

/// Speaks to one server as one principal.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server refused, and said why.
    #[error("{}: {}", .0.code, .0.detail)]
    Refused(Box<Problem>),
    /// The server refused in OAuth's words.
    #[error("{}: {}", .0.error, .0.error_description.as_deref().unwrap_or("no more is said"))]
    OAuth(Box<OAuthProblem>),
    /// The server could not be reached, or broke off.
    #[error("`{url}` cannot be reached")]
    Unreachable {
        url: String,
        #[source]
        source: reqwest::Error,
    },
    /// The server answered something else than this client understands.
    #[error("`{url}` answered {status}, which this client does not understand")]
    Strange { url: String, status: StatusCode },
}

impl Client {
    /// A client for the server at `base` (`public_url`), with a bearer token where there is one. The process must
    /// have a default TLS provider.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(base: &str, token: Option<String>) -> Result<Self, ClientError> {
        let base = base.trim_end_matches('/').to_owned();
        let http = reqwest::Client::builder().timeout(TIME_OUT).build();
        let http = http.map_err(|source| ClientError::Unreachable {
            url: base.clone(),
            source,
        })?;
        Ok(Self { http, base, token })
    }

    /// The server's address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Reads the answer of a GET; `path` begins with `/`.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.json(Method::GET, path, None::<&()>).await
    }

    /// Posts a body and reads the answer.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, ClientError> {
        self.json(Method::POST, path, Some(body)).await
    }

    /// Posts a form to an OAuth endpoint as nobody and reads the answer; an empty one is `null`.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn form<T: DeserializeOwned>(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<T, ClientError> {
        let url = format!("{}{path}", self.base);
        let unreachable = |source| ClientError::Unreachable {
            url: url.clone(),
            source,
        };
        let answer = self.http.post(&url).form(fields).send().await;
        let answer = answer.map_err(unreachable)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(unreachable)?;
        let body: &[u8] = if body.is_empty() { b"null" } else { &body };
        let strange = |_| ClientError::Strange {
            url: url.clone(),
            status,
        };
        if status.is_success() {
            return serde_json::from_slice(body).map_err(strange);
        }
        let problem: OAuthProblem = serde_json::from_slice(body).map_err(strange)?;
        Err(ClientError::OAuth(Box::new(problem)))
    }

    /// The bytes that a GET answers.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn bytes(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let (url, answer) = self.send(Method::GET, path, None::<&()>).await?;
        let bytes = answer.bytes().await;
        bytes
            .map(|bytes| bytes.to_vec())
            .map_err(|source| ClientError::Unreachable { url, source })
    }

    /// Hands the bytes that a GET answers to `take` as they come, for as long as it takes them.
    ///
    /// # Errors
    /// See [`ClientError`]; inside, what `take` failed with.
    pub async fn download<E>(
        &self,
        path: &str,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<Result<(), E>, ClientError> {
        let url = format!("{}{path}", self.base);
        let request = self.http.get(&url).timeout(DOWNLOAD);
        let mut answer = self.heard(url.clone(), request).await?.1;
        loop {
            let chunk = answer.chunk().await;
            let chunk = chunk.map_err(|source| ClientError::Unreachable {
                url: url.clone(),
                source,
            })?;
            let Some(chunk) = chunk else {
                return Ok(Ok(()));
            };
            if let Err(error) = take(&chunk) {
                return Ok(Err(error));
            }
        }
    }

    async fn json<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<T, ClientError> {
        let (url, answer) = self.send(method, path, body).await?;
        let status = answer.status();
        answer
            .json()
            .await
            .map_err(|_| ClientError::Strange { url, status })
    }

    async fn send<B: Serialize>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<(String, reqwest::Response), ClientError> {
        let url = format!("{}{path}", self.base);
        let mut request = self.http.request(method, &url);
        if let Some(body) = body {
            request = request.json(body);
        }
        self.heard(url, request).await
    }

    async fn heard(
        &self,
        url: String,
        mut request: reqwest::RequestBuilder,
    ) -> Result<(String, reqwest::Response), ClientError> {
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await;
        let answer = answer.map_err(|source| ClientError::Unreachable {
            url: url.clone(),
            source,
        })?;
        let status = answer.status();
        if status.is_success() {
            return Ok((url, answer));
        }
        match answer.json::<Problem>().await {
            Ok(problem) => Err(ClientError::Refused(Box::new(problem))),
            Err(_) => Err(ClientError::Strange { url, status }),
        }
    }
}
