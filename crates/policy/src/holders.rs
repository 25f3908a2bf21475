//! Who could hold an authority, in the order in which they are named. Cedar judges each of them.

use locum_domain::catalog::{Application, Role};
use locum_domain::{Authority, PrincipalId};

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
            let manager = parties.manager();
            let others = catalog.in_roles(&roles).into_iter();
            let others = others.filter(|id| Some(*id) != manager);
            return manager.into_iter().chain(others).collect();
        }
        Authority::SecurityOrPrivacyOrCompliance => {
            return catalog.in_roles(&[Role::Security, Role::Privacy, Role::Compliance]);
        }
        Authority::BreakGlass => catalog.break_glass.iter().map(|it| &it.person).collect(),
    };
    let mut once = Vec::with_capacity(found.len());
    for id in found {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    once
}
