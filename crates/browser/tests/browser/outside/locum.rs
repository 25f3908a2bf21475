//! The binary as a process of its own.

use std::env;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use locum_browser::wait_for;
use serde_json::Value;
use tempfile::TempDir;

/// `LOCUM_BIN`, else the debug build beside these tests.
fn binary() -> Command {
    let named = env::var_os("LOCUM_BIN").map(PathBuf::from);
    let program = named.unwrap_or_else(|| {
        let tests = env::current_exe().unwrap();
        tests.parent().unwrap().with_file_name("locum")
    });
    assert!(
        program.is_file(),
        "{} is not built; run `cargo build` first, or name it in LOCUM_BIN",
        program.display()
    );
    let mut command = Command::new(program);
    // Whatever the tester has set for their own server.
    let set = env::vars_os().map(|(name, _)| name);
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
    pub(crate) fn spawn(arguments: &[&str], variables: &[(&str, String)]) -> Self {
        let log = tempfile::tempdir().unwrap();
        let said = |name| File::create(log.path().join(name)).unwrap();
        let mut command = binary();
        command.args(arguments);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdout(said("answered")).stderr(said("complained"));
        let child = command.spawn().unwrap();
        Self { child, log }
    }

    /// `locum demo`, and where its console answers.
    pub(crate) async fn demo() -> (Self, String) {
        let demo = Self::spawn(&["demo", "--json"], &[]);
        let told = wait_for("the demonstration is ready", || async {
            let said = demo.answered();
            serde_json::from_str::<Value>(&said).map_err(|_| format!("{said}{}", demo.complained()))
        });
        let told = told.await;
        (demo, told["public_url"].as_str().unwrap().to_owned())
    }

    /// How it ended, with its last words, if it has.
    pub(crate) fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().unwrap()?;
        Some(format!(
            "{status}\n{}{}",
            self.answered(),
            self.complained()
        ))
    }

    /// What it printed so far.
    pub(crate) fn answered(&self) -> String {
        fs::read_to_string(self.log.path().join("answered")).unwrap()
    }

    /// What it complained about so far.
    pub(crate) fn complained(&self) -> String {
        fs::read_to_string(self.log.path().join("complained")).unwrap()
    }

    /// SIGTERM, and its end.
    pub(crate) fn stop(&mut self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.unwrap().success(), "SIGTERM was not sent");
        self.child.wait().unwrap();
    }
}

impl Drop for Locum {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
