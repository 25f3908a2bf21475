//! Steps with a name, a time and a result, told while they run and summed up at the end.

use std::time::{Duration, Instant};

use crate::process::{Call, Ending, Outcome};

/// How a step ended.
pub(crate) enum StepResult {
    Passed,
    Failed(String),
    /// Something it needs is not on this machine; it says what.
    NotRun(String),
}

impl From<Outcome> for StepResult {
    fn from(outcome: Outcome) -> Self {
        outcome.map_or_else(Self::Failed, |()| Self::Passed)
    }
}

impl StepResult {
    /// The result of a program that may answer "not here".
    pub(crate) fn of(call: &Call) -> Self {
        match call.ending() {
            Ok(Ending::Succeeded) => Self::Passed,
            Ok(Ending::Failed(why)) | Err(why) => Self::Failed(why),
            Ok(Ending::NotHere) => Self::NotRun("it says above what it misses".to_owned()),
        }
    }
}

/// The steps so far.
pub(crate) struct Report {
    /// In CI nothing may be missing.
    is_complete_demanded: bool,
    steps: Vec<(&'static str, Duration, StepResult)>,
}

impl Report {
    pub(crate) fn new(is_complete_demanded: bool) -> Self {
        Self {
            is_complete_demanded,
            steps: Vec::new(),
        }
    }

    /// Runs one step and says whether it passed.
    pub(crate) fn step(&mut self, name: &'static str, run: impl FnOnce() -> StepResult) -> bool {
        println!("\n── {name}");
        let started = Instant::now();
        let result = match run() {
            StepResult::NotRun(why) if self.is_complete_demanded => StepResult::Failed(format!(
                "not run here, and in CI nothing may be missing: {why}"
            )),
            other => other,
        };
        if let StepResult::Failed(why) = &result {
            eprintln!("{why}");
        }
        let is_passed = matches!(result, StepResult::Passed);
        self.steps.push((name, started.elapsed(), result));
        is_passed
    }

    /// Prints the table; the last line counts.
    ///
    /// # Errors
    /// When a step failed.
    pub(crate) fn finish(self) -> Outcome {
        println!();
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
        for (name, time, result) in &self.steps {
            let seconds = time.as_secs_f64();
            match result {
                StepResult::Passed => {
                    passed += 1;
                    println!("passed         {seconds:7.1} s  {name}");
                }
                StepResult::Failed(why) => {
                    failed += 1;
                    println!(
                        "FAILED         {seconds:7.1} s  {name}: {}",
                        why.lines().next().unwrap_or_default()
                    );
                }
                StepResult::NotRun(why) => {
                    skipped += 1;
                    println!("not run here   {seconds:7.1} s  {name}: {why}");
                }
            }
        }
        println!("\nsteps: {passed} passed, {failed} failed, {skipped} skipped");
        if failed == 0 {
            Ok(())
        } else {
            Err(format!("{failed} of {} steps failed", self.steps.len()))
        }
    }
}
