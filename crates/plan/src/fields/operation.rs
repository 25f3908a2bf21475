//! The operations of an application.

use std::collections::BTreeSet;

use locum_domain::ApplicationId;
use locum_domain::catalog::Operation;

use crate::field::{
    FieldChange, Judged, Kind, MORE_ALLOWED, Sheet, loosens, owners_loosen, tightens,
};

/// Where an open operation is left out, a wider pattern of another may match what was its own.
const FALLS_TO_OTHERS: Judged =
    owners_loosen("what it matched may now be part of another operation, whose pattern is wider");
/// Closed is not refused: an exception that two people opened may be in force, and holds for whatever is in it.
const OPEN_TO_MORE: Judged = loosens("it is closed, and an exception would open more");
const CLOSED_NO_MORE: Judged = loosens("what it kept closed may now be part of another operation");

pub(crate) fn compare(
    application: &ApplicationId,
    old: Option<&Operation>,
    new: Option<&Operation>,
    changes: &mut Vec<FieldChange>,
) {
    let Some(either) = new.or(old) else {
        return;
    };
    let mut sheet = Sheet {
        kind: Kind::Operation,
        id: either.id.to_string(),
        application: Some(application),
        gains: BTreeSet::new(),
        changes,
    };
    let is_closed = either.closed.is_some();
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (old, _) => {
            let judged = match (old, is_closed) {
                (None, true) => tightens("what it matches is closed to everybody"),
                (None, false) => owners_loosen(
                    "what it matches can be asked for; it was refused, or another operation's",
                ),
                (Some(_), true) => CLOSED_NO_MORE,
                (Some(_), false) => FALLS_TO_OTHERS,
            };
            let told = match &either.closed {
                Some(class) => format!("{}, closed as {class}", either.effect.as_str()),
                None => either.effect.as_str().to_owned(),
            };
            return sheet.entry(old.is_none(), told, judged, []);
        }
    };
    let Operation {
        id: _,
        effect,
        routes,
        graphql,
        graphql_hashes,
        closed,
        object,
        max_per_session,
    } = old;
    sheet.judged("effect", effect, &new.effect, |old, new| match new > old {
        true => tightens("it is taken for doing more, and judged by that"),
        false => loosens("it is taken for doing less, and judged by that"),
    });
    let is_closed = closed.is_some();
    for (field, old, new) in [
        ("routes", routes, &new.routes),
        ("graphql", graphql, &new.graphql),
        ("graphql_hashes", graphql_hashes, &new.graphql_hashes),
    ] {
        let (added, removed) = match is_closed {
            true => (OPEN_TO_MORE, CLOSED_NO_MORE),
            false => (
                owners_loosen("whoever is granted it reaches more"),
                FALLS_TO_OTHERS,
            ),
        };
        let set = |it: &[String]| -> BTreeSet<String> { it.iter().cloned().collect() };
        sheet.set(field, &set(old), &set(new), added, removed);
    }
    sheet.judged("closed", closed, &new.closed, |old, new| match (old, new) {
        (None, Some(_)) => tightens("no approval opens it any more"),
        (Some(_), None) => loosens("it can be asked for"),
        _ => loosens("two people open it as what it is called"),
    });
    sheet.judged("object", object, &new.object, |old, _| match old {
        None => tightens("the record names what was touched"),
        Some(_) => owners_loosen("the record no longer names what was touched as it did"),
    });
    let (was, is) = (*max_per_session, new.max_per_session);
    sheet.limit("max_per_session", was, is, owners_loosen(MORE_ALLOWED));
}
