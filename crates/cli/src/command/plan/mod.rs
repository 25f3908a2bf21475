//! What a folder would change, before anything is applied.

mod read;
mod sheet;

use std::path::Path;

use jiff::civil::Date;
use locum_plan::{Named, Plan, Planned, Version};

pub use read::{OnDisk, on_disk};
use sheet::sheet;

use super::prove::Bar;
use crate::args::PlanArgs;
use crate::failure::Failure;
use crate::output::Output;

/// Compares, with a bar on a terminal while it takes.
pub(crate) fn planned(
    before: Option<&Version>,
    after: &Version,
    against: String,
    today: Date,
    output: &Output,
) -> Planned {
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
    let could_confirm = plan.could_confirm(before, after).into_iter().map(named);
    let could_confirm = could_confirm.collect();
    Planned::of(plan, against, could_confirm)
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
    let planned = planned(before, &after.version, against, after.today, output);
    output.answer(&planned, || sheet(&planned, output))?;
    match planned.differs && args.exit_code {
        true => Err(Failure::State("something differs".to_owned())),
        false => Ok(()),
    }
}
