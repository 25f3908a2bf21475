//! What a folder would change, before anything is applied.

mod read;
mod sheet;

use std::path::Path;

use jiff::civil::Date;
use locum_plan::{Loosening, Named, Plan, Version};
use serde::Serialize;

pub use read::{OnDisk, on_disk};
use sheet::sheet;

use super::prove::Bar;
use crate::args::PlanArgs;
use crate::failure::Failure;
use crate::output::Output;

/// The difference, and what it takes to apply it.
#[derive(Debug, Serialize)]
pub(crate) struct Planned {
    /// Whether anything differs, be it a comment.
    pub differs: bool,
    /// What it was compared with, in words.
    pub against: String,
    #[serde(flatten)]
    pub plan: Plan,
    /// What of it loosens: with anything here it waits for a second person.
    pub loosens: Vec<Loosening>,
    /// Who could be that person. Whoever proposes it is still among them.
    pub could_confirm: Vec<Named>,
    /// By which methods it was found.
    pub methods: Vec<&'static str>,
}

impl Planned {
    /// Compares, with a bar on a terminal while it takes.
    pub(crate) fn of(
        before: Option<&Version>,
        after: &Version,
        against: String,
        today: Date,
        output: &Output,
    ) -> Self {
        let bar = Bar::of(
            output,
            "comparing {wide_bar} {pos} of {len} groups of people",
        );
        let mut progress = |done, of| bar.at(done, of);
        let plan = Plan::between(before, after, today, &mut progress);
        let named = |id| Named {
            name: before
                .and_then(|it| it.catalog.principal(&id))
                .map_or_else(|| id.to_string(), |it| it.name().to_owned()),
            id,
        };
        Self {
            differs: !plan.is_empty(),
            against,
            loosens: plan.loosens(),
            could_confirm: plan
                .could_confirm(before, after)
                .into_iter()
                .map(named)
                .collect(),
            methods: vec!["table"],
            plan,
        }
    }
}

/// Compares one folder with another.
pub(crate) fn against(args: &PlanArgs, other: &Path, output: &Output) -> Result<(), Failure> {
    let before = on_disk(other, output)?;
    let after = on_disk(&args.directory, output)?;
    let against = format!("`{}`", other.display());
    answer(args, Some(&before.version), &after, against, output)
}

/// Compares a folder with what counts, and says so.
pub fn answer(
    args: &PlanArgs,
    before: Option<&Version>,
    after: &OnDisk,
    against: String,
    output: &Output,
) -> Result<(), Failure> {
    let planned = Planned::of(before, &after.version, against, after.today, output);
    output.answer(&planned, || sheet(&planned, output))?;
    match planned.differs && args.exit_code {
        true => Err(Failure::State("something differs".to_owned())),
        false => Ok(()),
    }
}
