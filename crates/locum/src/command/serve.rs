//! `locum serve`.

use locum_cli::{Failure, ServeArgs};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::server::{Server, StartFailure};
use crate::tell;

pub(crate) async fn run(args: &ServeArgs) -> Result<(), Failure> {
    log_to_standard_error("info");
    let mut asked = AskedToStop::listen()?;
    let deployment = super::deployment(&args.config)?;
    let stop = CancellationToken::new();
    let variables = super::variables();
    let server = tokio::select! {
        server = Server::start(deployment, &variables, stop.clone(), None) => server,
        // Nothing was promised to anybody yet.
        () = asked.wait() => return Ok(()),
    };
    let server = server.map_err(|failure| start_failure(&failure))?;
    for line in server.greeting() {
        tell(&line);
    }
    asked.wait().await;
    tell(&"stopping: nothing new is taken, what is under way has a few seconds");
    stop.cancel();
    server.stopped().await;
    Ok(())
}

/// The failure with its causes: the operator needs the whole chain.
pub(crate) fn start_failure(failure: &StartFailure) -> Failure {
    let mut text = failure.to_string();
    let mut cause = std::error::Error::source(failure);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    Failure::Usage(text)
}

/// Logs go to standard error; `LOCUM_LOG` says which, as `locum_gateway=debug`.
pub(crate) fn log_to_standard_error(usual: &str) {
    use std::io::IsTerminal as _;
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("LOCUM_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let is_coloured = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    // It is an error only if somebody else logs already.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(is_coloured)
        .try_init();
}

/// Ctrl-C and SIGTERM, listened for from the first moment: without it either ends the process on the spot, and
/// what it would have tidied away stays.
pub(crate) struct AskedToStop {
    interrupt: Signal,
    terminate: Signal,
}

impl AskedToStop {
    pub(crate) fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|error| Failure::Usage(format!("no signal is heard: {error}")))
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
