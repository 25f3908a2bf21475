//! The binary as a process of its own.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{client, wait_for};

/// A debug build on a busy machine takes its time.
const START: Duration = Duration::from_secs(60);
const END: Duration = Duration::from_secs(30);

fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_locum"));
    // Whatever the tester has set for their own server.
    let set = std::env::vars_os().map(|(name, _)| name);
    for name in set.filter(|name| name.to_string_lossy().starts_with("LOCUM_")) {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(arguments: &[&str], variables: &[(&str, String)]) -> Output {
    let mut command = binary();
    command.args(arguments);
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command.output().unwrap()
}

/// A running `locum`, which is killed when it goes out of scope. What it says is kept outside its folder.
pub(crate) struct Locum {
    child: Child,
    log: TempDir,
}

impl Locum {
    /// `locum serve`, which may not be ready yet, or never.
    pub(crate) fn spawn(config: &Path, variables: &[(&str, String)]) -> Self {
        let config = config.display().to_string();
        Self::spawn_with(&["serve", "--config", &config], variables)
    }

    pub(crate) fn spawn_with(arguments: &[&str], variables: &[(&str, String)]) -> Self {
        let log = tempfile::tempdir().unwrap();
        let said = File::create(log.path().join("said")).unwrap();
        let mut command = binary();
        command
            .args(arguments)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdout(said.try_clone().unwrap())
            .stderr(said);
        let child = command.spawn().unwrap();
        Self { child, log }
    }

    /// Waits until the server at this port says that it is ready.
    pub(crate) fn ready(mut self, port: u16) -> Self {
        wait_for("the server is ready", START, || {
            let answer = client::send(port, "GET /readyz", &[], b"");
            let is_ready = answer.is_ok_and(|answer| answer.status == 200);
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}: {}", self.said());
            is_ready.then_some(())
        });
        self
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything it said so far, on either output.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.log.path().join("said")).unwrap()
    }

    /// SIGKILL: no more instructions, no goodbyes.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.said()
    }

    /// Sends a signal, as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success(), "SIG{name} was not sent");
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let started = Instant::now();
        let status = wait_for("the process ends", END, || self.child.try_wait().unwrap());
        let said = self.said();
        assert!(started.elapsed() < END, "{said}");
        (status, said)
    }

    /// SIGTERM, and a good end.
    pub(crate) fn stop(self) {
        self.signal("TERM");
        let (status, said) = self.ended();
        assert!(status.success(), "{status}: {said}");
    }
}

impl Drop for Locum {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
