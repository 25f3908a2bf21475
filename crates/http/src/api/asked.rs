//! A request as it was asked for.

use locum_api::RequestBody;
use locum_control::Asked;
use locum_domain::Refusal;

use super::words;

/// The typed words of a request.
pub(crate) fn asked(body: RequestBody) -> Result<Asked, Refusal> {
    let subject = body.subject.as_deref();
    let actor = body.actor.as_deref();
    Ok(Asked {
        case: words::name(&body.case, "/case")?,
        subject: subject
            .map(|text| words::name(text, "/subject"))
            .transpose()?,
        applications: words::applications(&body.applications)?,
        duration: words::minutes(body.duration_minutes)?,
        break_glass: body.break_glass,
        actor: actor.map(|text| words::name(text, "/actor")).transpose()?,
        reason: body.reason,
    })
}
