//! What sessions asked an application for and nobody classified, for those who answer for it.

use locum_domain::catalog::Role;
use locum_domain::{ApplicationId, Catalog, Denial, PrincipalId, Refusal, Stream};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::ports::UnclassifiedPage;
use crate::sight;

const LARGEST_PAGE: u32 = 200;

/// Whether this person may see it: who owns the application's routes, and security and auditors.
pub fn may_see(catalog: &Catalog, principal: &PrincipalId, application: &ApplicationId) -> bool {
    catalog.applications.contains_key(application)
        && (sight::owns(catalog, principal, application)
            || sight::sees_all(catalog, principal)
            || sight::has_role(catalog, principal, &[Role::SecurityControlOwner]))
}

/// The addresses, the last seen first; ids in them are folded. An auditor's look is on the record.
///
/// # Errors
/// `not-found` for an application that is not there or not for the caller's eyes; `recorder-unavailable` when the
/// store gives no answer or the look cannot be recorded.
pub async fn unclassified(
    control: &Control,
    caller: &Caller,
    application: &ApplicationId,
    before: Option<u64>,
    limit: u32,
) -> Result<UnclassifiedPage, Refusal> {
    if !may_see(&control.catalog_for(caller), &caller.principal, application) {
        return Err(Denial::NotFound.because("no such application"));
    }
    let store = &control.ports.store;
    let limit = limit.clamp(1, LARGEST_PAGE);
    let page = store.unclassified(application, before, limit).await;
    let page = page.map_err(unavailable)?;
    let about = Stream::Principal(caller.principal.clone());
    let what = format!("unclassified {application}");
    control.looked(caller, &about, &what).await?;
    Ok(page)
}
