//! `locum plan` without a login: compared with what the store holds.

use locum_catalog::settings::Store as StoreSettings;
use locum_cli::{Failure, OnDisk, Output, PlanArgs, on_disk, plan_answer};
use locum_control::ports::Store as _;
use locum_domain::governance::Applied;
use locum_domain::{Aggregate, Stream};
use locum_plan::Version;
use locum_store_sqlite::SqliteStore;

pub(crate) async fn run(args: &PlanArgs, output: &Output) -> Result<(), Failure> {
    let after = on_disk(&args.directory, output)?;
    let Some(applied) = applied(&after).await? else {
        let StoreSettings::Sqlite { path } = &after.settings.store;
        let against = format!(
            "nothing: there was no founding yet in `{}`. Where a server keeps its store elsewhere, `locum login` to it \
             first, and this asks it",
            path.display()
        );
        return plan_answer(args, None, &after, against, output).await;
    };
    let day = applied.at.strftime("%Y-%m-%d %H:%M UTC");
    let against = format!("what was applied on {day}, as the store has it");
    let before = Version::recorded(&applied.files, &applied.settings)
        .map_err(|problems| Failure::State(problems.join("\n")))?;
    plan_answer(args, Some(&before), &after, against, output).await
}

/// What was last applied, as the tables of the store have it; `locum ledger verify` says whether they are the ledger's.
async fn applied(after: &OnDisk) -> Result<Option<Applied>, Failure> {
    let StoreSettings::Sqlite { path } = &after.settings.store;
    if !path.exists() {
        return Ok(None);
    }
    // A copy of what it holds at this moment: a server may be running, and looking writes nothing.
    let store = SqliteStore::snapshot(path);
    let store = store.map_err(|error| Failure::Usage(error.to_string()))?;
    let loaded = store.load(&Stream::Governance).await;
    let loaded = loaded.map_err(|error| Failure::State(error.to_string()))?;
    Ok(match loaded.state {
        Some(Aggregate::Governance(governance)) => Some(governance.in_force),
        _ => None,
    })
}
