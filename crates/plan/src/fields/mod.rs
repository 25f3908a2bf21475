//! Every field of catalog and settings, compared. Entries are taken apart without `..`: a field that is added to the
//! domain does not compile here before somebody says which way it goes.

mod application;
mod chain;
mod eligibility;
#[cfg(test)]
mod every_value;
mod operation;
mod people;
mod settings;
mod subjects;
mod witnesses;

use std::collections::{BTreeMap, BTreeSet};

use locum_catalog::settings::Governed;
use locum_domain::Catalog;

use crate::field::FieldChange;

/// What differs between two catalogs.
pub(crate) fn of_catalogs(before: &Catalog, after: &Catalog) -> Vec<FieldChange> {
    let Catalog {
        people,
        agents,
        vendors,
        chains,
        applications,
        eligibilities,
        break_glass,
    } = before;
    let mut changes = Vec::new();
    for (old, new) in pairs(applications, &after.applications) {
        application::compare(old, new, &mut changes);
    }
    let by_id = |all: &'_ [locum_domain::catalog::Eligibility]| -> BTreeMap<String, _> {
        all.iter().map(|it| (it.id.clone(), it.clone())).collect()
    };
    for (old, new) in pairs(&by_id(eligibilities), &by_id(&after.eligibilities)) {
        eligibility::compare(after, old, new, &mut changes);
    }
    eligibility::compare_break_glass(break_glass, &after.break_glass, &mut changes);
    for (old, new) in pairs(people, &after.people) {
        people::compare(old, new, &mut changes);
    }
    for (old, new) in pairs(agents, &after.agents) {
        people::compare_agents(old, new, &mut changes);
    }
    for (old, new) in pairs(vendors, &after.vendors) {
        people::compare_vendors(old, new, &mut changes);
    }
    chain::compare(chains, &after.chains, &mut changes);
    changes
}

/// What differs between two settings; `None` before the founding.
pub(crate) fn of_settings(before: Option<&Governed>, after: &Governed) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    settings::compare(before, after, &mut changes);
    changes
}

/// Every entry of either, beside the other's.
pub(crate) fn pairs<'m, K: Ord, V>(
    old: &'m BTreeMap<K, V>,
    new: &'m BTreeMap<K, V>,
) -> Vec<(Option<&'m V>, Option<&'m V>)> {
    let keys: BTreeSet<&K> = old.keys().chain(new.keys()).collect();
    keys.into_iter()
        .map(|key| (old.get(key), new.get(key)))
        .collect()
}
