//! Looking at what is not there, or not for the caller's eyes, is a refusal and goes on the record.

use locum_control::Caller;
use locum_domain::{Refusal, Stream};

use crate::refused::Refused;
use crate::state::Front;

/// What a use case of reading answered; a refusal is recorded first.
pub(crate) async fn looked<T>(
    front: &Front,
    caller: &Caller,
    answer: Result<T, Refusal>,
) -> Result<T, Refused> {
    match answer {
        Ok(seen) => Ok(seen),
        Err(refusal) => {
            let about = Stream::Principal(caller.principal.clone());
            let control = front.control();
            Err(control
                .refused(caller, "look", &about, refusal)
                .await
                .into())
        }
    }
}
