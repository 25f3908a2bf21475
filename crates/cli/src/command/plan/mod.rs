//! What a folder would change, before anything is applied.

mod asked;
mod read;
mod remedy;
mod rules;
mod sheet;

use std::path::Path;

use locum_plan::{Named, Plan, Planned, Version};
use serde::Serialize;

pub(crate) use asked::{asked, in_force, preview, proposed, read as read_plan};
pub(crate) use read::unreadable;
pub use read::{OnDisk, on_disk};
pub(crate) use remedy::remedied;
pub(crate) use sheet::{after_a_start, difference, sheet};

use super::prove::Bar;
use crate::args::PlanArgs;
use crate::failure::Failure;
use crate::output::Output;
use rules::Rules;

/// By which method the solver answers.
const SYMBOLIC: &str = "symbolic";

/// A plan, and what is told beside it.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    #[serde(flatten)]
    pub(crate) planned: Planned,
    /// Whether the rules permit anything more, whatever the request; absent where they were not compared.
    #[serde(rename = "symbolic", skip_serializing_if = "Option::is_none")]
    pub(crate) rules: Option<Rules>,
    /// What of it waits for the server's next start, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) restart: Vec<String>,
}

/// How the reader of the plan stands to it.
#[derive(Default)]
pub(crate) struct Reader {
    /// Whether the server said who could confirm: the reader, who would propose it, is not among them then.
    pub(crate) is_proposer: bool,
    /// The folder that they could apply.
    pub(crate) could_apply: Option<String>,
}

impl Reader {
    fn of(args: &PlanArgs, is_proposer: bool) -> Self {
        Self {
            is_proposer,
            could_apply: Some(args.directory.display().to_string()),
        }
    }
}

impl Told {
    /// The plan with what the solver says of its rules, where what they are compared with can be read.
    pub(crate) async fn of(
        mut planned: Planned,
        before: Option<&Version>,
        after: &Version,
        output: &Output,
    ) -> Self {
        let rules = match before {
            Some(before) => Some(Rules::of(before, after, &planned.plan, output).await),
            None => None,
        };
        if rules.as_ref().is_some_and(Rules::is_asked) {
            planned.methods.push(SYMBOLIC.to_owned());
        }
        Self {
            planned,
            rules,
            restart: Vec::new(),
        }
    }
}

/// Compares, with a bar on a terminal while it takes.
fn planned(before: Option<&Version>, after: &OnDisk, against: String, output: &Output) -> Planned {
    let bar = Bar::of(
        output,
        "comparing {wide_bar} {pos} of {len} groups of people",
    );
    let mut progress = |done, of| bar.at(done, of);
    let plan = Plan::between(before, &after.version, after.today, &mut progress);
    let named = |id| Named {
        name: before
            .and_then(|it| it.catalog.principal(&id))
            .map_or_else(|| id.to_string(), |it| it.name().to_owned()),
        id,
    };
    let could_confirm = plan.could_confirm(before, &after.version);
    let could_confirm = could_confirm.into_iter().map(named).collect();
    Planned::of(plan, against, could_confirm)
}

/// Compares one folder with another.
pub(crate) async fn against(args: &PlanArgs, other: &Path, output: &Output) -> Result<(), Failure> {
    let before = on_disk(other, output)?;
    let after = on_disk(&args.directory, output)?;
    let against = format!("`{}`", other.display());
    answer(args, Some(&before.version), &after, against, output).await
}

/// Compares a folder with what counts, and says so.
///
/// # Errors
/// [`Failure::State`] where something differs and the status was to say so.
pub async fn answer(
    args: &PlanArgs,
    before: Option<&Version>,
    after: &OnDisk,
    against: String,
    output: &Output,
) -> Result<(), Failure> {
    let planned = planned(before, after, against, output);
    let told = Told::of(planned, before, &after.version, output).await;
    say(args, after, &told, &Reader::of(args, false), output)
}

fn say(
    args: &PlanArgs,
    after: &OnDisk,
    told: &Told,
    reader: &Reader,
    output: &Output,
) -> Result<(), Failure> {
    output.answer(told, || sheet(told, reader, output))?;
    let failing = after.failing();
    if !failing.is_empty() && !output.is_json() {
        crate::problems::tell_problems(&failing);
        output.remark("a server refuses what fails its own table tests");
    }
    match told.planned.differs && args.exit_code {
        true => Err(Failure::State("something differs".to_owned())),
        false => Ok(()),
    }
}
