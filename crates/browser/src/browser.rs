//! The one browser that all tests of a binary share.

use chromiumoxide::Browser as Connection;
use chromiumoxide::cdp::browser_protocol::target::CreateBrowserContextParams;
use chromiumoxide::handler::HandlerConfig;
use futures_util::StreamExt as _;

use crate::process::{Missing, Process, chromium};
use crate::visitor::Visitor;
use crate::waiting::DEADLINE;

/// A running Chromium. It ends when this goes out of scope.
pub struct Browser {
    pub(crate) connection: Connection,
    _process: Process,
}

impl Browser {
    /// Starts Chromium, headless, with a profile of its own.
    ///
    /// # Errors
    /// When there is no Chromium on this machine.
    ///
    /// # Panics
    /// When there is one and it does not come up.
    pub async fn start() -> Result<Self, Missing> {
        let process = Process::start(&chromium()?);
        let settings = HandlerConfig {
            ignore_https_errors: false,
            viewport: None,
            request_timeout: DEADLINE,
            ..HandlerConfig::default()
        };
        let (connection, mut handler) = Connection::connect_with_config(&process.address, settings)
            .await
            .expect("chromium speaks on its own socket");
        // Messages of a newer Chromium that the crate does not know are no errors of ours.
        tokio::spawn(async move { while handler.next().await.is_some() {} });
        Ok(Self {
            connection,
            _process: process,
        })
    }

    /// Somebody who has never been anywhere: no cookie, no cache, no authenticator.
    pub async fn visitor(&self) -> Visitor<'_> {
        let made = self
            .connection
            .execute(CreateBrowserContextParams::default())
            .await;
        let context = made.expect("a fresh context").result.browser_context_id;
        Visitor {
            browser: self,
            context,
        }
    }
}
