//! `catalog/chains.toml`: who answers for a whole access chain (R14). Every actor and every queue belongs to
//! exactly one.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::catalog::{Chain, Role};
use locum_domain::{PrincipalId, VendorId};

use super::claim::Claim;
use super::{CHAINS, PEOPLE, Reading, declare};
use crate::read::Fields;
use crate::source::{At, Place, Source};

pub(super) fn read(reading: &mut Reading<'_>) {
    let Some(root) = reading.document(CHAINS) else {
        return;
    };
    let root = Fields::open(&root, "chains.toml", &["chain"], reading.problems);
    let names = [
        "id",
        "accountable_owner",
        "successor",
        "vendors",
        "queues",
        "regions",
        "staff",
    ];
    let mut ids = BTreeMap::new();
    let mut staff: Option<(usize, Place)> = None;
    let tables = root.tables("chain", "[[chain]]", &names);
    for fields in &tables {
        let id = fields.need::<String>("id");
        let is_new = id
            .as_ref()
            .is_some_and(|id| declare(&mut ids, id, "chain", fields.problems));
        let owner = fields.need::<PrincipalId>("accountable_owner");
        let successor = fields.get::<PrincipalId>("successor");
        if let (Some(owner), Some(successor)) = (&owner, &successor)
            && owner.value == successor.value
        {
            fields.problems.error(
                &successor.place,
                "the successor is somebody else than the accountable owner",
            );
        }
        let owner = reading.person(owner, "accountable owner");
        let successor = reading.person(successor, "successor");
        let members = members(fields, reading);
        let queues = queues(fields, reading);
        let regions = fields
            .list::<String>("regions")
            .into_iter()
            .map(|region| region.value)
            .collect();
        if let Some(flag) = fields.get::<bool>("staff").filter(|flag| flag.value) {
            if staff.is_some() {
                fields
                    .problems
                    .error(&flag.place, "our own staff belong to another chain already");
            }
            staff.get_or_insert((reading.catalog.chains.len(), flag.place));
        }
        let (Some(id), Some(accountable_owner)) = (id.filter(|_| is_new), owner) else {
            continue;
        };
        let chain = Chain {
            id: id.value,
            accountable_owner,
            successor,
            vendors: members,
            queues,
            regions,
        };
        reading.catalog.chains.push(chain);
    }
    match (tables.as_slice(), staff) {
        // The domain takes the first chain for the staff's.
        (_, Some((index, _))) if index < reading.catalog.chains.len() => {
            reading.catalog.chains.swap(0, index)
        }
        ([_, second, ..], None) if has_staff(reading) => {
            let message = "there are several chains, and none is said to be our own staff's";
            second.problems.error_with(
                &second.place,
                message,
                "write `staff = true` in one of them",
            );
        }
        _ => {}
    }
}

fn has_staff(reading: &Reading<'_>) -> bool {
    reading
        .catalog
        .people
        .values()
        .any(|person| person.employer.is_none())
}

fn members(fields: &Fields<'_>, reading: &mut Reading<'_>) -> BTreeSet<VendorId> {
    let stated: Vec<At<VendorId>> = fields.list("vendors");
    for vendor in &stated {
        reading.claim(&vendor.place, Claim::Vendor(vendor.value.clone()));
        let chained = &mut reading.seen.chained_vendors;
        if chained
            .insert(vendor.value.clone(), vendor.place.clone())
            .is_some()
        {
            let message = format!("vendor `{}` is in a chain already", vendor.value);
            let hint = "everybody belongs to exactly one chain";
            fields.problems.error_with(&vendor.place, message, hint);
        }
    }
    stated.into_iter().map(|vendor| vendor.value).collect()
}

fn queues(fields: &Fields<'_>, reading: &mut Reading<'_>) -> BTreeSet<String> {
    let stated: Vec<At<String>> = fields.list("queues");
    for queue in &stated {
        if reading
            .seen
            .queues
            .insert(queue.value.clone(), queue.place.clone())
            .is_some()
        {
            let message = format!("queue `{}` is in a chain already", queue.value);
            fields.problems.error_with(
                &queue.place,
                message,
                "every queue belongs to exactly one chain",
            );
        }
    }
    stated.into_iter().map(|queue| queue.value).collect()
}

/// Without the file everybody forms one chain, owned by a security control owner; with it every vendor is in one.
pub(super) fn settle(reading: &mut Reading<'_>) {
    if reading.files.contains_key(CHAINS) {
        for (vendor, place) in &reading.seen.vendors {
            if !reading.seen.chained_vendors.contains_key(vendor) {
                let message = format!("vendor `{vendor}` is in no chain");
                reading.problems.error_with(
                    place,
                    message,
                    "name it in `vendors` of a [[chain]] in chains.toml",
                );
            }
        }
        return;
    }
    let mut owners = reading
        .catalog
        .people
        .values()
        .filter(|person| person.is_active && person.employer.is_none())
        .filter(|person| person.roles.contains(&Role::SecurityControlOwner))
        .map(|person| person.id.clone());
    let owner = owners.next();
    let successor = owners.next();
    match owner {
        Some(accountable_owner) => reading.catalog.chains.push(Chain {
            id: "staff".to_owned(),
            accountable_owner,
            successor,
            vendors: reading.catalog.vendors.keys().cloned().collect(),
            queues: BTreeSet::new(),
            regions: BTreeSet::new(),
        }),
        // Nobody may ask for anything: there is no access to answer for.
        None if reading.seen.eligibilities.is_empty() => {}
        None => {
            let place = Place::start_of(&Source::new((reading.shown)(PEOPLE), ""));
            let message = "nobody answers for the access chain";
            let hint =
                "write catalog/chains.toml, or give somebody the role `security-control-owner`";
            reading.problems.error_with(&place, message, hint);
        }
    }
}
