//! Who can sign for somebody's authenticator, by name.

use locum_control::founding::founding;
use locum_domain::catalog::Role;
use locum_domain::{PrincipalId, Refusal};

use crate::visitor::Visitor;

/// Their manager, security and the founders, but never themselves. Whether each holds a passkey is known when they try.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub(crate) async fn signers(
    visitor: &Visitor,
    person: &PrincipalId,
) -> Result<Vec<PrincipalId>, Refusal> {
    let catalog = &visitor.view.catalog;
    let founding = founding(&visitor.state.control).await?;
    let founders = founding
        .filter(|it| it.is_complete())
        .map_or_else(Vec::new, |it| it.founders);
    let manager = catalog.people.get(person).and_then(|it| it.manager.clone());
    let roles = [Role::Security, Role::SecurityControlOwner];
    let may = catalog.people.values().filter(|it| {
        it.is_active
            && !catalog.is_same_human(&it.id, person)
            && (manager.as_ref() == Some(&it.id)
                || founders.contains(&it.id)
                || it.roles.iter().any(|role| roles.contains(role)))
    });
    Ok(may.map(|it| it.id.clone()).collect())
}
