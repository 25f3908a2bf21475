//! `[ledger]`: the name under which the record is known, and where its key is kept.

use std::path::Path;

use locum_tlog::epoch_of;

use super::{Environment, Ledger, witnesses};
use crate::read::Fields;
use crate::secret::{SecretRef, secret};

/// What the origin of a development ledger ends in, so that nobody takes its evidence for real.
const DEVELOPMENT: &str = ".development";

pub(super) fn ledger(
    root: &Fields<'_>,
    environment: Option<Environment>,
    folder: &Path,
) -> Option<Ledger> {
    let names = [&["origin", "key"][..], &witnesses::NAMES].concat();
    let section = root.table_or_empty("ledger", "[ledger]", &names);
    let problems = section.problems;
    let origin = section.need::<String>("origin");
    if let Some(origin) = &origin {
        let text = origin.value.as_str();
        // A note name has no white space and no plus (C2SP signed-note).
        if text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '+')
        {
            problems.error(
                &origin.place,
                "`origin` has no white space and no `+`: it names the ledger's key in notes",
            );
        }
        if epoch_of(text).1 > 1 {
            problems.error(
                &origin.place,
                "`origin` names the ledger and not an epoch of it: leave `/epoch-…` away",
            );
        }
        match (environment, text.ends_with(DEVELOPMENT)) {
            (Some(Environment::Development), false) => problems.error_with(
                &origin.place,
                format!("the origin of a development ledger ends in `{DEVELOPMENT}`"),
                format!("write \"{text}{DEVELOPMENT}\""),
            ),
            (Some(Environment::Production), true) => problems.error_with(
                &origin.place,
                format!("the origin of a production ledger does not end in `{DEVELOPMENT}`"),
                "a ledger is one or the other for good: found a new one",
            ),
            _ => {}
        }
    }
    // Keys that the configuration does not name are found in keys/.
    let key = match section.node("key") {
        None => Some(SecretRef::File(folder.join("keys").join("ledger.key"))),
        Some(_) => secret(&section, "key", folder).map(|key| key.value),
    };
    let witnesses = witnesses::witnesses(&section);
    Some(Ledger {
        origin: origin?.value,
        key: key?,
        witnesses,
    })
}
