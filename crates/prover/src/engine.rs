//! Questions to the solver, each with an answer or the reason why there is none.

use cedar_policy_symcc::CedarSymCompiler;
use cedar_policy_symcc::err::Error;
use cedar_policy_symcc::solver::LocalSolver;

use crate::solver::{Solver, SolverError, cause};

/// After so many silences in a row nothing more is asked.
const SILENCES: u32 = 3;

/// A running solver, replaced after every failure: its state is unknown then.
pub(crate) struct Engine<'s> {
    solver: &'s Solver,
    running: Option<CedarSymCompiler<LocalSolver>>,
    silences: u32,
}

impl<'s> Engine<'s> {
    /// # Errors
    /// When the solver is not here or is none.
    pub(crate) async fn start(solver: &'s Solver) -> Result<Self, SolverError> {
        let mut engine = Self {
            solver,
            running: None,
            silences: 0,
        };
        match solver.start().await? {
            Some(local) => engine.take_up(local).map_err(SolverError::Inexpressible)?,
            // It will not answer more difficult questions either.
            None => engine.silences = SILENCES,
        }
        Ok(engine)
    }

    fn take_up(&mut self, local: LocalSolver) -> Result<(), String> {
        let compiler = CedarSymCompiler::new(local).map_err(|error| error.to_string())?;
        self.running = Some(compiler);
        Ok(())
    }

    /// Puts one question.
    ///
    /// # Errors
    /// Why it stays undecided. No failure is ever an answer.
    pub(crate) async fn ask<T>(
        &mut self,
        question: impl AsyncFnOnce(&mut CedarSymCompiler<LocalSolver>) -> Result<T, Error>,
    ) -> Result<T, String> {
        let patience = self.solver.patience;
        let silence = format!(
            "the solver did not answer within {} s",
            patience.as_secs_f32()
        );
        if self.silences >= SILENCES {
            return Err(silence);
        }
        if self.running.is_none() {
            match self.solver.start().await {
                Ok(Some(local)) => self.take_up(local)?,
                Ok(None) => {
                    self.silences = self.silences.saturating_add(1);
                    return Err(silence);
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        // Taken out, so that whatever goes wrong from here on ends this process.
        let Some(mut compiler) = self.running.take() else {
            return Err("the solver is gone".to_owned());
        };
        // The solver counts by itself; this is for one that hangs.
        let limit = patience.saturating_mul(2);
        match tokio::time::timeout(limit, question(&mut compiler)).await {
            Ok(Ok(answer)) => {
                self.running = Some(compiler);
                self.silences = 0;
                Ok(answer)
            }
            Ok(Err(Error::SolverUnknown)) => {
                self.running = Some(compiler);
                Err(format!("the solver gave up, or {silence}"))
            }
            Ok(Err(error)) => Err(format!("the solver failed: {}", cause(&error))),
            Err(_) => {
                self.silences = self.silences.saturating_add(1);
                Err(silence)
            }
        }
    }
}
