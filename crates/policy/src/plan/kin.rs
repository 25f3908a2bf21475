//! Whom separation of duties may keep away from what somebody asks for.

use std::collections::BTreeSet;

use locum_domain::PrincipalId;

use crate::case::sponsors;
use crate::index::Indexed;

/// The principal, their sponsors, and everybody who is the same human as one of these: a superset of those who are kept
/// away.
pub(crate) fn concerned<'a>(
    catalog: &'a Indexed,
    asker: &'a PrincipalId,
) -> BTreeSet<&'a PrincipalId> {
    let each = sponsors(catalog, asker).chain([asker]);
    let each: BTreeSet<&PrincipalId> = each.collect();
    let again = each.iter().flat_map(|id| catalog.entered_again(id));
    let again: Vec<&PrincipalId> = again.collect();
    each.into_iter().chain(again).collect()
}
