//! Eligibilities, and the written list for emergencies.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::catalog::{BreakGlass, Eligibility, Holder};
use locum_domain::{ApplicationId, Catalog, PrincipalId};

use crate::field::{FieldChange, Kind, MORE_ALLOWED, Sheet, listed, loosens, tightens};

/// `catalog` is the later one, by which whoever holds it gains.
pub(crate) fn compare(
    catalog: &Catalog,
    old: Option<&Eligibility>,
    new: Option<&Eligibility>,
    changes: &mut Vec<FieldChange>,
) {
    let Some(either) = new.or(old) else {
        return;
    };
    let mut sheet = Sheet {
        kind: Kind::Eligibility,
        id: either.id.clone(),
        application: None,
        gains: holders(catalog, &either.holder),
        changes,
    };
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (old, _) => {
            let judged = match old {
                None => loosens("whoever holds it may ask for what it covers"),
                Some(_) => tightens("nobody may ask by it any more"),
            };
            let told = format!("held by {}", holder_in_words(&either.holder));
            return sheet.entry(old.is_none(), told, judged, []);
        }
    };
    let Eligibility {
        id: _,
        holder: held_by,
        applications,
        operations,
        longest,
        owner,
        certified_until,
    } = old;
    if *held_by != new.holder {
        let words = |it| Some(holder_in_words(it));
        let texts = (words(held_by), words(&new.holder));
        let because = loosens("somebody else may ask by it");
        sheet.note("holder", texts, because, []);
    }
    let (more, fewer) = (loosens("it covers more"), tightens("it covers less"));
    sheet.set("applications", applications, &new.applications, more, fewer);
    sheet.set("operations", operations, &new.operations, more, fewer);
    let (was, is) = (Some(longest.0), Some(new.longest.0));
    sheet.limit("longest_minutes", was, is, loosens(MORE_ALLOWED));
    let keeps = loosens("the owner certifies it, and so keeps it in force");
    sheet.office("owner", Some(owner), Some(&new.owner), keeps, keeps);
    let certified = (certified_until.to_string(), new.certified_until.to_string());
    sheet.judged(
        "certified_until",
        &certified.0,
        &certified.1,
        |old, new| match new > old {
            true => loosens("it holds for longer"),
            false => tightens("it is over sooner"),
        },
    );
}

fn holder_in_words(holder: &Holder) -> String {
    match holder {
        Holder::Role(role) => format!("the role {}", role.as_str()),
        Holder::Person(id) => format!("the person {id}"),
        Holder::Agent(id) => format!("the agent {id}"),
        Holder::Vendor(id) => format!("the people of {id}"),
    }
}

/// Everybody who may ask by it.
fn holders(catalog: &Catalog, holder: &Holder) -> BTreeSet<PrincipalId> {
    let people = catalog.people.values();
    match holder {
        Holder::Person(id) | Holder::Agent(id) => BTreeSet::from([id.clone()]),
        Holder::Role(role) => {
            let holders = people.filter(|it| it.roles.contains(role));
            holders.map(|it| it.id.clone()).collect()
        }
        Holder::Vendor(vendor) => {
            let theirs = people.filter(|it| it.employer.as_ref() == Some(vendor));
            theirs.map(|it| it.id.clone()).collect()
        }
    }
}

pub(crate) fn compare_break_glass(
    old: &[BreakGlass],
    new: &[BreakGlass],
    changes: &mut Vec<FieldChange>,
) {
    let by_person = |all: &[BreakGlass]| {
        let mut lines: BTreeMap<PrincipalId, BTreeSet<ApplicationId>> = BTreeMap::new();
        for BreakGlass {
            person,
            applications,
        } in all
        {
            let line = lines.entry(person.clone()).or_default();
            line.extend(applications.iter().cloned());
        }
        lines
    };
    let (old, new) = (by_person(old), by_person(new));
    let people: BTreeSet<&PrincipalId> = old.keys().chain(new.keys()).collect();
    let none = BTreeSet::new();
    for person in people {
        let of = |lines: &BTreeMap<PrincipalId, BTreeSet<ApplicationId>>| {
            lines.get(person).unwrap_or(&none).clone()
        };
        let (old, new) = (of(&old), of(&new));
        let more = new.iter().any(|it| !old.contains(it));
        if old == new {
            continue;
        }
        let mut sheet = Sheet {
            kind: Kind::BreakGlass,
            id: person.to_string(),
            application: None,
            gains: BTreeSet::from([person.clone()]),
            changes,
        };
        let judged = match more {
            true => loosens("they answer more emergencies alone"),
            false => tightens("they answer fewer emergencies alone"),
        };
        let texts = (listed(&old), listed(&new));
        sheet.note("applications", texts, judged, []);
    }
}
