//! Who could hold an authority: the index of candidates, in the order in which they are named. Cedar judges
//! each of them.

use std::collections::BTreeSet;

use locum_domain::catalog::{Application, Role};
use locum_domain::{Authority, Catalog, PrincipalId};

use crate::entities::owners;
use crate::parties::Parties;

/// Everybody who could decide a step.
pub(crate) fn candidates<'a>(
    parties: &Parties<'a>,
    authority: Authority,
    application: Option<&'a Application>,
) -> Vec<&'a PrincipalId> {
    let catalog = parties.catalog;
    let delegates = || {
        let delegates = application.into_iter().flat_map(|it| &it.delegates);
        delegates.map(|delegate| &delegate.person)
    };
    let found: Vec<&PrincipalId> = match authority {
        Authority::ApplicationOwner => {
            let owners = application.into_iter().flat_map(owners);
            owners.chain(delegates()).collect()
        }
        Authority::Delegate => delegates().collect(),
        Authority::ManagerOrSecurityControlOwner | Authority::NextAuthority => {
            let roles = [Role::Manager, Role::SecurityControlOwner];
            let manager = parties.manager().into_iter();
            manager.chain(in_roles(catalog, &roles)).collect()
        }
        Authority::SecurityOrPrivacyOrCompliance => {
            in_roles(catalog, &[Role::Security, Role::Privacy, Role::Compliance]).collect()
        }
        Authority::BreakGlass => catalog.break_glass.iter().map(|it| &it.person).collect(),
    };
    let mut seen = BTreeSet::new();
    found.into_iter().filter(|id| seen.insert(*id)).collect()
}

/// The people of these roles, role by role.
pub(crate) fn in_roles<'a>(
    catalog: &'a Catalog,
    roles: &[Role],
) -> impl Iterator<Item = &'a PrincipalId> + use<'a> {
    let mut found: Vec<(usize, &PrincipalId)> = Vec::new();
    for person in catalog.people.values() {
        let first = roles.iter().position(|role| person.roles.contains(role));
        found.extend(first.map(|first| (first, &person.id)));
    }
    found.sort();
    found.into_iter().map(|(_, id)| id)
}
