//! Authority that an owner lends in writing: what waits for its lender, and the lender's yes.

use locum_api::{ConfirmDelegationBody, DelegationView, Listing};

use super::beside::elsewhere;
use crate::args::{DelegationsArgs, DelegationsCommand};
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) async fn delegations(
    client: &Connection<'_>,
    output: &Output,
    args: DelegationsArgs,
) -> Result<(), Failure> {
    match args.command {
        None => {
            let waiting: Listing<DelegationView> = client.get("/api/v1/delegations").await?;
            output.answer(&waiting, || table(output, &waiting.items))
        }
        Some(DelegationsCommand::Confirm {
            application,
            person,
            until,
        }) => {
            let body = ConfirmDelegationBody {
                application,
                person,
                until,
            };
            let confirmed = client.post("/api/v1/delegations/confirm", &body).await;
            let lent: DelegationView =
                confirmed.map_err(|failure| elsewhere(client, "delegations", failure))?;
            output.answer(&lent, || {
                format!(
                    "{} decides for {} in {} {}until {}",
                    lent.person,
                    lent.by,
                    lent.application,
                    from(&lent),
                    lent.until
                )
            })
        }
    }
}

fn from(it: &DelegationView) -> String {
    let from = it.from.as_ref().map(|from| format!("from {from} "));
    from.unwrap_or_default()
}

fn table(output: &Output, items: &[DelegationView]) -> String {
    if items.is_empty() {
        return "no delegation waits for whoever lends the authority".to_owned();
    }
    let row = |it: &DelegationView| {
        [
            it.application.clone(),
            it.person.clone(),
            format!("{}until {}", from(it), it.until),
            it.by.clone(),
        ]
    };
    let table = output.table(
        ["APPLICATION", "PERSON", "WHEN", "LENT BY"],
        items.iter().map(row),
    );
    format!(
        "{table}\n\nNone of them counts before whoever lends confirms it: locum delegations confirm APPLICATION PERSON"
    )
}
