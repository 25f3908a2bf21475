//! Who can sign for somebody's authenticator, by name.

use locum_control::founding::founding;
use locum_domain::catalog::Role;
use locum_domain::{PrincipalId, Refusal};

use crate::visitor::Visitor;

/// Whoever has one answers for everybody's.
const ROLES: [Role; 2] = [Role::Security, Role::SecurityControlOwner];

/// Whose authenticators the reader answers for: as their manager, as security or as a founder.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub(crate) async fn answered_for(visitor: &Visitor) -> Result<Vec<PrincipalId>, Refusal> {
    let view = &visitor.view;
    let reader = &visitor.caller.principal;
    let for_all = view.has_role(&ROLES) || founders(visitor).await?.contains(reader);
    let people = view.catalog.people.values().filter(|it| {
        it.is_active
            && !view.catalog.is_same_human(&it.id, reader)
            && (for_all || it.manager.as_ref() == Some(reader))
    });
    Ok(people.map(|it| it.id.clone()).collect())
}

/// Who founded the ledger, once they have.
async fn founders(visitor: &Visitor) -> Result<Vec<PrincipalId>, Refusal> {
    let founding = founding(&visitor.state.control).await?;
    let complete = founding.filter(|it| it.is_complete());
    Ok(complete.map_or_else(Vec::new, |it| it.founders))
}

/// Their manager, security and the founders, but never themselves. Whether each holds a passkey is known when they try.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub(crate) async fn signers(
    visitor: &Visitor,
    person: &PrincipalId,
) -> Result<Vec<PrincipalId>, Refusal> {
    let catalog = &visitor.view.catalog;
    let founders = founders(visitor).await?;
    let manager = catalog.people.get(person).and_then(|it| it.manager.clone());
    let may = catalog.people.values().filter(|it| {
        it.is_active
            && !catalog.is_same_human(&it.id, person)
            && (manager.as_ref() == Some(&it.id)
                || founders.contains(&it.id)
                || it.roles.iter().any(|role| ROLES.contains(role)))
    });
    Ok(may.map(|it| it.id.clone()).collect())
}
