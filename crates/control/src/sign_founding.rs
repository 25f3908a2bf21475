//! Sign the founding: each founder signs both keys, with their own.

use locum_domain::authenticator::Statement as _;
use locum_domain::{Founding, Refusal, Signature, Stream};

use crate::caller::Caller;
use crate::control::Control;
use crate::founding::one_is_missing;
use crate::ports::Proposal;
use crate::signing::signature_fault;

/// Signs both founders' keys. With the second signature they count.
///
/// # Errors
/// `not-found` without a founding, `not-an-approver`, `missing-approval` before both have enrolled, `already-decided`,
/// `signature-required` for a signature that does not verify; each is on the record.
pub async fn sign_founding(
    control: &Control,
    caller: &Caller,
    signature: &Signature,
) -> Result<Founding, Refusal> {
    control
        .attempt(
            caller,
            "sign-founding",
            &Stream::Founding,
            |at| async move {
                let (founding, version) = control.founding_as_recorded().await?;
                let event = founding.sign(&caller.principal, signature.clone(), at)?;
                let statement = founding.statement().ok_or_else(one_is_missing)?;
                let own = founding.enrolled.get(&caller.principal);
                let own = own.ok_or_else(one_is_missing)?;
                let last = control.sequencer.keys(|keys| keys.count(&own.id));
                locum_evidence::verify_signature(signature, own, &statement.digest().0, last)
                    .map_err(|error| signature_fault(&error))?;
                Ok(Proposal::of(&Stream::Founding, version, event, at))
            },
        )
        .await?;
    Ok(control.founding_as_recorded().await?.0)
}
