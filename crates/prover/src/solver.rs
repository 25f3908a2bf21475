//! The solver as a process: how it is started, and whether it is one.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::time::Duration;

use cedar_policy_symcc::solver::{Decision, LocalSolver, Solver as _};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// Which program solves, and how long it may think about one question.
#[derive(Debug, Clone)]
pub struct Solver {
    /// cvc5: a path, or a name to look for in `PATH`.
    pub program: OsString,
    pub patience: Duration,
}

/// Why there is no solver to ask.
#[derive(Debug, thiserror::Error)]
pub enum SolverError {
    #[error(
        "nothing is proved without the solver cvc5, and `{0}` is not here: `apt-get install cvc5`, or name it in $CVC5"
    )]
    Missing(String),
    #[error(
        "nothing is proved: `{program}` is not a cvc5 that works ({said}): `apt-get install cvc5`, or name it in $CVC5"
    )]
    Unfit { program: String, said: String },
    /// The rules cannot be put into formulas: a fault of Locum, not of the operator.
    #[error("nothing is proved: {0}")]
    Inexpressible(String),
}

/// What every solver must know of sets and strings, and what it must answer.
const TRIALS: [(&str, Decision); 2] = [
    (
        "(assert (set.member \"ann\" people))\n(assert (str.contains (str.++ name \"z\") \"z\"))\n",
        Decision::Sat,
    ),
    (
        "(assert (set.member \"ann\" people))\n(assert (not (str.contains (str.++ name \"z\") \"z\")))\n",
        Decision::Unsat,
    ),
];

impl Solver {
    pub(crate) fn name(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }

    /// Whether it is here and is one. That it does not answer in time is no error: what is asked stays undecided.
    ///
    /// # Errors
    /// When there is no solver, or it is none.
    pub async fn tried(&self) -> Result<(), SolverError> {
        self.start().await.map(|_| ())
    }

    /// Starts it and puts two questions whose answers are known. `None` when it does not answer in time.
    pub(crate) async fn start(&self) -> Result<Option<LocalSolver>, SolverError> {
        let mut command = Command::new(&self.program);
        command
            .args(["--lang", "smt", "--strings-exp"])
            .arg(format!("--tlimit-per={}", self.patience.as_millis()))
            .kill_on_drop(true);
        let unfit = |said: String| SolverError::Unfit {
            program: self.name(),
            said,
        };
        let mut solver = match LocalSolver::from_command(&mut command) {
            Ok(solver) => solver,
            Err(cedar_policy_symcc::err::SolverError::Io(error))
                if error.kind() == ErrorKind::NotFound =>
            {
                return Err(SolverError::Missing(self.name()));
            }
            Err(error) => return Err(unfit(cause(&error))),
        };
        for (assertions, expected) in TRIALS {
            let trial = tokio::time::timeout(self.patience, asked(&mut solver, assertions)).await;
            match trial {
                Err(_) => return Ok(None),
                Ok(Err(error)) => return Err(unfit(cause(&error))),
                Ok(Ok(answer)) if answer != expected => {
                    return Err(unfit("it answers wrongly".to_owned()));
                }
                Ok(Ok(_)) => {}
            }
        }
        Ok(Some(solver))
    }
}

async fn asked(
    solver: &mut LocalSolver,
    assertions: &str,
) -> Result<Decision, cedar_policy_symcc::err::SolverError> {
    let script = format!(
        "(reset)\n(set-logic ALL)\n(declare-const people (Set String))\n(declare-const name String)\n{assertions}"
    );
    solver.smtlib_input().write_all(script.as_bytes()).await?;
    solver.check_sat().await
}

/// An error with its deepest cause, in one line.
pub(crate) fn cause(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(deeper) = deepest.source() {
        deepest = deeper;
    }
    let text = deepest.to_string();
    let line: String = text.chars().take(200).collect();
    line.replace(['\n', '\r'], " ")
}
