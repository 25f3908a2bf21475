//! Chains, and who answers for them.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::PrincipalId;
use locum_domain::catalog::Chain;

use super::pairs;
use crate::field::{FieldChange, Judged, Kind, Sheet, loosens, quoted, tightens};

const STAFF: Judged = loosens(
    "another chain is the staff's, so that somebody else answers for them and sees what they do",
);

pub(crate) fn compare(old: &[Chain], new: &[Chain], changes: &mut Vec<FieldChange>) {
    let by_id = |all: &[Chain]| -> BTreeMap<String, Chain> {
        all.iter().map(|it| (it.id.clone(), it.clone())).collect()
    };
    for (old, new) in pairs(&by_id(old), &by_id(new)) {
        one(old, new, changes);
    }
    let first = |all: &[Chain]| all.first().map(|it| it.id.clone());
    if first(old) != first(new) && !old.is_empty() && !new.is_empty() {
        let mut sheet = Sheet {
            kind: Kind::Chain,
            id: first(new).unwrap_or_default(),
            application: None,
            gains: new.first().map(answering).unwrap_or_default(),
            changes,
        };
        sheet.note("order", (first(old), first(new)), STAFF, []);
    }
}

fn one(old: Option<&Chain>, new: Option<&Chain>, changes: &mut Vec<FieldChange>) {
    let Some(either) = new.or(old) else {
        return;
    };
    let mut sheet = Sheet {
        kind: Kind::Chain,
        id: either.id.clone(),
        application: None,
        gains: answering(either),
        changes,
    };
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (old, _) => {
            let because = "somebody else answers for who is in it, and sees what they do";
            let told = quoted(&either.accountable_owner);
            return sheet.entry(old.is_none(), told, loosens(because), []);
        }
    };
    let Chain {
        id: _,
        accountable_owner,
        successor,
        vendors,
        queues,
        regions,
    } = old;
    let sees = loosens("whoever answers for a chain sees what is done in it");
    let owner = (Some(accountable_owner), Some(&new.accountable_owner));
    sheet.office("accountable_owner", owner.0, owner.1, sees, sees);
    let nobody = tightens("nobody sees it as successor any more");
    sheet.office(
        "successor",
        successor.as_ref(),
        new.successor.as_ref(),
        sees,
        nobody,
    );
    let moved = loosens("somebody else answers for the vendor's people, and sees what they do");
    sheet.set("vendors", vendors, &new.vendors, moved, moved);
    let queue = loosens("somebody else answers for what comes by the queue");
    sheet.set("queues", queues, &new.queues, queue, queue);
    let region = loosens("somebody else answers for what comes from the region");
    sheet.set("regions", regions, &new.regions, region, region);
}

/// Who sees what is done in a chain.
fn answering(chain: &Chain) -> BTreeSet<PrincipalId> {
    let owner = [chain.accountable_owner.clone()];
    owner.into_iter().chain(chain.successor.clone()).collect()
}
