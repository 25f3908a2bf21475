//! Running other programs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What went wrong, in words for whoever ran the command.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The exit status by which a test says that something it needs is not here (as automake has it).
const NOT_HERE: i32 = 77;

/// How a program that ran to its end ended.
pub(crate) enum Ending {
    Succeeded,
    Failed(String),
    /// It could not run here.
    NotHere,
}

/// One call of one program.
pub(crate) struct Call {
    program: PathBuf,
    arguments: Vec<String>,
    folder: Option<PathBuf>,
    environment: Vec<(&'static str, OsString)>,
}

impl Call {
    pub(crate) fn new<I, S>(program: impl Into<PathBuf>, arguments: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self {
            program: program.into(),
            arguments,
            folder: None,
            environment: Vec::new(),
        }
    }

    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Runs it with the terminal as its own.
    pub(crate) fn run(&self) -> Outcome {
        match self.ending()? {
            Ending::Succeeded => Ok(()),
            Ending::Failed(why) => Err(why),
            Ending::NotHere => Err(format!(
                "{} says that something it needs is missing",
                self.shown()
            )),
        }
    }

    /// Runs it with the terminal as its own and says how it ended.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn ending(&self) -> Outcome<Ending> {
        let status = self
            .command()
            .status()
            .map_err(|error| self.not_started(&error))?;
        Ok(match status.code() {
            Some(0) => Ending::Succeeded,
            Some(NOT_HERE) => Ending::NotHere,
            _ => Ending::Failed(format!("{}: {status}", self.shown())),
        })
    }

    /// Runs it for what it prints; its complaints go to the terminal.
    ///
    /// # Errors
    /// When it cannot be started, fails, or prints something other than text.
    pub(crate) fn output(&self) -> Outcome<String> {
        let command = &mut self.command();
        let output = command
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| self.not_started(&error))?;
        if !output.status.success() {
            return Err(format!("{}: {}", self.shown(), output.status));
        }
        String::from_utf8(output.stdout)
            .map_err(|_| format!("{}: printed something other than text", self.shown()))
    }

    /// Whether it runs and succeeds, in silence.
    pub(crate) fn succeeds(&self) -> bool {
        let mut command = self.command();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
    }

    fn shown(&self) -> String {
        let program = self
            .program
            .file_name()
            .unwrap_or(self.program.as_os_str())
            .to_string_lossy();
        let arguments = self.arguments.iter().map(String::as_str);
        [program.as_ref()]
            .into_iter()
            .chain(arguments)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn not_started(&self, error: &std::io::Error) -> String {
        format!("{}: could not be started: {error}", self.shown())
    }
}
