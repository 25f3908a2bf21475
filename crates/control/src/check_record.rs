//! Checking the whole record: for security and auditors, and on the record itself.

use locum_domain::catalog::Role;
use locum_domain::{Denial, Refusal, Stream};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::ledger::{LedgerFindings, verify_ledger};
use crate::sight;

/// Reads the whole ledger and compares it with the signed checkpoint and the tables.
///
/// # Errors
/// `not-eligible` for whoever's login carries neither role, `recorder-unavailable` when the look cannot be recorded or
/// the ledger not be read, `clock-untrusted`.
pub async fn check_record(control: &Control, caller: &Caller) -> Result<LedgerFindings, Refusal> {
    let catalog = control.catalog_for(caller);
    let roles = [Role::Security, Role::Auditor];
    if !sight::has_role(&catalog, &caller.principal, &roles) {
        return Err(Denial::NotEligible.because("security and auditors check the record"));
    }
    let about = Stream::Principal(caller.principal.clone());
    control.read_evidence(caller, &about, "ledger").await?;
    let findings = verify_ledger(control.store(), control.ledger_verifier()).await;
    findings.map_err(unavailable)
}
