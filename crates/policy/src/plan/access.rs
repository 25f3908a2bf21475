//! Who gains and who loses: operations, time, and the approvals they take.

mod circle;
mod staffed;
mod table;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use locum_domain::{ApplicationId, OperationId, PrincipalId};
use serde::{Deserialize, Serialize};

use super::asking::{Reach, Urgency};
use super::judge::Judge;
use super::standing::Standing;
use super::verdict::{Named, Verdict};
use table::Table;

/// People who may ask for some operations otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessChange {
    pub application: ApplicationId,
    pub urgency: Urgency,
    pub operations: BTreeSet<OperationId>,
    pub who: Vec<Named>,
    /// Absent when it is so at all times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Absent where they could not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Reach>,
    /// Absent where they can no longer ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Reach>,
    pub verdict: Verdict,
    pub says: Vec<String>,
}

impl AccessChange {
    /// Whether they can ask and could not.
    pub fn is_gain(&self) -> bool {
        self.before.is_none()
    }

    /// Whether they could ask and no longer can.
    pub fn is_loss(&self) -> bool {
        self.after.is_none()
    }
}

pub(crate) fn compare<'a>(
    before: &Judge<'a>,
    after: &Judge<'a>,
    today: Date,
    progress: &mut dyn FnMut(usize, usize),
) -> Vec<AccessChange> {
    let groups = groups(before, after);
    let mut table = Table::new(before, after, today);
    for (done, (standings, members)) in groups.iter().enumerate() {
        progress(done, groups.len());
        table.group(standings, members);
    }
    progress(groups.len(), groups.len());
    table.rows()
}

type Standings<'a> = (Option<Standing<'a>>, Option<Standing<'a>>);

/// Everybody who might be eligible for anything on some side, those of the same standing on both together.
fn groups<'a>(
    before: &Judge<'a>,
    after: &Judge<'a>,
) -> BTreeMap<Standings<'a>, Vec<&'a PrincipalId>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let catalogs = [before.side.catalog, after.side.catalog];
    let people = catalogs.iter().flat_map(|it| it.people.keys());
    let agents = catalogs.iter().flat_map(|it| it.agents.keys());
    let everybody: BTreeSet<&PrincipalId> = people.chain(agents).collect();
    for id in everybody {
        let standings = (before.standings.standing(id), after.standings.standing(id));
        if standings != (None, None) {
            groups.entry(standings).or_default().push(id);
        }
    }
    groups
}
