//! The ledger's newest root, and how its witnesses stand.

use locum_api::{LedgerView, WitnessView};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;

/// Tells what was signed and who cosigned it.
///
/// # Errors
/// [`Failure::Unverified`] when a witness saw another history: that is no state to script on.
pub(crate) async fn root(client: &Connection<'_>, output: &Output) -> Result<(), Failure> {
    let ledger: LedgerView = client.get("/api/v1/ledger").await?;
    output.answer(&ledger, || told(output, &ledger))?;
    if ledger.is_split {
        let why = "a witness cosigned another history of this ledger, or more of it than there is";
        return Err(Failure::Unverified(why.to_owned()));
    }
    Ok(())
}

fn told(output: &Output, ledger: &LedgerView) -> String {
    let mut lines = vec![format!("{} entries, key {}", ledger.entries, ledger.vkey)];
    if let (Some(size), Some(root)) = (ledger.size, &ledger.root) {
        lines.push(format!("root of the first {size}: {root}"));
    }
    lines.push(match (ledger.witnessed, ledger.witnesses.is_empty()) {
        (Some(entries), _) => format!("cosigned by enough witnesses up to {entries} entries"),
        (None, true) => "no witness is asked: the operator alone vouches for it".to_owned(),
        (None, false) => "not yet cosigned by enough witnesses".to_owned(),
    });
    let found = ledger.recorder_findings.iter();
    lines.extend(found.map(|finding| format!("recorder: {finding}")));
    let mut text = lines.join("\n");
    if !ledger.witnesses.is_empty() {
        let table = output.table(
            ["WITNESS", "STANDING", "SINCE", "COSIGNED", "ADDRESS"],
            ledger.witnesses.iter().map(row),
        );
        text.push_str(&format!("\n\n{table}"));
    }
    text
}

fn row(it: &WitnessView) -> [String; 5] {
    let standing = match it.standing.as_deref() {
        None => "not asked yet".to_owned(),
        Some("ahead") => "AHEAD: this ledger was wound back".to_owned(),
        Some("disagrees") => "DISAGREES: it saw another history".to_owned(),
        Some(word) => match &it.why {
            Some(why) => format!("{word}: {why}"),
            None => word.to_owned(),
        },
    };
    let cosigned = it.cosigned.map(|entries| format!("{entries} entries"));
    [
        it.name.clone(),
        standing,
        it.since.clone().unwrap_or_default(),
        cosigned.unwrap_or_else(|| "nothing yet".to_owned()),
        it.url.clone(),
    ]
}
