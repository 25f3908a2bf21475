//! In person: what no device that was let in may do, and what takes a proof of a moment ago.

use locum_domain::catalog::Tier;
use locum_domain::{Denial, Refusal};

use crate::caller::{Assurance, Caller};

/// Whether the caller signed in themselves. `act` says what a device does not do.
///
/// # Errors
/// `signature-required` for a device that was let in.
pub(crate) fn in_person(caller: &Caller, act: &str) -> Result<(), Refusal> {
    match caller.assurance {
        Assurance::Device => {
            let detail = format!("a device that was let in {act}: sign in yourself");
            Err(Denial::SignatureRequired.because(detail))
        }
        Assurance::Ordinary | Assurance::SteppedUp => Ok(()),
    }
}

/// Whether a decision may come this way: through a device only with its maker's own signature, and never about
/// anything `regulated`.
///
/// # Errors
/// `signature-required`.
pub(crate) fn may_decide_here(caller: &Caller, tier: Tier, is_signed: bool) -> Result<(), Refusal> {
    if is_signed && tier != Tier::Regulated {
        return Ok(());
    }
    in_person(caller, "decides nothing of this")
}

/// Whether the caller proved a moment ago who they are, where signatures are demanded; else that they signed in
/// themselves.
///
/// # Errors
/// `signature-required`.
pub(crate) fn just_proved(
    caller: &Caller,
    is_signature_demanded: bool,
    act: &str,
) -> Result<(), Refusal> {
    in_person(caller, act)?;
    if is_signature_demanded && caller.assurance != Assurance::SteppedUp {
        let detail = "prove with your authenticator that it is you, then do it again";
        return Err(Denial::SignatureRequired.because(detail));
    }
    Ok(())
}
