//! What another catalog and other policies would change: computed over everybody, never guessed (R33).
//!
//! Four rooms of one question. [`access`] says who may ask for what, for how long and whose approval it takes;
//! [`deciders`] who may decide; [`rules`] which rules are added, changed or removed. What the rules can tell people
//! apart by is read from the rules themselves ([`reading`]), so that people of one standing are judged once.

mod access;
mod asking;
mod bench;
mod deciders;
mod judge;
mod kin;
mod moment;
mod reading;
mod rules;
mod standing;
mod verdict;

use std::collections::BTreeSet;

use jiff::civil::Date;
use locum_domain::{Catalog, PrincipalId};

use crate::index::Indexed;
use crate::policies::Policies;

pub use access::AccessChange;
pub use asking::{Need, Reach, Urgency};
pub use deciders::{DeciderChange, Office};
pub use rules::{RuleChange, RuleChanged};
pub use verdict::{Named, Verdict};

use judge::Judge;
use reading::Reading;

/// Catalog and policies of one version.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    pub catalog: &'a Indexed,
    pub policies: &'a Policies,
}

/// What policy alone can tell about the difference of two versions.
#[derive(Debug, Clone, Default)]
pub struct Computed {
    pub access: Vec<AccessChange>,
    pub deciders: Vec<DeciderChange>,
    pub rules: Vec<RuleChange>,
    /// What a policy could not answer. It opens nothing, and whoever reads the difference must know.
    pub troubles: BTreeSet<String>,
}

/// Compares two versions on a day. `progress` hears how many of how many groups of people are done.
///
/// Who may ask is computed for every person and agent × application × urgency, at every local hour and date that an
/// operator's rule or a changed certification makes a difference at. Each operation is judged alone, for the longest
/// time that may be asked for. What crossing several applications takes, and what depends on earlier requests, follows
/// from the rules and from who holds the authorities, which are compared by themselves.
pub fn compare(
    before: Side<'_>,
    after: Side<'_>,
    today: Date,
    progress: &mut dyn FnMut(usize, usize),
) -> Computed {
    let reading = Reading::of([before.policies, after.policies]);
    let nobody = nobody([before.catalog, after.catalog]);
    let (before, after) = (
        Judge::new(before, &reading, &nobody),
        Judge::new(after, &reading, &nobody),
    );
    let rules = rules::compare(before.side.policies, after.side.policies);
    let deciders = deciders::compare(&before, &after, today);
    let access = access::compare(&before, &after, today, progress);
    let troubles = before.troubles().chain(after.troubles()).collect();
    Computed {
        access,
        deciders,
        rules,
        troubles,
    }
}

/// Somebody who is nobody in either catalog, by no name and no account: whoever asks, as far as nothing depends on it.
fn nobody(catalogs: [&Catalog; 2]) -> PrincipalId {
    let mut name = "nobody".to_owned();
    let is_taken = |name: &str| {
        catalogs.iter().any(|catalog| {
            let people = catalog.people.values().map(|it| (&it.id, &it.accounts));
            let agents = catalog.agents.values().map(|it| (&it.id, &it.accounts));
            people.chain(agents).any(|(id, accounts)| {
                id.as_str() == name || accounts.iter().any(|it| it.id == name)
            })
        })
    };
    loop {
        match name.parse::<PrincipalId>() {
            Ok(id) if !is_taken(&name) => return id,
            _ => name.push('x'),
        }
    }
}
