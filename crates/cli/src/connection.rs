//! The server as a command sees it: what takes long shows it, what fails has an exit status.

use std::future::Future;

use locum_api::{Client, ClientError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::args::Server;
use crate::failure::Failure;
use crate::kept_logins::KeptLogins;
use crate::output::Output;

/// One server, asked as one principal.
pub(crate) struct Connection<'a> {
    client: Client,
    output: &'a Output,
}

impl<'a> Connection<'a> {
    /// To the server that the command line names.
    pub(crate) fn new(server: &Server, output: &'a Output) -> Result<Self, Failure> {
        let address = server.address()?;
        let client = Client::new(address, token(server, address)?)?;
        Ok(Self { client, output })
    }

    /// The same, where there is a token for it: for commands that go on without a server.
    pub(crate) fn signed_in(server: &Server, output: &'a Output) -> Result<Option<Self>, Failure> {
        if server.bearer()?.is_some() {
            return Self::new(server, output).map(Some);
        }
        // Nobody is signed in at what is no address.
        let Ok(address) = server.address() else {
            return Ok(None);
        };
        match token(server, address)? {
            Some(token) => {
                let client = Client::new(address, Some(token))?;
                Ok(Some(Self { client, output }))
            }
            None => Ok(None),
        }
    }

    /// The server's address.
    pub(crate) fn base(&self) -> &str {
        self.client.base()
    }

    /// Reads the answer of a GET; `path` begins with `/`.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.answered(self.client.get(path)).await
    }

    /// The same where waiting is what was asked for, and nothing to show.
    pub(crate) async fn poll<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        Ok(self.client.get(path).await?)
    }

    /// Posts a body and reads the answer.
    pub(crate) async fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, Failure> {
        self.answered(self.client.post(path, body)).await
    }

    /// The bytes that a GET answers.
    pub(crate) async fn bytes(&self, path: &str) -> Result<Vec<u8>, Failure> {
        self.answered(self.client.bytes(path)).await
    }

    /// Hands the bytes that a GET answers to `take` as they come.
    pub(crate) async fn download(
        &self,
        path: &str,
        take: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<std::io::Result<()>, Failure> {
        self.answered(self.client.download(path, take)).await
    }

    async fn answered<T>(
        &self,
        answer: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, Failure> {
        let what = format!("waiting for {}", self.client.base());
        Ok(self.output.waiting(&what, answer).await?)
    }
}

/// The token that the command line names, or that of `locum login`.
fn token(server: &Server, address: &str) -> Result<Option<String>, Failure> {
    if let Some(token) = server.bearer()? {
        return Ok(Some(token));
    }
    Ok(match KeptLogins::at(server.logins.as_deref()) {
        Some(kept) => kept.of(address)?.map(|login| login.token),
        None => None,
    })
}
